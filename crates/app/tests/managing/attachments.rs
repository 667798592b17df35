//! The rules of banners in campaigns.

use std::collections::BTreeSet;

use bams_app::managing::{
    AttachmentFields, BannerFields, ManagingError, Precondition, attachment_version,
};
use bams_domain::{BannerId, CampaignId, Status};

use crate::world::{NOW, World, ada, broken, made};

/// Creates a campaign and two banners.
async fn shop(world: &World) -> (CampaignId, [BannerId; 2]) {
    let campaign = world.campaign("Shoes").await.id;
    let banner = async |name: &str| {
        let said = BannerFields { name: Some(name.to_owned()), ..BannerFields::default() };
        made(world.managing.create_banner(ada(), said, None, NOW).await.unwrap()).id
    };
    (campaign, [banner("Blue").await, banner("Red").await])
}

fn said(banners: &[BannerId], status: Option<Status>) -> AttachmentFields {
    AttachmentFields { banner_ids: Some(banners.iter().map(|it| it.0).collect()), status }
}

#[tokio::test]
async fn all_banners_are_attached_or_none() {
    let world = World::new().await;
    let (campaign, [blue, red]) = shop(&world).await;
    let attach = async |said: AttachmentFields| {
        world.managing.attach_banners(ada(), campaign, said, None, NOW).await
    };
    let unknown = [blue, BannerId(77), BannerId(78)];
    let twice = [(); 2].map(|()| ("/banner_ids".to_owned(), "unknown_banner"));
    assert_eq!(broken(attach(said(&unknown, None)).await), twice);
    let nothing = AttachmentFields { banner_ids: None, status: Some(Status::Draft) };
    let both = [("/banner_ids", "missing"), ("/status", "unknown_value")];
    let expected = both.map(|(pointer, code)| (pointer.to_owned(), code));
    assert_eq!(broken(attach(nothing).await), expected);
    let out_of_range = [("/banner_ids".to_owned(), "out_of_range")];
    assert_eq!(broken(attach(said(&[], None)).await), out_of_range);
    assert_eq!(broken(attach(said(&[blue; 1001], None)).await), out_of_range);
    assert_eq!(made(attach(said(&[red, blue, red], None)).await.unwrap()), [blue, red]);
    let paused = said(&[blue], Some(Status::Paused));
    assert_eq!(made(attach(paused.clone()).await.unwrap()), [blue]);
    assert_eq!(made(attach(paused).await.unwrap()), []);
    let gone = BTreeSet::from([red, BannerId(77)]);
    let detached = world.managing.detach_banners(ada(), campaign, gone, NOW).await;
    assert_eq!(detached.unwrap(), [red]);
    let unknown = world.managing.detach_banners(ada(), CampaignId(99), BTreeSet::new(), NOW).await;
    assert!(matches!(unknown, Err(ManagingError::UnknownCampaign(CampaignId(99)))));
}

#[tokio::test]
async fn a_banner_is_paused_and_detached_only_as_it_was_seen() {
    let world = World::new().await;
    let (campaign, [blue, _]) = shop(&world).await;
    let attach = async |precondition: Precondition, status: Status, now: i64| {
        let said = AttachmentFields { banner_ids: None, status: Some(status) };
        world.managing.attach_banner(ada(), campaign, blue, precondition, said, now).await
    };
    let none = attach(Precondition::Something, Status::Active, NOW).await;
    assert!(matches!(none, Err(ManagingError::Outdated { current: None })), "{none:?}");
    let first = attach(Precondition::Anything, Status::Active, NOW).await.unwrap();
    assert!(first.changed);
    let seen = Precondition::Seen(vec![attachment_version(&first.attachment)]);
    let same = attach(seen.clone(), Status::Active, NOW + 1).await.unwrap();
    assert!(!same.changed && same.attachment.created_at == NOW);
    let paused = attach(seen.clone(), Status::Paused, NOW + 1).await.unwrap().attachment;
    let outdated = attach(seen.clone(), Status::Active, NOW + 2).await;
    assert!(matches!(outdated, Err(ManagingError::Outdated { current: Some(_) })), "{outdated:?}");
    let detach = async |precondition: Precondition| {
        world.managing.detach_banner(ada(), campaign, blue, precondition, NOW + 2).await
    };
    assert!(matches!(detach(seen.clone()).await, Err(ManagingError::Outdated { .. })));
    detach(Precondition::Seen(vec![attachment_version(&paused)])).await.unwrap();
    let gone = detach(Precondition::Anything).await;
    assert!(matches!(gone, Err(ManagingError::NotAttached { .. })), "{gone:?}");
    let again = attach(seen, Status::Active, NOW + 3).await;
    assert!(matches!(again, Err(ManagingError::Outdated { current: None })), "{again:?}");
}
