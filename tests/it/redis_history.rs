//! One visitor on several nodes that share Redis.

use std::collections::BTreeSet;
use std::sync::Arc;

use bams_tests::{Bams, BamsBuilder, Generated, Redis, RedisCluster};
use tokio::task::JoinSet;

use crate::given::{decision, shown, two_nodes, visitor};

/// A busy test machine must not pass for a dead Redis, which each node would make up for alone.
const PATIENT: &str = "5s";

#[tokio::test(flavor = "multi_thread")]
async fn requests_at_one_instant_share_no_banner() {
    let redis = Redis::shared();
    let prefix = redis.key_prefix();
    share_no_banner(|node| node.redis(redis, &prefix).set("redis.timeout", PATIENT)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn requests_at_one_instant_share_no_banner_on_a_cluster() {
    let cluster = RedisCluster::shared();
    let prefix = cluster.key_prefix();
    share_no_banner(|node| node.redis_cluster(cluster, &prefix).set("redis.timeout", PATIENT))
        .await;
}

/// 64 requests at once, half of them to each node: 64 pages of 10 from 700 banners.
async fn share_no_banner(setup: impl Fn(BamsBuilder) -> BamsBuilder) {
    let nodes = Arc::new(two_nodes(setup, &Generated::new(1, 700, 6000)).await);
    for visitor in [visitor(), visitor()] {
        let pages = pages_at_once(&nodes, &visitor, 64).await;
        let all: BTreeSet<_> = pages.iter().flatten().collect();
        assert_eq!(pages.iter().map(Vec::len).sum::<usize>(), 640);
        assert_eq!(all.len(), 640, "{} banners were shown twice", 640 - all.len());
    }
}

async fn pages_at_once(nodes: &Arc<[Bams; 2]>, visitor: &str, requests: usize) -> Vec<Vec<u64>> {
    let mut running = JoinSet::new();
    for request in 0..requests {
        let (nodes, visitor) = (Arc::clone(nodes), visitor.to_owned());
        running.spawn(async move { shown(&decision(&nodes[request % 2], 1, &visitor).await) });
    }
    running.join_all().await
}

#[tokio::test]
async fn a_campaign_does_not_affect_another() {
    let redis = Redis::shared();
    let prefix = redis.key_prefix();
    let data = Generated::new(5, 24, 4000);
    let nodes = two_nodes(|node| node.redis(redis, &prefix), &data).await;
    let (known, new) = (visitor(), visitor());
    decision(&nodes[0], 1, &known).await;
    let (known, new) = (decision(&nodes[1], 5, &known).await, decision(&nodes[0], 5, &new).await);
    if known["quarter"] == new["quarter"] {
        assert_eq!(BTreeSet::from_iter(shown(&known)), BTreeSet::from_iter(shown(&new)));
    }
}
