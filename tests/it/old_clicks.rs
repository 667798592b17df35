//! Old clicks and conversions are summed up: nothing that is told changes, and none of them counts again.

use std::time::Duration;

use bams_tests::reqwest::Method;
use bams_tests::{Answer, Ask, Bams, BamsBuilder, eventually};
use serde_json::{Value, json};

use crate::given::{both_databases, imported};

const SOON: Duration = Duration::from_mins(1);

/// What happened long ago, and on three days that vouch for a later time.
const FILES: [(&str, &str); 4] = [
    (
        "impressions_1.csv",
        "banner_id,campaign_id,occurred_at\n5,9,2024-01-05T10:05:00Z\n5,9,2025-10-01T10:05:00Z\n",
    ),
    (
        "clicks_1.csv",
        "click_id,banner_id,campaign_id,occurred_at\n1,5,9,2024-01-05T10:05:00Z\n\
         2,6,9,2024-01-06T11:05:00Z\n3,6,9,2024-01-06T11:05:00Z\n11,5,9,2025-10-01T10:05:00Z\n\
         12,5,9,2025-10-02T10:05:00Z\n13,5,9,2025-10-03T10:05:00Z\n",
    ),
    (
        "conversions_1.csv",
        "conversion_id,click_id,revenue,occurred_at\norder-1,1,2.50,2024-01-05T10:06:00Z\n\
         order-2,2,1,2024-01-06T11:08:00Z\n",
    ),
    // Click 3 is older than its conversion, and stays for it.
    (
        "conversions_2.csv",
        "conversion_id,click_id,revenue,occurred_at\norder-3,3,4,2025-10-01T10:20:00Z\n",
    ),
];

/// A store in which everything is kept.
async fn filled(builder: BamsBuilder) -> Bams {
    let bams = builder.set("tracking.keep_clicks", "0s").prepare();
    for (name, text) in FILES {
        std::fs::write(bams.folder().join(name), text).unwrap();
        let outcome = bams.run(["import", name]);
        assert_eq!(outcome.code, 0, "{}{}", outcome.output, outcome.errors);
    }
    bams.start().await;
    bams
}

/// What reports say, byte for byte.
async fn reports(bams: &Bams, key: &str) -> Vec<String> {
    let mut told = Vec::new();
    for query in [
        "",
        "group_by=day",
        "group_by=campaign,banner,quarter",
        "group_by=campaign,banner,day&sort=-revenue",
        "group_by=campaign,hour",
        "group_by=day&from=2024-01-05&to=2024-01-06&format=csv",
    ] {
        let path = format!("/api/v1/reports/performance?{query}");
        let answer = bams.get(&path).bearer_auth(key).answer().await;
        assert_eq!(answer.status, 200);
        let text = answer.text();
        let moments = text.split("\"complete_up_to\"");
        told.push(moments.map(|it| it.split_once('Z').map_or(it, |it| it.1)).collect());
    }
    told
}

fn assert_verified(bams: &Bams) {
    let verified = bams.run(["verify"]);
    assert_eq!(verified.code, 0, "{}{}", verified.output, verified.errors);
}

/// The same store with the settings that everybody has, once old rows are summed up.
async fn summed_up(before: &Bams, builder: BamsBuilder) -> Bams {
    let bams = builder.database(&before.database()).start().await;
    let summed_up = "summed up old clicks and conversions";
    eventually(SOON, summed_up, async || bams.log().contains(summed_up)).await;
    bams
}

#[tokio::test]
async fn reports_say_the_same_after_old_clicks_are_summed_up() {
    for builder in both_databases() {
        let kept = filled(builder).await;
        let viewer = kept.key("viewer");
        let before = reports(&kept, &viewer).await;
        assert!(before[0].contains("\"clicks\":6"), "{}", before[0]);
        assert_verified(&kept);
        kept.kill();
        let bams = summed_up(&kept, Bams::builder()).await;
        assert_eq!(reports(&bams, &viewer).await, before);
        assert_verified(&bams);
        let exported = bams.run(["export", "all"]);
        assert_eq!(exported.code, 0, "{}{}", exported.output, exported.errors);
        assert!(exported.output.contains(" 4 clicks, 1 conversions"), "{}", exported.output);
        assert!(exported.errors.contains("before 2024-08-29"), "{}", exported.errors);
    }
}

async fn post(bams: &Bams, key: &str, body: &Value) -> Answer {
    bams.post("/api/v1/conversions").bearer_auth(key).json(body).answer().await
}

fn sale(id: &str, click: &str) -> Value {
    json!({"conversion_id": id, "click_id": click, "revenue": "1.50"})
}

/// Asserts that a problem says `too_old` at these places.
fn assert_too_old(problem: &Value, pointers: &[&str]) {
    let errors = problem["errors"].as_array().unwrap();
    let found: Vec<_> = errors.iter().map(|it| it["pointer"].as_str().unwrap()).collect();
    assert_eq!(found, pointers, "{problem}");
    assert!(errors.iter().all(|it| it["code"] == "too_old"), "{problem}");
}

#[tokio::test]
async fn what_is_summed_up_is_refused_with_its_place() {
    for builder in both_databases() {
        let kept = filled(builder).await;
        kept.kill();
        let bams = summed_up(&kept, Bams::builder()).await;
        let (ingest, editor) = (bams.key("ingest"), bams.key("editor"));

        let old_visit = "018cd9a3b6d07c409d9c3f1de2a7a6d5-5";
        for click in ["1", "2", old_visit] {
            let refused = post(&bams, &ingest, &sale("order-9", click)).await.problem(422);
            assert_too_old(&refused, &["/click_id"]);
        }
        let list = json!([sale("order-9", "11"), sale("order-8", "1"), sale("order-1", "12")]);
        let refused = post(&bams, &ingest, &list).await.problem(422);
        assert_too_old(&refused, &["/1/click_id", "/2/conversion_id"]);
        let postback = bams.key("postback");
        for (id, click, place) in [("order-9", "1", "click_id"), ("order-2", "11", "conversion_id")]
        {
            let path = format!("/t/s/{postback}?conversion_id={id}&click_id={click}&revenue=1");
            assert_too_old(&bams.get(&path).answer().await.problem(422), &[place]);
        }

        for (name, text, places) in [
            (
                "conversions_3.csv",
                "conversion_id,click_id,revenue\n77,1,2\n78,2,2\n",
                vec!["2 click_id", "3 click_id"],
            ),
            (
                "conversions_3.csv",
                "conversion_id,click_id,revenue\norder-9,11,2\norder-1,11,2\n",
                vec!["3 conversion_id"],
            ),
            (
                "clicks_3.csv",
                "click_id,banner_id,campaign_id\n1,5,9\n2,6,9\n",
                vec!["2 click_id", "3 click_id"],
            ),
            (
                "clicks_1.csv",
                "click_id,banner_id,campaign_id,occurred_at\n91,5,9,2024-01-05T10:05:00Z\n\
                 92,5,9,2023-01-05\n",
                vec!["2 occurred_at", "3 occurred_at"],
            ),
            (
                "impressions_1.csv",
                "banner_id,campaign_id,occurred_at\n5,9,2024-01-05\n5,9,2024-01-06\n",
                vec!["2 occurred_at", "3 occurred_at"],
            ),
        ] {
            let import = imported(&bams, &editor, (name, text.as_bytes()), &[]).await;
            assert_eq!(import["state"], "failed", "{import}");
            let errors = import["errors"].as_array().unwrap();
            assert!(errors.iter().all(|it| it["code"] == "too_old"), "{import}");
            let found = errors
                .iter()
                .map(|it| format!("{} {}", it["line"], it["column"].as_str().unwrap()));
            assert_eq!(found.collect::<Vec<_>>(), places);
        }
        assert_verified(&bams);
    }
}

#[tokio::test]
async fn what_is_summed_up_is_closed_to_changes() {
    for builder in both_databases() {
        let kept = filled(builder).await;
        kept.kill();
        let bams = summed_up(&kept, Bams::builder()).await;
        let (ingest, editor) = (bams.key("ingest"), bams.key("editor"));
        let change = async |method: Method, id: &str| {
            let path = format!("/api/v1/campaigns/9/conversions/{id}");
            let request = bams.request(method.clone(), &path).bearer_auth(&ingest);
            let request = if method == Method::PUT {
                request.json(&json!({"revenue": "7"}))
            } else {
                request
            };
            request.answer().await
        };
        for method in [Method::PUT, Method::DELETE] {
            assert_eq!(change(method.clone(), "order-1").await.problem(409)["code"], "closed");
            change(method.clone(), "order-7").await.problem(404);
            change(method, "order-3").await.expect(200);
        }
        for import in 1..=3 {
            let path = format!("/api/v1/imports/{import}/revert");
            let refused = bams.post(&path).bearer_auth(&editor).answer().await.problem(409);
            let code = if import == 2 { "not_revertible" } else { "closed" };
            assert_eq!(refused["code"], code, "{import} {refused}");
        }
        assert_eq!(bams.run(["import", "--revert", "3"]).code, 1);
        assert_verified(&bams);
    }
}
