//! What visitors asked for outlives processes, reaches all of them, and ends.

use std::time::Duration;

use bams_domain::{
    BannerId, BannerPerformance, CampaignId, Ladder, Performance, Placement, Preferences, VisitorId,
};
use bams_storage::{Database, HistorySettings, VisitorHistory, Visitors};
use rand::SeedableRng;
use rand::rngs::StdRng;

use crate::stores::{NOW, Store};

const LIFETIME: Duration = Duration::from_hours(1);
const HOUR: i64 = 60 * 60 * 1000;

fn visitor(number: u8) -> VisitorId {
    VisitorId::from_random_bytes([number; 16])
}

fn hiding(banners: &[u32]) -> Preferences {
    let tags = |tag: &str| vec![tag.to_owned()];
    Preferences::new(tags("Reise 🏝"), tags("x"), banners.iter().copied().map(BannerId).collect())
}

async fn history() -> VisitorHistory {
    let settings = HistorySettings { lifetime: LIFETIME, memory_bytes: 1 << 22, redis: None };
    VisitorHistory::open(&settings).await.unwrap()
}

async fn node(database: &Database, capacity: usize) -> (Visitors, VisitorHistory) {
    let history = history().await;
    let visitors = Visitors::load(database.clone(), LIFETIME, capacity, &history).await.unwrap();
    (visitors, history)
}

async fn show_one(history: &VisitorHistory, visitor: VisitorId) {
    let performance = Performance::default();
    let row = BannerPerformance { banner: BannerId(1), performance };
    let order = Ladder::rank([row]).order(&mut StdRng::seed_from_u64(1));
    let mut placements = [Placement { history: 0, order, size: 1, is_part: false }];
    history.choose(visitor, &[CampaignId(1)], &mut placements).await;
}

#[tokio::test]
async fn preferences_reach_other_processes_and_the_next_start() {
    for store in Store::both().await {
        let (one, _) = node(&store.database, 10).await;
        let (other, _) = node(&store.other_process().await, 10).await;
        assert!(one.is_empty() && one.preferences(visitor(1), NOW).is_none());
        let expires_at = one.prefer(visitor(1), &hiding(&[7]), NOW).await.unwrap();
        assert_eq!(expires_at, NOW + HOUR);
        one.prefer(visitor(1), &hiding(&[9, 8]), NOW).await.unwrap();
        other.refresh().await.unwrap();
        let (late, _) = node(&store.database, 10).await;
        for node in [&one, &other, &late] {
            let kept = node.preferences(visitor(1), NOW).unwrap();
            assert_eq!((&*kept, node.len()), (&hiding(&[8, 9]), 1), "{}", store.url);
            assert_eq!(node.preferences(visitor(2), NOW), None);
        }
        one.prefer(visitor(1), &Preferences::default(), NOW).await.unwrap();
        other.refresh().await.unwrap();
        assert!(one.is_empty() && other.is_empty());
    }
}

#[tokio::test]
async fn who_is_forgotten_is_forgotten_by_all() {
    for store in Store::both().await {
        let (one, _) = node(&store.database, 10).await;
        let (other, history) = node(&store.other_process().await, 10).await;
        for number in [1, 2] {
            one.prefer(visitor(number), &hiding(&[7]), NOW).await.unwrap();
            show_one(&history, visitor(number)).await;
        }
        one.forget(visitor(1), NOW).await.unwrap();
        other.refresh().await.unwrap();
        assert!(one.kept(visitor(1), NOW).is_none() && other.kept(visitor(1), NOW).is_none());
        assert!(history.recall(visitor(1), &[]).await.unwrap().is_empty());
        assert_eq!(history.recall(visitor(2), &[]).await.unwrap().len(), 1);
        assert!(other.kept(visitor(2), NOW).is_some());
    }
}

#[tokio::test]
async fn a_visit_prolongs_what_else_expires() {
    for store in Store::both().await {
        let (one, _) = node(&store.database, 10).await;
        for number in [1, 2] {
            one.prefer(visitor(number), &hiding(&[7]), NOW).await.unwrap();
        }
        assert!(one.preferences(visitor(1), NOW + HOUR - 1).is_some());
        one.write_visits(NOW + HOUR - 1).await.unwrap();
        let (other, _) = node(&store.other_process().await, 10).await;
        for node in [&one, &other] {
            let kept = node.kept(visitor(1), NOW + HOUR).unwrap();
            assert_eq!(kept.expires_at, NOW + 2 * HOUR - 1, "{}", store.url);
            assert!(node.preferences(visitor(2), NOW + HOUR).is_none());
        }
    }
}

#[tokio::test]
async fn there_is_room_for_so_many_and_those_away_longest_make_it() {
    for store in Store::both().await {
        let (one, _) = node(&store.database, 3).await;
        for number in 1..=5 {
            let now = NOW + i64::from(number);
            one.prefer(visitor(number), &hiding(&[7]), now).await.unwrap();
        }
        let (other, _) = node(&store.other_process().await, 3).await;
        for node in [&one, &other] {
            let kept = (1..=5).map(|it| node.kept(visitor(it), NOW).is_some());
            assert_eq!(kept.collect::<Vec<_>>(), [false, false, true, true, true], "{}", store.url);
        }
    }
}

#[tokio::test]
async fn a_store_that_went_back_is_believed() {
    for store in Store::both().await {
        let (node, _) = node(&store.database, 10).await;
        for number in [1, 2] {
            node.prefer(visitor(number), &hiding(&[7]), NOW).await.unwrap();
        }
        // A backup from before the second visitor asked, in which the first one is forgotten since.
        store
            .execute(&[
                "DELETE FROM visitors WHERE revision = 2",
                "DELETE FROM revision_words WHERE counter = 2 AND revision = 2",
                "UPDATE store_revision SET revision = 1 WHERE id = 2",
            ])
            .await;
        let (other, _) = self::node(&store.other_process().await, 10).await;
        other.forget(visitor(1), NOW).await.unwrap();
        node.refresh().await.unwrap();
        for node in [&node, &other] {
            assert!(
                node.kept(visitor(1), NOW).is_none(),
                "{}: it asked to be forgotten",
                store.url
            );
            assert!(node.kept(visitor(2), NOW).is_none(), "{}: nobody knows it", store.url);
        }
    }
}
