//! `bams serve --demo`: something to see without anything to prepare.

use std::collections::BTreeSet;

use bams_tests::{Ask, Bams};

/// What the test harness itself writes into the working folder.
const HARNESS: [&str; 2] = ["output.log", "errors.log"];

#[tokio::test]
async fn the_demo_reaches_every_rule_and_shows_pictures() {
    let bams = Bams::builder().arg("--demo").start().await;
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
async fn the_demo_leaves_the_working_folder_alone() {
    let bams = Bams::builder().arg("--demo").start().await;
    let files = std::fs::read_dir(bams.folder()).unwrap();
    let names = files.map(|it| it.unwrap().file_name().into_string().unwrap());
    let left: Vec<_> = names.filter(|it| !HARNESS.contains(&it.as_str())).collect();
    assert!(left.is_empty(), "{left:?}");
}
