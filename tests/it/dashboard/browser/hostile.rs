//! Text that would like to be a script, in every field, and a walk over every page.

use std::collections::{BTreeMap, BTreeSet};

use bams_tests::reqwest::multipart::{Form, Part};
use bams_tests::{Ask, Bams};
use serde_json::json;

use super::{DashboardGuest, GuestMeans};
use crate::dashboard::Visit;
use crate::dashboard::campaigns::{PICTURE, picture};

/// It would break out of text, of an attribute and of a script.
const CANARY: &str =
    "\"'></script><b data-canary onclick=alert(1)>x</b><script>window.canary=1</script>";

/// The same, as long as a tag may be.
const TAG: &str = "\"'></script><b data-canary onclick=a()>x</b>";

/// The most pages of one kind, and of all.
const OF_A_KIND: usize = 3;
const MOST: usize = 150;

/// Where a page leads to.
const LINKS: &str =
    "return [...document.querySelectorAll('a[href^=\"/dashboard\"], a[href^=\"?\"]')]
    .filter((it) => !it.hasAttribute('download'))
    .map((it) => it.pathname + it.search)";

/// What broke out, or ran.
const BROKEN: &str =
    "return [document.querySelector('[data-canary], main script, [onclick]')?.outerHTML,
    window.canary].filter(Boolean)";

async fn fill_every_field(bams: &Bams, visit: &Visit<'_>) {
    let campaign = [("name", CANARY), ("status", "active"), ("tags", TAG), ("notes", CANARY)];
    visit.led("/dashboard/campaigns/new", &campaign).await;
    let url = format!("https://shop.example/?q={}", CANARY.replace('"', "%22"));
    let form = Form::new().part("images", picture(&format!("{CANARY}.png")));
    let form = form.text("name", CANARY).text("alt", CANARY).text("tags", TAG);
    let made = visit.upload("/dashboard/banners/new", form).await;
    assert_eq!(made.status, 303, "{}", made.text());
    let named = Part::bytes(PICTURE.to_vec()).file_name(format!("{CANARY}.png"));
    let form = Form::new().part("images", named).text("landing_url", "").text("tags", TAG);
    visit.upload("/dashboard/campaigns/1/upload", form).await;
    let banner = [("name", CANARY), ("status", "active"), ("version", "1"), ("alt", CANARY)];
    let banner: Vec<_> = banner.into_iter().chain([("landing_url", url.as_str())]).collect();
    visit.submit("/dashboard/banners/1/edit", &banner).await;
    visit.led("/dashboard/campaigns/1/attach", &[("banner", "1")]).await;
    visit.submit("/dashboard/settings/keys", &[("name", CANARY), ("role", "editor")]).await;
    // A file that is refused says its name, its columns and its words again.
    let text = format!("click_id,banner_id,campaign_id,{}\n{},1,1,x\n", quoted(), quoted());
    let part = Part::bytes(text.into_bytes()).file_name(format!("{CANARY} clicks_1.csv"));
    let sent = visit.upload("/dashboard/imports", Form::new().part("file", part)).await;
    assert!([303, 422].contains(&sent.status), "{}", sent.text());
    let part = Part::bytes(b"day,place\n1,2\n".to_vec()).file_name(format!("{CANARY}.csv"));
    let refused = visit.upload("/dashboard/imports", Form::new().part("file", part)).await;
    assert!(!refused.text().contains("<b data-canary"), "{}", refused.text());
    let click = json!([{ "conversion_id": "c", "click_id": "x", "revenue": "1" }]);
    bams.post("/api/v1/conversions").json(&click).answer().await;
}

fn quoted() -> String {
    format!("\"{}\"", CANARY.replace('"', "\"\""))
}

#[tokio::test]
async fn nothing_that_people_type_runs_or_breaks_out() {
    let bams = Bams::builder().start().await;
    let key = bams.key("admin");
    let visit = Visit::with(&bams, &key).await;
    fill_every_field(&bams, &visit).await;
    let guest = DashboardGuest::sign_in(&bams, &key, GuestMeans::Mouse).await;
    let asked = CANARY.replace('"', "%22").replace('<', "%3C").replace('>', "%3E");
    let mut open: BTreeSet<String> = BTreeSet::from(["/dashboard/".to_owned()]);
    for page in ["campaigns", "banners", "preview", "imports", "settings", "campaigns/1", "sign-in"]
    {
        for field in
            ["name", "tag", "status", "sort", "period", "metric", "campaign", "next", "state"]
        {
            if page == "campaigns" || field.len() % 2 == page.len() % 2 {
                open.insert(format!("/dashboard/{page}?{field}={asked}"));
            }
        }
    }
    let (mut seen, mut kinds) = (BTreeSet::new(), BTreeMap::new());
    while let Some(path) = open.pop_first() {
        let kind = kind_of(&path);
        let count: &mut usize = kinds.entry(kind).or_default();
        *count += 1;
        if *count > OF_A_KIND || seen.len() >= MOST || !seen.insert(path.clone()) {
            continue;
        }
        guest.go(&path).await;
        assert_eq!(guest.run(BROKEN).await, json!([]), "{path}");
        guest.console_is_empty(&path).await;
        let links = guest.run(LINKS).await;
        let links = links.as_array().unwrap().iter().map(|it| it.as_str().unwrap().to_owned());
        open.extend(links.filter(|it| !seen.contains(it) && !it.ends_with("/rejected")));
    }
    assert!(seen.len() > 40, "{seen:?}");
    assert!(seen.contains("/dashboard/banners/1/edit"), "{seen:?}");
}

/// Pages of one kind differ in numbers and values only.
fn kind_of(path: &str) -> String {
    let (path, query) = path.split_once('?').unwrap_or((path, ""));
    let is_digit = |it: char| it.is_ascii_digit();
    let path: String = path.chars().filter(|it| !is_digit(*it)).collect();
    let names = query.split('&').map(|it| it.split('=').next().unwrap_or_default());
    format!("{path}?{}", names.collect::<Vec<_>>().join("&"))
}
