//! Changes that are reverted by their entries in the audit log.

use bams_app::managing::{
    BannerFields, CampaignFields, KeyFields, Made, ManagingError, NewBannerImage, Precondition,
};
use bams_domain::{BannerId, CampaignId, Status};
use bams_storage::{
    AuditEntry, Banner, BannerImage, BannerRecord, Campaign, CampaignSettings, Catalog, KeyText,
    Role, banner, campaign,
};
use rand::SeedableRng;
use rand::rngs::StdRng;

use crate::world::{NOW, World, ada, broken, made, named, once};

impl World {
    async fn revert(&self, entry: i64) -> Result<AuditEntry, ManagingError> {
        Ok(made(self.managing.revert(ada(), entry, None, NOW + 9).await?))
    }

    async fn change(&self, id: CampaignId, said: CampaignFields) -> i64 {
        let changed =
            self.managing.change_campaign(ada(), id, Precondition::Anything, said, NOW).await;
        changed.unwrap();
        self.newest().await.id
    }

    async fn change_banner(&self, id: BannerId, said: BannerFields) -> i64 {
        let changed =
            self.managing.change_banner(ada(), id, Precondition::Anything, said, NOW).await;
        changed.unwrap();
        self.newest().await.id
    }

    async fn show(&self, id: BannerId, key: &str, width: u32) -> i64 {
        let new = new_image(key, width);
        let shown =
            self.managing.show_image(ada(), id, Precondition::Anything, new, None, NOW).await;
        shown.unwrap();
        self.newest().await.id
    }

    async fn now(&self, id: CampaignId) -> Campaign {
        campaign(&self.database, id).await.unwrap().unwrap()
    }

    async fn banner_now(&self, id: BannerId) -> Banner {
        banner(&self.database, id).await.unwrap().unwrap()
    }
}

fn new_image(key: &str, width: u32) -> NewBannerImage {
    let media_type = Some("image/png".to_owned());
    let image = BannerImage { key: key.to_owned(), media_type, bytes: Some(u64::from(width)) };
    NewBannerImage { image, width, height: 250 }
}

/// Returns the fields that a revert was refused for.
fn changed_since(refused: Result<AuditEntry, ManagingError>) -> Vec<String> {
    match refused {
        Err(ManagingError::ChangedSince { fields, .. }) => {
            assert!(fields.iter().all(|it| it.code == "changed_since"));
            fields.into_iter().map(|it| it.pointer).collect()
        }
        other => panic!("expected changes since, not {other:?}"),
    }
}

fn paused() -> CampaignFields {
    CampaignFields { status: Some(Status::Paused), ..CampaignFields::default() }
}

#[tokio::test]
async fn a_change_is_put_back_and_later_changes_of_other_fields_stay() {
    for world in World::both().await {
        let id = world.campaign("Shoes").await.id;
        let everything = CampaignFields {
            status: Some(Status::Paused),
            starts_at: Some(Some(NOW)),
            ends_at: Some(Some(NOW + 1)),
            page_size: Some(Some(3)),
            tags: Some(vec!["spring".to_owned()]),
            ..named("Boots")
        };
        let change = world.change(id, everything).await;
        let notes = CampaignFields { notes: Some("later".to_owned()), ..CampaignFields::default() };
        world.change(id, notes).await;
        let changed = world.now(id).await;

        let entry = world.revert(change).await.unwrap();
        let back = world.now(id).await;
        let mut expected = CampaignSettings::named("Shoes".to_owned());
        expected.notes = "later".to_owned();
        assert_eq!((&back.settings, back.version), (&expected, changed.version + 1));
        assert_eq!((back.status_since, back.updated_at), (Some(NOW + 9), NOW + 9));
        assert_eq!(entry, world.newest().await);
        let said = (entry.action.as_str(), entry.reverts, entry.actor_name.as_str(), entry.at);
        assert_eq!(said, ("revert", Some(change), "Ada", NOW + 9));

        let again = world.revert(entry.id).await.unwrap();
        assert_eq!(again.reverts, Some(entry.id));
        assert_eq!(world.now(id).await.settings, changed.settings);
        world.revert(change).await.unwrap();
        assert_eq!(world.now(id).await.settings, back.settings);
    }
}

#[tokio::test]
async fn what_has_changed_since_is_named_and_stays() {
    let world = World::new().await;
    let id = world.campaign("Shoes").await.id;
    let both = CampaignFields { notes: Some("x".to_owned()), ..named("Boots") };
    let change = world.change(id, both).await;
    world.change(id, named("Sandals")).await;
    world.change(id, paused()).await;
    let before = (world.now(id).await, world.log().await.len());
    let refused = world.revert(change).await;
    let Err(ManagingError::ChangedSince { detail, .. }) = &refused else { panic!("{refused:?}") };
    assert_eq!(detail, &format!("campaign {id} has changed since: name"));
    assert_eq!(changed_since(refused), ["/name"]);
    assert_eq!((world.now(id).await, world.log().await.len()), before);
    // Back at the same name it is as the change left it.
    world.change(id, named("Boots")).await;
    world.revert(change).await.unwrap();
    let now = world.now(id).await.settings;
    assert_eq!((&*now.name, &*now.notes, now.status), ("Shoes", "", Status::Paused));
    assert_eq!(changed_since(world.revert(change).await), ["/name", "/notes"], "not twice");
}

#[tokio::test]
async fn what_was_created_is_archived_unless_somebody_worked_on_it() {
    for world in World::both().await {
        let id = world.campaign("Shoes").await.id;
        let created = world.newest().await.id;
        let entry = world.revert(created).await.unwrap();
        assert_eq!(world.now(id).await.settings.status, Status::Archived);
        world.revert(entry.id).await.unwrap();
        assert_eq!(world.now(id).await.settings.status, Status::Active);
        world.change(id, named("Boots")).await;
        assert_eq!(changed_since(world.revert(created).await), ["/name"]);

        let blue = world.banner("Blue").await.id;
        let created = world.newest().await.id;
        world.revert(created).await.unwrap();
        let archived = world.banner_now(blue).await;
        assert_eq!((archived.settings.status, archived.version), (Status::Archived, 2));

        let old = CampaignFields { status: Some(Status::Archived), ..named("Old") };
        world.managing.create_campaign(ada(), old, None, NOW).await.unwrap();
        let refused = world.revert(world.newest().await.id).await;
        assert!(matches!(refused, Err(ManagingError::NotRevertible(_))), "{refused:?}");
    }
}

#[tokio::test]
async fn an_earlier_image_is_put_back_with_its_measures() {
    for world in World::both().await {
        let blue = world.banner("Blue").await.id;
        let first = world.show(blue, "banners/a.png", 300).await;
        let shown = world.banner_now(blue).await;
        let second = world.show(blue, "banners/b.png", 728).await;
        let alt = BannerFields { alt: Some("Shoes".to_owned()), ..BannerFields::default() };
        world.change_banner(blue, alt).await;

        assert_eq!(changed_since(world.revert(first).await), ["/width", "/image"]);
        world.revert(second).await.unwrap();
        let back = world.banner_now(blue).await;
        assert_eq!(back.image, Some(new_image("banners/a.png", 300).image));
        assert_eq!((back.settings.width, back.settings.height), (Some(300), Some(250)));
        assert_eq!((&*back.settings.alt, &back.settings.name), ("Shoes", &shown.settings.name));
        world.revert(first).await.unwrap();
        assert_eq!(world.banner_now(blue).await.image, None);
    }
}

#[tokio::test]
async fn every_field_of_a_banner_is_put_back() {
    let world = World::new().await;
    let blue = world.banner("Blue").await;
    let everything = BannerFields {
        name: Some("Red".to_owned()),
        status: Some(Status::Paused),
        landing_url: Some(Some("https://shop.example/?c={click_id}".to_owned())),
        alt: Some("Red shoes".to_owned()),
        width: Some(Some(1)),
        height: Some(Some(2)),
        tags: Some(vec!["red".to_owned()]),
    };
    let change = world.change_banner(blue.id, everything).await;
    let changed = world.banner_now(blue.id).await.settings;
    let entry = world.revert(change).await.unwrap();
    assert_eq!(world.banner_now(blue.id).await.settings, blue.settings);
    world.revert(entry.id).await.unwrap();
    assert_eq!(world.banner_now(blue.id).await.settings, changed);
}

#[tokio::test]
async fn attachments_and_their_pauses_are_put_back() {
    for world in World::both().await {
        let campaign = world.campaign("Shoes").await.id;
        let blue = world.banner("Blue").await.id;
        world.attach(campaign, &[blue], Status::Active).await;
        let attached = world.newest().await.id;
        world.attach(campaign, &[blue], Status::Paused).await;
        let pause = world.newest().await.id;
        assert_eq!(changed_since(world.revert(attached).await), ["/status"]);

        let detach = world.managing.detach_banners(ada(), campaign, [blue].into(), NOW).await;
        assert_eq!(detach.unwrap(), [blue]);
        let detached = world.newest().await.id;
        assert_eq!(changed_since(world.revert(pause).await), ["/status"]);
        let entry = world.revert(detached).await.unwrap();
        assert_eq!((entry.before, entry.reverts), (None, Some(detached)));
        assert_eq!(world.attached(campaign).await, [(blue, Status::Paused)]);
        world.revert(pause).await.unwrap();
        assert_eq!(world.attached(campaign).await, [(blue, Status::Active)]);
        let entry = world.revert(attached).await.unwrap();
        assert_eq!(world.attached(campaign).await, []);
        world.revert(entry.id).await.unwrap();
        assert_eq!(world.attached(campaign).await, [(blue, Status::Active)]);
    }
}

#[tokio::test]
async fn what_was_there_before_keeps_the_rules_of_today() {
    let world = World::new().await;
    let old = BannerRecord {
        id: BannerId(5),
        name: "Old".to_owned(),
        status: Status::Active,
        landing_url: Some("javascript:alert(1)".to_owned()),
        alt: String::new(),
        size: None,
        tags: Vec::new(),
        image_key: None,
    };
    let catalog = Catalog { banners: vec![old], ..Catalog::default() };
    catalog.write(&world.database, NOW).await.unwrap();
    let mended = BannerFields {
        landing_url: Some(Some("https://shop.example/".to_owned())),
        ..BannerFields::default()
    };
    let change = world.change_banner(BannerId(5), mended).await;
    let refused = world.managing.revert(ada(), change, None, NOW).await;
    assert_eq!(broken(refused), [("/landing_url".to_owned(), "invalid_value")]);

    let id = world.campaign("Shoes").await.id;
    let end = CampaignFields { ends_at: Some(Some(NOW)), ..CampaignFields::default() };
    world.change(id, end).await;
    let endless = CampaignFields { ends_at: Some(None), ..CampaignFields::default() };
    let change = world.change(id, endless).await;
    let late = CampaignFields { starts_at: Some(Some(NOW)), ..CampaignFields::default() };
    world.change(id, late).await;
    let refused = world.managing.revert(ada(), change, None, NOW).await;
    assert_eq!(broken(refused), [("/ends_at".to_owned(), "before_start")]);
}

#[tokio::test]
async fn keys_are_not_reverted() {
    let world = World::new().await;
    let said = KeyFields {
        name: Some("reports".to_owned()),
        role: Some(Role::Viewer),
        ..KeyFields::default()
    };
    let text = KeyText::random(&mut StdRng::seed_from_u64(1));
    world.managing.create_key(ada(), text, said, None, NOW).await.unwrap();
    let refused = world.revert(world.newest().await.id).await;
    assert!(matches!(refused, Err(ManagingError::NotRevertible(_))), "{refused:?}");
    let unknown = world.revert(77).await;
    assert!(matches!(unknown, Err(ManagingError::UnknownEntry(77))), "{unknown:?}");
}

#[tokio::test]
async fn a_revert_that_is_asked_for_again_is_not_made_again() {
    let world = World::new().await;
    let id = world.campaign("Shoes").await.id;
    let change = world.change(id, paused()).await;
    let ask = async || {
        let once = once("revert", |entry: &AuditEntry| entry.id.to_string());
        world.managing.revert(ada(), change, Some(once), NOW).await.unwrap()
    };
    let entry = made(ask().await);
    let again = ask().await;
    assert!(matches!(&again, Made::Before(it) if it.body == entry.id.to_string()), "{again:?}");
}
