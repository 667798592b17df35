//! Requests that are sent again.

use bams_app::managing::{AttachmentFields, Made, ManagingError};
use bams_domain::BannerId;
use bams_storage::Campaign;

use crate::world::{NOW, World, ada, made, named, once};

#[tokio::test]
async fn a_request_that_is_sent_again_is_answered_again_and_does_nothing_twice() {
    let world = World::new().await;
    let create = async |name: &str, now: i64| {
        let once = once(name, |campaign: &Campaign| {
            format!("made {} at {}", campaign.settings.name, campaign.created_at)
        });
        world.managing.create_campaign(ada(), named(name), Some(once), now).await
    };
    assert_eq!(made(create("Once", NOW).await.unwrap()).settings.name, "Once");
    let again = create("Once", NOW + 1).await.unwrap();
    let Made::Before(answer) = again else { panic!("{again:?}") };
    assert_eq!((answer.code, answer.body), (201, format!("made Once at {NOW}")));
    let other = create("Twice", NOW + 2).await;
    assert!(matches!(other, Err(ManagingError::ClaimedByAnother)), "{other:?}");
    assert_eq!(world.campaigns().await, ["Once"]);
    assert_eq!(world.log().await.len(), 1);
}

#[tokio::test]
async fn a_request_that_was_refused_may_be_sent_again() {
    let world = World::new().await;
    let campaign = world.campaign("Shoes").await.id;
    let attach = async || {
        let said = AttachmentFields { banner_ids: Some(vec![1]), status: None };
        let once = once("one", |changed: &Vec<BannerId>| format!("{changed:?}"));
        world.managing.attach_banners(ada(), campaign, said, Some(once), NOW).await
    };
    attach().await.unwrap_err();
    let said =
        bams_app::managing::BannerFields { name: Some("Blue".to_owned()), ..Default::default() };
    let banner = made(world.managing.create_banner(ada(), said, None, NOW).await.unwrap());
    assert_eq!(made(attach().await.unwrap()), [banner.id]);
    assert!(matches!(attach().await.unwrap(), Made::Before(_)));
}
