//! Who is forgotten through one node is not remembered through another.

use std::collections::HashSet;

use bams_storage::RedisSettings;
use bams_tests::{Redis, RedisCluster};

use crate::world::{CAMPAIGN, ask, ask_often, new_visitor, node, settings};

#[tokio::test(flavor = "multi_thread")]
async fn another_nodes_mirror_does_not_bring_back_what_was_forgotten() {
    let (redis, cluster) = (Redis::shared(), RedisCluster::shared());
    let single = settings(redis.url(), redis.key_prefix());
    let cluster = settings(cluster.url(), cluster.key_prefix());
    for settings in [single, RedisSettings { cluster: true, ..cluster }] {
        let (one, other) = (node(&settings).await, node(&settings).await);
        let (visitor, known) = (new_visitor(), new_visitor());
        let first = ask(&one, visitor, 0).await;
        ask(&one, known, 0).await;
        ask_often(&other, visitor, 5, &mut first.iter().copied().collect()).await;
        let recalled = one.recall(visitor, &[CAMPAIGN]).await.unwrap();
        assert_eq!(recalled[0].history.seen().len(), 30);
        assert!(!recalled[0].expires_in.is_zero());

        one.forget(visitor, &[CAMPAIGN]).await.unwrap();
        assert!(one.recall(visitor, &[CAMPAIGN]).await.unwrap().is_empty());
        assert_eq!(one.recall(known, &[CAMPAIGN]).await.unwrap().len(), 1);
        // The same page as for a visitor nobody met, and from then on no repeats again.
        let again = ask(&other, visitor, 0).await;
        assert_eq!(again, first);
        let mut seen: HashSet<_> = again.into_iter().collect();
        ask_often(&one, visitor, 5, &mut seen).await;
    }
}
