//! Live events count once, whoever sends them how often, and performance follows.

use std::time::Duration;

use bams_domain::{BannerId, CampaignId, Slot};
use bams_storage::{
    Booked, Database, EventKind, Events, FilterReason, ImportKind, Showing, expire_impressions,
    filtered_events, links_expired_before, ranking,
};
use bams_tests::{MariaDb, eventually, patiently};
use tokio::task::JoinSet;
use tokio::time::timeout;
use uuid::{Builder, Uuid};

use crate::stores::{NOW, Store, banner, campaign, catalog};

/// The slot of [`NOW`].
pub(crate) fn slot() -> Slot {
    Slot::at(NOW / 1000)
}

/// A node's events, with the task that stores them.
pub(crate) fn node(database: &Database) -> Events {
    let (events, writer) = Events::open(database.clone(), 10_000);
    tokio::spawn(writer.run());
    events
}

/// One of the banners 1 to 3 of campaign 1, in the n-th decision.
pub(crate) fn showing(number: u32) -> Showing {
    Showing {
        decision: decision(number, NOW),
        banner: BannerId(1 + number % 3),
        campaign: CampaignId(1),
    }
}

fn decision(number: u32, unix_ms: i64) -> Uuid {
    let mut random = [0; 10];
    // Not in order: later decisions of a millisecond are not higher.
    random[6..].copy_from_slice(&number.wrapping_mul(2_654_435_761).to_be_bytes());
    Builder::from_unix_timestamp_millis(unix_ms.cast_unsigned(), &random).into_uuid()
}

/// Campaign 1 with three banners, in both kinds of store.
pub(crate) async fn stores() -> [Store; 2] {
    let stores = Store::both().await;
    for store in &stores {
        store.write(catalog(campaign(1), (1..=3).map(banner))).await;
    }
    stores
}

/// Impressions, clicks, conversions and micros of campaign 1 in the slot's quarter.
pub(crate) async fn totals(database: &Database) -> [u64; 4] {
    let ranking =
        ranking(database, CampaignId(1), slot().quarter(), |_, _| false).await.unwrap().unwrap();
    let mut totals = [0; 4];
    for banner in ranking.banners {
        let it = banner.performance;
        let revenue = it.revenue.micros().unsigned_abs();
        let counts = [it.impressions, it.clicks, it.conversions, revenue];
        totals = std::array::from_fn(|index| totals[index] + counts[index]);
    }
    totals
}

pub(crate) async fn assert_reconciled(store: &Store) {
    let mut differences = Vec::new();
    bams_storage::verify(&store.database, |it| differences.push(it)).await.unwrap();
    assert_eq!(differences, [], "{}", store.url);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_click_four_times_at_once_on_two_nodes_counts_once() {
    for store in stores().await {
        let nodes = [node(&store.database), node(&store.other_process().await)];
        let mut sending = JoinSet::new();
        for number in 0..50 {
            for turn in 0..4 {
                let node = nodes[turn % 2].clone();
                sending.spawn(async move { node.click(showing(number), slot()).await.unwrap() });
            }
        }
        let booked = sending.join_all().await;
        let counted = booked.iter().filter(|it| **it == Booked::Counted).count();
        assert_eq!((counted, booked.len()), (50, 200), "{}", store.url);
        assert_eq!(totals(&store.database).await, [0, 50, 0, 0]);

        let again = nodes[0].click(showing(7), slot()).await;
        assert_eq!(again, Ok(Booked::Duplicate), "also later");
        assert_eq!(duplicates(&store).await, 151);
        assert_reconciled(&store).await;
    }
}

async fn duplicates(store: &Store) -> u64 {
    filtered(&store.database, FilterReason::Duplicate).await
}

/// How many events are kept with a reason why they do not count.
async fn filtered(database: &Database, reason: FilterReason) -> u64 {
    let (from, until) = (Slot::from_number(0), Slot::from_number(i64::MAX));
    let filtered = filtered_events(database, None, from, until).await.unwrap();
    filtered.iter().filter(|it| it.reason == reason).map(|it| it.events).sum()
}

#[tokio::test(flavor = "multi_thread")]
async fn many_events_of_two_nodes_that_overlap_all_count_once() {
    for store in stores().await {
        let nodes = [node(&store.database), node(&store.other_process().await)];
        let mut sending = JoinSet::new();
        // Each node sends what the other does, in the opposite order, so that batches mix new and
        // known events and meet each other's locks.
        for number in 0..1500 {
            for (node, number) in [(&nodes[0], number), (&nodes[1], 1499 - number)] {
                let node = node.clone();
                sending.spawn(async move {
                    node.impression(showing(number), slot()).await.unwrap();
                    if number % 3 == 0 {
                        node.click(showing(number), slot()).await.unwrap();
                    }
                });
            }
        }
        sending.join_all().await;
        assert_eq!(totals(&store.database).await, [1500, 500, 0, 0], "{}", store.url);
        assert_eq!(duplicates(&store).await, 2000);
        assert_reconciled(&store).await;
        let counted: u64 =
            nodes.iter().map(|it| it.counters().accepted(EventKind::Impression)).sum();
        assert_eq!(counted, 1500);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn events_beside_imports_of_the_same_performance_lose_nothing() {
    for store in stores().await {
        let node = node(&store.database);
        let mut sending = JoinSet::new();
        for number in 0..600 {
            let node = node.clone();
            sending.spawn(async move { node.impression(showing(number), slot()).await.unwrap() });
        }
        let file = format!("banner_id,campaign_id\n{}", "1,1\n2,1\n3,1\n".repeat(1000));
        store.import(ImportKind::Impressions, slot().quarter(), &file).await;
        sending.join_all().await;
        assert_eq!(totals(&store.database).await, [3600, 0, 0, 0], "{}", store.url);
        assert_reconciled(&store).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_does_not_count_is_kept_with_its_reason() {
    for store in stores().await {
        let node = node(&store.database);
        for number in 0..5 {
            node.filter(showing(number), slot(), EventKind::Impression, FilterReason::Bot);
        }
        node.filter(showing(0), slot(), EventKind::Click, FilterReason::Expired);
        node.impression(showing(0), slot()).await.unwrap();
        node.flush().await;
        let (from, until) = (slot(), Slot::from_number(slot().number() + 1));
        let one = Some(CampaignId(1));
        let filtered = filtered_events(&store.database, one, from, until).await.unwrap();
        let found = filtered.iter().map(|it| (it.banner.0, it.kind.name(), it.reason, it.events));
        let expected = [
            (1, "impression", FilterReason::Bot, 2),
            (1, "click", FilterReason::Expired, 1),
            (2, "impression", FilterReason::Bot, 2),
            (3, "impression", FilterReason::Bot, 1),
        ];
        assert_eq!(found.collect::<Vec<_>>(), expected, "{}", store.url);
        assert!(filtered_events(&store.database, one, until, until).await.unwrap().is_empty());
        assert_eq!(totals(&store.database).await, [1, 0, 0, 0]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn expired_impressions_are_removed_and_what_they_added_up_to_stays() {
    const DAY: i64 = 24 * 3600 * 1000;
    for store in stores().await {
        let nodes = [node(&store.database), node(&store.other_process().await)];
        let mut sending = JoinSet::new();
        for number in 0..12_000 {
            let age = if number % 4 == 0 { 0 } else { DAY };
            let showing = Showing { decision: decision(number, NOW - age), ..showing(number) };
            let node = nodes[0].clone();
            sending.spawn(async move { node.impression(showing, slot()).await.unwrap() });
            if sending.len() > 4000 {
                sending.join_next().await;
            }
        }
        sending.join_all().await;
        let before = totals(&store.database).await;
        let other = store.other_process().await;
        assert_eq!(links_expired_before(&other).await.unwrap(), None);
        let (one, two) = tokio::join!(
            expire_impressions(&store.database, NOW - DAY / 2),
            expire_impressions(&other, NOW - DAY / 2),
        );
        assert_eq!(one.unwrap() + two.unwrap(), 9000, "{}", store.url);
        for earlier in [DAY / 2, DAY] {
            assert_eq!(expire_impressions(&other, NOW - earlier).await.unwrap(), 0);
            let expired = links_expired_before(&other).await.unwrap();
            assert_eq!(expired, Some(NOW - DAY / 2), "{}", store.url);
        }
        assert_eq!(totals(&store.database).await, before);
        assert_reconciled(&store).await;
        assert_eq!(nodes[1].impression(showing(0), slot()).await, Ok(Booked::Duplicate));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn without_the_database_events_are_refused_and_later_taken_again() {
    let server = MariaDb::start();
    let url = server.database();
    let database = patiently("connect", || Database::connect(&url, 4)).await;
    database.migrate().await.unwrap();
    catalog(campaign(1), (1..=3).map(banner)).write(&database, NOW).await.unwrap();
    let node = node(&database);
    node.click(showing(0), slot()).await.unwrap();
    server.kill();
    node.filter(showing(2), slot(), EventKind::Click, FilterReason::Bot);
    node.click(showing(1), slot()).await.unwrap_err();
    server.restart();
    eventually(Duration::from_secs(5), "events are taken again", async || {
        node.click(showing(1), slot()).await.is_ok()
    })
    .await;
    assert_eq!(node.click(showing(0), slot()).await, Ok(Booked::Duplicate));
    assert_eq!(totals(&database).await, [0, 2, 0, 0]);
    assert_eq!(filtered(&database, FilterReason::Bot).await, 1, "it waited in memory");
}

#[tokio::test(flavor = "multi_thread")]
async fn connections_that_break_lose_nothing_and_count_nothing_twice() {
    let [_, store] = stores().await;
    let node = node(&store.database);
    let (server, name) = (MariaDb::shared(), store.url.rsplit('/').next().unwrap());
    let mut sending = JoinSet::new();
    for number in 0..3000 {
        let node = node.clone();
        sending.spawn(async move {
            while node.impression(showing(number), slot()).await.is_err() {}
            node.click(showing(number), slot()).await.is_ok()
        });
    }
    let of_node = format!("SELECT id FROM information_schema.processlist WHERE db = '{name}'");
    let (mut cuts, mut clicks_sent) = (0, 0);
    while !sending.is_empty() {
        if cuts < 20 {
            let cut = |id: &str| server.try_sql(&format!("KILL {id}"));
            cuts += server.sql("", &of_node).lines().filter(|it| cut(it)).count();
        }
        while let Ok(Some(sent)) = timeout(Duration::from_millis(20), sending.join_next()).await {
            clicks_sent += u64::from(sent.unwrap());
        }
    }
    assert!(cuts > 0);
    let [impressions, clicks, ..] = totals(&store.database).await;
    assert_eq!(impressions, 3000);
    assert!(clicks >= clicks_sent, "{clicks} of {clicks_sent} acknowledged ones");
    assert_reconciled(&store).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_queue_refuses_at_once() {
    let [store, _] = stores().await;
    // Nobody stores: the writer does not run.
    let (events, _writer) = Events::open(store.database.clone(), 2);
    let waiting: Vec<_> = (0..2)
        .map(|number| {
            let events = events.clone();
            tokio::spawn(async move { events.impression(showing(number), slot()).await })
        })
        .collect();
    eventually(Duration::from_secs(5), "the queue is full", async || {
        let third = events.impression(showing(2), slot());
        timeout(Duration::from_millis(50), third).await.is_ok()
    })
    .await;
    assert!(events.counters().refused() >= 1);
    for task in waiting {
        task.abort();
    }
}
