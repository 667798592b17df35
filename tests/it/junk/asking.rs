//! Requests for everything in the document, with junk in every place that takes something.

use bams_tests::{Ask, Bams};
use serde_json::Value;

use super::body::Body;
use super::bytes::Bytes;
use crate::given::{decision, visitor};

/// What is asked for.
pub(super) struct Asking {
    operations: Vec<Operation>,
    key: String,
    /// Values that some parameter takes, to be scratched.
    good: Vec<String>,
}

struct Operation {
    method: String,
    path: String,
    /// The parameters of its query, each with an example.
    query: Vec<(String, String)>,
    body: Option<Body>,
}

impl Asking {
    /// Everything that an instance's document describes.
    pub(super) async fn of(bams: &Bams) -> Self {
        let document = bams.get("/openapi.json").answer().await.expect(200);
        let mut operations = Vec::new();
        for (path, of_path) in document["paths"].as_object().unwrap() {
            for (method, operation) in of_path.as_object().unwrap() {
                let parameters = operation["parameters"].as_array().into_iter().flatten();
                let query = parameters.filter(|it| it["in"] == "query");
                operations.push(Operation {
                    method: method.to_uppercase(),
                    path: path.clone(),
                    query: query.map(|it| (text(&it["name"]), text(&it["example"]))).collect(),
                    body: Body::of(&document, operation),
                });
            }
        }
        let key = bams.key("admin");
        let page = bams.get("/api/v1/banners?limit=1&sort=name").bearer_auth(&key);
        let cursor = page.answer().await.expect(200)["next_cursor"].clone();
        let decision = decision(bams, 1, &visitor()).await;
        let links = ["click_url", "impression_url"].map(|it| &decision["banners"][0][it]);
        let tokens = links.map(|it| it.as_str().unwrap().rsplit('/').next().unwrap().to_owned());
        let mut good = vec![cursor.as_str().unwrap().to_owned(), key.clone()];
        good.extend(tokens);
        let more = ["1", "active", "-id", "name", "campaign,banner", "2026-01-01T00:00:00Z", "csv"];
        let more = more.into_iter().chain(["\"1\"", "01234567-89ab-4cde-8f01-0123456789ab"]);
        good.extend(more.map(str::to_owned));
        Self { operations, key, good }
    }

    /// The next request, ready to be sent.
    pub(super) fn request(&self, bytes: &mut Bytes) -> Vec<u8> {
        let operation = bytes.one_of(&self.operations);
        let good: Vec<&str> = self.good.iter().map(String::as_str).collect();
        let mut request = format!("{} ", operation.method).into_bytes();
        request.extend(Self::target(operation, bytes, &good));
        request.extend(b" HTTP/1.1\r\nhost: localhost");
        if bytes.chance(5) {
            header(&mut request, "authorization", b"Bearer ", bytes.junk(&good));
        } else {
            header(&mut request, "authorization", b"Bearer ", self.key.clone().into_bytes());
        }
        for (name, begin) in [
            ("cookie", &b"unique_id="[..]),
            ("if-match", b""),
            ("if-none-match", b""),
            ("idempotency-key", b""),
            ("accept", b""),
            ("range", b"bytes="),
            ("origin", b""),
        ] {
            if bytes.chance(8) {
                header(&mut request, name, begin, bytes.junk(&good));
            }
        }
        let (content_type, body) = match &operation.body {
            Some(body) => (body.content_type(), body.fill(bytes, &good)),
            None => ("text/plain", Vec::new()),
        };
        header(&mut request, "content-type", b"", content_type.into());
        request.extend(format!("\r\ncontent-length: {}\r\n\r\n", body.len()).into_bytes());
        request.extend(body);
        request
    }

    fn target(operation: &Operation, bytes: &mut Bytes, good: &[&str]) -> Vec<u8> {
        let mut target = Vec::new();
        for part in operation.path.split_inclusive('/') {
            if !part.starts_with('{') {
                target.extend(part.as_bytes());
                continue;
            }
            let id = bytes.one_of(&["1", "101", "102"]).as_bytes().to_vec();
            let value = if bytes.chance(60) { id } else { bytes.junk(good) };
            target.extend(encoded(&value, bytes));
            if part.ends_with('/') {
                target.push(b'/');
            }
        }
        let mut separator = b'?';
        for (name, example) in &operation.query {
            if bytes.chance(35) {
                target.push(separator);
                target.extend(name.as_bytes());
                target.push(b'=');
                let junk = bytes.chance(40);
                let value = if junk { bytes.junk(good) } else { example.clone().into_bytes() };
                target.extend(encoded(&value, bytes));
                separator = b'&';
            }
        }
        target
    }
}

/// A text, or a number as one.
fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// Adds a header. Bytes that end a header would only end the conversation.
fn header(request: &mut Vec<u8>, name: &str, begin: &[u8], mut value: Vec<u8>) {
    value.retain(|it| *it >= b' ' && *it != 127);
    request.extend(format!("\r\n{name}: ").into_bytes());
    request.extend(begin);
    request.extend(value);
}

/// Percent-encoded as clients do it, or only as far as the request line stays one.
fn encoded(value: &[u8], bytes: &mut Bytes) -> Vec<u8> {
    let bold = bytes.chance(10);
    let mut text = Vec::new();
    for byte in value {
        if byte.is_ascii_alphanumeric() || (bold && byte.is_ascii_graphic() && *byte != b'#') {
            text.push(*byte);
        } else {
            text.extend(format!("%{byte:02X}").into_bytes());
        }
    }
    text
}
