//! Pages that are isolated from others show and count banners all the same.

use bams_tests::Bams;
use serde_json::json;

use super::Street;

const ISOLATING: [(&str, &str); 2] = [
    ("cross-origin-embedder-policy", "require-corp"),
    ("cross-origin-opener-policy", "same-origin"),
];

#[tokio::test(flavor = "multi_thread")]
async fn isolated_pages_show_and_count() {
    let street = Street::of(Bams::builder()).await;
    let campaign = street.campaign(&[(300, 250)]).await;
    let script = street.bams.url("/embed.js");
    let place =
        format!("<div data-bams-campaign={campaign}></div><script src='{script}'></script>");
    street.open_with(&ISOLATING, &place).await;
    assert_eq!(street.browser.run("return crossOriginIsolated").await, json!(true));
    street.shown(1).await;
    street.counts(campaign, 1).await;

    let frame = street.bams.url(&format!("/embed/{campaign}?count=1&size=300x250"));
    let page = format!(
        "<script>addEventListener('message', (it) => {{ window.told = it.data }})</script>
         <iframe src='{frame}' width=300 height=250 style='border:0'></iframe>"
    );
    street.open_with(&ISOLATING, &page).await;
    let told = street.browser.until("return window.told").await;
    assert_eq!(told, json!({"bams": "filled", "campaign": campaign, "reason": ""}));
    street.counts(campaign, 2).await;
}
