//! Where images are given to a banner.

use std::time::Duration;

use bams_tests::reqwest::Method;
use bams_tests::{Answer, Ask, Bams, eventually};
use serde_json::{Value, json};

use crate::given::{decision, number, visitor};

pub(crate) const GIF: &[u8] =
    b"GIF89a\x03\0\x04\0\x80\0\0\0\0\0\xff\xff\xff\x2c\0\0\0\0\x03\0\x04\0\0\
    \x02\x02\x44\x01\0\x3b";
pub(crate) const JPEG: &[u8] = b"\xff\xd8\xff\xc0\0\x0b\x08\0\x04\0\x03\x01\x01\x11\0\
    \xff\xda\0\x08\x01\x01\0\0\x3f\0\x55\xff\xd9";
pub(crate) const WEBP: &[u8] =
    b"RIFF\x1a\0\0\0WEBPVP8L\x0d\0\0\0\x2f\x02\xc0\0\x10\x07\x10\x11\x11\x88\x88\
    \xfe\x07\0";
pub(crate) const AVIF: &[u8] =
    b"\0\0\0\x18ftypavif\0\0\0\0avifmif1\0\0\0\x30meta\0\0\0\0\0\0\0\x24iprp\
    \0\0\0\x1cipco\0\0\0\x14ispe\0\0\0\0\0\0\0\x03\0\0\0\x04\0\0\0\x0cmdat\x12\0\x0a\x0a";

/// A picture of that many pixels that says how many, and has few bytes.
pub(crate) fn png(width: u32, height: u32) -> Vec<u8> {
    let chunk = |name: &[u8], content: &[u8]| {
        let length = u32::try_from(content.len()).unwrap().to_be_bytes();
        [&length, name, content, &[0; 4]].concat()
    };
    let header = [&width.to_be_bytes()[..], &height.to_be_bytes(), &[8, 0, 0, 0, 0]].concat();
    let parts = [chunk(b"IHDR", &header), chunk(b"IDAT", &[0; 9]), chunk(b"IEND", b"")];
    [b"\x89PNG\r\n\x1a\n", parts.concat().as_slice()].concat()
}

/// An instance with a banner in a campaign, and somebody who may change it.
pub(crate) struct Studio {
    pub(crate) bams: Bams,
    pub(crate) key: String,
    pub(crate) campaign: u32,
    pub(crate) banner: u64,
}

impl Studio {
    pub(crate) async fn of(bams: Bams) -> Self {
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

    pub(crate) fn ask(&self, method: Method, path: &str) -> bams_tests::reqwest::RequestBuilder {
        self.bams.request(method, &format!("/api/v1{path}")).bearer_auth(&self.key)
    }

    pub(crate) async fn post(&self, path: &str, body: Value) -> Answer {
        self.ask(Method::POST, path).json(&body).answer().await
    }

    pub(crate) fn path(&self, rest: &str) -> String {
        format!("/banners/{}{rest}", self.banner)
    }

    pub(crate) async fn put(&self, bytes: impl Into<Vec<u8>>) -> Answer {
        self.ask(Method::PUT, &self.path("/image")).body(bytes.into()).answer().await
    }

    pub(crate) async fn banner(&self) -> Value {
        self.ask(Method::GET, &self.path("")).answer().await.expect(200)
    }

    /// Asks for an upload of so many bytes.
    pub(crate) async fn invite(&self, bytes: usize, sha256: Option<&str>) -> Value {
        let body = json!({ "media_type": "image/png", "bytes": bytes, "sha256": sha256 });
        self.post(&self.path("/image-upload"), body).await.expect(200)
    }

    /// Uploads as a browser does: without a key.
    pub(crate) async fn upload(&self, invitation: &Value, bytes: &[u8]) {
        let url = invitation["upload_url"].as_str().unwrap();
        let answer = self.bams.request(Method::PUT, url).body(bytes.to_vec()).answer().await;
        assert_eq!(answer.status, 200, "{}", answer.text());
    }

    pub(crate) async fn complete(&self, key: &Value) -> Answer {
        self.post(&self.path("/image-upload/complete"), json!({ "key": key })).await
    }

    /// Waits until a decision shows the banner, fetches what it shows, and compares.
    pub(crate) async fn shows(&self, bytes: &[u8]) -> Answer {
        let image = async || {
            let decision = decision(&self.bams, self.campaign, &visitor()).await;
            let url = decision["banners"][0]["image_url"].as_str()?.to_owned();
            Some(self.bams.get(&url).answer().await)
        };
        let shown = async || image().await.is_some_and(|it| it.status == 200 && it.body == bytes);
        eventually(Duration::from_secs(30), "the image is served", shown).await;
        image().await.unwrap()
    }
}

/// The code of a problem's first error.
pub(crate) fn code(problem: &Value) -> &str {
    problem["errors"][0]["code"].as_str().unwrap_or_else(|| panic!("{problem}"))
}
