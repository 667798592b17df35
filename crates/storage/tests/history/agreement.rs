//! The script in Redis chooses by the same rule as the domain.

use bams_domain::{CampaignId, History, Placement, VisitorId, fill_pages};
use bams_storage::{RedisSettings, VisitorHistory};
use bams_tests::{Redis, RedisCluster};
use deadpool_redis::redis::{Client, Commands, cluster::ClusterClient};
use proptest::{
    collection::vec,
    prelude::*,
    test_runner::{Config, TestCaseError, TestRunner},
};
use tokio::runtime::Runtime;

use crate::world::{new_visitor, node, order, settings};

const CAMPAIGNS: [CampaignId; 3] = [CampaignId(0), CampaignId(13), CampaignId(u32::MAX)];

/// A placement: its campaign, the number of its banners, which third of them it asks for, if it does,
/// its size, and chance.
type Spot = (usize, u32, Option<u32>, usize, u64);

/// A request: which node gets it, and its placements.
type Request = (usize, Vec<Spot>);

/// Few banners, so that cycles end often.
fn requests() -> impl Strategy<Value = Vec<Request>> {
    let third = proptest::option::of(0_u32..3);
    let spot = (0..CAMPAIGNS.len(), 0_u32..40, third, 0_usize..12, any::<u64>());
    vec((0_usize..2, vec(spot, 0..4)), 1..30)
}

#[test]
fn one_server_agrees_with_the_domain() {
    let redis = Redis::shared();
    let mut client = Client::open(redis.url()).unwrap().get_connection().unwrap();
    check(&settings(redis.url(), redis.key_prefix()), |key| client.get(key).unwrap());
}

#[test]
fn a_cluster_agrees_with_the_domain() {
    let redis = RedisCluster::shared();
    let mut client = ClusterClient::new(redis.urls()).unwrap().get_connection().unwrap();
    let settings = RedisSettings { cluster: true, ..settings(redis.url(), redis.key_prefix()) };
    check(&settings, |key| client.get(key).unwrap());
}

fn check(settings: &RedisSettings, mut get: impl FnMut(String) -> Vec<u8>) {
    let runtime = Runtime::new().unwrap();
    let nodes = runtime.block_on(async { [node(settings).await, node(settings).await] });
    let mut runner = TestRunner::new(Config { cases: 200, ..Config::default() });
    let get = std::cell::RefCell::new(&mut get);

    let outcome = runner.run(&requests(), |requests| {
        let visitor = new_visitor();
        let histories = runtime.block_on(play(&nodes, visitor, requests))?;
        for (campaign, history) in CAMPAIGNS.iter().zip(histories) {
            let key = format!("{}history:{{{visitor}}}:{campaign}", settings.key_prefix);
            prop_assert_eq!(parts(&get.borrow_mut()(key)), parts_of(&history));
        }
        Ok(())
    });
    assert!(!nodes.iter().any(VisitorHistory::breaker_open), "it was Redis that chose");
    outcome.unwrap();
}

/// Serves the requests and compares each page with the domain's.
async fn play(
    nodes: &[VisitorHistory],
    visitor: VisitorId,
    requests: Vec<Request>,
) -> Result<[History; 3], TestCaseError> {
    let mut histories: [History; 3] = Default::default();
    for (node, spots) in requests {
        let placement = |(history, banners, third, size, seed): Spot| {
            let mut order = order(banners, seed);
            order.retain(|banner| third.is_none_or(|third| banner.0 % 3 == third));
            Placement { history, order, size, is_part: third.is_some() }
        };
        let mut placements: Vec<Placement> = spots.into_iter().map(placement).collect();
        let pages = nodes[node].choose(visitor, &CAMPAIGNS, &mut placements).await;
        prop_assert_eq!(pages, fill_pages(&mut placements, &mut histories));
    }
    Ok(histories)
}

/// The number of pages, how many banners the previous request showed, and all of the cycle.
fn parts(state: &[u8]) -> (u32, usize, Vec<u32>) {
    let numbers: Vec<u32> =
        state.chunks(4).map(|it| u32::from_le_bytes(it.try_into().unwrap())).collect();
    let [pages, previous, seen @ ..] = &numbers[..] else { return Default::default() };
    (*pages, *previous as usize, seen.to_vec())
}

fn parts_of(history: &History) -> (u32, usize, Vec<u32>) {
    let seen = history.seen().iter().map(|it| it.0).collect();
    (history.pages(), history.previous().len(), seen)
}
