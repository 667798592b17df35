//! From an empty store to the first banner on a page of another site, as the overview leads there.

use std::time::Duration;

use bams_tests::reqwest::multipart::Form;
use bams_tests::{Ask, Bams, eventually};

use super::Visit;
use super::campaigns::picture;

#[tokio::test]
async fn the_first_steps_stay_until_a_page_has_shown_a_banner() {
    let bams = Bams::builder().start().await;
    let visit = Visit::of(&bams, "editor").await;
    let overview = async |expected: &[&str]| {
        let page = visit.page("/dashboard/").await;
        for text in expected {
            assert!(page.contains(text), "{text}: {page}");
        }
        page
    };
    overview(&["This store is empty", "0 of 3 done", "href=\"/dashboard/campaigns/new\""]).await;
    let fields = [("name", "Spring shoes"), ("status", "active")];
    visit.led("/dashboard/campaigns/new", &fields).await;
    let to_banners = "href=\"/dashboard/campaigns/1/banners\">";
    // An empty campaign needs attention, too.
    overview(&["1 of 3 done", to_banners, "Spring shoes is empty"]).await;
    let form = Form::new().part("images", picture("boot.png"));
    let form = form.text("landing_url", "https://shop.example/");
    assert_eq!(visit.upload("/dashboard/campaigns/1/upload", form).await.status, 303);
    overview(&["2 of 3 done", "href=\"/dashboard/campaigns/1#emb\""]).await;
    // Somebody who asks for a period is told that nothing was shown in it, not that all is well.
    let asked = visit.page("/dashboard/?period=7d").await;
    assert!(asked.contains("No page has asked for a banner in this period"), "{asked}");
    assert!(!asked.contains("Every campaign that runs shows banners"), "{asked}");
    let mut seen = String::new();
    eventually(Duration::from_secs(30), "a page gets the banner", async || {
        let decision = bams.get("/api/v1/serve/1").answer().await.json();
        let url = decision["banners"][0]["impression_url"].as_str().unwrap_or_default();
        url[url.find("/t/i/").unwrap_or(0)..].clone_into(&mut seen);
        !seen.is_empty()
    })
    .await;
    // A banner without figures has no rank, neither in the ladder nor in what a visitor sees.
    let preview = visit.page("/dashboard/preview?campaign=1").await;
    assert!(preview.contains("<b>No rank yet</b>") && !preview.contains("Rank 1"), "{preview}");
    let banner = visit.page("/dashboard/banners/1").await;
    assert!(banner.contains("<td data-l=\"Rank\">–</td>"), "{banner}");
    assert!(!banner.contains("<td data-l=\"Rank\">1</td>"), "{banner}");
    assert_eq!(bams.get(&seen).answer().await.status, 200);
    eventually(Duration::from_secs(30), "figures stand there", async || {
        !visit.page("/dashboard/").await.contains("Start here")
    })
    .await;
    overview(&["Needs attention", "What earns"]).await;
}

#[tokio::test]
async fn a_snippet_that_stays_empty_elsewhere_says_what_to_write() {
    let shown = async |bams: &Bams, embed: &str| {
        let visit = Visit::of(bams, "editor").await;
        let fields = [("name", "Spring shoes"), ("status", "active")];
        visit.led("/dashboard/campaigns/new", &fields).await;
        visit.page(&format!("/dashboard/campaigns/1?embed={embed}")).await
    };
    let says = "BAMS__CORS__ALLOWED_ORIGINS=https://www.example.com";
    let bams = Bams::builder().start().await;
    let page = shown(&bams, "script").await;
    assert!(page.contains(says) && page.contains("allowed_origins = ["), "{page}");
    assert!(!shown(&bams, "frame").await.contains(says), "any site may show a frame");
    // What it says works: a server with that setting needs no such note.
    let allowed = Bams::builder().env("BAMS__CORS__ALLOWED_ORIGINS", "https://www.example.com");
    let bams = allowed.start().await;
    assert!(!shown(&bams, "script").await.contains(says));
    let origin = "https://www.example.com";
    let answer = bams.get("/api/v1/serve/1").header("origin", origin).answer().await;
    assert_eq!(answer.header("access-control-allow-origin"), origin);
}
