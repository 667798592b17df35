//! What serving sees of the database, and when.

use std::time::Duration;

use bams_domain::{BannerId, CampaignId, EmptyReason, Quarter, Status};
use bams_storage::{Catalog, ImportKind, Snapshots};
use bams_tests::eventually;
use sea_orm::{ConnectOptions, ConnectionTrait, Database as SeaOrm};

use crate::stores::{NOW, Store, banner, campaign, catalog};

const ONE: CampaignId = CampaignId(1);

fn ids(banners: &[BannerId]) -> Vec<u32> {
    banners.iter().map(|it| it.0).collect()
}

#[tokio::test]
async fn a_ladder_ranks_what_was_earned_in_its_quarter_in_all_hours() {
    for store in Store::both().await {
        store.write(catalog(campaign(1), (1..=4).map(banner))).await;
        let clicks = "click_id,banner_id,campaign_id\n1,2,1\n2,3,1\n3,3,1\n4,1,1\n";
        store.import(ImportKind::Clicks, Quarter::Second, clicks).await;
        let earned = "conversion_id,click_id,revenue\n1,1,2.5\n2,4,2.500001\n";
        store.import(ImportKind::Conversions, Quarter::Second, earned).await;
        store
            .import(
                ImportKind::Conversions,
                Quarter::Third,
                "conversion_id,click_id,revenue\n3,2,1\n",
            )
            .await;

        let snapshots = Snapshots::load(store.database.clone()).await.unwrap();
        let snapshot = snapshots.current();
        let campaign = snapshot.campaign(ONE).unwrap();
        let prepared = |quarter| campaign.prepared(quarter);
        assert_eq!(ids(prepared(Quarter::Second).banners()), [1, 2, 3, 4], "{}", store.url);
        assert_eq!(prepared(Quarter::Second).converting_banners(), 2);
        assert_eq!(ids(prepared(Quarter::Third).banners()), [3, 1, 2, 4]);
        assert_eq!(prepared(Quarter::First).converting_banners(), 0);
        let shown = campaign.banner(BannerId(3)).unwrap();
        assert_eq!((shown.alt(), shown.image_key()), ("Blaue Schuhe 👟", "banners/3.png"));
        assert!(snapshot.campaign(CampaignId(2)).is_none());
    }
}

#[tokio::test]
async fn only_active_banners_with_an_image_are_served() {
    let mut left_out = [Status::Draft, Status::Paused, Status::Archived]
        .into_iter()
        .zip(11..)
        .map(|(status, id)| bams_storage::BannerRecord { status, ..banner(id) })
        .collect::<Vec<_>>();
    left_out.push(bams_storage::BannerRecord { image_key: None, ..banner(14) });
    for store in Store::both().await {
        let banners = left_out.iter().cloned().chain([banner(1)]);
        store.write(catalog(campaign(1), banners)).await;
        let snapshots = Snapshots::load(store.database.clone()).await.unwrap();
        let campaign = snapshots.current().campaign(ONE).unwrap().clone();
        assert_eq!(ids(campaign.prepared(Quarter::First).banners()), [1]);
        assert_eq!(campaign.empty_reason(NOW / 1000), None);

        store.write(catalog(self::campaign(2), left_out.iter().cloned())).await;
        snapshots.refresh().await.unwrap();
        let empty = snapshots.current().campaign(CampaignId(2)).unwrap().clone();
        assert_eq!(empty.empty_reason(NOW / 1000), Some(EmptyReason::NoEligibleBanner));
    }
}

#[tokio::test]
async fn a_change_by_another_process_is_found_and_nothing_else_is_read_again() {
    for store in Store::both().await {
        store.write(catalog(campaign(1), [banner(1)])).await;
        store.write(catalog(campaign(2), [banner(2)])).await;
        let snapshots = Snapshots::load(store.database.clone()).await.unwrap();
        assert!(!snapshots.refresh().await.unwrap(), "nothing changed yet");
        let before = snapshots.current().clone();

        let paused = bams_storage::CampaignRecord { status: Status::Paused, ..campaign(1) };
        let change = Catalog { campaigns: vec![paused], ..Catalog::default() };
        change.write(&store.other_process().await, NOW).await.unwrap();
        assert!(snapshots.refresh().await.unwrap());
        let after = snapshots.current().clone();
        assert!(after.revision() > before.revision());
        let reason = after.campaign(ONE).unwrap().empty_reason(NOW / 1000);
        assert_eq!(reason, Some(EmptyReason::CampaignPaused));
        let two = CampaignId(2);
        assert!(std::sync::Arc::ptr_eq(
            before.campaign(two).unwrap(),
            after.campaign(two).unwrap()
        ));
        assert!(!snapshots.refresh().await.unwrap());
    }
}

#[tokio::test]
async fn writers_at_once_lose_no_change() {
    for store in Store::both().await {
        let snapshots = Snapshots::load(store.database.clone()).await.unwrap();
        let mut writers = Vec::new();
        for id in 1..=24 {
            let database = store.database.clone();
            let catalog = catalog(campaign(id), [banner(id)]);
            writers.push(tokio::spawn(async move { catalog.write(&database, NOW).await }));
        }
        // Refreshing all the while must not skip a revision that commits late.
        for writer in writers {
            writer.await.unwrap().unwrap();
            snapshots.refresh().await.unwrap();
        }
        snapshots.refresh().await.unwrap();
        assert_eq!(snapshots.current().campaigns().count(), 24, "{}", store.url);
    }
}

#[tokio::test]
async fn a_campaign_that_cannot_be_read_stays_as_it_was_and_stops_no_other() {
    for store in Store::both().await {
        for id in 1..=5 {
            store.write(catalog(campaign(id), [banner(id)])).await;
        }
        let snapshots = Snapshots::load(store.database.clone()).await.unwrap();
        store
            .execute(&[
                "UPDATE campaigns SET policy = 'of_the_future' WHERE id = 2",
                "UPDATE banners SET tags = 'no list' WHERE id = 3",
                "UPDATE campaign_banners SET status = 'lost' WHERE campaign_id = 4",
                "INSERT INTO quarter_performance VALUES (5, 5, 7, 1, 0, 0)",
                "UPDATE campaigns SET name = 'New'",
                "UPDATE campaign_revisions SET revision = 100",
                "INSERT INTO revision_words VALUES (1, 100, 7)",
            ])
            .await;
        assert!(snapshots.refresh().await.unwrap());
        let names = |snapshots: &Snapshots| {
            let current = snapshots.current().clone();
            let name = |id| current.campaign(CampaignId(id)).map(|it| it.name.clone());
            (1..=5).map(|id| name(id).unwrap_or_default()).collect::<Vec<_>>()
        };
        let expected = ["New", "Campaign 2", "Campaign 3", "Campaign 4", "Campaign 5"];
        assert_eq!(names(&snapshots), expected, "{}", store.url);
        assert!(!snapshots.refresh().await.unwrap(), "what cannot be read is not read for ever");

        let restarted = Snapshots::load(store.database.clone()).await.unwrap();
        assert_eq!(names(&restarted), ["New", "", "", "", ""]);

        store
            .execute(&[
                "UPDATE campaigns SET policy = 'revenue_ladder' WHERE id = 2",
                "UPDATE campaign_revisions SET revision = 101 WHERE campaign_id = 2",
                "INSERT INTO revision_words VALUES (1, 101, 7)",
            ])
            .await;
        assert!(restarted.refresh().await.unwrap());
        assert_eq!(names(&restarted), ["New", "New", "", "", ""]);
    }
}

#[tokio::test]
async fn what_was_counted_before_an_upgrade_is_ranked() {
    for store in Store::both().await {
        store.write(catalog(campaign(1), (1..=3).map(banner))).await;
        let clicks = "click_id,banner_id,campaign_id\n1,2,1\n2,3,1\n3,3,1\n";
        store.import(ImportKind::Clicks, Quarter::Second, clicks).await;
        let earned = "conversion_id,click_id,revenue\n1,1,2.5\n2,1,5000\n";
        store.import(ImportKind::Conversions, Quarter::Second, earned).await;
        let sums = "SELECT * FROM quarter_performance ORDER BY banner_id";
        let before = store.rows(sums).await;
        assert_eq!(before, ["1 2 2 1 2 5002500000", "1 3 2 2 0 0"], "{}", store.url);
        // The sums of two hours that are too large for an integer.
        let huge = "INSERT INTO performance SELECT 1, 1, slot, 0, 0, 1, 9223372036854775807 \
                    FROM performance WHERE banner_id = 2 UNION ALL \
                    SELECT 1, 1, slot + 4, 0, 0, 1, 5 FROM performance WHERE banner_id = 2";
        store
            .execute(&[
                huge,
                "DELETE FROM quarter_performance",
                "DELETE FROM seaql_migrations WHERE version LIKE '%quarter_performance%'",
            ])
            .await;
        assert_eq!(store.database.migrate().await.unwrap(), 2);
        let after = store.rows(sums).await;
        assert_eq!(after[0], format!("1 1 2 0 2 {}", i64::MAX));
        assert_eq!(after[1..], before);
        let snapshots = Snapshots::load(store.database.clone()).await.unwrap();
        let campaign = snapshots.current().campaign(ONE).unwrap().clone();
        assert_eq!(ids(campaign.prepared(Quarter::Second).banners()), [1, 2, 3]);
    }
}

#[tokio::test]
async fn a_database_that_takes_long_to_hand_over_a_change_still_answers() {
    let [_, store] = Store::both().await;
    store.write(catalog(campaign(1), [banner(1)])).await;
    let snapshots = Snapshots::load(store.database.clone()).await.unwrap();
    store.write(catalog(campaign(2), [banner(2)])).await;
    let mut options = ConnectOptions::new(&store.url);
    options.max_connections(1);
    let other = SeaOrm::connect(options).await.unwrap();
    other.execute_unprepared("LOCK TABLES campaigns WRITE").await.unwrap();
    let refreshing = tokio::spawn({
        let snapshots = snapshots.clone();
        async move { snapshots.refresh().await }
    });
    eventually(Duration::from_secs(10), "the database answers again", async || {
        let (age, silence) = (snapshots.age(), snapshots.silence());
        age > Duration::from_secs(2) && silence * 2 < age
    })
    .await;
    assert!(!refreshing.is_finished());
    other.execute_unprepared("UNLOCK TABLES").await.unwrap();
    assert!(refreshing.await.unwrap().unwrap());
}

#[tokio::test]
async fn revisions_of_visitors_hide_none_of_campaigns() {
    for store in Store::both().await {
        store.write(catalog(campaign(1), [banner(1)])).await;
        store.execute(&["INSERT INTO revision_words VALUES (2, 500, 7)"]).await;
        let snapshots = Snapshots::load(store.database.clone()).await.unwrap();
        store.write(catalog(campaign(2), [banner(2)])).await;
        assert!(snapshots.refresh().await.unwrap(), "{}", store.url);
        assert_eq!(status(&snapshots, 2), Some(Status::Active));
    }
}

/// A campaign's status as decisions see it.
fn status(snapshots: &Snapshots, id: u32) -> Option<Status> {
    snapshots.current().campaign(CampaignId(id)).map(|campaign| campaign.status)
}

#[tokio::test]
async fn a_database_that_went_back_is_loaded_anew() {
    for store in Store::both().await {
        for id in 1..=3 {
            store.write(catalog(campaign(id), [banner(id)])).await;
        }
        let snapshots = Snapshots::load(store.database.clone()).await.unwrap();
        store.write(catalog(campaign(4), [banner(4)])).await;
        assert!(snapshots.refresh().await.unwrap());
        assert_eq!(status(&snapshots, 4), Some(Status::Active));
        // A backup from before the fourth campaign, in which another change was drawn since.
        store
            .execute(&[
                "DELETE FROM campaign_banners WHERE campaign_id = 4",
                "DELETE FROM campaigns WHERE id = 4",
                "DELETE FROM campaign_revisions WHERE campaign_id = 4",
                "UPDATE campaigns SET status = 'paused' WHERE id = 2",
                "UPDATE campaign_revisions SET revision = 4 WHERE campaign_id = 2",
                "UPDATE revision_words SET word = word + 1 WHERE revision = 4",
            ])
            .await;
        assert!(snapshots.refresh().await.unwrap(), "{}", store.url);
        assert_eq!(status(&snapshots, 4), None);
        assert_eq!(status(&snapshots, 2), Some(Status::Paused));
        assert!(!snapshots.refresh().await.unwrap());
        store.write(catalog(campaign(5), [banner(5)])).await;
        assert!(snapshots.refresh().await.unwrap());
        assert_eq!(status(&snapshots, 5), Some(Status::Active));
    }
}
