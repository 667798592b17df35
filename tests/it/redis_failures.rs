//! Decisions go on, without repeats on one node, whatever happens to Redis.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use bams_tests::{Bams, Generated, Redis, eventually};

use crate::given::{decision, shown, site, visitor};

/// How long a decision waits for Redis.
const TIMEOUT: Duration = Duration::from_secs(3);

/// Follows one visitor through fifteen pages: five before `trouble`, five in it, and
/// five after `cure`. None may be refused (`decision` asserts 200) or show a repeat.
async fn sees_no_repeat(redis: &Redis, trouble: fn(&Redis), cure: fn(&Redis)) {
    // Some troubles take longer than a connection is usually kept.
    let builder = Bams::builder().set("server.keep_alive", "10m");
    let builder = builder.set("redis.timeout", "3s").redis(redis, &redis.key_prefix());
    let bams = site(builder, &Generated::new(1, 700, 6000)).await;
    let visitor = visitor();
    let mut seen = BTreeSet::new();
    for step in [|_: &Redis| {}, trouble, cure] {
        step(redis);
        let start = Instant::now();
        for _ in 0..5 {
            for banner in shown(&decision(&bams, 1, &visitor).await) {
                assert!(seen.insert(banner), "{banner} was shown again");
            }
        }
        // One of the five waits for a Redis in trouble, not each.
        assert!(start.elapsed() < 3 * TIMEOUT, "five decisions took {:?}", start.elapsed());
    }
    assert_eq!(seen.len(), 150);
}

#[tokio::test]
async fn redis_may_be_killed() {
    let redis = Redis::start();
    sees_no_repeat(&redis, Redis::kill, Redis::restart).await;
}

#[tokio::test]
async fn redis_may_hang() {
    let redis = Redis::start();
    sees_no_repeat(&redis, Redis::stop, Redis::resume).await;
}

#[tokio::test]
async fn redis_may_lose_everything() {
    let redis = Redis::start();
    let flush = |it: &Redis| assert_eq!(it.cli(&["FLUSHALL"]), "OK");
    sees_no_repeat(&redis, flush, |_| {}).await;
}

#[tokio::test]
async fn redis_may_refuse_to_write() {
    let redis = Redis::start();
    let fill = |it: &Redis| assert_eq!(it.cli(&["CONFIG", "SET", "maxmemory", "1"]), "OK");
    let free = |it: &Redis| assert_eq!(it.cli(&["CONFIG", "SET", "maxmemory", "0"]), "OK");
    sees_no_repeat(&redis, fill, free).await;
}

#[tokio::test]
async fn a_node_starts_without_redis_and_finds_it_later() {
    let redis = Redis::start();
    redis.kill();
    let prefix = redis.key_prefix();
    let bams = site(Bams::builder().redis(&redis, &prefix), &Generated::new(1, 24, 1500)).await;
    assert_eq!(shown(&decision(&bams, 1, &visitor()).await).len(), 10);

    redis.restart();
    eventually(Duration::from_secs(30), "the history is in Redis again", async || {
        decision(&bams, 1, &visitor()).await;
        redis.cli(&["KEYS", &format!("{prefix}*")]).contains(&prefix)
    })
    .await;
}

#[tokio::test]
async fn redis_may_refuse_writes_after_a_snapshot_that_failed() {
    let redis = Redis::start_with(&["--enable-protected-configs", "yes"]);
    let fail = |it: &Redis| {
        for setting in [["save", "3600 1"], ["dir", "/proc"]] {
            assert_eq!(it.cli(&["CONFIG", "SET", setting[0], setting[1]]), "OK");
        }
        it.cli(&["BGSAVE"]);
        it.until("it refuses", || it.cli(&["SET", "probe", "1"]).contains("MISCONF"));
    };
    let save = |it: &Redis| assert_eq!(it.cli(&["CONFIG", "SET", "save", ""]), "OK");
    sees_no_repeat(&redis, fail, save).await;
}

#[tokio::test]
async fn redis_may_load_for_a_while() {
    let often = ["--loading-process-events-interval-bytes", "1024"];
    let redis = Redis::start_with(&["--key-load-delay", "10000", often[0], often[1]]);
    let many = "for number = 1, 300 do \
                redis.call('SET', 'other' .. number, string.rep('x', number)) end";
    redis.cli(&["EVAL", many, "0"]);
    let load = |it: &Redis| {
        assert_eq!(it.cli(&["SAVE"]), "OK");
        it.begin_restart();
        it.until("it loads", || it.cli(&["GET", "other1"]).contains("LOADING"));
    };
    let wait = |it: &Redis| it.until("it has loaded", || it.cli(&["PING"]) == "PONG");
    sees_no_repeat(&redis, load, wait).await;
}
