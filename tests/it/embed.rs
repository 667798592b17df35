//! Banners on pages of other sites: the script for their pages, and the page for their frames.

use std::collections::BTreeSet;
use std::time::Duration;

use bams_tests::reqwest::Method;
use bams_tests::{Answer, Ask, Bams, Generated, S3, eventually};
use serde_json::{Value, json};

use crate::given::{decision, import, number, ranking, shown, site, total, visitor, with_a_banner};
use bams_tests::ledger::LANDING;

/// The smallest picture: one dot.
const GIF: &[u8] = b"GIF89a\x01\0\x01\0\x80\0\0\0\0\0\xff\xff\xff\x2c\0\0\0\0\x01\0\x01\0\0\
    \x02\x02\x44\x01\0\x3b";

async fn data_site() -> Bams {
    site(Bams::builder(), &Generated::new(1, 24, 1500)).await
}

/// The values that an attribute has in a page, as a browser reads them.
fn attributes(page: &str, name: &str) -> Vec<String> {
    let begin = format!(" {name}=\"");
    let values = page.split(&begin).skip(1).map(|it| it.split('"').next().unwrap());
    values.map(|it| it.replace("&#38;", "&")).collect()
}

/// The banners of a page, by their images; asserts that none is there twice.
fn banners(page: &str) -> BTreeSet<u64> {
    let sources = attributes(page, "src").into_iter();
    let images: Vec<u64> = sources
        .filter_map(|it| it.split("/media/image_").nth(1)?.split('.').next()?.parse().ok())
        .collect();
    let banners: BTreeSet<u64> = images.iter().copied().collect();
    assert_eq!(banners.len(), images.len(), "a repeat: {page}");
    banners
}

/// The page as a browser asks for it, in a frame.
async fn framed(bams: &Bams, path: &str) -> Answer {
    bams.get(path).header("accept", "text/html,application/xhtml+xml,*/*;q=0.8").answer().await
}

fn assert_frameable(answer: &Answer) {
    let policy = answer.header("content-security-policy");
    assert!(policy.starts_with("default-src 'none'; "), "{policy}");
    // Even `*` would leave out pages in files and in apps, whose addresses are not those of the web.
    assert!(!policy.contains("frame-ancestors") && !policy.contains("unsafe"), "{policy}");
    assert_eq!(answer.header("cross-origin-embedder-policy"), "credentialless");
    assert_eq!(answer.header("cross-origin-resource-policy"), "cross-origin");
    assert_eq!(answer.header("x-frame-options"), "");
    assert_eq!(answer.header("content-type"), "text/html; charset=utf-8");
    assert_eq!(answer.header("cache-control"), "no-store");
}

#[tokio::test]
async fn the_script_is_small_cacheable_and_for_every_site() {
    let bams = Bams::builder().start().await;
    let script = bams.get("/embed.js").answer().await;
    assert_eq!(script.status, 200);
    assert!(script.body.len() <= 13_312, "{}", script.body.len());
    for risky in ["innerHTML", "eval(", "Function(", "document.write"] {
        assert!(!script.text().contains(risky), "{risky}");
    }
    for (name, value) in [
        ("content-type", "text/javascript; charset=utf-8"),
        ("cache-control", "public, max-age=3600"),
        ("cross-origin-resource-policy", "cross-origin"),
        ("access-control-allow-origin", "*"),
        ("x-content-type-options", "nosniff"),
        ("set-cookie", ""),
    ] {
        assert_eq!(script.header(name), value, "{name}");
    }
    let tag = script.header("etag");
    assert!(tag.starts_with('"') && tag.len() > 20, "{tag}");
    let known = |tag: &str| bams.get("/embed.js").header("if-none-match", tag).answer();
    let unchanged = known(tag).await;
    assert_eq!((unchanged.status, unchanged.body.len()), (304, 0));
    assert_eq!(unchanged.header("etag"), tag);
    assert_eq!(unchanged.header("cache-control"), script.header("cache-control"));
    assert_eq!(known("\"another\"").await.body, script.body);

    let head = bams.request(Method::HEAD, "/embed.js").answer().await;
    assert_eq!((head.status, head.header("etag"), head.body.len()), (200, tag, 0));
    for path in ["/embed.js", "/embed/1"] {
        let refused = bams.post(path).answer().await;
        refused.problem(405);
        assert_eq!(refused.header("allow"), "GET, HEAD");
    }
}

#[tokio::test]
async fn a_frame_repeats_nothing_before_everything_was_seen() {
    let bams = data_site().await;
    let first = framed(&bams, "/embed/1?count=6").await;
    assert_eq!(first.status, 200, "{}", first.text());
    assert_frameable(&first);
    let cookie = format!("unique_id={}", first.cookie("unique_id").expect("a cookie"));
    let mut seen = banners(&first.text());
    assert_eq!(seen.len(), 6);
    // What a frame showed is known to everything else that asks, and the other way round.
    for _ in 0..2 {
        let request = bams.get("/embed/1?count=6").header("cookie", &cookie);
        let page = request.answer().await;
        assert_eq!(page.cookie("unique_id"), None);
        seen.extend(banners(&page.text()));
    }
    assert_eq!(seen.len(), 18);
    let path = "/api/v1/serve/1?count=6";
    let decision = bams.get(path).header("cookie", &cookie).answer().await.expect(200);
    seen.extend(shown(&decision));
    assert_eq!(seen.len(), 24);

    let page = bams.get("/embed/1?count=50&exclude=101,102").answer().await.text();
    assert_eq!(banners(&page), (103..=124).collect());
    bams.get("/embed/1?count=51").answer().await.problem(422);
    bams.get("/embed/1?colour=red").answer().await.problem(422);
}

#[tokio::test]
async fn a_frame_without_tracking_leaves_no_trace() {
    let bams = data_site().await;
    let known = visitor();
    let before = decision(&bams, 1, &visitor()).await;
    for (path, header) in
        [("/embed/1?notrack=true", "x-none"), ("/embed/1", "dnt"), ("/embed/1", "sec-gpc")]
    {
        let page = bams.get(path).header(header, "1").header("cookie", &known).answer().await;
        assert_eq!((page.status, page.cookie("unique_id")), (200, None), "{path} {header}");
        assert!(page.text().contains("src=\"../embed.js\" data-bams-notrack>"), "{}", page.text());
    }
    let head = bams.request(Method::HEAD, "/embed/1").answer().await;
    assert_eq!((head.status, head.cookie("unique_id"), head.body.len()), (200, None, 0));
    let after = decision(&bams, 1, &known).await;
    if before["quarter"] == after["quarter"] {
        assert_eq!(BTreeSet::from_iter(shown(&before)), BTreeSet::from_iter(shown(&after)));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_seen_and_clicked_in_a_frame_counts() {
    let bams = Bams::builder().prepare();
    import(&bams, &Generated::new(1, 24, 1500));
    bams.give_landing_urls().await;
    bams.start().await;
    let viewer = bams.key("viewer");
    let counted = async |count: &str| {
        let mut counted = 0;
        for quarter in 1..=4 {
            counted += total(&ranking(&bams, &viewer, 1, quarter).await, count);
        }
        counted
    };
    let before = (counted("impressions").await, counted("clicks").await);
    let page = bams.get("/embed/1?count=3").answer().await.text();
    let (seen, clicked) = (attributes(&page, "data-bams-impression"), attributes(&page, "href"));
    assert_eq!((seen.len(), clicked.len()), (3, 3), "{page}");
    assert_eq!(page.matches("target=\"_blank\" rel=\"noopener sponsored\"").count(), 3);
    // Without JavaScript a pixel stands for the script.
    for url in &seen {
        let pixel = format!("<noscript><img src=\"{url}\" alt=\"\" width=\"1\" height=\"1\">");
        assert!(page.contains(&pixel), "{url} in {page}");
        assert_eq!(bams.get(url).answer().await.status, 200);
    }
    for url in &clicked[..2] {
        let click = bams.get(url).answer().await;
        assert!(click.status == 302 && click.header("location").starts_with(LANDING));
    }
    let after = (counted("impressions").await, counted("clicks").await);
    assert_eq!(after, (before.0 + 3, before.1 + 2));
}

/// A campaign with one banner; answers with its path below `/campaigns/`.
async fn campaign_of(bams: &Bams, key: &str, banner: &Value) -> u64 {
    let post = async |path: &str, body: &Value| {
        let path = format!("/api/v1/{path}");
        bams.post(&path).bearer_auth(key).json(body).answer().await
    };
    let banner = number(&post("banners", banner).await.expect(201)["id"]);
    let image = bams.request(Method::PUT, &format!("/api/v1/banners/{banner}/image"));
    image.bearer_auth(key).body(GIF).answer().await.expect(200);
    let campaign = number(&post("campaigns", &json!({"name": "Spring"})).await.expect(201)["id"]);
    let (path, body) = (format!("campaigns/{campaign}/banners"), json!({ "banner_ids": [banner] }));
    post(&path, &body).await.expect(200);
    let path = format!("/embed/{campaign}");
    eventually(Duration::from_secs(30), "the frame shows the banner", async || {
        bams.get(&path).answer().await.text().contains("<img ")
    })
    .await;
    campaign
}

#[tokio::test]
async fn what_people_write_is_never_markup() {
    let bams = Bams::builder().start().await;
    let key = bams.key("editor");
    let canary =
        r#"'"><script src=//evil.example></script><img src=x onerror=alert(1)>&lt;{{7*7}}"#;
    let landing_url = "https://shop.example/?a=1&b='2'&click={click_id}";
    for banner in [
        json!({"name": "Blue", "alt": canary, "landing_url": landing_url}),
        json!({"name": canary, "alt": "", "landing_url": landing_url}),
    ] {
        let campaign = campaign_of(&bams, &key, &banner).await;
        let page = bams.get(&format!("/embed/{campaign}")).answer().await.text();
        assert_eq!(page.matches("<script").count(), 1, "{page}");
        // The banner, and its pixel.
        assert_eq!(page.matches("<img ").count(), 2, "{page}");
        assert!(
            page.contains("alt=\"&#39;&#34;&#62;&#60;script src=//evil.example&#62;"),
            "{page}"
        );
        assert!(page.contains("&#38;lt;{{7*7}}\" width=\"1\" height=\"1\""), "{page}");
        assert!(!page.contains("shop.example"), "where a click leads is looked up: {page}");
    }
}

#[tokio::test]
async fn a_frame_with_nothing_to_show_is_empty_and_says_why() {
    let bams = Bams::builder().start().await;
    let key = bams.key("editor");
    let campaign = campaign_of(&bams, &key, &json!({"name": "Blue"})).await;
    let path = format!("/embed/{campaign}");
    let page = framed(&bams, &path).await;
    assert!(!page.text().contains("<a "), "a banner that leads nowhere: {}", page.text());

    let paused = json!({"status": "paused"});
    let change = bams.request(Method::PATCH, &format!("/api/v1/campaigns/{campaign}"));
    change.bearer_auth(&key).json(&paused).answer().await.expect(200);
    eventually(Duration::from_secs(30), "the campaign is paused", async || {
        let page = framed(&bams, &path).await.text();
        page.contains(&format!(
            "<body data-bams-frame=\"{campaign}\" data-bams-reason=\"campaign_paused\">"
        ))
    })
    .await;
    let empty = framed(&bams, &path).await;
    assert_eq!(empty.status, 200);
    assert_frameable(&empty);
    assert_eq!(empty.text().matches("<script").count(), 1, "{}", empty.text());

    for (path, status, reason) in [
        ("/embed/999", 404, "unknown_campaign"),
        ("/embed/abc", 400, "malformed_request"),
        ("/embed/1?count=0", 422, "invalid_request"),
    ] {
        let refused = framed(&bams, path).await;
        assert_eq!(refused.status, status, "{path}");
        assert_frameable(&refused);
        let asked = path.rsplit('/').next().unwrap().split('?').next().unwrap();
        let said =
            format!("<body data-bams-frame=\"{asked}\" data-bams-reason=\"{reason}\">\n</body>");
        assert!(refused.text().contains(&said), "{path}: {}", refused.text());
        // Programs read the problem.
        assert_eq!(bams.get(path).answer().await.problem(status)["code"], reason);
    }
}

#[tokio::test]
async fn a_frame_may_show_images_from_where_they_are() {
    let s3 = S3::start();
    let bams = Bams::builder().s3(&s3).start().await;
    let campaign = campaign_of(&bams, &bams.key("editor"), &json!({"name": "Blue"})).await;
    let page = framed(&bams, &format!("/embed/{campaign}")).await;
    assert_frameable(&page);
    let ours = format!("'self' {}", bams.url(""));
    let policy = page.header("content-security-policy");
    let (images, scripts) = (format!("img-src {ours} {};", s3.endpoint()), "script-src 'self';");
    let events = format!("connect-src {ours};");
    for rule in [images.as_str(), scripts, &events, "style-src 'sha256-", "base-uri 'none'"] {
        assert!(policy.contains(rule), "{rule} in {policy}");
    }
    assert!(attributes(&page.text(), "src").iter().any(|it| it.starts_with(&s3.endpoint())));

    let unsigned = Bams::builder().s3(&s3).env("AWS_ACCESS_KEY_ID", "");
    let unsigned = with_a_banner(unsigned).await;
    let refused = framed(&unsigned, "/embed/9").await;
    assert_eq!((refused.status, refused.header("retry-after")), (503, "5"));
    assert_frameable(&refused);
    assert!(refused.text().contains("data-bams-reason=\"image_signing_unavailable\""));
}
