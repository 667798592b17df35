//! Every page in both themes, wide and narrow: nothing that axe finds, nothing in the console, nothing that
//! scrolls sideways; and how many bytes pages have.

use std::fs;
use std::path::Path;

use bams_tests::{Ask, Bams, Tools};
use serde_json::json;

use super::{DashboardGuest, GuestMeans};
use crate::dashboard::Visit;
use crate::dashboard::mounted::addresses;
use crate::dashboard::pages::{number_after, pages};

/// Says where to write the picture of the demo that the README shows.
const PICTURES: &str = "BAMS_PICTURES";

/// Asks axe about a page with everything open.
const ASK: &str = "
    for (const it of document.querySelectorAll('details')) it.open = true;
    const runOnly = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
    return axe.run(document, { runOnly }).then((found) => found.violations.map((it) =>
        `${it.id}: ${it.nodes.map((node) => node.target.join(' ')).join(', ')}`));";

/// How far a page reaches beyond its window.
const WIDE: &str = "const it = document.documentElement; return it.scrollWidth - it.clientWidth";

/// The most bytes of a page, of its style and of its script, and of all three as they are sent.
const MOST: [usize; 4] = [60_000, 24_000, 12_000, 30_000];

/// How pages are looked at: by their width, and on what ground.
const LOOKS: [(u32, &str); 4] = [(1440, "light"), (1440, "dark"), (390, "light"), (320, "dark")];

/// Addresses that are read and are no pages.
pub(super) const NO_PAGES: [&str; 5] = [
    "/",
    "/dashboard",
    "/dashboard/assets/{name}",
    "/dashboard/imports/{id}/rejected",
    "/dashboard/performance",
];

impl DashboardGuest<'_> {
    /// Looks at pages.
    async fn finds_nothing(&self, paths: &[String]) {
        for path in paths {
            self.go(path).await;
            self.finds_nothing_here(path).await;
        }
    }

    /// Looks at the page as it is now.
    pub(super) async fn finds_nothing_here(&self, place: &str) {
        let axe = Tools::shared().modules().join("axe-core/axe.min.js");
        self.browser.execute(&fs::read_to_string(axe).unwrap(), Vec::new()).await.unwrap();
        for (width, scheme) in LOOKS {
            self.browser.look(width, 1000, scheme).await;
            // What changes from light to dark takes a moment.
            self.browser.until("return !document.getAnimations().length").await;
            assert_eq!(self.run(ASK).await, json!([]), "{place}, {width} px, {scheme}");
            assert_eq!(self.run(WIDE).await, json!(0), "{place}, {width} px, {scheme}");
        }
        let said = self.browser.console().await;
        let is_ours = |line: &&String| !line.contains("the server responded with a status");
        assert_eq!(said.iter().find(is_ours), None, "{place}");
    }
}

#[tokio::test]
async fn axe_and_the_console_find_nothing_on_pages_with_everything() {
    let bams = Bams::builder().arg("--demo").start().await;
    let log = bams.log();
    let key = log.split_whitespace().find(|it| it.starts_with("bams_")).unwrap();
    let guest = DashboardGuest::sign_in(&bams, key, GuestMeans::Mouse).await;
    let own = guest.run("return document.querySelector('.lead a').pathname").await;
    let own = own.as_str().unwrap().to_owned();
    let campaign = own.rsplit('/').next().unwrap().parse().unwrap();
    let banner =
        guest.run("return document.querySelector('.lead a[href*=banners]').pathname").await;
    let banner = banner.as_str().unwrap().rsplit('/').next().unwrap().parse().unwrap();
    let visit = Visit::with(&bams, key).await;
    let mut paths = pages(campaign, banner);
    paths.push(format!("{own}/report"));
    paths.push("/dashboard/sign-in".to_owned());
    paths.push("/dashboard/campaigns/4711".to_owned());
    paths.push("/dashboard/campaigns?name=nothing+has+this+name".to_owned());
    let id = key.split('_').nth(1).unwrap();
    paths.push(format!("/dashboard/settings/keys/{id}/revoke"));
    let log = visit.page("/dashboard/imports").await;
    let import = number_after(&log, "/dashboard/imports/");
    paths.push(format!("/dashboard/imports/{import}"));
    paths.push(shared_report(&visit, campaign).await);
    for address in addresses().iter().filter(|it| it.is_read) {
        let is_seen = paths.iter().any(|path| address.has(path));
        assert!(is_seen || NO_PAGES.contains(&address.path.as_str()), "{address:?} is not seen");
    }
    guest.finds_nothing(&paths).await;
    sizes(&visit, &paths).await;
    picture(&guest).await;
}

/// The address of a report that needs no key.
async fn shared_report(visit: &Visit<'_>, campaign: u32) -> String {
    let own = format!("/dashboard/campaigns/{campaign}/report");
    let page = visit.page(&own).await;
    let end = |name| {
        let field = format!("name=\"{name}\" value=\"");
        page.split(&field).nth(1).unwrap().split('"').next().unwrap().to_owned()
    };
    let made = visit.submit(&own, &[("from", &end("from")), ("to", &end("to"))]).await.text();
    format!("/shared/{}", made.split("/shared/").nth(1).unwrap().split('<').next().unwrap())
}

#[tokio::test]
async fn axe_and_the_console_find_nothing_on_pages_without_anything() {
    let bams = Bams::builder().start().await;
    let guest = DashboardGuest::sign_in(&bams, &bams.key("viewer"), GuestMeans::Mouse).await;
    let pages = ["", "campaigns", "banners", "preview", "imports", "settings", "sign-in"];
    let pages = pages.map(|it| format!("/dashboard/{it}"));
    guest.finds_nothing(&pages).await;
}

/// Checks the bytes of pages, and of what they load.
async fn sizes(visit: &Visit<'_>, paths: &[String]) {
    let (mut assets, mut sent_assets) = ([0; 2], 0);
    let first = visit.page("/dashboard/").await;
    for (begin, size) in ["style.", "app."].iter().zip(&mut assets) {
        let start = first.find(&format!("/dashboard/assets/{begin}")).unwrap();
        let path = first[start..].split('"').next().unwrap();
        *size = visit.get(path).await.body.len();
        sent_assets += packed(visit, path).await;
    }
    assert!(assets[0] <= MOST[1] && assets[1] <= MOST[2], "{assets:?}");
    for path in paths {
        let whole = visit.get(path).await.body.len();
        let sent = packed(visit, path).await + sent_assets;
        assert!(whole <= MOST[0] && sent <= MOST[3], "{path}: {whole}, {sent} as sent");
    }
}

/// How many bytes are sent to a browser.
async fn packed(visit: &Visit<'_>, path: &str) -> usize {
    let ask = visit.ask(bams_tests::reqwest::Method::GET, path);
    ask.header("accept-encoding", "gzip").answer().await.body.len()
}

/// Writes the picture of the overview, if somebody wants it.
async fn picture(guest: &DashboardGuest<'_>) {
    let Some(folder) = std::env::var_os(PICTURES) else { return };
    guest.browser.look(1440, 1000, "light").await;
    let hidden = json!({ "hidden": true });
    guest.browser.devtools("Emulation.setScrollbarsHidden", hidden).await;
    guest.go("/dashboard/").await;
    let png = guest.browser.screenshot().await.unwrap();
    fs::write(Path::new(&folder).join("dashboard.png"), png).unwrap();
}
