//! What the tests share: settings, visitors, campaigns and one node that serves them.

use std::{
    collections::HashSet,
    sync::atomic::{AtomicU32, Ordering},
    time::{Duration, Instant},
};

use bams_domain::{
    BannerId, BannerPerformance, CampaignId, Ladder, Order, Page, Performance, Placement, VisitorId,
};
use bams_storage::{HistorySettings, HistoryStanding, RedisSettings, VisitorHistory};
use rand::{SeedableRng, rngs::StdRng};

/// Longer than any test machine takes to answer.
pub(crate) const PATIENT: Duration = Duration::from_secs(5);
pub(crate) const LIFETIME: Duration = Duration::from_hours(1);
pub(crate) const CAMPAIGN: CampaignId = CampaignId(12);

pub(crate) fn settings(url: String, key_prefix: String) -> RedisSettings {
    RedisSettings { url, cluster: false, timeout: PATIENT, key_prefix }
}

/// One node of the ad server, with a memory of its own.
pub(crate) async fn node(redis: &RedisSettings) -> VisitorHistory {
    let redis = Some(redis.clone());
    let settings = HistorySettings { lifetime: LIFETIME, memory_bytes: 1 << 24, redis };
    VisitorHistory::open(&settings).await.expect("a URL of Redis")
}

/// A visitor nobody has met.
pub(crate) fn new_visitor() -> VisitorId {
    static NUMBER: AtomicU32 = AtomicU32::new(1);
    let number = u128::from(NUMBER.fetch_add(1, Ordering::Relaxed));
    VisitorId::from_random_bytes(((number << 64) | (number * 0x9E37_79B9_7F4A)).to_le_bytes())
}

/// As many banners in random order.
pub(crate) fn order(banners: u32, seed: u64) -> Order {
    let performance = Performance::default();
    let rows = (0..banners).map(|it| BannerPerformance { banner: BannerId(it), performance });
    Ladder::rank(rows).order(&mut StdRng::seed_from_u64(seed))
}

/// One request for five of 400 banners of one campaign.
pub(crate) async fn ask(node: &VisitorHistory, visitor: VisitorId, seed: u64) -> Vec<BannerId> {
    let mut placements =
        [Placement { history: 0, order: order(400, seed), size: 5, is_part: false }];
    let pages = node.choose(visitor, &[CAMPAIGN], &mut placements).await;
    shown(&mut placements, &pages)
}

/// The same for a visitor whom nobody can have met.
pub(crate) async fn ask_first(node: &VisitorHistory, visitor: VisitorId) -> Vec<BannerId> {
    let mut placements = [Placement { history: 0, order: order(400, 1), size: 5, is_part: false }];
    let pages = node.choose_first(visitor, &[CAMPAIGN], &mut placements).await;
    shown(&mut placements, &pages)
}

/// As many such requests, one after the other; fails when one repeats what another one showed.
pub(crate) async fn ask_often(
    node: &VisitorHistory,
    visitor: VisitorId,
    times: u64,
    seen: &mut HashSet<BannerId>,
) {
    for seed in 0..times {
        let banners = ask(node, visitor, seed).await;
        assert_eq!(banners.len(), 5);
        for banner in banners {
            assert!(seen.insert(banner), "{banner} was shown twice");
        }
    }
}

/// The banners of all pages of a request.
pub(crate) fn shown(placements: &mut [Placement], pages: &[Page]) -> Vec<BannerId> {
    let banners = |(it, page): (&mut Placement, &Page)| -> Vec<BannerId> {
        page.picks.iter().map(|&pick| it.order.banners()[pick]).collect()
    };
    placements.iter_mut().zip(pages).flat_map(banners).collect()
}

/// Waits until the node stands like this; fails after a minute.
pub(crate) async fn wait_for(node: &VisitorHistory, standing: HistoryStanding) {
    let deadline = Instant::now() + Duration::from_mins(1);
    while node.standing() != standing {
        assert!(Instant::now() < deadline, "still {:?}", node.standing());
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}
