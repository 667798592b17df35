//! Signing in: by a key, by the link that is printed, and out again.

use std::time::Duration;

use bams_tests::reqwest::Method;
use bams_tests::{Ask, Bams, MariaDb, eventually};

use super::{Visit, sign_in};
use crate::given::{both_databases, node_of};

#[tokio::test]
async fn a_key_opens_a_session_that_ends_with_it_on_every_node() {
    let database = MariaDb::shared().database();
    let one = node_of(&database).start().await;
    let other = node_of(&database).start().await;
    let key = one.key("viewer");
    let here = Visit::with(&one, &key).await;
    let there = Visit { bams: &other, cookie: here.cookie.clone() };
    assert!(there.page("/dashboard/").await.contains("<h1>Overview</h1>"));
    assert_eq!(one.run(["key", "revoke", &key]).code, 0);
    for visit in [&here, &there] {
        eventually(Duration::from_secs(5), "the session ends", async || {
            visit.get("/dashboard/").await.header("location") == "/dashboard/sign-in"
        })
        .await;
    }
}

#[tokio::test]
async fn a_key_may_be_pasted_as_requests_have_it() {
    let bams = Bams::builder().start().await;
    let key = bams.key("viewer");
    for pasted in [format!("Bearer {key}"), format!(" bearer  {key}\n"), key] {
        assert_eq!(sign_in(&bams, &[("key", &pasted)]).await.status, 303, "{pasted}");
    }
}

#[tokio::test]
async fn what_is_no_key_of_a_person_signs_nobody_in() {
    let bams = Bams::builder().set("limits.key_failures_per_minute", "4").start().await;
    let revoked = bams.key("admin");
    assert_eq!(bams.run(["key", "revoke", &revoked]).code, 0);
    for role in ["ingest", "postback", "metrics"] {
        let refused = sign_in(&bams, &[("key", &bams.key(role))]).await;
        assert_eq!(refused.status, 403, "{role}");
        assert!(refused.text().contains(&format!("role {role}")), "{}", refused.text());
    }
    for _ in 0..6 {
        let refused = sign_in(&bams, &[("key", &revoked)]).await;
        assert_eq!(refused.status, 401, "a revoked key is no forgery");
        assert_eq!(refused.cookie("bams_session"), None);
    }
    for _ in 0..4 {
        assert_eq!(sign_in(&bams, &[("key", "bams_0000000000000000_guess")]).await.status, 401);
    }
    let good = bams.key("admin");
    assert_eq!(sign_in(&bams, &[("key", &good)]).await.status, 429, "too many forgeries");
}

#[tokio::test]
async fn the_printed_link_signs_in_once() {
    for builder in both_databases() {
        let bams = builder.start().await;
        let log = bams.log();
        let link = log.split("/dashboard/sign-in?link=").nth(1).expect("a link is printed");
        let link = link.split_whitespace().next().unwrap().to_owned();
        let shown = bams.get(&format!("/dashboard/sign-in?link={link}")).answer().await;
        assert_eq!(shown.status, 200);
        assert!(
            shown.text().contains(&format!("name=\"link\" value=\"{link}\"")),
            "{}",
            shown.text()
        );
        let fields = [("link", link.as_str())];
        let (one, other) = tokio::join!(sign_in(&bams, &fields), sign_in(&bams, &fields));
        let mut statuses = [one.status, other.status];
        statuses.sort_unstable();
        assert_eq!(statuses, [303, 401], "one of two at once");
        let token = one.cookie("bams_session").or(other.cookie("bams_session")).unwrap();
        let visit = Visit { bams: &bams, cookie: format!("bams_session={token}") };
        assert!(visit.page("/dashboard/settings").await.contains("first admin"));
        assert!(!bams.errors().contains(&link), "the log names no link");
    }
}

#[tokio::test]
async fn a_session_is_new_at_each_sign_in_and_ends_when_its_person_wants() {
    let bams = Bams::builder().start().await;
    let key = bams.key("editor");
    let first = Visit::with(&bams, &key).await;
    let again = bams.post("/dashboard/sign-in").header("cookie", &first.cookie);
    let again = again.header("sec-fetch-site", "same-origin").form(&[("key", &key)]).answer().await;
    let token = again.cookie("bams_session").unwrap();
    assert!(!first.cookie.ends_with(&token), "the id is rotated");
    assert_eq!(first.get("/dashboard/").await.status, 303, "the replaced one has ended");
    let second = Visit { bams: &bams, cookie: format!("bams_session={token}") };
    let third = Visit::with(&bams, &key).await;
    let stranger = Visit::of(&bams, "editor").await;
    assert_eq!(second.led("/dashboard/sign-out", &[]).await, "/dashboard/sign-in");
    assert_eq!(second.get("/dashboard/").await.status, 303);
    assert_eq!(third.get("/dashboard/").await.status, 200);
    let fourth = Visit::with(&bams, &key).await;
    third.led("/dashboard/sign-out", &[("everywhere", "1")]).await;
    for ended in [&third, &fourth] {
        assert_eq!(ended.get("/dashboard/").await.status, 303);
    }
    assert_eq!(stranger.get("/dashboard/").await.status, 200, "another key's session stays");
}

#[tokio::test]
async fn without_a_session_every_page_leads_to_sign_in_and_back() {
    let bams = Bams::builder().start().await;
    let asked = bams.get("/dashboard/campaigns/12?quarter=2").answer().await;
    assert_eq!(asked.status, 303);
    let sign_in_page = asked.header("location").to_owned();
    assert!(sign_in_page.starts_with("/dashboard/sign-in?next="), "{sign_in_page}");
    let key = bams.key("viewer");
    let next = "/dashboard/campaigns/12?quarter=2";
    let answer = sign_in(&bams, &[("key", &key), ("next", next)]).await;
    assert_eq!(answer.header("location"), next);
    let answer = sign_in(&bams, &[("key", &key), ("next", "https://evil.example/")]).await;
    assert_eq!(answer.header("location"), "/dashboard/");
    for path in ["/", "/dashboard"] {
        let led = bams.get(path).answer().await;
        assert_eq!((led.status, led.header("location")), (302, "/dashboard/"), "{path}");
    }
}

#[tokio::test]
async fn only_our_own_pages_may_change_something() {
    let bams = Bams::builder().start().await;
    let visit = Visit::of(&bams, "admin").await;
    let host = bams.url("").split("://").nth(1).unwrap().to_owned();
    let own = format!("http://{host}");
    for (site, origin, expected) in [
        (Some("same-origin"), None, 303),
        (None, Some(own.as_str()), 303),
        (Some("cross-site"), Some("https://evil.example"), 403),
        (Some("same-site"), None, 403),
        (None, Some("null"), 403),
        (None, None, 403),
    ] {
        for path in ["/dashboard/look", "/dashboard/sign-in", "/dashboard/campaigns/new"] {
            let mut request = bams.request(Method::POST, path).header("cookie", &visit.cookie);
            for (name, value) in [("sec-fetch-site", site), ("origin", origin)] {
                if let Some(value) = value {
                    request = request.header(name, value);
                }
            }
            let key = bams.key("viewer");
            let answer =
                request.form(&[("name", "A"), ("theme", "dark"), ("key", &key)]).answer().await;
            assert_eq!(answer.status, expected, "{path} {site:?} {origin:?}: {}", answer.text());
        }
    }
    let refused = bams.post("/dashboard/look").form(&[("theme", "dark")]).answer().await;
    assert_eq!(refused.problem(403)["code"], "other_site");
}

#[tokio::test]
async fn the_cookie_is_hidden_from_scripts_and_secure_on_https() {
    for (url, secure) in [("", false), ("https://pictures.example.com", true)] {
        let bams = Bams::builder().set("server.public_url", url).start().await;
        let answer = sign_in(&bams, &[("key", &bams.key("viewer"))]).await;
        let cookie = answer.header("set-cookie");
        for part in ["HttpOnly", "SameSite=Lax", "Path=/"] {
            assert!(cookie.contains(part), "{cookie}");
        }
        assert_eq!(cookie.contains("Secure"), secure, "{cookie}");
    }
}
