//! A change is whole: what it changes, who did it, and that nodes learn of it.

use std::collections::BTreeSet;

use bams_domain::{BannerId, CampaignId, Policy, Status};
use bams_storage::{
    Actor, AuditEntry, AuditFilter, BannerImage, BannerSettings, CampaignSettings, Change,
    Database, PageRequest, Snapshots, attachment, audit_log, banner, campaign, unknown_banners,
};

use crate::stores::{NOW, Store};

fn ada() -> Actor {
    Actor { id: "4f1d0a7be2c35968".into(), name: "Ada".into() }
}

async fn begin(database: &Database) -> Change {
    Change::begin(database, ada(), NOW).await.unwrap()
}

fn campaign_named(name: &str) -> CampaignSettings {
    CampaignSettings {
        name: name.into(),
        status: Status::Active,
        starts_at: None,
        ends_at: Some(NOW + 1),
        policy: Policy::RevenueLadder,
        page_size: Some(3),
        tags: vec!["a \"b\"".into(), "Frühling 👟".into()],
        notes: "line\nline".into(),
    }
}

fn banner_named(name: &str) -> BannerSettings {
    BannerSettings {
        name: name.into(),
        status: Status::Active,
        landing_url: Some("https://example.com/".into()),
        alt: String::new(),
        width: Some(300),
        height: None,
        tags: Vec::new(),
    }
}

async fn log(database: &Database) -> Vec<AuditEntry> {
    let page = PageRequest { sort: (), descending: false, after: None, limit: 99 };
    audit_log(database, &AuditFilter::default(), &page).await.unwrap().items
}

#[tokio::test]
async fn a_campaign_is_as_it_was_written() {
    for store in Store::both().await {
        let database = &store.database;
        let mut change = begin(database).await;
        let created = change.create_campaign(campaign_named("Shoes")).await.unwrap();
        change.commit().await.unwrap();
        assert_eq!(created.settings, campaign_named("Shoes"));
        assert_eq!((created.version, created.created_at), (1, NOW));
        let read = campaign(database, created.id).await.unwrap();
        assert_eq!(read.as_ref(), Some(&created));

        let mut change = begin(database).await;
        let before = change.campaign(created.id).await.unwrap().unwrap();
        let same = change.change_campaign(before, campaign_named("Shoes")).await.unwrap();
        assert_eq!(same.version, 1, "nothing changed");
        let paused = CampaignSettings { status: Status::Paused, ..campaign_named("Boots") };
        let changed = change.change_campaign(same, paused.clone()).await.unwrap();
        change.commit().await.unwrap();
        assert_eq!((changed.version, &changed.settings), (2, &paused));
        assert_eq!(campaign(database, created.id).await.unwrap(), Some(changed));
        assert_eq!(campaign(database, CampaignId(999)).await.unwrap(), None);

        let log = log(database).await;
        let lines: Vec<_> =
            log.iter().map(|it| (it.action.as_str(), it.subject_kind.as_str())).collect();
        assert_eq!(lines, [("create", "campaign"), ("change", "campaign")]);
        assert!(log.iter().all(|it| it.actor_name == "Ada" && it.at == NOW), "{log:?}");
        assert_eq!(log[1].before.as_ref().unwrap()["name"], "Shoes");
        assert_eq!(log[1].after.as_ref().unwrap()["status"], "paused");
    }
}

#[tokio::test]
async fn what_is_not_committed_never_happened() {
    for store in Store::both().await {
        let database = &store.database;
        let mut change = begin(database).await;
        let created = change.create_campaign(campaign_named("Shoes")).await.unwrap();
        drop(change);
        assert_eq!(campaign(database, created.id).await.unwrap(), None);
        assert_eq!(log(database).await, []);
    }
}

#[tokio::test]
async fn every_node_serves_a_change() {
    for store in Store::both().await {
        let database = &store.database;
        let snapshots = Snapshots::load(store.other_process().await).await.unwrap();
        let mut change = begin(database).await;
        let campaign = change.create_campaign(campaign_named("Shoes")).await.unwrap();
        let created = change.create_banner(banner_named("Blue")).await.unwrap();
        let banners = BTreeSet::from([created.id]);
        let attached = change.attach(campaign.id, &banners, Status::Active).await.unwrap();
        assert_eq!(attached, [created.id]);
        change.commit().await.unwrap();
        assert_eq!(unknown_banners(database, &banners).await.unwrap(), []);
        let more = BTreeSet::from([created.id, BannerId(77)]);
        assert_eq!(unknown_banners(database, &more).await.unwrap(), [BannerId(77)]);
        let served = async || {
            snapshots.refresh().await.unwrap();
            let snapshot = snapshots.current();
            snapshot.campaign(campaign.id).unwrap().banner(created.id).is_some()
        };
        assert!(!served().await, "it has no image");

        let image = BannerImage {
            key: "a/b.png".into(),
            media_type: Some("image/png".into()),
            bytes: Some(5),
        };
        let mut change = begin(database).await;
        let before = change.banner(created.id).await.unwrap().unwrap();
        let settings = before.settings.clone();
        let shown = change.change_banner(before, settings, Some(image.clone())).await.unwrap();
        change.commit().await.unwrap();
        assert_eq!(shown.image, Some(image));
        assert_eq!(banner(database, created.id).await.unwrap(), Some(shown));
        assert!(served().await);

        let mut change = begin(database).await;
        let paused = change.attach(campaign.id, &banners, Status::Paused).await.unwrap();
        assert_eq!(paused, [created.id]);
        assert_eq!(change.attach(campaign.id, &banners, Status::Paused).await.unwrap(), []);
        change.commit().await.unwrap();
        assert!(!served().await, "it is paused there");
        let found = attachment(database, campaign.id, created.id).await.unwrap().unwrap();
        assert_eq!((found.status, found.created_at), (Status::Paused, NOW));

        let mut change = begin(database).await;
        assert_eq!(change.detach(campaign.id, &banners).await.unwrap(), [created.id]);
        assert_eq!(change.detach(campaign.id, &banners).await.unwrap(), []);
        change.commit().await.unwrap();
        assert_eq!(attachment(database, campaign.id, created.id).await.unwrap(), None);
        let actions: Vec<_> = log(database).await.into_iter().map(|it| it.action).collect();
        assert_eq!(actions, ["create", "create", "attach", "change", "change", "detach"]);
    }
}

#[tokio::test]
async fn clicks_follow_the_landing_url_of_a_banner_that_no_campaign_has() {
    for store in Store::both().await {
        let database = &store.database;
        let mut change = begin(database).await;
        let campaign = change.create_campaign(campaign_named("Shoes")).await.unwrap().id;
        let banner = change.create_banner(banner_named("Blue")).await.unwrap().id;
        let banners = BTreeSet::from([banner]);
        change.attach(campaign, &banners, Status::Active).await.unwrap();
        change.commit().await.unwrap();
        let [slow, quick] =
            [store.other_process().await, store.other_process().await].map(Snapshots::load);
        let (slow, quick) = (slow.await.unwrap(), quick.await.unwrap());
        let lead = async |to: Option<&str>| {
            let mut change = begin(database).await;
            let before = change.banner(banner).await.unwrap().unwrap();
            let landing_url = to.map(str::to_owned);
            let settings = BannerSettings { landing_url, ..before.settings.clone() };
            change.change_banner(before, settings, None).await.unwrap();
            change.commit().await.unwrap();
        };
        let leads = |snapshots: &Snapshots| snapshots.landing_url(banner).map(|it| it.to_string());

        lead(Some("https://example.com/attached")).await;
        let mut change = begin(database).await;
        change.detach(campaign, &banners).await.unwrap();
        change.commit().await.unwrap();
        quick.refresh().await.unwrap();
        assert_eq!(leads(&quick).as_deref(), Some("https://example.com/attached"));
        lead(Some("https://example.com/detached")).await;
        assert!(quick.refresh().await.unwrap(), "{}", store.url);
        assert!(!quick.refresh().await.unwrap(), "nothing more");
        assert_eq!(leads(&quick).as_deref(), Some("https://example.com/detached"));
        // This one sees it changed, detached and changed at once.
        slow.refresh().await.unwrap();
        assert_eq!(leads(&slow), leads(&quick));

        lead(None).await;
        quick.refresh().await.unwrap();
        assert_eq!(leads(&quick), None);
    }
}
