//! The dashboard's pages: how long the server takes for each, and when a browser begins to show one.

use std::time::Instant;

use bams_tests::{Ask, Bams, Browser, Generated};
use fantoccini::Locator;

use crate::contender::median;
use crate::options::Options;
use crate::store::Store;
use crate::table::{Row, count, tell};

/// Campaigns of the store that a browser opens, banners of each, and impressions in each quarter.
const CAMPAIGNS: u32 = 500;
const BANNERS: u32 = 20;
const IMPRESSIONS: u32 = 40_000;

/// How often each page is asked for.
const TIMES: usize = 5;

/// The pages of a store that has campaign 7 and banner 107. Those with figures take a period.
const PAGES: [(&str, &str, bool); 9] = [
    ("overview", "/dashboard/", true),
    ("campaigns", "/dashboard/campaigns", true),
    ("campaign", "/dashboard/campaigns/7", true),
    ("report", "/dashboard/campaigns/7/report", true),
    ("banners", "/dashboard/banners", true),
    ("banner", "/dashboard/banners/107?campaign=7", false),
    ("preview", "/dashboard/preview?campaign=7", false),
    ("imports", "/dashboard/imports", false),
    ("settings", "/dashboard/settings", false),
];

/// Measures when a browser paints, and the pages of the same store.
pub(crate) async fn measure(_: &Options) -> Vec<Row> {
    tell(&format!("dashboard: filling a store of {CAMPAIGNS} campaigns"));
    let data = Generated::new(CAMPAIGNS, BANNERS, IMPRESSIONS);
    let store = Store::filled(|folder| data.write(folder));
    let bams = store.server().start().await;
    let mut table = first_paints(&bams).await;
    table.extend(pages(&bams, "period=today", &format!("{} campaigns", count(CAMPAIGNS))).await);
    bams.kill();
    table
}

/// Measures how long the server takes for each page. `period` are the fields of an address that choose
/// one.
async fn pages(bams: &Bams, period: &str, store: &str) -> Vec<Row> {
    let form = bams.post("/dashboard/sign-in").header("sec-fetch-site", "same-origin");
    let signed_in = form.form(&[("key", bams.key("admin"))]).answer().await;
    let session = signed_in.cookie("bams_session").expect("a session");
    let mut table = Vec::new();
    for (name, path, takes_period) in PAGES {
        let path = if takes_period { format!("{path}?{period}") } else { path.to_owned() };
        let mut times = Vec::new();
        for time in 0..=TIMES {
            let begun = Instant::now();
            let asked = bams.get(&path).header("cookie", format!("bams_session={session}"));
            let answer = asked.header("accept", "text/html").answer().await;
            assert_eq!(answer.status, 200, "{path}");
            // The first one warms up.
            if time > 0 {
                times.push(begun.elapsed().as_secs_f64());
            }
        }
        let what = format!("dashboard, {name}, {store}");
        table.push(row(what, median(times.into_iter()) * 1000.0, 150.0));
    }
    table
}

/// Measures when a browser paints the overview and the list of campaigns, on loopback.
async fn first_paints(bams: &Bams) -> Vec<Row> {
    let browser = Browser::open().await;
    browser.goto(&bams.url("/dashboard/sign-in")).await.expect("a page");
    let key = browser.find(Locator::Id("key")).await.expect("a field");
    key.send_keys(&bams.key("viewer")).await.expect("a field");
    browser
        .find(Locator::Css("form .primary"))
        .await
        .expect("a button")
        .click()
        .await
        .expect("a page");
    browser.until("return location.pathname == '/dashboard/'").await;
    let mut table = Vec::new();
    for (name, path, _) in &PAGES[..2] {
        let mut times = Vec::new();
        for _ in 0..TIMES {
            browser.goto(&bams.url(path)).await.expect("a page");
            let painted =
                "return performance.getEntriesByName('first-contentful-paint')[0]?.startTime";
            times.push(browser.until(painted).await.as_f64().expect("a time"));
        }
        let what = format!("first paint of the {name}, {} campaigns", count(CAMPAIGNS));
        table.push(row(what, median(times.into_iter()), 300.0));
    }
    table
}

fn row(what: String, milliseconds: f64, most: f64) -> Row {
    tell(&format!("{what}: {milliseconds:.1} ms"));
    Row {
        what,
        measured: format!("{milliseconds:.1} ms"),
        beside: format!("target: {most:.0} ms"),
        ratio: Some(milliseconds / most),
        target: "≤ 1",
    }
}
