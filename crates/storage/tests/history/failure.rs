//! Redis fails in all its ways, and decisions go on.

use std::{
    collections::HashSet,
    sync::Arc,
    time::{Duration, Instant},
};

use bams_storage::{HistoryStanding, RedisSettings, VisitorHistory};
use bams_tests::Redis;
use futures_util::FutureExt;
use tokio::task::JoinSet;

use crate::world::{self, ask, ask_first, ask_often, new_visitor, node, settings, wait_for};

/// While Redis fails, nobody is sent there again: not even after it was tried several times.
async fn stays_degraded(node: &VisitorHistory) {
    let end = Instant::now() + Duration::from_millis(1200);
    while Instant::now() < end {
        assert!(node.breaker_open());
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

/// A visitor comes before, during and after a failure, and never sees a banner twice.
async fn check(redis: &Redis, fail: impl FnOnce(), repair: impl FnOnce()) {
    let settings = settings(redis.url(), redis.key_prefix());
    let (node, visitor, mut seen) = (node(&settings).await, new_visitor(), HashSet::new());
    ask_often(&node, visitor, 20, &mut seen).await;
    assert_eq!(node.standing(), HistoryStanding::Redis);

    fail();
    ask_often(&node, visitor, 20, &mut seen).await;
    wait_for(&node, HistoryStanding::Degraded).await;
    stays_degraded(&node).await;
    ask_often(&node, visitor, 10, &mut seen).await;

    repair();
    wait_for(&node, HistoryStanding::Redis).await;
    ask_often(&node, visitor, 20, &mut seen).await;
    assert_eq!(node.standing(), HistoryStanding::Redis);

    // What was shown in between is known to Redis, too.
    ask_often(&world::node(&settings).await, visitor, 5, &mut seen).await;
}

#[tokio::test]
async fn killed() {
    let redis = Redis::start();
    check(&redis, || redis.kill(), || redis.restart()).await;
}

#[tokio::test]
async fn out_of_memory() {
    let redis = Redis::start();
    let limit = |bytes| assert_eq!(redis.cli(&["CONFIG", "SET", "maxmemory", bytes]), "OK");
    check(&redis, || limit("1"), || limit("0")).await;
}

#[tokio::test]
async fn read_only() {
    let redis = Redis::start();
    let follow = |host, port| assert_eq!(redis.cli(&["REPLICAOF", host, port]), "OK");
    check(&redis, || follow("127.0.0.1", "1"), || follow("NO", "ONE")).await;
}

#[tokio::test]
async fn another_password() {
    let redis = Redis::start();
    let fail = || {
        assert_eq!(redis.cli(&["CONFIG", "SET", "requirepass", "other"]), "OK");
        redis.cli(&["-a", "other", "CLIENT", "KILL", "TYPE", "normal"]);
    };
    let repair = || {
        assert_eq!(redis.cli(&["-a", "other", "CONFIG", "SET", "requirepass", ""]), "OK");
    };
    check(&redis, fail, repair).await;
}

#[tokio::test]
async fn emptied() {
    let redis = Redis::start();
    let settings = settings(redis.url(), redis.key_prefix());
    let (node, visitor, mut seen) = (node(&settings).await, new_visitor(), HashSet::new());
    for _ in 0..7 {
        ask_often(&node, visitor, 10, &mut seen).await;
        assert_eq!(redis.cli(&["FLUSHALL"]), "OK");
        assert_eq!(redis.cli(&["SCRIPT", "FLUSH"]), "OK");
    }
    assert_eq!(node.standing(), HistoryStanding::Redis);
}

#[tokio::test]
async fn stopped() {
    let redis = Redis::start();
    let timeout = Duration::from_millis(300);
    let settings = RedisSettings { timeout, ..settings(redis.url(), String::new()) };
    let (node, visitor, mut seen) = (node(&settings).await, new_visitor(), HashSet::new());
    ask_often(&node, visitor, 20, &mut seen).await;

    redis.stop();
    while node.standing() != HistoryStanding::Degraded {
        ask_often(&node, visitor, 1, &mut seen).await;
    }
    // One had to wait. All others are answered without ever waiting for anything.
    let others = ask_often(&node, visitor, 39, &mut seen).now_or_never();
    others.expect("nobody waits for Redis any more");

    redis.resume();
    wait_for(&node, HistoryStanding::Redis).await;
    ask_often(&node, visitor, 10, &mut seen).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn stopped_while_many_ask() {
    let redis = Redis::start();
    let timeout = Duration::from_millis(300);
    let settings = RedisSettings { timeout, ..settings(redis.url(), String::new()) };
    let (node, visitor, mut seen) =
        (Arc::new(node(&settings).await), new_visitor(), HashSet::new());
    ask_often(&node, visitor, 4, &mut seen).await;

    redis.stop();
    let mut running = JoinSet::new();
    for seed in 0..64 {
        let node = Arc::clone(&node);
        running.spawn(async move { ask(&node, visitor, seed).await });
    }
    let banners = running.join_all().await.concat();
    assert!(banners.into_iter().all(|it| seen.insert(it)));

    // Redis now carries out what it was asked and nobody waited for.
    redis.resume();
    wait_for(&node, HistoryStanding::Redis).await;
    ask_often(&node, visitor, 8, &mut seen).await;
}

#[tokio::test]
async fn not_there_when_the_node_starts() {
    let redis = Redis::start();
    redis.kill();
    let node = node(&settings(redis.url(), String::new())).await;
    let visitor = new_visitor();
    assert_eq!(node.standing(), HistoryStanding::Degraded);
    let mut seen = HashSet::from_iter(ask_first(&node, visitor).await);
    ask_often(&node, visitor, 10, &mut seen).await;

    redis.restart();
    wait_for(&node, HistoryStanding::Redis).await;
    ask_often(&node, visitor, 10, &mut seen).await;
}

#[tokio::test]
async fn not_speaking_tls() {
    let redis = Redis::start();
    let url = redis.url().replace("redis://", "rediss://");
    let node = node(&settings(url, String::new())).await;
    ask_often(&node, new_visitor(), 10, &mut HashSet::new()).await;
    assert_eq!(node.standing(), HistoryStanding::Degraded);
}
