//! Text that would like to be a script, in every field, and a walk over every page.

use std::collections::{BTreeMap, BTreeSet};

use bams_tests::Bams;
use serde_json::json;

use super::accessible::NO_PAGES;
use super::canaries::{CanaryStore, canary};
use super::{DashboardGuest, GuestMeans};
use crate::dashboard::mounted::addresses;

/// The most pages that differ in what is asked for only, and the most of all.
const OF_A_KIND: usize = 2;
const MOST: usize = 500;

/// Where a page leads to.
const LINKS: &str =
    "return [...document.querySelectorAll('a[href^=\"/dashboard\"], a[href^=\"?\"]')]
    .filter((it) => !it.hasAttribute('download'))
    .map((it) => it.pathname + it.search)";

/// What broke out, or ran.
const BROKEN: &str =
    "return [document.querySelector('[data-canary], main script, [onclick]')?.outerHTML,
    window.canary].filter(Boolean)";

/// The words of a page by which its texts are found, in text and in attributes.
const WORDS: &str = "return [...new Set(document.documentElement.outerHTML.match(/zq[a-z]+/g))]";

/// What each kind of page shows. What is missing was not written, or the walk has missed its page.
const SHOWN: [(&str, &[&str]); 16] = [
    ("/dashboard/", &["zqcampaign", "zqempty", "zqpicture", "zqfile"]),
    ("/dashboard/campaigns", &["zqcampaign", "zqempty", "zqctag"]),
    (
        "/dashboard/campaigns/#",
        &["zqcampaign", "zqctag", "zqnotes", "zqbanner", "zqpicture", "zqempty"],
    ),
    ("/dashboard/campaigns/#/edit", &["zqcampaign", "zqctag", "zqnotes"]),
    ("/dashboard/campaigns/#/banners", &["zqcampaign", "zqbanner", "zqpicture", "zqlisted"]),
    ("/dashboard/campaigns/#/report", &["zqcampaign", "zqbanner", "zqpicture"]),
    ("/shared/#", &["zqcampaign", "zqbanner", "zqpicture"]),
    ("/dashboard/banners", &["zqbanner", "zqpicture", "zqlisted", "zqlanding"]),
    (
        "/dashboard/banners/#",
        &[
            "zqbanner",
            "zqalt",
            "zqbtag",
            "zqlanding",
            "zqcampaign",
            "zqpicture",
            "zqlisted",
            "zqkey",
        ],
    ),
    (
        "/dashboard/banners/#/edit",
        &["zqbanner", "zqalt", "zqbtag", "zqlanding", "zqpicture", "zqlisted", "zqcell"],
    ),
    ("/dashboard/preview", &["zqcampaign", "zqbanner", "zqpicture", "zqasked"]),
    ("/dashboard/imports", &["zqfile"]),
    ("/dashboard/imports/#", &["zqfile", "zqcolumn", "zqcell", "zqkey"]),
    ("/dashboard/settings", &["zqkey", "zqmade", "zqcampaign", "zqbanner", "zqempty", "zqlanding"]),
    ("/dashboard/settings/keys/#/revoke", &["zqkey", "zqmade"]),
    ("/dashboard/sign-in", &["zqasked"]),
];

/// Addresses that ask for something that would like to be a script.
fn asking() -> impl Iterator<Item = String> {
    let asked = canary("zqasked").replace('"', "%22").replace('<', "%3C").replace('>', "%3E");
    let pages = ["", "campaigns", "banners", "preview", "imports", "settings", "campaigns/1"];
    let fields =
        ["name", "tag", "status", "sort", "period", "metric", "campaign", "state", "after"];
    let asks =
        pages.into_iter().flat_map(move |page| fields.map(|field| format!("{page}?{field}=")));
    asks.chain(["sign-in?next=".to_owned()]).map(move |it| format!("/dashboard/{it}{asked}"))
}

#[tokio::test]
async fn nothing_that_people_write_runs_or_breaks_out() {
    let bams = Bams::builder().start().await;
    let store = CanaryStore::fill(&bams).await;
    let guest = DashboardGuest::sign_in(&bams, &store.key, GuestMeans::Mouse).await;
    let mut open: BTreeSet<String> = store.pages.into_iter().chain(asking()).collect();
    open.insert("/dashboard/".to_owned());
    let first = open.clone();
    let (mut seen, mut kinds) = (BTreeSet::new(), BTreeMap::<_, usize>::new());
    let mut shown: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    while let Some(path) = open.pop_first() {
        let count = kinds.entry(kind_of(&path)).or_default();
        *count += 1;
        // Everything that is there is looked at; what is asked of it varies without end.
        if (path.contains('?') && !first.contains(&path) && *count > OF_A_KIND)
            || !seen.insert(path.clone())
        {
            continue;
        }
        assert!(seen.len() < MOST, "{seen:?}");
        guest.go(&path).await;
        assert_eq!(guest.run(BROKEN).await, json!([]), "{path}");
        // Images that a file names need not be there.
        let said = guest.browser.console().await;
        assert_eq!(said.iter().find(|it| !it.contains("/media/")), None, "{path}");
        let texts = |found: serde_json::Value| -> Vec<String> {
            found.as_array().unwrap().iter().map(|it| it.as_str().unwrap().to_owned()).collect()
        };
        shown.entry(place_of(&path)).or_default().extend(texts(guest.run(WORDS).await));
        // What is asked for once is in every link of its page.
        if !path.contains("zqasked") {
            let links = texts(guest.run(LINKS).await).into_iter();
            let is_file =
                |it: &str| it.ends_with("/rejected") || it.starts_with("/dashboard/performance");
            open.extend(links.filter(|it| !seen.contains(it) && !is_file(it)));
        }
    }
    let is_missing =
        |place: &str, word: &str| !shown.get(place).is_some_and(|it| it.contains(word));
    let missing: Vec<_> = SHOWN
        .iter()
        .flat_map(|(place, words)| words.iter().map(move |word| (*place, *word)))
        .filter(|it| is_missing(it.0, it.1))
        .collect();
    assert_eq!(missing, [], "{shown:#?}");
    for address in addresses().into_iter().filter(|it| it.is_read) {
        let is_page = !NO_PAGES.contains(&address.path.as_str());
        assert!(!is_page || seen.iter().any(|it| address.has(it)), "{address:?} was not seen");
    }
}

/// The page that a path leads to, with a sign for what varies.
fn place_of(path: &str) -> String {
    let path = path.split('?').next().unwrap();
    let part = |it: &str| {
        let varies = it.bytes().any(|byte| byte.is_ascii_digit());
        if varies { "#".to_owned() } else { it.to_owned() }
    };
    path.split('/').map(part).collect::<Vec<_>>().join("/")
}

/// Pages of one kind differ in values only.
fn kind_of(path: &str) -> String {
    let query = path.split_once('?').map_or("", |it| it.1);
    let names = query.split('&').map(|it| it.split('=').next().unwrap_or_default());
    format!("{}?{}", place_of(path), names.collect::<Vec<_>>().join("&"))
}
