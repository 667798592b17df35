//! Frames on pages of other sites.

use std::time::Duration;

use bams_tests::{Ask, Bams, eventually};
use serde_json::json;

use super::Street;

/// Notes what frames say.
const LISTEN: &str =
    "<script>window.told = []; addEventListener('message', (it) => told.push(it.data))</script>";

#[tokio::test(flavor = "multi_thread")]
async fn a_frame_tells_the_page_around_it_what_became_of_it() {
    let street = Street::of(Bams::builder()).await;
    let campaign = street.campaign(&[(300, 250)]).await;
    let frame = |path: &str| {
        let address = street.bams.url(path);
        format!("{LISTEN}<iframe src='{address}' width=300 height=250 style='border:0'></iframe>")
    };
    street.hide_pictures(true);
    street.open_with(&[], &frame(&format!("/embed/{campaign}"))).await;
    street.browser.until("return told.length").await;
    let failed = json!([{"bams": "empty", "campaign": campaign, "reason": "image_failed"}]);
    assert_eq!(street.browser.run("return told").await, failed);
    street.hide_pictures(false);
    let shows = street.bams.url(&format!("/api/v1/serve/{campaign}?notrack=true"));
    eventually(Duration::from_mins(1), "the picture is found again", async || {
        street.bams.get(&shows).answer().await.json()["reason"].is_null()
    })
    .await;
    for (path, expected) in [
        (
            format!("/embed/{campaign}"),
            json!({"bams": "filled", "campaign": campaign, "reason": ""}),
        ),
        (
            format!("/embed/{campaign}?size=1x1"),
            json!({"bams": "empty", "campaign": campaign, "reason": "no_banner_of_this_size"}),
        ),
        (
            "/embed/999".to_owned(),
            json!({"bams": "empty", "campaign": 999, "reason": "unknown_campaign"}),
        ),
    ] {
        street.open_with(&[], &frame(&path)).await;
        street.browser.until("return told.length").await;
        assert_eq!(street.browser.run("return told").await, json!([expected]), "{path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_empty_frame_is_no_white_box_on_a_dark_page() {
    let street = Street::of(Bams::builder()).await;
    let frame = street.bams.url("/embed/999");
    for scheme in [
        "",
        "<meta name=color-scheme content=dark>",
        "<meta name=color-scheme content='light dark'>",
    ] {
        let page = format!(
            "{scheme}{LISTEN}<body style='margin:0;background:#123456'>\
             <iframe src='{frame}' width=300 height=250 style='border:0'></iframe>"
        );
        street.open_with(&[], &page).await;
        street.browser.until("return told.length").await;
        let picture = street.browser.screenshot().await.unwrap();
        let mut picture = png::Decoder::new(std::io::Cursor::new(picture)).read_info().unwrap();
        let mut pixels = vec![0; picture.output_buffer_size().unwrap()];
        let layout = picture.next_frame(&mut pixels).unwrap();
        let pixel = layout.line_size * 100 + layout.color_type.samples() * 100;
        assert_eq!(pixels[pixel..pixel + 3], [0x12, 0x34, 0x56], "{scheme}");
    }
}
