//! How the script gets onto pages, and whom it remembers.

use std::collections::BTreeSet;

use bams_tests::{Bams, Browser, Site};
use serde_json::json;

use super::{HOST, Street};

const SIZES: [(u32, u32); 3] = [(300, 250), (300, 251), (300, 252)];

/// Opens the page so often and returns what it showed each time.
async fn opened(street: &Street, html: &str, times: usize) -> Vec<String> {
    let mut shown = Vec::new();
    for _ in 0..times {
        street.open(html).await;
        shown.extend(street.shown(1).await);
    }
    shown
}

#[tokio::test(flavor = "multi_thread")]
async fn the_demo_fills_pages_of_this_machine_and_remembers_their_visitors() {
    let street = Street {
        bams: Bams::builder().arg("--demo").start().await,
        site: Site::start().await,
        browser: Browser::open().await,
    };
    let place = "<div data-bams-campaign=1 data-bams-count=1></div>";
    let shown = opened(&street, place, 4).await;
    assert_eq!(BTreeSet::from_iter(&shown).len(), 4, "a repeat: {shown:?}");
    let known = "return sessionStorage.getItem(Object.keys(sessionStorage)[0])";
    assert_eq!(street.browser.run(known).await, json!("{}"), "a cookie does it");
    assert_eq!(street.browser.console().await, Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tab_remembers_what_it_showed_where_no_cookie_is_kept() {
    let street = Street::of(Bams::builder()).await;
    let campaign = street.campaign(&SIZES).await;
    let place = format!("<div data-bams-campaign={campaign} data-bams-count=1></div>");
    let shown = opened(&street, &place, 6).await;
    let (first, second) = shown.split_at(3);
    assert_eq!(BTreeSet::from_iter(first).len(), 3, "a repeat: {shown:?}");
    assert_eq!(BTreeSet::from_iter(second).len(), 3, "no new cycle: {shown:?}");
    let said = street.browser.console().await.join("\n");
    assert!(said.contains("visitor.same_site"), "{said}");
    assert!(street.bams.errors().contains("visitor.same_site"), "{}", street.bams.errors());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_console_says_what_the_server_has_to_allow() {
    let bams = Bams::builder().start().await;
    let street = Street { bams, site: Site::start().await, browser: Browser::open().await };
    street.open("<div data-bams-campaign=1><p id=house>Our own</p></div>").await;
    let expected = format!("pages of {} may not ask", street.site.origin(HOST));
    let mut said = String::new();
    bams_tests::eventually(std::time::Duration::from_mins(1), "the console says it", async || {
        said += &street.browser.console().await.join("\n");
        said.contains(&expected) && said.contains("cors.allowed_origins")
    })
    .await;
    assert_eq!(street.browser.run("return house.textContent").await, json!("Our own"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_in_a_file_is_told_that_it_needs_a_web_server() {
    let bams = Bams::builder().start().await;
    let folder = tempfile::tempdir().unwrap();
    let page = folder.path().join("page.html");
    let script = bams.url("/embed.js");
    let html = format!("<div data-bams-campaign=1></div><script src=\"{script}\"></script>");
    std::fs::write(&page, html).unwrap();
    let browser = Browser::open().await;
    browser.goto(&format!("file://{}", page.display())).await.unwrap();
    let mut said = String::new();
    bams_tests::eventually(std::time::Duration::from_mins(1), "the console says it", async || {
        said += &browser.console().await.join("\n");
        said.contains("open it from a web server")
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn modules_loaders_and_optimisers_may_hide_where_the_script_is_from() {
    let street = Street::of(Bams::builder()).await;
    let campaign = street.campaign(&SIZES).await;
    let server = street.bams.url("");
    let script = street.bams.url("/embed.js");
    let place = format!("<div data-bams-campaign={campaign} data-bams-count=1></div>");
    let loader =
        "const it = document.createElement('script'); it.src = SRC; document.head.append(it)";
    let loader = loader.replace("SRC", &format!("'{script}'"));
    for way in [
        format!("<script type=module src='{script}'></script>"),
        format!("<script type=module data-bams-server='{server}/'>import '{script}'</script>"),
        format!("<script>{loader}</script>"),
        format!(
            "<script data-bams-server='{server}'>fetch('{script}').then(it => it.text()).then(eval)</script>"
        ),
    ] {
        street.open_with(&[], &format!("{place}{way}")).await;
        street.shown(1).await;
    }
    // A placement that came later, in a page that is never loaded anew.
    let later = format!(
        "const later = document.createElement('div'); later.dataset.bamsCampaign = {campaign};
         later.dataset.bamsCount = 1; document.body.append(later); return bams.fill(later)"
    );
    street.browser.run(&later).await;
    street.shown(2).await;

    street
        .open_with(
            &[],
            &format!("{place}<script>fetch('{script}').then(it => it.text()).then(eval)</script>"),
        )
        .await;
    let mut said = String::new();
    bams_tests::eventually(std::time::Duration::from_mins(1), "the console asks", async || {
        said += &street.browser.console().await.join("\n");
        said.contains("data-bams-server")
    })
    .await;
}
