//! The visitor's cookie, and visitors who want none.

use std::collections::BTreeSet;

use bams_tests::{Ask, Bams, Generated};
use serde_json::json;

use crate::given::{decision, shown, site, visitor};

const COOKIE: &str = "unique_id";

async fn bams() -> Bams {
    site(Bams::builder(), &Generated::new(1, 24, 1500)).await
}

/// Whether this looks like a UUID.
fn is_uuid(value: &str) -> bool {
    let lengths = value.split('-').map(str::len);
    lengths.eq([8, 4, 4, 4, 12]) && value.chars().all(|it| it == '-' || it.is_ascii_hexdigit())
}

#[tokio::test]
async fn a_new_visitor_gets_a_cookie() {
    let bams = bams().await;
    let first = bams.get("/api/v1/serve/1").answer().await;
    let (one, header) = (first.cookie(COOKIE).unwrap(), first.header("set-cookie"));
    assert!(is_uuid(&one), "{header}");
    assert!(header.contains("HttpOnly") && header.contains("SameSite=Lax"), "{header}");
    assert!(!header.contains("Secure"), "not on http: {header}");
    let other = bams.get("/api/v1/serve/1").answer().await.cookie(COOKIE).unwrap();
    assert_ne!(one, other);
}

#[tokio::test]
async fn a_uuid_is_accepted_and_anything_else_replaced() {
    let bams = bams().await;
    let own = visitor();
    let answer = bams.get("/api/v1/serve/1").header("cookie", &own).answer().await;
    let again = answer.cookie(COOKIE).map(|it| format!("{COOKIE}={it}"));
    assert!(again.is_none() || again.as_ref() == Some(&own), "{again:?}");

    let long = "7".repeat(3000);
    for junk in ["", "abc", "../../etc/passwd", "a:b:c", "%00", "1234", long.as_str()] {
        let cookie = format!("{COOKIE}={junk}");
        let answer = bams.get("/api/v1/serve/1").header("cookie", cookie).answer().await;
        assert_eq!(answer.status, 200, "{junk}: {}", answer.text());
        let new = answer.cookie(COOKIE).unwrap_or_else(|| panic!("kept {junk}"));
        assert!(is_uuid(&new), "{junk} became {new}");
    }
}

#[tokio::test]
async fn who_does_not_want_to_be_tracked_is_not() {
    let bams = bams().await;
    let known = visitor();
    for (name, value) in [("dnt", "1"), ("sec-gpc", "1")] {
        for path in ["/api/v1/serve/1", "/campaigns/1/"] {
            let answer = bams.get(path).header(name, value).answer().await;
            assert_eq!((answer.status, answer.cookie(COOKIE)), (200, None), "{name} {path}");
        }
        let request = bams.get("/api/v1/serve/1").header(name, value).header("cookie", &known);
        assert_eq!(request.answer().await.cookie(COOKIE), None);
    }
    let request = json!({"placements": [{"id": "top", "campaign_id": 1}], "notrack": true});
    let request = bams.post("/api/v1/decisions").json(&request).header("cookie", &known);
    let answer = request.answer().await;
    assert_eq!((answer.status, answer.cookie(COOKIE)), (200, None));

    // None of these requests left a trace in the history.
    let (first, new) = (decision(&bams, 1, &known).await, decision(&bams, 1, &visitor()).await);
    if first["quarter"] == new["quarter"] {
        assert_eq!(BTreeSet::from_iter(shown(&first)), BTreeSet::from_iter(shown(&new)));
    }
}
