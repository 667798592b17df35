//! Changes while others are being made.

use std::pin::pin;
use std::time::Duration;

use bams_app::managing::{BannerFields, CampaignFields, Precondition};
use bams_domain::BannerId;
use bams_storage::{Actor, Change};
use bams_tests::eventually;

use crate::world::{NOW, World, ada, broken, named};

/// Takes SQLite's only writer.
async fn writer(world: &World) -> Change {
    Change::begin(&world.database, Actor::command_line(), NOW).await.unwrap()
}

#[tokio::test]
async fn what_is_wrong_is_said_before_a_transaction_begins() {
    let world = World::new().await;
    let id = world.campaign("Shoes").await.id;
    let from = |at: i64| CampaignFields { starts_at: Some(Some(at)), ..CampaignFields::default() };
    let managing = &world.managing;
    managing.change_campaign(ada(), id, Precondition::Anything, from(NOW), NOW).await.unwrap();
    let writer = writer(&world).await;
    // Each of these would wait for the writer, and would fail in another way in the end.
    let refused = managing.create_campaign(ada(), named(""), None, NOW).await;
    assert_eq!(broken(refused), [("/name".to_owned(), "out_of_range")]);
    let ended = CampaignFields { ends_at: Some(Some(NOW)), ..CampaignFields::default() };
    let refused = managing.change_campaign(ada(), id, Precondition::Anything, ended, NOW).await;
    assert_eq!(broken(refused), [("/ends_at".to_owned(), "before_start")]);
    let refused = managing.create_banner(ada(), BannerFields::default(), None, NOW).await;
    assert_eq!(broken(refused), [("/name".to_owned(), "missing")]);
    let unknown = bams_app::managing::AttachmentFields { banner_ids: Some(vec![7]), status: None };
    let refused = managing.attach_banners(ada(), id, unknown, None, NOW).await;
    assert_eq!(broken(refused), [("/banner_ids".to_owned(), "unknown_banner")]);
    let unknown = managing.change_banner(
        ada(),
        BannerId(7),
        Precondition::Anything,
        BannerFields::default(),
        NOW,
    );
    assert!(unknown.await.is_err());
    drop(writer);
}

#[tokio::test]
async fn a_change_goes_on_when_whoever_asked_for_it_goes_away() {
    let world = World::new().await;
    let writer = writer(&world).await;
    {
        let mut creating = pin!(world.managing.create_campaign(ada(), named("Shoes"), None, NOW));
        tokio::select! {
            biased;
            created = &mut creating => panic!("the writer has no place for {created:?}"),
            () = std::future::ready(()) => {}
        }
    }
    assert_eq!(world.campaigns().await, [""; 0]);
    drop(writer);
    let kept = async || world.campaigns().await == ["Shoes"];
    eventually(Duration::from_secs(30), "the change is kept", kept).await;
}

#[tokio::test]
async fn what_somebody_quicker_left_is_checked_again() {
    let world = World::new().await;
    let seen = world.campaign("Shoes").await;
    let mut writer = writer(&world).await;
    let ended = CampaignFields { ends_at: Some(Some(NOW)), ..CampaignFields::default() };
    let managing = world.managing.clone();
    let mut ending =
        pin!(managing.change_campaign(ada(), seen.id, Precondition::Anything, ended, NOW));
    tokio::select! {
        biased;
        ended = &mut ending => panic!("the writer has no place for {ended:?}"),
        () = std::future::ready(()) => {}
    }
    let before = writer.campaign(seen.id).await.unwrap().unwrap();
    let mut settings = before.settings.clone();
    settings.starts_at = Some(NOW);
    writer.change_campaign(before, settings).await.unwrap();
    writer.commit().await.unwrap();
    // This holds whether or not it had seen the campaign before that.
    assert_eq!(broken(ending.await), [("/ends_at".to_owned(), "before_start")]);
}
