//! Images get onto banners by PUT.

use bams_tests::reqwest::Method;
use bams_tests::{Ask, Bams, MariaDb, S3};
use serde_json::{Value, json};

use crate::studio::{AVIF, GIF, JPEG, Studio, WEBP, code, png};

#[tokio::test]
async fn an_image_is_uploaded_decided_on_and_fetched() {
    let s3 = S3::start();
    let database = MariaDb::shared().database();
    for builder in [Bams::builder(), Bams::builder().database(&database).s3(&s3)] {
        let studio = Studio::of(builder.start().await).await;
        let bytes = png(300, 250);
        let answer = studio.put(bytes.clone()).await;
        let banner = answer.expect(200);
        let image = &banner["image"];
        let (name, ending) = image["key"].as_str().unwrap().split_once('.').unwrap();
        assert_eq!((name.len(), ending), ("p/".len() + 32, "png"), "{banner}");
        assert_eq!(image["media_type"], "image/png");
        assert_eq!(image["bytes"], bytes.len());
        assert_eq!((&banner["width"], &banner["height"]), (&json!(300), &json!(250)));
        assert!(answer.header("etag").starts_with("\"2-"), "{}", answer.header("etag"));
        studio.shows(&bytes).await;

        let smaller = json!({ "width": 150, "height": 125 });
        let patch = studio.ask(Method::PATCH, &studio.path("")).json(&smaller);
        let smaller = patch.answer().await.expect(200);
        let again = studio.put(bytes.clone()).await.expect(200);
        assert_eq!(again, smaller, "the same image again changes nothing");
        let other = studio.put(GIF).await.expect(200);
        assert_eq!((&other["width"], &other["height"]), (&json!(3), &json!(4)));
        studio.shows(GIF).await;
        assert!(studio.bams.log().find("X-Amz-Signature").is_none());
    }
}

#[tokio::test]
async fn an_image_is_what_its_bytes_are() {
    let studio = Studio::of(Bams::builder().start().await).await;
    let png = png(3, 4);
    for (bytes, media_type) in [
        (png.as_slice(), "image/png"),
        (JPEG, "image/jpeg"),
        (GIF, "image/gif"),
        (WEBP, "image/webp"),
        (AVIF, "image/avif"),
    ] {
        for claimed in [media_type, "text/html", "image/svg+xml", "nonsense"] {
            let put = studio.ask(Method::PUT, &studio.path("/image"));
            let put = put.header("content-type", claimed).body(bytes.to_vec());
            let banner = put.answer().await.expect(200);
            assert_eq!(banner["image"]["media_type"], media_type, "claimed as {claimed}");
            assert_eq!((&banner["width"], &banner["height"]), (&json!(3), &json!(4)));
        }
        let shown = studio.shows(bytes).await;
        assert_eq!(shown.header("content-type"), media_type);
        assert_eq!(shown.header("content-security-policy"), "default-src 'none'; sandbox");
        assert_eq!(shown.header("x-content-type-options"), "nosniff");
    }
}

#[tokio::test]
async fn a_hostile_image_is_refused_and_changes_nothing() {
    let builder = Bams::builder().set("media.max_image_bytes", "1000");
    let studio = Studio::of(builder.start().await).await;
    let good = png(300, 250);
    studio.put(good.clone()).await.expect(200);
    let before = studio.banner().await;
    let cut = &good[..good.len() - 1];
    let wide = png(10_001, 1);
    let vast = png(20_000, 20_000);
    let large = [good.as_slice(), &[0; 1000]].concat();
    let hidden = [b"GIF89a\x01\0\x01\0\0\0\0", &GIF[19..]].concat();
    for (bytes, status, expected) in [
        (&b"<html><script>alert(1)</script>"[..], 415, ""),
        (b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", 415, ""),
        (b"BM\x46\0\0\0\0\0\0\0\x36\0\0\0", 415, ""),
        (b"", 422, "empty"),
        (cut, 422, "cut_off"),
        (b"\x89PNG\r\n\x1a\n<script>alert(1)</script>", 422, "cut_off"),
        (&good[..20], 422, "no_size"),
        (&vast, 422, "too_many_pixels"),
        (&wide, 422, "too_many_pixels"),
        (&hidden, 422, "cut_off"),
        (&large, 413, ""),
    ] {
        let named = studio.ask(Method::PUT, &studio.path("/image"));
        let named = named.header("content-type", "image/png").body(bytes.to_vec());
        let problem = named.answer().await.problem(status);
        if status == 422 {
            assert_eq!(code(&problem), expected, "{problem}");
        }
    }
    let zipped = studio.ask(Method::PUT, &studio.path("/image")).header("content-encoding", "gzip");
    zipped.body(good.clone()).answer().await.problem(415);
    assert_eq!(studio.banner().await, before);
    let files = std::fs::read_dir(studio.bams.folder().join("images/p")).unwrap();
    assert_eq!(files.count(), 1);
    studio.shows(&good).await;
}

#[tokio::test]
async fn an_image_does_not_replace_one_that_its_sender_does_not_know() {
    let studio = Studio::of(Bams::builder().start().await).await;
    let put = async |bytes: &[u8], tag: &str| {
        let put = studio.ask(Method::PUT, &studio.path("/image")).header("if-match", tag);
        put.body(bytes.to_vec()).answer().await
    };
    let first = put(GIF, "\"1\"").await;
    first.expect(200);
    put(WEBP, "\"1\"").await.problem(412);
    assert_eq!(studio.banner().await["image"]["media_type"], "image/gif");
    put(WEBP, first.header("etag")).await.expect(200);
    let unknown = studio.ask(Method::PUT, "/banners/4711/image").body(GIF);
    unknown.answer().await.problem(404);
    let viewer = studio.bams.key("viewer");
    let path = format!("/api/v1{}", studio.path("/image"));
    let put = studio.bams.request(Method::PUT, &path).bearer_auth(viewer).body(GIF);
    put.answer().await.problem(403);
}

#[tokio::test]
async fn an_image_store_that_is_gone_is_said_so() {
    let s3 = S3::start();
    let studio = Studio::of(Bams::builder().s3(&s3).start().await).await;
    drop(s3);
    let answer = studio.put(GIF).await;
    assert_eq!(answer.problem(503)["code"], "image_store_unavailable");
    assert_eq!(answer.header("retry-after"), "5");
    assert_eq!(studio.banner().await["image"], Value::Null);

    let s3 = S3::start();
    let wrong = Bams::builder().s3(&s3).env("AWS_SECRET_ACCESS_KEY", "not the right one");
    let studio = Studio::of(wrong.start().await).await;
    assert_eq!(studio.put(GIF).await.problem(502)["code"], "image_store_refused");
    assert_eq!(studio.banner().await["image"], Value::Null);
    let log = studio.bams.log();
    assert!(log.contains("403") && !log.contains("X-Amz-Signature"), "{log}");
}
