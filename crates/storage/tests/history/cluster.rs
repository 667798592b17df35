//! One master of a cluster fails; the others go on.

use std::{
    collections::HashSet,
    time::{Duration, Instant},
};

use bams_storage::{HistoryStanding, RedisSettings};
use bams_tests::{Redis, RedisCluster};

use crate::world::{ask, ask_often, new_visitor, node, settings, wait_for};

fn keys(redis: &Redis) -> usize {
    redis.cli(&["KEYS", "history:*"]).lines().count()
}

#[tokio::test]
async fn one_master_stopped() {
    let cluster = RedisCluster::start();
    let timeout = Duration::from_millis(300);
    let settings =
        RedisSettings { cluster: true, timeout, ..settings(cluster.url(), String::new()) };
    let node = node(&settings).await;
    let visitors: Vec<_> = (0..60).map(|_| new_visitor()).collect();
    let mut seen = vec![HashSet::new(); visitors.len()];
    for (&visitor, seen) in visitors.iter().zip(&mut seen) {
        ask_often(&node, visitor, 3, seen).await;
    }
    assert_eq!(node.standing(), HistoryStanding::Redis);

    let [stopped, living @ ..] = cluster.nodes() else { unreachable!("a cluster has nodes") };
    stopped.stop();
    let start = Instant::now();
    for (&visitor, seen) in visitors.iter().zip(&mut seen) {
        ask_often(&node, visitor, 10, seen).await;
    }
    wait_for(&node, HistoryStanding::Degraded).await;
    // Its keys lie in five or six parts, and each may cost a timeout; 200 requests asked for them.
    assert!(start.elapsed() < 100 * timeout, "{:?}", start.elapsed());

    let before: usize = living.iter().map(keys).sum();
    for _ in 0..60 {
        ask(&node, new_visitor(), 1).await;
    }
    let after: usize = living.iter().map(keys).sum();
    assert!(after > before + 20, "the others are asked: {before}, then {after} keys");

    stopped.resume();
    wait_for(&node, HistoryStanding::Redis).await;
    for (&visitor, seen) in visitors.iter().zip(&mut seen) {
        ask_often(&node, visitor, 10, seen).await;
    }
}
