//! Imports from the browser.

use std::time::Duration;

use bams_tests::reqwest::multipart::{Form, Part};
use bams_tests::{Bams, eventually};

use super::Visit;
use super::pages::number_after;

fn file(name: &str, text: &str) -> Part {
    Part::bytes(text.as_bytes().to_vec()).file_name(name.to_owned()).mime_str("text/csv").unwrap()
}

const IMPRESSIONS: &str = "banner_id,campaign_id\n5,9\n5,9\n6,9\n";
const CLICKS: &str = "click_id,banner_id,campaign_id\n1,5,9\n2,6,9\n";
const CONVERSIONS: &str = "conversion_id,click_id,revenue\n1,1,2.50\n2,77,1\n";

/// Waits until nothing is under way.
async fn all_ended(visit: &Visit<'_>) {
    eventually(Duration::from_mins(1), "the imports end", async || {
        visit.page("/dashboard/imports").await.contains("No file waits.")
    })
    .await;
}

#[tokio::test]
async fn several_files_at_once_one_wrong_and_mended() {
    let bams = Bams::builder().start().await;
    let visit = Visit::of(&bams, "editor").await;
    // In the wrong order: the server brings clicks before their conversions.
    let form = Form::new()
        .part("file", file("conversions_1.csv", CONVERSIONS))
        .part("file", file("clicks_1.csv", CLICKS))
        .part("file", file("impressions_1.csv", IMPRESSIONS))
        .text("quarter", "")
        .text("on_error", "refuse");
    let sent = visit.upload("/dashboard/imports", form).await;
    assert_eq!(sent.status, 303, "{}", sent.text());
    let result = sent.header("location").to_owned();
    all_ended(&visit).await;
    let page = visit.page(&result).await;
    assert!(
        page.contains("conversions_1.csv was refused") && page.contains("unknown_click"),
        "{page}"
    );
    assert!(
        visit.page("/dashboard/").await.contains("conversions_1.csv was refused"),
        "it needs attention"
    );
    let id = number_after(&result, "/dashboard/imports/");
    let rejected = visit.get(&format!("/dashboard/imports/{id}/rejected")).await;
    assert_eq!(
        (rejected.status, rejected.header("content-type")),
        (200, "text/csv; charset=utf-8")
    );
    assert!(rejected.text().contains("unknown_click"));
    let mended = CONVERSIONS.replace(",77,", ",2,");
    let form = Form::new().part("file", file("conversions_1.csv", &mended));
    let sent = visit.upload("/dashboard/imports", form).await;
    all_ended(&visit).await;
    let page = visit.page(sent.header("location")).await;
    assert!(
        page.contains("conversions_1.csv counts") && page.contains("2 rows were accepted"),
        "{page}"
    );
    let overview = visit.page("/dashboard/").await;
    assert!(!overview.contains("was refused") && overview.contains("3.50"), "{overview}");
    assert!(visit.page("/dashboard/campaigns/9").await.contains("X = 2"));
}

#[tokio::test]
async fn a_file_of_which_nothing_is_known_is_refused_by_name_at_once() {
    let bams = Bams::builder().start().await;
    let visit = Visit::of(&bams, "editor").await;
    let form = Form::new().part("file", file("holidays.csv", "day,place\n1,2\n"));
    let refused = visit.upload("/dashboard/imports", form).await;
    assert_eq!(refused.status, 422);
    assert!(refused.text().contains("holidays.csv:"), "{}", refused.text());
    let empty = Form::new().part("file", file("", ""));
    let refused = visit.upload("/dashboard/imports", empty).await;
    assert!(refused.text().contains("Choose at least one file"), "{}", refused.text());
}

#[tokio::test]
async fn a_trial_stores_nothing() {
    let bams = Bams::builder().start().await;
    let visit = Visit::of(&bams, "editor").await;
    let form = Form::new().part("file", file("clicks_2.csv", CLICKS)).text("dry_run", "true");
    let sent = visit.upload("/dashboard/imports", form).await;
    all_ended(&visit).await;
    assert!(visit.page(sent.header("location")).await.contains("clicks_2.csv was tried"));
    assert!(visit.page("/dashboard/campaigns").await.contains("No campaigns yet"));
}

#[tokio::test]
async fn an_import_is_taken_out_again_by_those_who_may() {
    let bams = Bams::builder().start().await;
    let visit = Visit::of(&bams, "editor").await;
    let text = CLICKS.replace("click_id,", "shop,click_id,").replace("\n1,", "\nours,1,");
    let text = text.replace("\n2,", "\nours,2,");
    let form = Form::new().part("file", file("clicks_1.csv", &text));
    let result = visit.upload("/dashboard/imports", form).await.header("location").to_owned();
    all_ended(&visit).await;
    let page = visit.page(&result).await;
    assert!(page.contains("clicks_1.csv counts") && page.contains("shop"), "a notice: {page}");

    let path =
        format!("/dashboard/imports/{}/revert", number_after(&result, "/dashboard/imports/"));
    assert!(page.contains(&path), "{page}");
    let reader = Visit::of(&bams, "viewer").await;
    assert!(!reader.page(&result).await.contains(&path));
    assert_eq!(reader.submit(&path, &[]).await.status, 403);
    let reverted = visit.submit(&path, &[]).await;
    assert_eq!(reverted.status, 303, "{}", reverted.text());
    let page = visit.page(reverted.header("location")).await;
    assert!(page.contains("clicks_1.csv was reverted") && !page.contains(&path), "{page}");
    assert!(page.contains("reverted, counts no more"), "{page}");
}
