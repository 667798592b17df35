//! Swagger UI, used with the mouse and the keyboard.

use std::path::Path;

use bams_tests::{Bams, Browser};
use fantoccini::Locator;
use fantoccini::elements::Element;
use fantoccini::key::Key;
use serde_json::Value;

use super::picture;
use crate::given::number;

/// An operation, opened.
struct Operation<'a> {
    browser: &'a Browser,
    block: String,
}

impl<'a> Operation<'a> {
    async fn open(browser: &'a Browser, tag: &str, id: &str) -> Self {
        let block = format!("#operations-{}-{id}", tag.replace(' ', "_"));
        let this = Self { browser, block };
        this.part(".opblock-summary-control").await.click().await.unwrap();
        this.part(".execute").await;
        this
    }

    async fn part(&self, selector: &str) -> Element {
        let selector = format!("{} {selector}", self.block);
        let found = self.browser.wait().for_element(Locator::Css(&selector)).await;
        found.unwrap_or_else(|error| panic!("{selector}: {error}"))
    }

    /// Writes into a field instead of what is in it.
    async fn write(&self, selector: &str, text: &str) {
        let field = self.part(selector).await;
        field.click().await.unwrap();
        let all = format!("{}a{}", char::from(Key::Control), char::from(Key::Null));
        field.send_keys(&(all + text)).await.unwrap();
    }

    async fn path(&self, name: &str, value: u64) {
        let selector = format!("tr[data-param-name={name}] input");
        self.write(&selector, &value.to_string()).await;
    }

    async fn file(&self, path: &Path) {
        let field = self.part("input[type=file]").await;
        field.send_keys(path.to_str().unwrap()).await.unwrap();
    }

    /// Presses the button, and returns the status and the body that the page shows.
    async fn execute(&self) -> (u16, Value) {
        let answer = format!("document.querySelector('{} .live-responses-table')", self.block);
        // What was answered before goes away first.
        let clear = format!("document.querySelector('{} .btn-clear')?.click()", self.block);
        self.browser.run(&clear).await;
        self.browser.until(&format!("return !{answer}")).await;
        self.part(".execute").await.click().await.unwrap();
        let shown = format!(
            "const row = {answer}?.querySelector('tr.response');
             const status = row?.querySelector('.response-col_status')?.textContent.trim();
             return status && [status, row.querySelector('pre')?.textContent];"
        );
        let shown = self.browser.until(&shown).await;
        let (status, body) = (shown[0].as_str().unwrap(), shown[1].as_str().unwrap_or_default());
        (status[..3].parse().unwrap(), serde_json::from_str(body).unwrap_or_default())
    }
}

/// Shows a key to the page as people paste it.
async fn authorize(browser: &Browser, text: &str) {
    let click = async |selector: &str| {
        let button = browser.wait().for_element(Locator::Css(selector)).await.unwrap();
        button.click().await.unwrap();
    };
    click(".scheme-container .btn.authorize").await;
    let field = browser.wait().for_element(Locator::Css(".auth-container input")).await.unwrap();
    field.send_keys(text).await.unwrap();
    click(".auth-container .modal-btn.authorize").await;
    click(".auth-container .btn-done").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_execute_does_what_it_says() {
    let bams = Bams::builder().start().await;
    let (folder, browser) = (bams.folder().to_owned(), Browser::open().await);
    browser.goto(&bams.url("/docs/")).await.unwrap();
    authorize(&browser, &format!("Bearer {}", bams.key("admin"))).await;
    // The key is still there after a reload.
    browser.refresh().await.unwrap();

    let create = Operation::open(&browser, "campaigns", "create_campaign").await;
    let (status, campaign) = create.execute().await;
    assert_eq!((status, &campaign["closed"]["reason"]), (201, &"no_eligible_banner".into()));
    // A second one is another one.
    let (status, second) = create.execute().await;
    assert_eq!((status, number(&second["id"])), (201, number(&campaign["id"]) + 1), "{second}");
    let campaign = number(&campaign["id"]);

    let create = Operation::open(&browser, "banners", "create_banner").await;
    let (status, banner) = create.execute().await;
    assert_eq!(status, 201, "{banner}");
    let banner = number(&banner["id"]);

    let file = folder.join("blue.png");
    std::fs::write(&file, picture(300, 250)).unwrap();
    let put = Operation::open(&browser, "banners", "replace_banner_image").await;
    put.path("banner_id", banner).await;
    put.file(&file).await;
    let (status, shown) = put.execute().await;
    assert_eq!((status, &shown["width"]), (200, &300.into()), "{shown}");

    let attach = Operation::open(&browser, "campaigns", "attach_banners").await;
    attach.path("campaign_id", campaign).await;
    attach.write("textarea", &format!("{{\"banner_ids\": [{banner}]}}")).await;
    let (status, attached) = attach.execute().await;
    assert_eq!(status, 200, "{attached}");

    let decide = Operation::open(&browser, "serving", "serve_campaign").await;
    decide.path("campaign_id", campaign).await;
    bams_tests::eventually(std::time::Duration::from_mins(1), "it is served", async || {
        let (status, decision) = decide.execute().await;
        status == 200 && number(&decision["banners"][0]["banner_id"]) == banner
    })
    .await;

    let file = folder.join("clicks_1.csv");
    let row = format!("click_id,banner_id,campaign_id\n1,{banner},{campaign}\n");
    std::fs::write(&file, row).unwrap();
    let import = Operation::open(&browser, "imports", "create_import").await;
    import.file(&file).await;
    let (status, import) = import.execute().await;
    assert_eq!((status, &import["quarter"], &import["kind"]), (202, &1.into(), &"clicks".into()));

    let report = Operation::open(&browser, "reports", "read_performance_report").await;
    bams_tests::eventually(std::time::Duration::from_mins(1), "it is reported", async || {
        let (status, report) = report.execute().await;
        status == 200 && report["totals"]["clicks"] == 1
    })
    .await;
    for (tag, id, count) in [
        ("campaigns", "list_campaigns", 2),
        ("banners", "list_banners", 1),
        ("imports", "list_imports", 1),
    ] {
        let (status, list) = Operation::open(&browser, tag, id).await.execute().await;
        let items = list["items"].as_array().map_or(0, Vec::len);
        assert_eq!((status, items), (200, count), "{id} {list}");
    }
}

#[tokio::test]
async fn what_may_be_left_out_is_left_empty() {
    let (bams, browser) = (Bams::builder().start().await, Browser::open().await);
    browser.goto(&bams.url("/docs/")).await.unwrap();
    browser.until("return document.querySelectorAll('.opblock').length > 40").await;
    browser
        .run("document.querySelectorAll('.opblock-summary-control').forEach(it => it.click())")
        .await;
    browser
        .until("return document.querySelectorAll('.opblock.is-open .execute').length > 40")
        .await;
    let filled = browser
        .run(
            "const fields = [...document.querySelectorAll('tr[data-param-name], tr.parameters')];
             const optional = fields.filter(it => !it.querySelector('.required'));
             const values = optional.map(it => [it.closest('.opblock').id, it.dataset.paramName || it.dataset.propertyName,
                ...[...it.querySelectorAll('input:not([type=checkbox]), select, textarea')].map(it => it.value)]);
             return [optional.length, values.filter(it => it.slice(2).some(it => it && it !== '--'))];",
        )
        .await;
    assert!(filled[0].as_u64().unwrap() > 60, "{filled}");
    // A default says what happens without the field, so that sending it changes nothing.
    let all = filled[1].as_array().unwrap();
    let others: Vec<_> = all.iter().filter(|field| field[1] != "limit").collect();
    assert!(others.is_empty(), "{others:?}");
}
