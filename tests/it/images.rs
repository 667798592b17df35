//! Image URLs open as long as they are signed and fresh.

use std::time::Duration;

use bams_tests::reqwest::Method;
use bams_tests::{Ask, Bams, S3, eventually};
use serde_json::json;

use crate::given::{decision, visitor, with_a_banner};

/// The smallest picture: one grey dot.
const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01\x08\0\0\0\0:~\x9bU\
    \0\0\0\nIDATx\x9cch\0\0\0\x82\0\x81w\xcdr\xb6\0\0\0\0IEND\xaeB`\x82";
/// How a JPEG begins.
const JPEG: &[u8] = b"\xff\xd8\xff\xe0\0\x10JFIF\0\x01\x01\0\0\x01\0\x01\0\0\xff\xd9";

async fn image_url(bams: &Bams) -> String {
    let decision = decision(bams, 9, &visitor()).await;
    decision["banners"][0]["image_url"].as_str().unwrap_or_else(|| panic!("{decision}")).to_owned()
}

/// Lays the banner's image into the local folder.
fn put_image(bams: &Bams, bytes: &[u8]) {
    let images = bams.folder().join("images");
    std::fs::create_dir_all(&images).unwrap();
    std::fs::write(images.join("image_5.png"), bytes).unwrap();
}

/// The URL with one digit of its signature changed.
///
/// Not the last one: that of a base64 text may say nothing.
fn tampered(url: &str) -> String {
    let (rest, end) = url.split_at(url.len() - 4);
    let first = if end.starts_with('a') { 'b' } else { 'a' };
    format!("{rest}{first}{}", &end[1..])
}

#[tokio::test]
async fn a_local_image_opens_by_its_signed_url_only() {
    let bams = with_a_banner(Bams::builder()).await;
    put_image(&bams, PNG);
    let url = image_url(&bams).await;
    let image = bams.get(&url).answer().await;
    assert_eq!((image.status, image.body.as_slice()), (200, PNG));
    assert_eq!(image.header("content-type"), "image/png");
    assert_eq!(image.header("x-content-type-options"), "nosniff");
    let policy = image.header("content-security-policy");
    assert!(policy.contains("default-src 'none'") && policy.contains("sandbox"), "{policy}");

    bams.get(&tampered(&url)).answer().await.problem(403);
    let unsigned = url.split('?').next().unwrap();
    assert!([401, 403, 404].contains(&bams.get(unsigned).answer().await.status), "{unsigned}");
}

#[tokio::test]
async fn an_image_longer_than_what_is_sent_at_a_time_arrives_whole() {
    let bams = with_a_banner(Bams::builder()).await;
    let rest: Vec<u8> = (0..300_000_u32).flat_map(u32::to_le_bytes).collect();
    let image = [PNG, &rest].concat();
    put_image(&bams, &image);
    let answer = bams.get(&image_url(&bams).await).answer().await;
    assert!(answer.status == 200 && answer.body.as_slice() == image, "{}", answer.status);
    assert_eq!(answer.header("content-length"), image.len().to_string());
}

#[tokio::test]
async fn a_file_laid_into_the_folder_is_shown_as_what_it_is() {
    let bams = with_a_banner(Bams::builder()).await;
    put_image(&bams, JPEG);
    let image = bams.get(&image_url(&bams).await).answer().await;
    assert_eq!((image.status, image.body.as_slice()), (200, JPEG));
    assert_eq!(image.header("content-type"), "image/jpeg");
}

#[tokio::test]
async fn what_is_no_image_is_not_shown() {
    let bams = with_a_banner(Bams::builder()).await;
    let url = image_url(&bams).await;
    bams.get(&url).answer().await.problem(404);
    for bytes in ["<svg onload='alert(1)'/>", "<html><script>alert(1)</script>", ""] {
        put_image(&bams, bytes.as_bytes());
        bams.get(&url).answer().await.problem(404);
    }
}

#[tokio::test]
async fn a_local_url_expires() {
    let bams = with_a_banner(Bams::builder().set("media.url_ttl", "2s")).await;
    put_image(&bams, PNG);
    let url = image_url(&bams).await;
    assert_eq!(bams.get(&url).answer().await.status, 200);
    eventually(Duration::from_secs(30), "the URL expires", async || {
        bams.get(&url).answer().await.status == 403
    })
    .await;
    // Decisions hand out a fresh one.
    assert_eq!(bams.get(&image_url(&bams).await).answer().await.status, 200);
}

#[tokio::test]
async fn an_image_in_s3_opens_by_its_signed_url_only() {
    let s3 = S3::start();
    s3.put("image_5.png", PNG);
    let bams = with_a_banner(Bams::builder().s3(&s3)).await;
    let url = image_url(&bams).await;
    assert!(url.starts_with(&s3.endpoint()), "{url}");
    let image = bams.get(&url).answer().await;
    assert_eq!((image.status, image.body.as_slice()), (200, PNG));

    assert_eq!(bams.get(&tampered(&url)).answer().await.status, 403);
    let unsigned = url.split('?').next().unwrap();
    assert_eq!(bams.get(unsigned).answer().await.status, 403);
    let other = url.replacen("image_5.png", "image_6.png", 1);
    assert_eq!(bams.get(&other).answer().await.status, 403);
}

#[tokio::test]
async fn without_credentials_of_s3_the_server_starts_and_says_what_is_missing() {
    let s3 = S3::start();
    let without =
        Bams::builder().s3(&s3).env("AWS_ACCESS_KEY_ID", "").env("AWS_SECRET_ACCESS_KEY", "");
    let bams = with_a_banner(without).await;
    bams.get("/api/v1/serve/9").answer().await.problem(503);
    // There is nothing to sign for.
    bams.get("/api/v1/serve/77").answer().await.problem(404);
    let pausing =
        bams.request(Method::PATCH, "/api/v1/campaigns/9").bearer_auth(bams.key("editor"));
    pausing.json(&json!({ "status": "paused" })).answer().await.expect(200);
    eventually(Duration::from_secs(30), "nothing is shown", async || {
        let answer = bams.get("/api/v1/serve/9").answer().await;
        answer.status == 200 && answer.json()["reason"] == "campaign_paused"
    })
    .await;
    assert_eq!(bams.get("/healthz").answer().await.status, 200);
    let ready = bams.get("/readyz").answer().await.expect(200);
    assert_eq!(ready["dependencies"]["images"], "down");
    assert_eq!(ready["degraded"], json!(["images"]));
}

#[tokio::test]
async fn a_folder_that_takes_no_images_is_named() {
    let bams = with_a_banner(Bams::builder()).await;
    let images =
        async || bams.get("/readyz").answer().await.expect(200)["dependencies"]["images"].clone();
    assert_eq!(images().await, "up");
    let folder = bams.folder().join("images");
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::write(&folder, "no folder").unwrap();
    let soon = Duration::from_secs(30);
    eventually(soon, "it takes none", async || images().await == "read_only").await;
    std::fs::remove_file(&folder).unwrap();
    std::fs::create_dir(&folder).unwrap();
    eventually(soon, "it takes them again", async || images().await == "up").await;
}
