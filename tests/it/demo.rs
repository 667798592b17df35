//! `bams serve --demo`: something to see without anything to prepare.

use std::collections::BTreeSet;
use std::time::Duration;

use bams_tests::{Ask, Bams};

use crate::dashboard::Visit;

/// What the test harness itself writes into the working folder.
const HARNESS: [&str; 3] = ["output.log", "errors.log", "tmp"];

#[tokio::test]
async fn the_demo_reaches_every_rule_and_shows_pictures() {
    let bams = Bams::builder().arg("--demo").start().await;
    // What it made up is no news, and the key and the link are to be found.
    assert!(bams.log().lines().count() < 20, "{}", bams.log());
    let mut rules = BTreeSet::new();
    let mut campaign = 1;
    loop {
        let answer = bams.get(&format!("/api/v1/serve/{campaign}")).answer().await;
        if answer.status == 404 {
            break;
        }
        let decision = answer.expect(200);
        if let Some(rule) = decision["rule"].as_str() {
            rules.insert(rule.to_owned());
        }
        for banner in decision["banners"].as_array().unwrap() {
            let image = bams.get(banner["image_url"].as_str().unwrap()).answer().await;
            assert_eq!((image.status, image.header("content-type")), (200, "image/png"));
            assert!(image.body.starts_with(b"\x89PNG\r\n\x1a\n"));
        }
        campaign += 1;
    }
    let all = ["all_by_revenue", "clicks_then_random", "revenue_then_clicks", "top_ten_by_revenue"];
    assert_eq!(Vec::from_iter(&rules), all);
}

#[tokio::test]
async fn the_first_page_of_the_demo_tells_what_earns_and_what_is_wrong() {
    let bams = Bams::builder().arg("--demo").start().await;
    let said = bams.log() + &bams.errors();
    let key = said.split_whitespace().find(|it| it.starts_with("bams_")).unwrap();
    let page = Visit::with(&bams, key).await.page("/dashboard/").await;
    let lead = page.split("<p class=\"lead\">").nth(1).unwrap().split("</p>").next().unwrap();
    for said in [
        "<bdi>Spring shoes</bdi></a> earns most: ",
        "Its best banner is ",
        "<bdi>Trail runner 300 × 250</bdi></a>, and the evidence for that is clear.",
        "<bdi>Coffee club</bdi></a> has shown nothing since yesterday ",
    ] {
        assert!(lead.contains(said), "{said}: {lead}");
    }
    for said in ["All 14 banners are paused.", "partner_conversions_2.csv was refused"] {
        assert!(page.contains(said), "{said}: {page}");
    }
}

#[tokio::test]
async fn the_demo_leaves_nothing_behind() {
    let bams = Bams::builder().arg("--demo").start().await;
    let left = || {
        let files = ["", "tmp"].map(|it| std::fs::read_dir(bams.folder().join(it)).unwrap());
        let names = files.into_iter().flatten();
        let names = names.map(|it| it.unwrap().file_name().into_string().unwrap());
        names.filter(|it| !HARNESS.contains(&it.as_str())).collect::<Vec<_>>()
    };
    assert!(matches!(&left()[..], [store] if store.starts_with("bams-demo-")), "{:?}", left());
    assert_eq!(bams.terminate(Duration::from_secs(15)).await, Some(0));
    assert!(left().is_empty(), "{:?}", left());
}
