//! What every answer says about itself.

use bams_tests::reqwest::Method;
use bams_tests::{Answer, Ask, Bams};

use crate::access::operations;

const EVERYWHERE: [&str; 5] = [
    "x-request-id",
    "x-content-type-options",
    "referrer-policy",
    "content-security-policy",
    "cache-control",
];

#[tokio::test]
async fn every_answer_has_its_security_headers() {
    let https =
        Bams::builder().set("server.public_url", "https://pictures.example.com").start().await;
    let http = Bams::builder().start().await;
    let document = https.get("/openapi.json").answer().await.expect(200);
    let key = https.key("admin");
    let mut places: Vec<(Method, String)> =
        operations(&document).into_iter().map(|(method, path, _)| (method, path)).collect();
    let more =
        ["/", "/nothing", "/docs", "/docs/", "/docs/nothing", "/media/x.png", "/openapi.json"];
    places.extend(more.map(|it| (Method::GET, it.to_owned())));
    places.push((Method::DELETE, "/api/v1/serve/1".to_owned()));
    places.push((Method::OPTIONS, "/api/v1/serve/1".to_owned()));
    places.push((Method::HEAD, "/healthz".to_owned()));
    for (method, path) in places {
        for authorized in [false, true] {
            let request = https.request(method.clone(), &path);
            let request = if authorized { request.bearer_auth(&key) } else { request };
            let answer = request.answer().await;
            let place = format!("{method} {path}: {} {}", answer.status, answer.text());
            for name in EVERYWHERE {
                assert!(!answer.header(name).is_empty(), "no {name} at {place}");
            }
            assert_eq!(answer.header("x-content-type-options"), "nosniff", "{place}");
            assert!(answer.header("strict-transport-security").contains("max-age="), "{place}");
            let readable = if path == "/embed.js" { "*" } else { "" };
            assert_eq!(answer.header("access-control-allow-origin"), readable, "{place}");
        }
    }
    assert_eq!(http.get("/").answer().await.header("strict-transport-security"), "");
}

#[tokio::test]
async fn only_pages_of_listed_sites_may_read_answers() {
    let shop = "https://shop.example.com";
    let bams = Bams::builder().set("cors.allowed_origins", shop).start().await;
    let ask = async |method: Method, path: &str, origin: &str| {
        let request = bams.request(method, path).header("origin", origin);
        let request = request.header("access-control-request-method", "POST");
        request.header("access-control-request-headers", "authorization").answer().await
    };
    for path in ["/api/v1/serve/1", "/api/v1/campaigns", "/nothing"] {
        let answer = ask(Method::GET, path, shop).await;
        assert_eq!(answer.header("access-control-allow-origin"), shop, "{path}");
        assert_eq!(answer.header("access-control-allow-credentials"), "true", "{path}");
        assert!(answer.header("access-control-expose-headers").contains("etag"), "{path}");
        for stranger in ["https://evil.example.com", "null", "https://shop.example.com.evil.com"] {
            let answer = ask(Method::GET, path, stranger).await;
            assert_eq!(answer.header("access-control-allow-origin"), "", "{path} {stranger}");
            assert!(vary(&answer).contains("origin"), "{path} {:?}", answer.headers);
        }
        assert!(vary(&bams.get(path).answer().await).contains("origin"), "{path}");
    }
    let preflight = ask(Method::OPTIONS, "/api/v1/decisions", shop).await;
    assert_eq!(preflight.header("access-control-allow-origin"), shop);
    assert!(preflight.header("access-control-allow-methods").contains("POST"));
    assert!(preflight.header("access-control-allow-headers").contains("authorization"));
    let preflight = ask(Method::OPTIONS, "/api/v1/decisions", "https://evil.example.com").await;
    assert_eq!(preflight.header("access-control-allow-origin"), "");
}

fn vary(answer: &Answer) -> String {
    let values = answer.headers.get_all("vary").iter();
    values.filter_map(|it| it.to_str().ok()).collect::<Vec<_>>().join(",").to_lowercase()
}
