//! Images get onto banners: by PUT, or straight into S3.

use std::time::Duration;

use bams_tests::reqwest::Method;
use bams_tests::{Answer, Ask, Bams, MariaDb, S3, eventually};
use serde_json::{Value, json};

use crate::given::{decision, number, visitor};

const GIF: &[u8] = b"GIF89a\x03\0\x04\0\x80\0\0\0\0\0\xff\xff\xff\x2c\0\0\0\0\x03\0\x04\0\0\
    \x02\x02\x44\x01\0\x3b";
const JPEG: &[u8] = b"\xff\xd8\xff\xc0\0\x0b\x08\0\x04\0\x03\x01\x01\x11\0\
    \xff\xda\0\x08\x01\x01\0\0\x3f\0\x55\xff\xd9";
const WEBP: &[u8] = b"RIFF\x1a\0\0\0WEBPVP8L\x0d\0\0\0\x2f\x02\xc0\0\x10\x07\x10\x11\x11\x88\x88\
    \xfe\x07\0";
const AVIF: &[u8] = b"\0\0\0\x18ftypavif\0\0\0\0avifmif1\0\0\0\x30meta\0\0\0\0\0\0\0\x24iprp\
    \0\0\0\x1cipco\0\0\0\x14ispe\0\0\0\0\0\0\0\x03\0\0\0\x04\0\0\0\x0cmdat\x12\0\x0a\x0a";

/// A picture of that many pixels that says how many, and has few bytes.
fn png(width: u32, height: u32) -> Vec<u8> {
    let chunk = |name: &[u8], content: &[u8]| {
        let length = u32::try_from(content.len()).unwrap().to_be_bytes();
        [&length, name, content, &[0; 4]].concat()
    };
    let header = [&width.to_be_bytes()[..], &height.to_be_bytes(), &[8, 0, 0, 0, 0]].concat();
    let parts = [chunk(b"IHDR", &header), chunk(b"IDAT", &[0; 9]), chunk(b"IEND", b"")];
    [b"\x89PNG\r\n\x1a\n", parts.concat().as_slice()].concat()
}

/// An instance with a banner in a campaign, and somebody who may change it.
struct Studio {
    bams: Bams,
    key: String,
    campaign: u32,
    banner: u64,
}

impl Studio {
    async fn of(bams: Bams) -> Self {
        let key = bams.key("editor");
        let mut studio = Self { bams, key, campaign: 0, banner: 0 };
        let campaign = studio.post("/campaigns", json!({ "name": "Spring" })).await.expect(201);
        let banner = studio.post("/banners", json!({ "name": "Blue" })).await.expect(201);
        studio.banner = number(&banner["id"]);
        studio.campaign = number(&campaign["id"]).try_into().unwrap();
        let path = format!("/campaigns/{}/banners", studio.campaign);
        studio.post(&path, json!({ "banner_ids": [studio.banner] })).await.expect(200);
        studio
    }

    fn ask(&self, method: Method, path: &str) -> bams_tests::reqwest::RequestBuilder {
        self.bams.request(method, &format!("/api/v1{path}")).bearer_auth(&self.key)
    }

    async fn post(&self, path: &str, body: Value) -> Answer {
        self.ask(Method::POST, path).json(&body).answer().await
    }

    fn path(&self, rest: &str) -> String {
        format!("/banners/{}{rest}", self.banner)
    }

    async fn put(&self, bytes: impl Into<Vec<u8>>) -> Answer {
        self.ask(Method::PUT, &self.path("/image")).body(bytes.into()).answer().await
    }

    async fn banner(&self) -> Value {
        self.ask(Method::GET, &self.path("")).answer().await.expect(200)
    }

    /// Asks for an upload of so many bytes.
    async fn invite(&self, bytes: usize, sha256: Option<&str>) -> Value {
        let body = json!({ "media_type": "image/png", "bytes": bytes, "sha256": sha256 });
        self.post(&self.path("/image-upload"), body).await.expect(200)
    }

    /// Uploads as a browser does: without a key.
    async fn upload(&self, invitation: &Value, bytes: &[u8]) {
        let url = invitation["upload_url"].as_str().unwrap();
        let answer = self.bams.request(Method::PUT, url).body(bytes.to_vec()).answer().await;
        assert_eq!(answer.status, 200, "{}", answer.text());
    }

    async fn complete(&self, key: &Value) -> Answer {
        self.post(&self.path("/image-upload/complete"), json!({ "key": key })).await
    }

    /// Waits until a decision shows the banner, fetches what it shows, and compares.
    async fn shows(&self, bytes: &[u8]) -> Answer {
        let image = async || {
            let decision = decision(&self.bams, self.campaign, &visitor()).await;
            let url = decision["banners"][0]["image_url"].as_str()?.to_owned();
            Some(self.bams.get(&url).answer().await)
        };
        let shown = async || image().await.is_some_and(|it| it.status == 200 && it.body == bytes);
        eventually(Duration::from_secs(5), "the image is served", shown).await;
        image().await.unwrap()
    }
}

fn code(problem: &Value) -> &str {
    problem["errors"][0]["code"].as_str().unwrap_or_else(|| panic!("{problem}"))
}

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
        assert_eq!((name.len(), ending), ("banners/".len() + 32, "png"), "{banner}");
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
    let files = std::fs::read_dir(studio.bams.folder().join("images/banners")).unwrap();
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
    assert_eq!(code(&studio.complete(&invitation["key"]).await.problem(422)), "not_an_image");
    assert_eq!(studio.banner().await["image"], banner["image"]);
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
    }
    let invitation = studio.invite(bytes.len(), None).await;
    studio.upload(&invitation, &bytes).await;
    let path = format!("/banners/{other}/image-upload/complete");
    let stolen = studio.post(&path, json!({ "key": invitation["key"] })).await.problem(422);
    assert_eq!(code(&stolen), "not_issued");
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
