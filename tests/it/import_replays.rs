//! Uploads that are sent again with their `Idempotency-Key`.

use bams_tests::reqwest::multipart::{Form, Part};
use bams_tests::{Answer, Ask, Bams};
use serde_json::json;
use tokio::task::JoinSet;

use crate::given::{both_databases, ended};

const CLICKS: &str = "click_id,banner_id,campaign_id\n1,101,1\n2,102,1\n";

/// An upload as a client sends it that may have to send it again.
async fn send(bams: &Bams, key: &str, order: &str, quarter: &'static str, text: &str) -> Answer {
    let file = Part::bytes(text.as_bytes().to_vec()).file_name("clicks.csv");
    let form = Form::new().text("quarter", quarter).part("file", file);
    let request = bams.post("/api/v1/imports").bearer_auth(key).multipart(form);
    request.header("idempotency-key", order.to_owned()).answer().await
}

#[tokio::test(flavor = "multi_thread")]
async fn an_upload_that_is_sent_again_is_answered_again() {
    for builder in both_databases() {
        let bams = builder.start().await;
        let (ada, bob) = (bams.key("editor"), bams.key("editor"));
        let first = send(&bams, &ada, "order 7", "1", CLICKS).await;
        let location = first.header("location").to_owned();
        assert_eq!(
            (first.expect(202)["state"].clone(), location.is_empty()),
            (json!("queued"), false)
        );
        assert_eq!(first.header("idempotency-replayed"), "");
        ended(&bams, &ada, &location).await;

        let again = send(&bams, &ada, "order 7", "1", CLICKS).await;
        assert_eq!(again.expect(202), first.json());
        assert_eq!(again.header("idempotency-replayed"), "true");
        assert_eq!(again.header("location"), location);

        let more = CLICKS.replace("2,102", "3,102");
        for (quarter, text) in [("1", more.as_str()), ("2", CLICKS)] {
            let other = send(&bams, &ada, "order 7", quarter, text).await;
            assert_eq!(other.problem(422)["code"], "idempotency_key_reused", "{quarter} {text}");
        }
        send(&bams, &ada, &"x".repeat(201), "1", CLICKS).await.problem(422);
        // Others may use the same text.
        let theirs = send(&bams, &bob, "order 7", "1", CLICKS).await;
        theirs.expect(202);
        assert_eq!(theirs.header("idempotency-replayed"), "");
        assert_ne!(theirs.header("location"), location);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_upload_at_the_same_time_is_one_import() {
    for builder in both_databases() {
        let bams = builder.start().await;
        let key = bams.key("editor");
        let mut sending = JoinSet::new();
        for _ in 0..6 {
            let file = Part::bytes(CLICKS.as_bytes()).file_name("clicks_1.csv");
            let form = Form::new().part("file", file);
            let request = bams.post("/api/v1/imports").bearer_auth(&key).multipart(form);
            let request = request.header("idempotency-key", "at once");
            sending.spawn(async move { request.answer().await });
        }
        let mut answers = sending.join_all().await;
        answers.sort_by_key(|it| it.header("idempotency-replayed").to_owned());
        let body = answers[0].expect(202);
        assert_eq!(answers[0].header("idempotency-replayed"), "");
        for answer in &answers[1..] {
            assert_eq!(
                (answer.expect(202), answer.header("idempotency-replayed")),
                (body.clone(), "true")
            );
        }
        let list = bams.get("/api/v1/imports").bearer_auth(&key).answer().await.expect(200);
        assert_eq!(list["items"].as_array().map(Vec::len), Some(1), "{list}");
    }
}
