//! What operators measure moves with what happens, and gives no secret away.
#![expect(clippy::float_cmp, reason = "these are whole numbers")]

use std::collections::BTreeMap;
use std::time::Duration;

use bams_tests::{Ask, Bams, Generated, MariaDb, Redis, eventually};
use serde_json::{Value, json};

use crate::given::{both_databases, decision, node_of, site, visitor};

const SECRET: &str = "canary-0123456789abcdef0123456789abcdef";

/// Every sample by its name and labels.
async fn scrape(bams: &Bams, key: &str) -> BTreeMap<String, f64> {
    let answer = bams.get("/metrics").bearer_auth(key).answer().await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert!(answer.header("content-type").starts_with("application/openmetrics-text"));
    let text = answer.text();
    assert!(text.ends_with("# EOF\n") && !text.contains(SECRET) && !text.contains(key));
    let samples = text.lines().filter(|it| !it.starts_with('#'));
    samples
        .map(|line| {
            let (name, value) = line.rsplit_once(' ').unwrap_or_else(|| panic!("{line}"));
            assert!(name.starts_with("bams_"), "{line}");
            (name.to_owned(), value.parse().unwrap_or_else(|_| panic!("{line}")))
        })
        .collect()
}

fn sum(samples: &BTreeMap<String, f64>, family: &str) -> f64 {
    samples.iter().filter(|it| it.0.starts_with(family)).map(|it| it.1).sum()
}

async fn follow(bams: &Bams, url: &Value) -> u16 {
    let url = url.as_str().expect("a URL");
    let path = url.find("/t/").map(|it| &url[it..]).expect("a tracking link");
    bams.get(path).answer().await.status
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_measured_moves_with_what_happens() {
    for builder in both_databases() {
        let builder =
            builder.set("secrets.signing_key", SECRET).set("metrics.compare_every", "300ms");
        let bams = site(builder, &Generated::new(1, 24, 1500)).await;
        let key = bams.key("admin");
        let before = scrape(&bams, &key).await;
        assert_eq!(sum(&before, "bams_decisions_total"), 0.0);
        assert_eq!(before["bams_imports{state=\"failed\"}"], 0.0);
        assert!(before["bams_imports{state=\"completed\"}"] > 0.0);
        assert_eq!(before["bams_dependency_up{dependency=\"database\"}"], 1.0);
        assert!(!before.contains_key("bams_dependency_up{dependency=\"redis\"}"));
        assert_eq!((before["bams_breaker_open"], sum(&before, "bams_build_info")), (0.0, 1.0));
        assert!(before["bams_snapshot_age_seconds"] < 60.0);

        let shown = decision(&bams, 1, &visitor()).await;
        bams.get("/campaigns/1/").answer().await.expect(200);
        let pixel = &shown["banners"][0]["impression_url"];
        assert_eq!([follow(&bams, pixel).await, follow(&bams, pixel).await], [200, 200]);
        assert_eq!(bams.get("/t/c/forged").answer().await.status, 404);
        let after = scrape(&bams, &key).await;
        let rule = shown["rule"].as_str().expect("a rule");
        assert_eq!(after[&format!("bams_decisions_total{{rule=\"{rule}\"}}")], 2.0, "{after:?}");
        let count = "bams_decision_duration_seconds_count";
        assert_eq!(after[&format!("{count}{{route=\"/api/v1/serve/{{campaign_id}}\"}}")], 1.0);
        assert_eq!(sum(&after, count), 2.0);
        assert_eq!(after["bams_events_accepted_total{kind=\"impression\"}"], 1.0);
        assert_eq!(after["bams_events_filtered_total{reason=\"duplicate\"}"], 1.0);
        assert_eq!(
            (after["bams_events_refused_total"], after["bams_links_forged_total"]),
            (0.0, 1.0)
        );
        assert!(after["bams_event_batch_size_count"] >= 1.0);
        assert!(after["bams_event_commit_seconds_bucket{le=\"+Inf\"}"] >= 1.0);
        eventually(Duration::from_secs(30), "all counts were compared", async || {
            scrape(&bams, &key).await.get("bams_reconcile_differences") == Some(&0.0)
        })
        .await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dead_redis_is_measured() {
    let redis = Redis::start();
    let bams = Bams::builder().redis(&redis, &redis.key_prefix()).start().await;
    let key = bams.key("admin");
    let up = "bams_dependency_up{dependency=\"redis\"}";
    eventually(Duration::from_secs(30), "Redis is up", async || {
        scrape(&bams, &key).await[up] == 1.0
    })
    .await;
    redis.kill();
    eventually(Duration::from_secs(30), "Redis is down", async || {
        let samples = scrape(&bams, &key).await;
        samples[up] == 0.0 && samples["bams_breaker_open"] == 1.0
    })
    .await;
}

#[tokio::test]
async fn a_database_that_is_away_is_measured() {
    let server = MariaDb::start();
    let bams = node_of(&server.database()).start().await;
    let (key, viewer, unused) = (bams.key("admin"), bams.key("viewer"), bams.key("admin"));
    let up = "bams_dependency_up{dependency=\"database\"}";
    let before = scrape(&bams, &key).await;
    assert_eq!((before[up], before["bams_imports{state=\"failed\"}"]), (1.0, 0.0));
    let forbidden = bams.get("/metrics").bearer_auth(&viewer).answer().await;
    forbidden.problem(403);

    server.stop();
    eventually(Duration::from_secs(30), "the database is down", async || {
        scrape(&bams, &key).await[up] == 0.0
    })
    .await;
    server.kill();
    let samples = scrape(&bams, &key).await;
    assert!(samples["bams_snapshot_age_seconds"] > 0.0);
    assert!(!samples.contains_key("bams_imports{state=\"failed\"}"));
    bams.get("/metrics").bearer_auth(&viewer).answer().await.problem(403);
    bams.get("/metrics").bearer_auth(&unused).answer().await.problem(503);
    bams.get("/metrics").bearer_auth("nonsense").answer().await.problem(401);
    bams.get("/api/v1/keys").bearer_auth(&key).answer().await.problem(503);
    let sale = json!({"conversion_id": "order-1", "click_id": "1", "revenue": 2});
    let post = bams.post("/api/v1/conversions").bearer_auth(&key).json(&sale);
    post.answer().await.problem(503);
    assert_eq!(scrape(&bams, &key).await["bams_events_refused_total"], 1.0);

    server.restart();
    eventually(Duration::from_secs(30), "the database is up again", async || {
        scrape(&bams, &key).await.get(up) == Some(&1.0)
    })
    .await;
    assert_eq!(bams.run(["key", "revoke", key.split('_').nth(1).unwrap()]).code, 0);
    bams.get("/metrics").bearer_auth(&key).answer().await.problem(401);
    server.kill();
    bams.get("/metrics").bearer_auth(&key).answer().await.problem(503);
}
