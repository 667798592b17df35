//! Differences are mended, whatever else changes the counts meanwhile.

use bams_domain::{CampaignId, Quarter, Slot};
use bams_storage::{
    Actor, Difference, ImportKind, Repair, RepairError, Snapshots, condense, count_differences,
    verify,
};

use crate::stores::{NOW, Store, banner, campaign, catalog};
use crate::verifying::with_events;

async fn begin(store: &Store) -> Repair<'_> {
    Repair::begin(&store.database, Actor::command_line()).await.unwrap()
}

async fn differences(store: &Store) -> Vec<Difference> {
    let mut found = Vec::new();
    verify(&store.database, |it| found.push(it)).await.unwrap();
    found
}

/// Mends everything, as often as it takes.
async fn mend_all(store: &Store) {
    let mut mended = 1;
    while mended > 0 {
        let mut repair = begin(store).await;
        mended = repair.mend(&differences(store).await, NOW).await.unwrap();
    }
    assert_eq!(count_differences(&store.database).await.unwrap(), 0, "{}", store.url);
}

#[tokio::test]
async fn what_is_counted_meanwhile_stays_counted() {
    for store in Store::both().await {
        with_events(&store).await;
        let correct = store.rows("SELECT clicks FROM performance WHERE banner_id = 2").await;
        assert_eq!(correct, ["1", "1"]);
        store
            .execute(&[
                "UPDATE performance SET clicks = 40 WHERE campaign_id = 7",
                "DELETE FROM performance WHERE campaign_id = 1 AND banner_id = 2",
            ])
            .await;
        let mut repair = begin(&store).await;
        let found = differences(&store).await;
        let more = "click_id,banner_id,campaign_id\n11,2,7\n12,2,7\n13,2,1\n";
        store.import(ImportKind::Clicks, Quarter::First, more).await;
        assert_eq!(repair.mend(&found, NOW).await.unwrap(), 2, "{}", store.url);
        assert_eq!(count_differences(&store.database).await.unwrap(), 0, "{}", store.url);
        let sql = "SELECT clicks FROM performance WHERE banner_id = 2 ORDER BY campaign_id";
        assert_eq!(store.rows(sql).await, ["2", "3"], "{}", store.url);
    }
}

#[tokio::test]
async fn quarters_are_mended_once_their_slots_agree() {
    for store in Store::both().await {
        with_events(&store).await;
        store
            .execute(&[
                "UPDATE performance SET clicks = clicks + 5 WHERE campaign_id = 7",
                "UPDATE quarter_performance SET clicks = clicks + 5 WHERE campaign_id = 7",
                "UPDATE quarter_performance SET conversions = 9223372036854775807 WHERE conversions = 2",
                "INSERT INTO quarter_performance VALUES (9, 9, 3, 1, 0, 0)",
            ])
            .await;
        mend_all(&store).await;
        let quarters = "SELECT campaign_id, banner_id, quarter, clicks, conversions, revenue_micros \
                        FROM quarter_performance ORDER BY campaign_id, banner_id, quarter";
        let expected = ["1 1 1 1 0 0", "1 1 2 0 2 750000", "1 2 1 1 0 0", "7 2 1 1 0 0"];
        assert_eq!(store.rows(quarters).await, expected, "{}", store.url);
    }
}

#[tokio::test]
async fn other_nodes_rank_by_what_was_mended() {
    for store in Store::both().await {
        store.write(catalog(campaign(1), [banner(1), banner(2)])).await;
        with_events(&store).await;
        store
            .execute(&["UPDATE quarter_performance SET conversions = 0, revenue_micros = 0"])
            .await;
        let node = Snapshots::load(store.other_process().await).await.unwrap();
        let converting = || {
            let campaign = node.current().campaign(CampaignId(1)).unwrap().clone();
            campaign.prepared(Quarter::Second).converting_banners()
        };
        assert_eq!(converting(), 0);
        mend_all(&store).await;
        assert!(node.refresh().await.unwrap(), "{}", store.url);
        assert_eq!(converting(), 1, "{}", store.url);
    }
}

#[tokio::test]
async fn days_may_be_condensed_meanwhile() {
    for store in Store::both().await {
        let slots = (0..192).map(|slot: i64| format!("('{slot}', 3, 5, {})", 960_000 + slot));
        let slots = slots.collect::<Vec<_>>().join(", ");
        let clicks =
            format!("INSERT INTO clicks (id, campaign_id, banner_id, slot) VALUES {slots}");
        store.execute(&[&clicks]).await;
        mend_all(&store).await;
        store
            .execute(&["UPDATE performance SET clicks = 30 - 29 * (slot % 2) WHERE slot % 8 < 2"])
            .await;
        let mut repair = begin(&store).await;
        let found = differences(&store).await;
        assert!(!found.is_empty());
        condense(&store.database, Slot::from_number(960_000 + 96)).await.unwrap();
        let spoilt = "UPDATE performance SET clicks = clicks + 0 WHERE slot = 960004";
        store.execute(&[spoilt]).await;
        repair.mend(&found, NOW).await.unwrap();
        mend_all(&store).await;
        let days = "SELECT slot, clicks FROM performance WHERE slot < 960096 ORDER BY slot";
        let expected = ["960000 24", "960001 24", "960002 24", "960003 24"];
        assert_eq!(store.rows(days).await, expected, "{}", store.url);
    }
}

#[tokio::test]
async fn parts_of_a_day_that_is_being_condensed_become_one_row() {
    for store in Store::both().await {
        store
            .execute(&[
                "INSERT INTO condensed_performance VALUES (1, 960096)",
                "INSERT INTO performance VALUES (3, 5, 960000, 0, 2, 0, 0), (3, 5, 960004, 0, 9, 0, 0), \
                 (3, 5, 960001, 0, 1, 0, 0)",
                "INSERT INTO clicks (id, campaign_id, banner_id, slot) VALUES ('1', 3, 5, 960000), \
                 ('2', 3, 5, 960004), ('3', 3, 5, 960092), ('4', 3, 5, 960001)",
            ])
            .await;
        mend_all(&store).await;
        let rows = "SELECT slot, clicks FROM performance ORDER BY slot";
        assert_eq!(store.rows(rows).await, ["960000 3", "960001 1"], "{}", store.url);
    }
}

#[tokio::test]
async fn a_second_repair_adds_nothing_twice() {
    for store in Store::both().await {
        with_events(&store).await;
        store.execute(&["UPDATE performance SET clicks = clicks + 5"]).await;
        let (mut one, mut other) = (begin(&store).await, begin(&store).await);
        let found = differences(&store).await;
        one.mend(&found, NOW).await.unwrap();
        let refused = other.mend(&found, NOW).await;
        assert!(matches!(refused, Err(RepairError::Overtaken)), "{refused:?}");
        mend_all(&store).await;
    }
}
