//! One master of a cluster fails; the others go on.

use std::collections::HashSet;
use std::time::Duration;

use bams_storage::{HistoryStanding, RedisSettings};
use bams_tests::{Redis, RedisCluster};
use futures_util::FutureExt;

use crate::world::{ask, ask_often, new_visitor, node, settings, wait_for};

fn redis_keys(redis: &Redis) -> String {
    redis.cli(&["KEYS", "history:*"])
}

fn keys(redis: &Redis) -> usize {
    redis_keys(redis).lines().count()
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
    let lost = redis_keys(stopped);
    assert!(!lost.is_empty(), "no visitor's history is on the master that stops");
    stopped.stop();
    for (&visitor, seen) in visitors.iter().zip(&mut seen) {
        ask_often(&node, visitor, 1, seen).await;
    }
    wait_for(&node, HistoryStanding::Degraded).await;
    let (mut answered, mut waiting) = (0, 0);
    for (&visitor, seen) in visitors.iter().zip(&mut seen) {
        if lost.contains(&format!("{{{visitor}}}")) {
            match ask_often(&node, visitor, 5, seen).now_or_never() {
                Some(()) => answered += 1,
                None => waiting += 1,
            }
        }
        ask_often(&node, visitor, 4, seen).await;
    }
    // Two masters share a part of the keys, which is tried again as long as one of them answers.
    assert!(waiting < answered, "{waiting} visitors wait for a master that is gone");

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
