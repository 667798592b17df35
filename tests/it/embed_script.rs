//! What the script does on a page, which node stands for.

use std::collections::BTreeSet;
use std::process::Command;

use bams_tests::{Ask, Bams, Generated, passes};
use serde_json::{Value, json};

use crate::given::{import, number, ranking, total};

const PAGE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/embed/page.mjs");

async fn server() -> Bams {
    let bams = Bams::builder().prepare();
    import(&bams, &Generated::new(2, 24, 1500));
    bams.give_landing_urls().await;
    bams.start().await;
    bams
}

/// Opens a page with these placements, and answers what became of it.
pub(crate) fn open(bams: &Bams, placements: &[&str], image_url: Option<&str>) -> Value {
    let mut node = Command::new("node");
    node.arg(PAGE).arg(bams.url("")).args(placements);
    node.envs(image_url.map(|it| ("IMAGE_URL", it)));
    serde_json::from_str(&passes(&mut node)).unwrap()
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

/// How many impressions were asked for.
fn seen(page: &Value) -> usize {
    list(&page["requests"]).iter().filter(|it| it.as_str().unwrap().contains("/t/i/")).count()
}

#[tokio::test(flavor = "multi_thread")]
async fn one_request_fills_all_placements_and_what_is_seen_counts_once() {
    let bams = server().await;
    let viewer = bams.key("viewer");
    let counted = async || {
        let mut counted = 0;
        for quarter in 1..=4 {
            counted += total(&ranking(&bams, &viewer, 1, quarter).await, "impressions");
        }
        counted
    };
    let before = counted().await;
    let page = open(&bams, &["1:2", "1:3", "2"], None);
    assert_eq!(page["warnings"], json!([]));
    let decisions = list(&page["requests"]).iter().filter(|it| **it == "POST /api/v1/decisions");
    assert_eq!(decisions.count(), 1, "{page}");

    let places = list(&page["places"]);
    let banners: Vec<_> = places.iter().flat_map(|it| list(&it["banners"])).collect();
    assert_eq!((list(&places[0]["banners"]).len(), list(&places[1]["banners"]).len()), (2, 3));
    assert!(banners.len() > 5, "{page}");
    let images: BTreeSet<_> = banners.iter().map(|it| it["src"].as_str().unwrap()).collect();
    assert_eq!(images.len(), banners.len(), "a repeat: {page}");
    for banner in banners {
        assert!(banner["alt"].as_str().is_some_and(|it| !it.is_empty()), "{banner}");
        assert!(banner["href"].as_str().is_some_and(|it| it.contains("/t/c/")), "{banner}");
        assert_eq!(
            (&banner["target"], &banner["rel"]),
            (&json!("_blank"), &json!("noopener sponsored"))
        );
    }
    // Only the first placement stayed in view for a second.
    assert_eq!((number(&page["early"]), seen(&page)), (0, 2), "{page}");
    assert_eq!(counted().await, before + 2);
}

#[tokio::test]
async fn a_page_survives_whatever_it_is_answered() {
    let bams = server().await;
    let key = bams.key("editor");
    let created = bams.post("/api/v1/campaigns").bearer_auth(&key).json(&json!({"name": "New"}));
    let empty = created.answer().await.expect(201)["id"].to_string();
    let paused = bams.get(&format!("/api/v1/serve/{empty}"));
    bams_tests::eventually(
        std::time::Duration::from_secs(30),
        "the campaign is known",
        async || paused.try_clone().unwrap().answer().await.status == 200,
    )
    .await;
    let page = open(&bams, &[&empty, "1:1"], None);
    assert_eq!(page["places"][0], json!({"reason": "no_eligible_banner", "banners": []}));
    assert_eq!((&page["places"][1]["reason"], &page["warnings"]), (&json!(""), &json!([])));

    // A wrong campaign leaves its own place as it is, and the others are filled.
    let page = open(&bams, &["999", "1:1", "998"], None);
    for (place, campaign) in [(0, 999), (2, 998)] {
        assert_eq!(page["places"][place], json!({"reason": "unknown_campaign", "banners": []}));
        let said = format!("BAMS: campaign {campaign} does not exist");
        assert!(list(&page["warnings"]).contains(&json!(said)), "{page}");
    }
    assert_eq!(list(&page["places"][1]["banners"]).len(), 1, "{page}");
    for (placement, said) in [("1:0", "`count`"), ("shoes", "`campaign_id`"), ("1:1:big", "size")] {
        let page = open(&bams, &[placement, "1:1"], None);
        let left = json!({"reason": "invalid_placement", "banners": []});
        assert_eq!(page["places"][0], left, "{page}");
        assert_eq!(list(&page["places"][1]["banners"]).len(), 1, "{page}");
        let warnings = list(&page["warnings"]);
        assert_eq!(warnings.len(), 1, "{page}");
        assert!(warnings[0].as_str().is_some_and(|it| it.contains(said)), "{page}");
    }
    for image_url in ["javascript:alert(1)", "data:text/html,x", "blob:x"] {
        let page = open(&bams, &["1:1"], Some(image_url));
        assert_eq!(page["places"][0]["banners"], json!([]), "{page}");
        assert_eq!((list(&page["warnings"]).len(), seen(&page)), (1, 0), "{page}");
    }
}
