//! Images get onto banners straight through S3.

use bams_tests::reqwest::Method;
use bams_tests::{Ask, Bams, S3};
use serde_json::{Value, json};

use crate::given::number;
use crate::studio::{Studio, code, png};

#[tokio::test]
async fn a_browser_uploads_straight_to_s3() {
    let s3 = S3::start();
    let studio = Studio::of(Bams::builder().s3(&s3).start().await).await;
    let bytes = png(300, 250);
    let invitation = studio.invite(bytes.len(), None).await;
    assert_eq!(invitation["method"], "PUT");
    studio.complete(&invitation["key"]).await.problem(409);
    assert_eq!(studio.banner().await["image"], Value::Null);

    studio.upload(&invitation, &bytes).await;
    let complete = format!("/api/v1{}", studio.path("/image-upload/complete"));
    assert_eq!(invitation["complete_url"], complete);
    let banner = studio.complete(&invitation["key"]).await.expect(200);
    assert_eq!((&banner["width"], &banner["height"]), (&json!(300), &json!(250)));
    let key = banner["image"]["key"].as_str().unwrap();
    assert_eq!(s3.object(key).as_deref(), Some(bytes.as_slice()));
    studio.shows(&bytes).await;

    // The URL still works, but what it replaces is not what the banner shows.
    studio.upload(&invitation, &vec![b'<'; bytes.len()]).await;
    studio.shows(&bytes).await;
    assert!(s3.object(invitation["key"].as_str().unwrap()).is_some());
    assert_eq!(code(&studio.complete(&invitation["key"]).await.problem(422)), "not_an_image");
    assert_eq!(s3.object(invitation["key"].as_str().unwrap()), None, "what is refused goes");
    assert_eq!(studio.banner().await["image"], banner["image"]);
}

#[tokio::test]
async fn an_invitation_that_is_asked_for_again_is_the_same() {
    let s3 = S3::start();
    let studio = Studio::of(Bams::builder().s3(&s3).start().await).await;
    let ask = async |bytes: usize| {
        let body = json!({ "media_type": "image/png", "bytes": bytes });
        let request = studio.ask(Method::POST, &studio.path("/image-upload")).json(&body);
        request.header("idempotency-key", "blue shoes").answer().await
    };
    let first = ask(100).await.expect(200);
    let again = ask(100).await;
    assert_eq!((again.expect(200), again.header("idempotency-replayed")), (first, "true"));
    assert_eq!(ask(101).await.problem(422)["code"], "idempotency_key_reused");
}

#[tokio::test]
async fn completing_again_needs_no_upload_any_more() {
    let s3 = S3::start();
    let studio = Studio::of(Bams::builder().s3(&s3).start().await).await;
    let bytes = png(300, 250);
    let invitation = studio.invite(bytes.len(), None).await;
    studio.upload(&invitation, &bytes).await;
    let complete = async |order: &'static str| {
        let path = studio.path("/image-upload/complete");
        let request = studio.ask(Method::POST, &path).json(&json!({ "key": invitation["key"] }));
        request.header("idempotency-key", order).answer().await
    };
    let first = complete("blue shoes").await.expect(200);
    drop(s3);
    let again = complete("blue shoes").await;
    assert_eq!((again.expect(200), again.header("idempotency-replayed")), (first, "true"));
    complete("red shoes").await.problem(503);
}

#[tokio::test]
async fn only_what_was_announced_is_taken_from_s3() {
    let s3 = S3::start();
    let studio = Studio::of(Bams::builder().s3(&s3).start().await).await;
    let bytes = png(300, 250);
    let others = studio.post("/banners", json!({ "name": "Red" })).await.expect(201);
    let other = number(&others["id"]);

    for (length, sha256) in [
        (bytes.len() - 1, None),
        (bytes.len() + 1, None),
        (bytes.len(), Some("00000000000000000000000000000000000000000000000000000000000000ff")),
    ] {
        let invitation = studio.invite(length, sha256).await;
        studio.upload(&invitation, &bytes).await;
        let refused = studio.complete(&invitation["key"]).await.problem(422);
        assert_eq!(code(&refused), "other_bytes");
        assert_eq!(s3.object(invitation["key"].as_str().unwrap()), None);
    }
    let invitation = studio.invite(bytes.len(), None).await;
    studio.upload(&invitation, &bytes).await;
    let path = format!("/banners/{other}/image-upload/complete");
    let stolen = studio.post(&path, json!({ "key": invitation["key"] })).await.problem(422);
    assert_eq!(code(&stolen), "not_issued");
    assert!(s3.object(invitation["key"].as_str().unwrap()).is_some(), "nobody else deletes it");
    let key = invitation["key"].as_str().unwrap();
    s3.put("secret.png", &bytes);
    let moved = key.replacen(&format!("uploads/{}/", studio.banner), "uploads/9/", 1);
    for forged in ["secret.png", "../secret.png", &moved, &key[..key.len() - 2], "\u{ff}"] {
        let refused = studio.complete(&json!(forged)).await.problem(422);
        assert_eq!(code(&refused), "not_issued", "{forged}");
    }
    assert_eq!(studio.banner().await["image"], Value::Null);

    let ask = async |body: Value| studio.post(&studio.path("/image-upload"), body).await;
    let wrong = json!({ "media_type": "image/svg+xml", "bytes": 100_000_000, "sha256": "x" });
    let wrong = ask(wrong).await.problem(422);
    assert_eq!(wrong["errors"].as_array().unwrap().len(), 3, "{wrong}");
    assert_eq!(ask(json!({})).await.problem(422)["errors"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn a_server_with_a_folder_says_how_to_upload() {
    let studio = Studio::of(Bams::builder().start().await).await;
    let body = json!({ "media_type": "image/png", "bytes": 100 });
    let refused = studio.post(&studio.path("/image-upload"), body).await.problem(409);
    let path = format!("/api/v1{}", studio.path("/image"));
    assert!(refused["detail"].as_str().unwrap().contains(&path), "{refused}");
    studio.complete(&json!("uploads/1/x")).await.problem(409);
}
