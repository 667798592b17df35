//! From a decision to what it earned.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicU8, Ordering};
use std::time::Duration;

use bams_tests::reqwest::Method;
use bams_tests::{Ask, Bams, MariaDb, eventually};
use serde_json::{Value, json};
use tokio::task::JoinSet;

use crate::given::{both_databases, decision, node_of, number, visitor};
use crate::shop::{IDLE, assert_balanced, counted, led_to, link, shop};

/// How soon an acknowledged event changes rankings and decisions on every node.
const SOON: Duration = Duration::from_secs(30);

fn quarter(decision: &Value) -> u8 {
    u8::try_from(number(&decision["quarter"])).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_seen_clicked_and_sold_changes_the_next_decision() {
    for builder in both_databases() {
        let bams = shop(builder).await;
        let (viewer, ingest) = (bams.key("viewer"), bams.key("ingest"));
        let before = counted(&bams, &viewer).await;
        let (seen, decision) = link(&bams, "impression_url").await;
        let banner = &decision["banners"][0];
        for _ in 0..2 {
            let pixel = bams.get(&seen).answer().await;
            assert_eq!((pixel.status, pixel.header("content-type")), (200, "image/gif"));
            assert_eq!(pixel.header("cache-control"), "no-store");
            assert!(pixel.body.starts_with(b"GIF89a"));
        }
        let clicked = bams.get(banner["click_url"].as_str().unwrap()).answer().await;
        let (_, click_id) = led_to(&clicked);
        let again = bams.get(banner["click_url"].as_str().unwrap()).answer().await;
        assert_eq!(led_to(&again).1, click_id);
        let sale =
            json!({"conversion_id": "order-1", "click_id": click_id, "revenue": "999.000001"});
        let post = async || {
            let request = bams.post("/api/v1/conversions").bearer_auth(&ingest).json(&sale);
            request.answer().await
        };
        assert_eq!(post().await.expect(201)["status"], "accepted");
        assert_eq!(post().await.expect(200)["status"], "duplicate");

        let after = counted(&bams, &viewer).await;
        let [impressions, clicks, conversions, micros] = before;
        let expected = [impressions + 1, clicks + 1, conversions + 1, micros + 999_000_001];
        assert_eq!(after, expected);
        let sold_in = AtomicU8::new(quarter(&decision));
        eventually(SOON, "decisions know of the sale", async || {
            let next = crate::given::decision(&bams, IDLE, &visitor()).await;
            let now = quarter(&next);
            if sold_in.swap(now, Ordering::Relaxed) != now {
                // Sales of the quarter before do not count any more: there has to be one in this.
                let id = format!("order-in-{now}");
                let sale = json!({"conversion_id": id, "click_id": click_id, "revenue": "1"});
                let request = bams.post("/api/v1/conversions").bearer_auth(&ingest).json(&sale);
                request.answer().await.expect(201);
                return false;
            }
            let mut banners = next["banners"].as_array().unwrap().iter();
            next["rule"] == "revenue_then_clicks"
                && banners.any(|it| it["banner_id"] == banner["banner_id"] && it["rank"] == 1)
        })
        .await;
        assert_balanced(&bams);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn links_that_are_out_follow_a_banner_that_was_detached() {
    let shared = MariaDb::shared().database();
    for (builder, shared) in [(Bams::builder(), None), (node_of(&shared), Some(&shared))] {
        let bams = shop(builder).await;
        let other = match shared {
            Some(database) => Some(node_of(database).start().await),
            None => None,
        };
        let editor = bams.key("editor");
        let (clicked, decision) = link(&bams, "click_url").await;
        let banner = number(&decision["banners"][0]["banner_id"]);
        let path = format!("/api/v1/campaigns/{IDLE}/banners/{banner}");
        bams.request(Method::DELETE, &path).bearer_auth(&editor).answer().await.expect(200);
        let change = bams.request(Method::PATCH, &format!("/api/v1/banners/{banner}"));
        let change = change.json(&json!({ "landing_url": "https://safe.example/" }));
        change.bearer_auth(&editor).answer().await.expect(200);
        let token = &clicked[clicked.find("/t/c/").unwrap()..];
        for node in std::iter::once(&bams).chain(&other) {
            eventually(SOON, "the link leads to the new URL", async || {
                node.get(token).answer().await.header("location") == "https://safe.example/"
            })
            .await;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn conversions_that_cannot_be_stored_say_why() {
    let bams = shop(Bams::builder()).await;
    let (ingest, viewer) = (bams.key("ingest"), bams.key("viewer"));
    let post = async |body: Value| {
        bams.post("/api/v1/conversions").bearer_auth(&ingest).json(&body).answer().await
    };
    let (click, _) = link(&bams, "click_url").await;
    let (_, click) = led_to(&bams.get(&click).answer().await);
    let sale = |id: &str, revenue: &str| json!({"conversion_id": id, "click_id": click, "revenue": revenue});
    let before = counted(&bams, &viewer).await;
    let unknown = json!({"conversion_id": "b", "click_id": "nobody", "revenue": 1});
    let problem = post(json!([sale("a", "1"), unknown])).await.problem(422);
    assert_eq!(problem["errors"][0]["pointer"], "/1/click_id", "{problem}");
    assert_eq!(problem["errors"][0]["code"], "unknown_click");
    assert_eq!(counted(&bams, &viewer).await, before, "nothing of the list is stored");

    let receipts = post(json!([sale("a", "1"), sale("b", "2"), sale("a", "1")])).await.expect(200);
    let statuses: Vec<_> =
        receipts["items"].as_array().unwrap().iter().map(|it| it["status"].clone()).collect();
    assert_eq!(statuses, ["accepted", "accepted", "duplicate"], "{receipts}");
    let conflict = post(sale("a", "1.5")).await.problem(409);
    assert_eq!(conflict["errors"][0]["pointer"], "/conversion_id", "{conflict}");
    for body in [
        json!([]),
        json!({"conversion_id": "c", "click_id": click, "revenue": "1,5"}),
        json!({"conversion_id": "c", "click_id": click, "revenue": -1}),
        json!({"conversion_id": "c", "click_id": click}),
        json!({"conversion_id": "c", "click_id": click, "revenue": 1, "colour": "red"}),
        json!([sale("c", "1"), 7]),
    ] {
        let answer = post(body.clone()).await;
        assert!([400, 422].contains(&answer.status), "{body}: {}", answer.text());
        answer.problem(answer.status);
    }
    let request = || bams.post("/api/v1/conversions").json(&sale("d", "1"));
    request().answer().await.problem(401);
    request().bearer_auth(&viewer).answer().await.problem(403);
    assert_eq!(counted(&bams, &viewer).await[2], before[2] + 2);
    assert_balanced(&bams);
}

#[tokio::test(flavor = "multi_thread")]
async fn two_nodes_count_for_each_other() {
    let database = MariaDb::shared().database();
    let one = shop(node_of(&database)).await;
    let other = node_of(&database).start().await;
    let (viewer, ingest) = (one.key("viewer"), one.key("ingest"));
    let before = counted(&other, &viewer).await;
    let at = |bams: &Bams, link: &str| bams.url(&link[link.find("/t/").unwrap()..]);
    let mut clicks = BTreeSet::new();
    for _ in 0..5 {
        let (click, _) = link(&one, "click_url").await;
        let mut clicking = JoinSet::new();
        for bams in [&one, &other, &one, &other] {
            let request = bams.get(&at(bams, &click));
            clicking.spawn(async move { led_to(&request.answer().await).1 });
        }
        clicks.extend(clicking.join_all().await);
    }
    assert_eq!(clicks.len(), 5, "all four led on with the same id");
    for (bams, click) in [&one, &other].into_iter().cycle().zip(&clicks) {
        let sale = json!({"conversion_id": format!("of-{click}"), "click_id": click, "revenue": 2});
        bams.post("/api/v1/conversions")
            .bearer_auth(&ingest)
            .json(&sale)
            .answer()
            .await
            .expect(201);
    }
    for bams in [&one, &other] {
        let after = counted(bams, &viewer).await;
        let expected = [before[0], before[1] + 5, before[2] + 5, before[3] + 10_000_000];
        assert_eq!(after, expected);
        eventually(SOON, "decisions of both nodes know", async || {
            decision(bams, IDLE, &visitor()).await["rule"] != "clicks_then_random"
        })
        .await;
    }
    assert_balanced(&one);
}

#[tokio::test(flavor = "multi_thread")]
async fn without_the_database_clicks_lead_on_and_events_are_refused() {
    let server = MariaDb::start();
    let bams = shop(node_of(&server.database())).await;
    let (viewer, ingest) = (bams.key("viewer"), bams.key("ingest"));
    let before = counted(&bams, &viewer).await;
    let (_, decision) = link(&bams, "click_url").await;
    let mut links = decision["banners"].as_array().unwrap().iter();
    let mut next = |kind: &str| links.next().unwrap()[kind].as_str().unwrap().to_owned();
    for (trouble, cure) in
        [(MariaDb::kill as fn(&_), MariaDb::restart as fn(&_)), (MariaDb::stop, MariaDb::resume)]
    {
        let (seen, clicked) = (next("impression_url"), next("click_url"));
        trouble(&server);
        led_to(&bams.get(&clicked).answer().await);
        let pixel = bams.get(&seen).answer().await;
        assert_eq!((pixel.status, pixel.header("content-type")), (503, "image/gif"));
        assert!(pixel.body.starts_with(b"GIF89a") && !pixel.header("retry-after").is_empty());
        let sale = json!({"conversion_id": 1, "click_id": 1, "revenue": 1});
        let post = bams.post("/api/v1/conversions").bearer_auth(&ingest).json(&sale);
        let refused = post.answer().await;
        refused.problem(503);
        assert!(!refused.header("retry-after").is_empty());
        cure(&server);
        eventually(Duration::from_secs(30), "the event is taken", async || {
            bams.get(&seen).answer().await.status == 200
        })
        .await;
    }
    assert_eq!(counted(&bams, &viewer).await[0], before[0] + 2);
    assert_balanced(&bams);
}

#[tokio::test]
async fn the_demos_banners_lead_to_its_shop() {
    let bams = Bams::builder().arg("--demo").start().await;
    let decision = decision(&bams, 1, &visitor()).await;
    let click = decision["banners"][0]["click_url"].as_str().unwrap();
    let clicked = bams.get(click).answer().await;
    assert_eq!(clicked.status, 302);
    let (_, id) = clicked.header("location").split_once("click_id=").unwrap();
    let page = bams.get(clicked.header("location")).answer().await;
    assert_eq!(page.status, 200);
    assert!(page.text().contains(&format!("<code>{id}</code>")), "{}", page.text());
    let log = bams.log();
    let key = log.split("locked routes: ").nth(1).unwrap().split_whitespace().next().unwrap();
    let sale = json!({"conversion_id": "order-1", "click_id": id, "revenue": 12.5});
    bams.post("/api/v1/conversions").bearer_auth(key).json(&sale).answer().await.expect(201);
}
