//! Conversions of several shops, what becomes of them later, and those reported by a URL.

use std::time::Duration;

use bams_tests::reqwest::Method;
use bams_tests::{Answer, Ask, Bams, BamsBuilder, eventually};
use serde_json::{Value, json};

use crate::given::{both_databases, number};

/// Two campaigns with a click each: click 1 on banner 5 of campaign 9, click 2 on banner 6 of
/// campaign 10.
async fn two_shops(builder: BamsBuilder) -> Bams {
    let bams = builder.prepare();
    let clicks = bams.folder().join("clicks_1.csv");
    std::fs::write(clicks, "click_id,banner_id,campaign_id\n1,5,9\n2,6,10\n3,5,9\n").unwrap();
    assert_eq!(bams.run(["import", "clicks_1.csv"]).code, 0);
    bams.start().await;
    bams
}

fn sale(id: &str, click: &str, revenue: &str) -> Value {
    json!({"conversion_id": id, "click_id": click, "revenue": revenue})
}

async fn post(bams: &Bams, key: &str, body: &Value) -> Answer {
    bams.post("/api/v1/conversions").bearer_auth(key).json(body).answer().await
}

/// Changes what a conversion says.
async fn put(bams: &Bams, key: &str, path: &str, revenue: Value) -> Answer {
    let path = format!("/api/v1/campaigns/{path}");
    let body = json!({ "revenue": revenue });
    bams.request(Method::PUT, &path).bearer_auth(key).json(&body).answer().await
}

async fn delete(bams: &Bams, key: &str, path: &str) -> Answer {
    let path = format!("/api/v1/campaigns/{path}");
    bams.request(Method::DELETE, &path).bearer_auth(key).answer().await
}

/// Conversions and micros of a campaign in reports.
async fn earned(bams: &Bams, key: &str, campaign: u32) -> [u64; 2] {
    let path = format!("/api/v1/reports/performance?campaign_id={campaign}");
    let report = bams.get(&path).bearer_auth(key).answer().await.expect(200);
    ["conversions", "revenue_micros"].map(|it| number(&report["totals"][it]))
}

/// Asserts that what reports say is what was counted.
fn assert_verified(bams: &Bams) {
    let verified = bams.run(["verify"]);
    assert_eq!(verified.code, 0, "{}{}", verified.output, verified.errors);
}

#[tokio::test(flavor = "multi_thread")]
async fn two_shops_may_both_have_an_order_1001() {
    for database in both_databases() {
        let bams = two_shops(database).await;
        let (ingest, viewer) = (bams.key("ingest"), bams.key("viewer"));
        post(&bams, &ingest, &sale("1001", "1", "5")).await.expect(201);
        post(&bams, &ingest, &sale("01001", "2", "7.5")).await.expect(201);
        let again = post(&bams, &ingest, &sale("1001", "2", "7.5")).await.expect(200);
        assert_eq!(again["status"], "duplicate");
        let conflict = post(&bams, &ingest, &sale("1001", "3", "5")).await.problem(409);
        assert_eq!(conflict["errors"][0]["code"], "conversion_conflict", "{conflict}");
        assert_eq!(earned(&bams, &viewer, 9).await, [1, 5_000_000]);
        assert_eq!(earned(&bams, &viewer, 10).await, [1, 7_500_000]);
        assert_verified(&bams);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_conversion_is_restated_and_retracted_where_it_counted() {
    for database in both_databases() {
        let bams = two_shops(database).await;
        let (ingest, viewer, admin) = (bams.key("ingest"), bams.key("viewer"), bams.key("admin"));
        post(&bams, &ingest, &sale("order/7", "1", "5")).await.expect(201);
        let path = "9/conversions/order%2F7";

        let restated = put(&bams, &ingest, path, json!(4.25)).await.expect(200);
        assert_eq!(restated["revenue_micros"], 4_250_000, "{restated}");
        assert_eq!((&restated["status"], &restated["banner_id"]), (&"counted".into(), &5.into()));
        assert_eq!(earned(&bams, &viewer, 9).await, [1, 4_250_000]);
        put(&bams, &ingest, path, json!("4.25")).await.expect(200);

        let retracted = delete(&bams, &ingest, path).await.expect(200);
        assert_eq!(retracted["status"], "retracted", "{retracted}");
        assert_eq!(earned(&bams, &viewer, 9).await, [0, 0]);
        delete(&bams, &ingest, path).await.expect(200);

        // What it said first is what a repetition is compared with, and a repetition revives nothing.
        let again = post(&bams, &ingest, &sale("order/7", "1", "5")).await.expect(200);
        assert_eq!(again["status"], "duplicate");
        post(&bams, &ingest, &sale("order/7", "1", "4.25")).await.problem(409);
        assert_eq!(earned(&bams, &viewer, 9).await, [0, 0]);
        assert_verified(&bams);

        put(&bams, &ingest, path, json!("6")).await.expect(200);
        assert_eq!(earned(&bams, &viewer, 9).await, [1, 6_000_000]);
        assert_verified(&bams);
        let ranked = eventually_earning(&bams, &viewer, 6_000_000).await;
        assert_eq!(ranked["ladder"][0]["performance"]["conversions"], 1, "{ranked}");

        let audit = "/api/v1/audit?subject_kind=conversion&sort=at";
        let entries = bams.get(audit).bearer_auth(&admin).answer().await.expect(200);
        let entries = entries["items"].as_array().unwrap();
        let actions: Vec<_> = entries.iter().map(|it| it["action"].as_str().unwrap()).collect();
        assert_eq!(actions, ["restate", "retract", "restate"]);
        assert_eq!(entries[0]["before"]["revenue_micros"], 5_000_000);
        assert_eq!(entries[0]["subject_id"], "order/7");
    }
}

/// Awaits the ladder of campaign 9 in the quarter in which it earned so much.
async fn eventually_earning(bams: &Bams, key: &str, micros: u64) -> Value {
    let found = async || {
        for quarter in 1..=4 {
            let path = format!("/api/v1/campaigns/9/ranking?quarter={quarter}");
            let ranking = bams.get(&path).bearer_auth(key).answer().await.expect(200);
            if ranking["ladder"][0]["performance"]["revenue_micros"] == micros {
                return Some(ranking);
            }
        }
        None
    };
    let what = "the ranking follows";
    eventually(Duration::from_secs(30), what, async || found().await.is_some()).await;
    found().await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_nobody_reported_cannot_be_restated() {
    let bams = two_shops(Bams::builder()).await;
    let (ingest, viewer) = (bams.key("ingest"), bams.key("viewer"));
    post(&bams, &ingest, &sale("a", "1", "5")).await.expect(201);
    for (path, code) in [
        ("9/conversions/b", "unknown_conversion"),
        ("10/conversions/a", "unknown_conversion"),
        ("9/conversions/a%20b", "unknown_conversion"),
        ("11/conversions/a", "unknown_campaign"),
    ] {
        let problem = put(&bams, &ingest, path, json!("1")).await.problem(404);
        assert_eq!(problem["code"], code, "{path}: {problem}");
        assert_eq!(delete(&bams, &ingest, path).await.problem(404)["code"], code, "{path}");
    }
    for revenue in [json!("-1"), json!("1000000.000001"), json!(true), json!("1,5")] {
        let problem = put(&bams, &ingest, "9/conversions/a", revenue).await.problem(422);
        assert_eq!(problem["errors"][0]["pointer"], "/revenue", "{problem}");
    }
    put(&bams, &viewer, "9/conversions/a", json!("1")).await.problem(403);
    delete(&bams, &viewer, "9/conversions/a").await.problem(403);
    assert_eq!(earned(&bams, &viewer, 9).await, [1, 5_000_000]);
}

/// A key for postbacks, made by the command line.
fn postback_key(bams: &Bams, more: &[&str]) -> String {
    let create = ["key", "create", "--name", "shop", "--role", "postback"];
    let made = bams.run(create.iter().chain(more).copied());
    assert_eq!(made.code, 0, "{}", made.errors);
    made.output.trim().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_conversion_may_be_reported_by_its_url() {
    for database in both_databases() {
        let bams = two_shops(database).await;
        let viewer = bams.key("viewer");
        let (any, bound) = (postback_key(&bams, &[]), postback_key(&bams, &["--campaign", "9"]));
        let call = async |method: Method, key: &str, query: &str| {
            bams.request(method, &format!("/t/s/{key}?{query}")).answer().await
        };
        let query = "click_id=1&conversion_id=007&revenue=12.50";
        let head = call(Method::HEAD, &any, query).await;
        assert_eq!((head.status, head.text().as_str()), (200, ""));
        assert_eq!(earned(&bams, &viewer, 9).await, [0, 0], "HEAD records nothing");
        let receipt = call(Method::GET, &any, query).await.expect(200);
        assert_eq!(receipt, json!({"conversion_id": "7", "status": "accepted"}));
        let receipt = call(Method::GET, &bound, query).await.expect(200);
        assert_eq!(receipt["status"], "duplicate");
        assert_eq!(earned(&bams, &viewer, 9).await, [1, 12_500_000]);

        let other = "click_id=2&conversion_id=7&revenue=1";
        let unknown = call(Method::GET, &bound, other).await.problem(422);
        assert_eq!(unknown["errors"][0]["pointer"], "click_id", "{unknown}");
        assert_eq!(unknown["instance"], "/t/s/…", "{unknown}");
        call(Method::GET, &any, other).await.expect(200);
        let wrong = call(Method::GET, &any, "click_id=2&conversion_id=a%20b&revenue=x&a=1").await;
        let wrong = wrong.problem(422);
        let pointers: Vec<_> = wrong["errors"].as_array().unwrap().iter().collect();
        let pointers: Vec<_> = pointers.iter().map(|it| it["pointer"].as_str().unwrap()).collect();
        assert_eq!(pointers, ["conversion_id", "revenue", "a"], "{wrong}");
        let conflict = call(Method::GET, &any, "click_id=1&conversion_id=7&revenue=1").await;
        assert_eq!(conflict.problem(409)["errors"][0]["pointer"], "conversion_id");
        assert_verified(&bams);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_key_of_a_postback_opens_nothing_else_and_is_written_nowhere() {
    let bams = two_shops(Bams::builder().set("log.filter", "trace")).await;
    let key = postback_key(&bams, &["--campaign", "9"]);
    let query = "click_id=1&conversion_id=7&revenue=1";
    post(&bams, &key, &sale("a", "1", "5")).await.problem(403);
    bams.get("/api/v1/campaigns").bearer_auth(&key).answer().await.problem(403);
    for role in ["ingest", "editor", "admin"] {
        let other = bams.key(role);
        bams.get(&format!("/t/s/{other}?{query}")).answer().await.problem(404);
    }
    let other_end = if key.ends_with('0') { "1" } else { "0" };
    let forged = format!("{}{other_end}", &key[..key.len() - 1]);
    for wrong in ["nobody", forged.as_str()] {
        let problem = bams.get(&format!("/t/s/{wrong}?{query}")).answer().await.problem(404);
        assert_eq!(
            (&problem["code"], &problem["instance"]),
            (&"unknown_link".into(), &"/t/s/…".into())
        );
    }
    bams.get(&format!("/t/s/{key}?{query}")).answer().await.expect(200);
    let secret = key.rsplit('_').next().unwrap();
    assert!(!bams.log().contains(secret) && bams.log().contains("/t/s/…"), "{}", bams.log());

    let bound = ["key", "create", "--name", "x", "--role", "viewer", "--campaign", "9"];
    assert_eq!(bams.run(bound).code, 1);
    let unknown = ["key", "create", "--name", "x", "--role", "postback", "--campaign", "99"];
    let refused = bams.run(unknown);
    assert!(refused.code == 1 && refused.errors.contains("99"), "{}", refused.errors);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_scraper_has_a_key_that_opens_only_the_metrics() {
    let bams = Bams::builder().start().await;
    let key = bams.key("metrics");
    assert_eq!(bams.get("/metrics").bearer_auth(&key).answer().await.status, 200);
    bams.get("/api/v1/campaigns").bearer_auth(&key).answer().await.problem(403);
    let viewer = bams.key("viewer");
    bams.get("/metrics").bearer_auth(&viewer).answer().await.problem(403);
}
