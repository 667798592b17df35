//! Names of people: long ones, and ones that are read from the right.

use bams_tests::Bams;
use bams_tests::reqwest::multipart::Form;
use serde_json::json;

use super::{DashboardGuest, GuestMeans};
use crate::dashboard::Visit;
use crate::dashboard::campaigns::picture;
use crate::dashboard::pages::pages;

const FROM_THE_RIGHT: &str = "تخفيضات الربيع على أحذية الجري (2026) – الإصدار الثاني";

/// How far a page reaches beyond its window.
const WIDE: &str = "const it = document.documentElement; return it.scrollWidth - it.clientWidth";

/// Names and headings that are higher than three lines.
const HIGH: &str = "return [...document.querySelectorAll('.clip, h1')].filter((it) =>
    it.getBoundingClientRect().height > 3 * parseFloat(getComputedStyle(it).lineHeight)
).map((it) => it.outerHTML)";

#[tokio::test]
async fn no_name_makes_a_page_scroll_sideways() {
    let bams = Bams::builder().start().await;
    let key = bams.key("admin");
    let visit = Visit::with(&bams, &key).await;
    // A word without an end, one that is read from the right, and one of wide letters.
    for name in ["W".repeat(200), FROM_THE_RIGHT.to_owned(), "広告キャンペーン".repeat(20)]
    {
        let tag: String = name.chars().filter(|it| *it != ',').take(50).collect();
        let fields =
            [("name", name.as_str()), ("status", "active"), ("tags", &tag), ("notes", &name)];
        visit.led("/dashboard/campaigns/new", &fields).await;
        let long = "W".repeat(200);
        let url = format!("https://shop.example/{long}");
        let form = Form::new().part("images", picture("a.png")).text("name", name.clone());
        let form = form.text("landing_url", url).text("alt", name.clone());
        visit.upload("/dashboard/banners/new", form).await;
        visit.submit("/dashboard/settings/keys", &[("name", &name), ("role", "viewer")]).await;
    }
    for banner in ["1", "2", "3"] {
        visit.led("/dashboard/campaigns/1/attach", &[("banner", banner)]).await;
    }
    let guest = DashboardGuest::sign_in(&bams, &key, GuestMeans::Mouse).await;
    for width in [320, 390, 1440] {
        guest.browser.look(width, 900, "light").await;
        for path in pages(1, 1).into_iter().chain(["/dashboard/campaigns/2".to_owned()]) {
            guest.go(&path).await;
            assert_eq!(guest.run(WIDE).await, json!(0), "{path}, {width} px");
            assert_eq!(guest.run(HIGH).await, json!([]), "{path}, {width} px");
        }
    }
    let direction = "return getComputedStyle(document.querySelector('h1 bdi')).direction";
    assert_eq!(guest.run(direction).await, "rtl");
    guest.console_is_empty("names").await;
}
