//! A Redis that cannot be used is named once, with its reason, and its user needs only what is documented.

use std::time::Duration;

use bams_tests::reqwest::Method;
use bams_tests::{Ask, Bams, Generated, Redis, RedisCluster, eventually};

use crate::given::{decision, shown, site, visitor};

/// Where the commands stand that the user needs.
const MANUAL: &str = include_str!("../../docs/operating.md");

/// The words behind `ACL SETUSER bams` in the manual.
fn documented() -> Vec<String> {
    let line = MANUAL.lines().find_map(|line| line.trim().strip_prefix("ACL SETUSER bams "));
    let words = line.expect("the manual has the user's rights").split_whitespace();
    words.map(|word| word.replace("<password>", "s3cret")).collect()
}

/// Makes the documented user, changed by more rules.
fn admit(redis: &Redis, more: &[&str]) {
    let rules = documented();
    let mut command = vec!["ACL", "SETUSER", "bams", "reset"];
    command.extend(rules.iter().map(String::as_str));
    command.extend(more);
    assert_eq!(redis.cli(&command), "OK");
}

fn url(redis: &Redis) -> String {
    redis.url().replace("redis://", "redis://bams:s3cret@")
}

async fn state(bams: &Bams) -> String {
    let ready = bams.get("/readyz").answer().await.expect(200);
    ready["dependencies"]["redis"].as_str().unwrap().to_owned()
}

/// Waits for a state, and returns what was logged about Redis until then.
async fn reached(bams: &Bams, expected: &str) -> Vec<String> {
    eventually(Duration::from_secs(30), expected, async || state(bams).await == expected).await;
    bams.log().lines().filter(|line| line.contains("Redis")).map(str::to_owned).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_documented_user_may_do_all_that_is_needed_and_nothing_more() {
    let redis = Redis::start();
    admit(&redis, &[]);
    let builder = Bams::builder().set("redis.url", url(&redis)).set("redis.timeout", "5s");
    let bams = site(builder, &Generated::new(1, 24, 1500)).await;
    let guest = visitor();
    for _ in 0..3 {
        assert_eq!(shown(&decision(&bams, 1, &guest).await).len(), 10);
    }
    bams.get("/api/v1/serve/1").answer().await.expect(200);
    let me = bams.get("/api/v1/visitors/me").header("cookie", &guest).answer().await.expect(200);
    assert_eq!(me["history"][0]["campaign_id"], 1, "{me}");
    let forget = bams.request(Method::DELETE, "/api/v1/visitors/me").header("cookie", &guest);
    assert!(forget.answer().await.status < 300);
    assert_eq!(state(&bams).await, "up");
    assert_eq!(redis.cli(&["ACL", "LOG"]), "", "nothing was refused");

    for less in ["-evalsha", "-eval", "-get", "-set", "resetkeys"] {
        admit(&redis, &[less]);
        redis.cli(&["SCRIPT", "FLUSH"]);
        reached(&bams, "refused").await;
        admit(&redis, &[]);
        reached(&bams, "up").await;
    }
    for less in ["-mget", "-pttl"] {
        assert_eq!(shown(&decision(&bams, 1, &guest).await).len(), 10);
        admit(&redis, &[less]);
        let me = bams.get("/api/v1/visitors/me").header("cookie", &guest);
        me.answer().await.problem(503);
        admit(&redis, &[]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cluster_needs_little_more() {
    let cluster = RedisCluster::start();
    let (more, database) = (["+cluster|slots", "+ping"], "+select");
    assert!(MANUAL.contains(&format!("`{database}`, a cluster `{}`", more.join(" "))));
    cluster.nodes().iter().for_each(|node| admit(node, &more));
    let urls: Vec<_> = cluster.nodes().iter().map(url).collect();
    let builder = Bams::builder().set("redis.url", urls.join(",")).set("redis.cluster", "true");
    let bams = site(builder.set("redis.timeout", "5s"), &Generated::new(1, 24, 1500)).await;
    reached(&bams, "up").await;
    for _ in 0..20 {
        assert_eq!(shown(&decision(&bams, 1, &visitor()).await).len(), 10);
    }
    assert_eq!(state(&bams).await, "up");
    for node in cluster.nodes() {
        assert_eq!(node.cli(&["ACL", "LOG"]), "", "nothing was refused");
    }

    let redis = Redis::start();
    admit(&redis, &[database]);
    let bams = Bams::builder().set("redis.url", format!("{}/3", url(&redis))).start().await;
    reached(&bams, "up").await;
    assert_eq!(redis.cli(&["ACL", "LOG"]), "", "nothing was refused");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_redis_that_forbids_scripts_is_named_once() {
    let redis = Redis::start();
    admit(&redis, &["-eval", "-evalsha"]);
    let bams =
        site(Bams::builder().set("redis.url", url(&redis)), &Generated::new(1, 24, 1500)).await;
    eventually(Duration::from_secs(30), "it was tried often", async || {
        assert_eq!(shown(&decision(&bams, 1, &visitor()).await).len(), 10);
        let stats = redis.cli(&["INFO", "commandstats"]);
        let refused = stats.lines().find_map(|line| {
            let (_, count) =
                line.strip_prefix("cmdstat_evalsha:")?.split_once("rejected_calls=")?;
            count.split(',').next()?.parse::<u32>().ok()
        });
        refused.is_some_and(|count| count > 12)
    })
    .await;
    let said = reached(&bams, "refused").await;
    assert_eq!(said.len(), 1, "{said:?}");
    assert!(said[0].contains("no permissions") && said[0].contains("evalsha"), "{said:?}");
    assert!(said[0].contains("docs/operating.md"), "{said:?}");

    admit(&redis, &[]);
    let said = reached(&bams, "up").await;
    eventually(Duration::from_secs(30), "the log says so", async || {
        bams.log().contains("Redis can be used again")
    })
    .await;
    assert!(said.len() <= 2, "{said:?}");
}

/// Asserts that a node says once that Redis does not answer: in the client's words, or in those of the
/// breaker if that gives up first.
async fn is_late(url: String) {
    let bams = Bams::builder().set("redis.url", url).start().await;
    let said = reached(&bams, "down").await;
    let late = said[0].contains("timed out") || said[0].contains("in time");
    assert!(said.len() == 1 && late, "{said:?}");
    assert!(!bams.log().contains("s3cret"), "{said:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_reason_stands_in_the_line() {
    let redis = Redis::start();
    admit(&redis, &[]);
    let (right, wrong) = (url(&redis), url(&redis).replace("s3cret", "other"));
    let (tls, closed) = (right.replace("redis:", "rediss:"), "redis://127.0.0.1:1".to_owned());
    for (url, state, reason) in [
        (wrong, "refused", "Password authentication failed"),
        (redis.url().replace("redis://", "redis://nobody:s3cret@"), "refused", "Password"),
        (closed, "down", "refused"),
    ] {
        let bams = Bams::builder().set("redis.url", &url).start().await;
        let said = reached(&bams, state).await;
        assert!(said.len() == 1 && said[0].contains(reason), "{url}: {said:?}");
        assert!(!bams.log().contains("s3cret"), "{said:?}");
    }
    is_late(tls).await;
    redis.stop();
    is_late(right).await;
    redis.resume();
}
