//! The figures of views as files for spreadsheets.

use bams_tests::{Ask, Bams, Generated};

use super::Visit;
use super::pages::number_after;
use crate::given::site;

/// Where files are, for people and for programs.
const FILES: &str = "/dashboard/performance?";
const REPORTS: &str = "/api/v1/reports/performance?";

/// The addresses of the files that a page offers.
fn files(page: &str) -> Vec<String> {
    let links = page.split("href=\"").skip(1).map(|it| it.split('"').next().unwrap());
    links.filter(|it| it.starts_with(FILES)).map(|it| it.replace("&#38;", "&")).collect()
}

#[tokio::test]
async fn every_view_offers_its_figures_as_the_report_of_the_api() {
    let bams = site(Bams::builder(), &Generated::new(4, 60, 3_000)).await;
    let key = bams.key("viewer");
    let visit = Visit::with(&bams, &key).await;
    let list = visit.page("/dashboard/campaigns").await;
    assert!(list.contains(">1–4 of 4</span>"), "{list}");
    let campaign = number_after(&list, "/dashboard/campaigns/");
    let banner = number_after(&visit.page("/dashboard/banners").await, "/dashboard/banners/");
    for (path, count) in [
        ("/dashboard/?period=today".to_owned(), 2),
        ("/dashboard/campaigns?period=today".to_owned(), 1),
        (format!("/dashboard/campaigns/{campaign}?period=today&quarter=2"), 2),
        (format!("/dashboard/campaigns/{campaign}/report?period=today"), 1),
        ("/dashboard/banners?period=today".to_owned(), 1),
        (format!("/dashboard/banners/{banner}?period=today"), 2),
    ] {
        let files = files(&visit.page(&path).await);
        assert_eq!(files.len(), count, "{path}: {files:?}");
        for file in files {
            let answer = visit.get(&file).await;
            let text = answer.text();
            assert_eq!(answer.status, 200, "{file}: {text}");
            assert!(answer.header("content-type").starts_with("text/csv"), "{file}");
            assert!(answer.header("content-disposition").starts_with("attachment"), "{file}");
            assert_eq!(answer.header("cache-control"), "no-store", "{file}");
            assert!(text.lines().count() > 1, "{file}: {text}");
            let told = bams.get(&file.replace(FILES, REPORTS)).bearer_auth(&key).answer().await;
            assert_eq!(text, told.text(), "{file}");
        }
    }
}

#[tokio::test]
async fn the_file_of_a_filtered_list_has_what_the_list_has() {
    let bams = site(Bams::builder(), &Generated::new(4, 60, 3_000)).await;
    let visit = Visit::of(&bams, "viewer").await;
    let list = visit.page("/dashboard/campaigns").await;
    let campaign = number_after(&list, "/dashboard/campaigns/");
    let page = visit.page(&format!("/dashboard/campaigns?period=today&name={campaign}")).await;
    let text = visit.page(&files(&page)[0]).await;
    let rows: Vec<&str> = text.lines().skip(1).collect();
    assert!(matches!(rows[..], [row] if row.starts_with(&format!("{campaign},"))), "{text}");
}

#[tokio::test]
async fn a_rate_of_few_stands_with_its_interval() {
    let bams = site(Bams::builder(), &Generated::new(1, 5, 100)).await;
    let visit = Visit::of(&bams, "viewer").await;
    let page = visit.page("/dashboard/?period=today").await;
    let card = page.split("<span class=\"k\">CTR</span>").nth(1).unwrap();
    let card = card.split("</a>").next().unwrap();
    assert!(card.contains("% to "), "{card}");
}
