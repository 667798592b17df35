//! The rules of banners.

use bams_app::managing::{BannerFields, ManagingError, NewBannerImage, Precondition};
use bams_domain::{BannerId, Status};
use bams_storage::{Banner, BannerImage};

use crate::world::{NOW, World, ada, broken, half_read, made};

async fn banner(world: &World) -> Banner {
    let said = BannerFields { name: Some("Blue".to_owned()), ..BannerFields::default() };
    made(world.managing.create_banner(ada(), said, None, NOW).await.unwrap())
}

#[tokio::test]
async fn everything_that_is_wrong_is_said_at_once_in_the_order_of_the_fields() {
    let world = World::new().await;
    let said = BannerFields {
        name: Some("x".repeat(201)),
        landing_url: Some(Some("javascript:alert(1)".to_owned())),
        alt: Some("x".repeat(501)),
        width: Some(Some(0)),
        height: Some(Some(10_001)),
        ..BannerFields::default()
    };
    let draft = half_read(said, &[("/tags", "not_a_list"), ("/status", "unknown_value")]);
    let refused = world.managing.create_banner(ada(), draft, None, NOW).await;
    let expected = [
        ("/name", "out_of_range"),
        ("/status", "unknown_value"),
        ("/landing_url", "invalid_value"),
        ("/alt", "out_of_range"),
        ("/width", "out_of_range"),
        ("/height", "out_of_range"),
        ("/tags", "not_a_list"),
    ];
    assert_eq!(broken(refused), expected.map(|(pointer, code)| (pointer.to_owned(), code)));
}

#[tokio::test]
async fn a_banner_is_changed_and_archived_only_as_it_was_seen() {
    let world = World::new().await;
    let id = banner(&world).await.id;
    let seen = |version: i64| Precondition::Seen(vec![version.into()]);
    let url = "https://shop.example/?click={click_id}";
    let leads = BannerFields {
        landing_url: Some(Some(url.to_owned())),
        width: Some(Some(300)),
        ..BannerFields::default()
    };
    let changed = world.managing.change_banner(ada(), id, seen(1), leads, NOW + 1).await.unwrap();
    assert_eq!((changed.version, changed.settings.name.as_str()), (2, "Blue"));
    assert_eq!(changed.settings.landing_url.as_deref(), Some(url));
    let nowhere = BannerFields { landing_url: Some(None), ..BannerFields::default() };
    let outdated = world.managing.change_banner(ada(), id, seen(1), nowhere.clone(), NOW).await;
    assert!(matches!(outdated, Err(ManagingError::Outdated { .. })), "{outdated:?}");
    let changed = world.managing.change_banner(ada(), id, seen(2), nowhere, NOW).await.unwrap();
    assert_eq!((changed.settings.landing_url, changed.settings.width), (None, Some(300)));
    let archived = world.managing.archive_banner(ada(), id, seen(3), NOW).await.unwrap();
    assert_eq!(archived.settings.status, Status::Archived);
}

#[tokio::test]
async fn a_new_image_brings_its_size_and_the_same_one_changes_nothing() {
    let world = World::new().await;
    let id = banner(&world).await.id;
    let image = BannerImage { key: "banners/1.png".to_owned(), media_type: None, bytes: None };
    let new = NewBannerImage { image: image.clone(), width: 300, height: 250 };
    let show = async |precondition: Precondition| {
        world.managing.show_image(ada(), id, precondition, new.clone(), None, NOW).await.map(made)
    };
    let shown = show(Precondition::Seen(vec![1.into()])).await.unwrap();
    assert_eq!((shown.settings.width, shown.settings.height), (Some(300), Some(250)));
    assert_eq!((shown.image.as_ref(), shown.version), (Some(&image), 2));
    let half = BannerFields { width: Some(Some(150)), ..BannerFields::default() };
    world.managing.change_banner(ada(), id, Precondition::Anything, half, NOW).await.unwrap();
    let again = show(Precondition::Something).await.unwrap();
    assert_eq!((again.settings.width, again.version), (Some(150), 3));
    let outdated = show(Precondition::Seen(vec![2.into()])).await;
    assert!(matches!(outdated, Err(ManagingError::Outdated { .. })), "{outdated:?}");
    let unknown = BannerId(id.0 + 1);
    let missing =
        world.managing.show_image(ada(), unknown, Precondition::Anything, new, None, NOW).await;
    assert!(matches!(missing, Err(ManagingError::UnknownBanner(it)) if it == unknown));
}
