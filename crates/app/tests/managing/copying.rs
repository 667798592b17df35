//! Copies of campaigns.

use bams_app::managing::{CampaignFields, CopyFields, Made, ManagingError};
use bams_domain::{BannerId, CampaignId, Policy, Status};
use bams_storage::{BannerRecord, Campaign, CampaignRecord, CampaignSettings, Catalog};

use crate::world::{NOW, World, ada, broken, half_read, made, named, once};

async fn copy(world: &World, id: CampaignId) -> Campaign {
    let copied =
        world.managing.copy_campaign(ada(), id, CopyFields::default(), None, NOW + 1).await;
    made(copied.unwrap())
}

#[tokio::test]
async fn a_copy_is_a_draft_with_the_same_settings_banners_and_pauses() {
    for world in World::both().await {
        let said = CampaignFields {
            starts_at: Some(Some(NOW)),
            ends_at: Some(Some(NOW + 1)),
            page_size: Some(Some(7)),
            tags: Some(vec!["spring".to_owned()]),
            notes: Some("until May".to_owned()),
            ..named("Shoes")
        };
        let created = world.managing.create_campaign(ada(), said, None, NOW).await.unwrap();
        let original = made(created);
        let [blue, red, green] = ["Blue", "Red", "Green"];
        let banners = [world.banner(blue).await.id, world.banner(red).await.id];
        world.banner(green).await;
        world.attach(original.id, &banners[..1], Status::Active).await;
        world.attach(original.id, &banners[1..], Status::Paused).await;
        let before = world.log().await.len();

        let copied = copy(&world, original.id).await;
        assert!(copied.id != original.id);
        let expected = CampaignSettings {
            name: "Copy of Shoes".to_owned(),
            status: Status::Draft,
            ..original.settings.clone()
        };
        assert_eq!((copied.settings, copied.created_at), (expected, NOW + 1));
        let attached = [(banners[0], Status::Active), (banners[1], Status::Paused)];
        assert_eq!(world.attached(copied.id).await, attached);
        assert_eq!(world.attached(original.id).await, attached, "the original stays as it was");
        let written = world.log().await.split_off(before);
        let written: Vec<_> = written.iter().map(|it| (&*it.action, &*it.subject_id)).collect();
        let id = copied.id;
        let pairs =
            [format!("{id}"), format!("{id}/{}", banners[0]), format!("{id}/{}", banners[1])];
        assert_eq!(
            written,
            [("create", &*pairs[0]), ("attach", &*pairs[1]), ("attach", &*pairs[2])]
        );
    }
}

#[tokio::test]
async fn the_name_of_a_copy_has_room() {
    let world = World::new().await;
    for (name, expected) in [
        ("x".repeat(192), format!("Copy of {}", "x".repeat(192))),
        ("x".repeat(193), format!("Copy of {}", "x".repeat(192))),
        (format!("{} é", "x".repeat(191)), format!("Copy of {}", "x".repeat(191))),
        ("é".repeat(200), format!("Copy of {}", "é".repeat(192))),
    ] {
        let original = world.campaign(&name).await.id;
        assert_eq!(copy(&world, original).await.settings.name, expected);
    }
    let original = world.campaign("Shoes").await.id;
    let copied = async |draft: bams_app::Draft<CopyFields>| {
        world.managing.copy_campaign(ada(), original, draft, None, NOW).await
    };
    let called = |name: &str| CopyFields { name: Some(name.to_owned()) };
    assert_eq!(made(copied(called(" Boots ").into()).await.unwrap()).settings.name, "Boots");
    let refused = copied(called(" ").into()).await;
    assert_eq!(broken(refused), [("/name".to_owned(), "out_of_range")]);
    let unread = half_read(CopyFields::default(), &[("/colour", "unknown_field")]);
    assert_eq!(broken(copied(unread).await), [("/colour".to_owned(), "unknown_field")]);
    let unknown =
        world.managing.copy_campaign(ada(), CampaignId(99), CopyFields::default(), None, NOW);
    let unknown = unknown.await;
    assert!(matches!(unknown, Err(ManagingError::UnknownCampaign(CampaignId(99)))), "{unknown:?}");
}

#[tokio::test]
async fn a_copy_that_is_asked_for_again_is_not_made_again() {
    let world = World::new().await;
    let original = world.campaign("Shoes").await.id;
    let ask = async || {
        let once = once("copy", |copy: &Campaign| copy.settings.name.clone());
        world.managing.copy_campaign(ada(), original, CopyFields::default(), Some(once), NOW).await
    };
    assert_eq!(made(ask().await.unwrap()).settings.name, "Copy of Shoes");
    let again = ask().await.unwrap();
    assert!(matches!(&again, Made::Before(answer) if answer.body == "Copy of Shoes"), "{again:?}");
    assert_eq!(world.campaigns().await, ["Shoes", "Copy of Shoes"]);
}

/// More banners than one statement can take into the audit log.
#[tokio::test]
async fn a_campaign_with_thousands_of_banners_is_copied() {
    for world in World::both().await {
        let banners: Vec<_> = (1..=4000).map(BannerId).collect();
        let record = |id: &BannerId| BannerRecord {
            id: *id,
            name: format!("Banner {id}"),
            status: Status::Active,
            landing_url: None,
            alt: String::new(),
            size: None,
            tags: Vec::new(),
            image_key: Some("a.png".to_owned()),
        };
        let campaign = CampaignRecord {
            id: CampaignId(1),
            name: "Many".to_owned(),
            status: Status::Active,
            starts_at: None,
            ends_at: None,
            policy: Policy::default(),
            tags: Vec::new(),
        };
        let catalog = Catalog {
            campaigns: vec![campaign],
            banners: banners.iter().map(record).collect(),
            attached: banners.iter().map(|it| (CampaignId(1), *it)).collect(),
        };
        catalog.write(&world.database, NOW).await.unwrap();
        let copied = copy(&world, CampaignId(1)).await;
        assert!(copied.has_eligible_banner);
        assert_eq!(world.attached(copied.id).await.len(), banners.len());
    }
}
