//! Pages ask for banners that fit.

use bams_tests::reqwest::Method;
use bams_tests::{Answer, Ask, Bams};
use serde_json::{Value, json};

use crate::embed_script::open;
use crate::given::{number, shown, visitor};
use crate::studio::{Studio, png};

/// A campaign with a banner of 300 × 250 and one of 728 × 90 pixels; returns these.
async fn studio() -> (Studio, [u64; 2]) {
    let mut studio = Studio::of(Bams::builder().start().await).await;
    studio.put(png(300, 250)).await.expect(200);
    let square = studio.banner;
    let wide = studio.post("/banners", json!({ "name": "Wide" })).await.expect(201);
    studio.banner = number(&wide["id"]);
    let path = format!("/campaigns/{}/banners", studio.campaign);
    studio.post(&path, json!({ "banner_ids": [studio.banner] })).await.expect(200);
    studio.put(png(728, 90)).await.expect(200);
    // The size of a banner is the one on the page.
    let both = async || {
        let path = format!("/api/v1/serve/{}?notrack=true", studio.campaign);
        shown(&studio.bams.get(&path).answer().await.expect(200)).len() == 2
    };
    bams_tests::eventually(std::time::Duration::from_secs(30), "both are served", both).await;
    let banners = [square, studio.banner];
    (studio, banners)
}

#[tokio::test]
async fn whoever_asks_for_a_size_gets_only_that() {
    let (studio, [square, wide]) = studio().await;
    let path = format!("/api/v1/serve/{}?notrack=true", studio.campaign);
    let ask =
        async |sizes: &str| -> Answer { studio.bams.get(&format!("{path}{sizes}")).answer().await };
    let fitting = async |sizes: &str| {
        let mut shown = shown(&ask(sizes).await.expect(200));
        shown.sort_unstable();
        shown
    };
    for (sizes, expected) in [
        ("", vec![square, wide]),
        ("&size=", vec![square, wide]),
        ("&size=300x250", vec![square]),
        ("&size=728x90", vec![wide]),
        ("&size=728x90&size=300x250", vec![square, wide]),
        ("&size=728x90,1x1", vec![wide]),
    ] {
        assert_eq!(fitting(sizes).await, expected, "{sizes}");
    }
    let nothing = ask("&size=160x600").await.expect(200);
    let said = [&nothing["banners"], &nothing["reason"], &nothing["rule"]];
    let expected = [&json!([]), &json!("no_banner_of_this_size"), &json!("clicks_then_random")];
    assert_eq!(said, expected);
    for wrong in ["big", "300X250", "0x0", "300x250px"] {
        let refused = ask(&format!("&size={wrong}")).await.problem(422);
        let error = &refused["errors"][0];
        assert_eq!((&error["pointer"], &error["code"]), (&json!("size"), &json!("not_a_size")));
    }
    ask(&"&size=1x1".repeat(21)).await.problem(422);

    let decide = async |size: Value| {
        let placement = json!({ "id": "a", "campaign_id": studio.campaign, "size": size });
        let post = studio.bams.post("/api/v1/decisions").header("cookie", visitor());
        post.json(&json!({ "placements": [placement] })).answer().await
    };
    let decided = decide(json!(["728x90"])).await.expect(200);
    assert_eq!(shown(&decided["placements"]["a"]), [wide]);
    let decided = decide(json!(["160x600"])).await.expect(200);
    assert_eq!(decided["placements"]["a"]["reason"], "no_banner_of_this_size");
    let refused = decide(json!(["728x90", 7])).await.problem(422);
    assert_eq!(refused["errors"][0]["pointer"], "/placements/0/size/1");
}

#[tokio::test]
async fn a_frame_and_a_script_ask_for_what_fits() {
    let (studio, _) = studio().await;
    let frame = async |query: &str| {
        let path = format!("/embed/{}{query}", studio.campaign);
        let page = studio.bams.request(Method::GET, &path).answer().await;
        assert_eq!(page.status, 200);
        page.text()
    };
    let page = frame("?size=728x90").await;
    assert!(
        page.contains("width=\"728\" height=\"90\"") && !page.contains("width=\"300\""),
        "{page}"
    );
    assert!(frame("?size=160x600").await.contains("data-bams-reason=\"no_banner_of_this_size\""));

    let campaign = studio.campaign;
    let page = open(
        &studio.bams,
        &[
            &format!("{campaign}::300x250"),
            &format!("{campaign}::970x250 728x90"),
            &format!("{campaign}::1x1"),
        ],
        None,
    );
    let width = |place: usize| &page["places"][place]["banners"][0]["width"];
    assert_eq!((width(0), width(1)), (&json!(300), &json!(728)), "{page}");
    assert_eq!(page["places"][2], json!({ "reason": "no_eligible_banner", "banners": [] }));
    let page = open(&studio.bams, &[&format!("{campaign}::1x1"), &format!("{campaign}:1")], None);
    assert_eq!(page["places"][0]["reason"], "no_banner_of_this_size", "{page}");
}
