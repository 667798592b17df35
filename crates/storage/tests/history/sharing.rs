//! Several nodes, one Redis.

use std::{collections::HashSet, sync::Arc};

use bams_domain::{BannerId, VisitorId};
use bams_storage::{HistorySettings, HistoryStanding, RedisSettings, VisitorHistory};
use bams_tests::{Redis, RedisCluster};
use tokio::task::JoinSet;

use crate::world::{LIFETIME, ask, ask_first, ask_often, new_visitor, node, settings};

/// 64 requests at once, on two nodes by turns.
async fn ask_at_once(redis: &RedisSettings, visitor: VisitorId) -> Vec<BannerId> {
    let nodes = [Arc::new(node(redis).await), Arc::new(node(redis).await)];
    let mut running = JoinSet::new();
    for seed in 0..64 {
        let node = Arc::clone(&nodes[seed % 2]);
        running.spawn(async move { ask(&node, visitor, seed as u64).await });
    }
    let banners = running.join_all().await.concat();
    assert!(nodes.iter().all(|it| it.standing() == HistoryStanding::Redis));
    banners
}

fn assert_no_banner_is_shared(banners: &[BannerId]) {
    assert_eq!(banners.len(), 320);
    assert_eq!(banners.iter().collect::<HashSet<_>>().len(), 320);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_visitor_on_two_nodes_at_the_same_instant() {
    let redis = Redis::shared();
    let settings = settings(redis.url(), redis.key_prefix());
    assert_no_banner_is_shared(&ask_at_once(&settings, new_visitor()).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_visitor_on_two_nodes_of_a_cluster_at_the_same_instant() {
    let redis = RedisCluster::shared();
    let settings = RedisSettings { cluster: true, ..settings(redis.url(), redis.key_prefix()) };
    for _ in 0..5 {
        assert_no_banner_is_shared(&ask_at_once(&settings, new_visitor()).await);
    }
}

#[tokio::test]
async fn a_node_that_starts_later_knows_what_was_shown() {
    let redis = Redis::shared();
    let settings = settings(redis.url(), redis.key_prefix());
    let (visitor, mut seen) = (new_visitor(), HashSet::new());
    for _ in 0..8 {
        ask_often(&node(&settings).await, visitor, 5, &mut seen).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_new_visitor_was_shown_first_is_known_to_all_nodes() {
    let (redis, cluster) = (Redis::shared(), RedisCluster::shared());
    let single = settings(redis.url(), redis.key_prefix());
    let cluster = RedisSettings { cluster: true, ..settings(cluster.url(), cluster.key_prefix()) };
    for redis in [single, cluster] {
        let (one, other, visitor) = (node(&redis).await, node(&redis).await, new_visitor());
        let mut seen = HashSet::from_iter(ask_first(&one, visitor).await);
        assert_eq!(seen.len(), 5);
        ask_often(&other, visitor, 5, &mut seen).await;
        ask_often(&one, visitor, 5, &mut seen).await;
        assert!([one, other].iter().all(|it| it.standing() == HistoryStanding::Redis));
    }
}

#[tokio::test]
async fn every_key_expires() {
    let redis = Redis::start();
    let node = node(&settings(redis.url(), "p:".to_owned())).await;
    let (met, new) = (new_visitor(), new_visitor());
    for seed in 0..3 {
        ask(&node, met, seed).await;
    }
    ask_first(&node, new).await;

    let mut expected = [met, new].map(|it| format!("p:history:{{{it}}}:12"));
    expected.sort_unstable();
    let keys = redis.cli(&["KEYS", "*"]);
    let mut keys: Vec<&str> = keys.lines().filter(|it| !it.starts_with("p:trial:")).collect();
    keys.sort_unstable();
    assert_eq!(keys, expected);
    let lifetime = LIFETIME.as_millis();
    for key in redis.cli(&["KEYS", "*"]).lines() {
        let left: i64 = redis.cli(&["PTTL", key]).parse().expect("milliseconds");
        // -2 says that it has just expired, -1 that it never will.
        assert!(left == -2 || (0..=lifetime).contains(&u128::try_from(left).unwrap_or(u128::MAX)));
    }
    for key in keys {
        let left: u128 = redis.cli(&["PTTL", key]).parse().expect("milliseconds");
        assert!(left > lifetime - 60_000);
    }
}

#[tokio::test]
async fn a_server_on_a_unix_socket() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("redis.sock");
    let path = path.to_str().expect("a plain path");
    let _redis = Redis::start_with(&["--unixsocket", path]);
    let node = node(&settings(format!("redis+unix://{path}"), String::new())).await;

    ask_often(&node, new_visitor(), 10, &mut HashSet::new()).await;
    assert_eq!(node.standing(), HistoryStanding::Redis);
}

#[tokio::test]
async fn what_is_no_url_is_refused() {
    for (url, cluster) in [("", false), ("localhost:6379", false), ("http://h", false), ("", true)]
    {
        let redis = RedisSettings { cluster, ..settings(url.to_owned(), String::new()) };
        let settings =
            HistorySettings { lifetime: LIFETIME, memory_bytes: 1 << 20, redis: Some(redis) };
        assert!(VisitorHistory::open(&settings).await.is_err(), "{url:?}");
    }
}
