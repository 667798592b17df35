//! Summing up old raw rows changes no sum, and what is summed up cannot count again.

use std::fmt::Write as _;
use std::io::Write;
use std::sync::Arc;

use bams_domain::{BannerId, CampaignId, Quarter, Slot};
use bams_storage::ConversionFlaw::{OldClick, OldTime, UnknownClick, UsedId};
use bams_storage::{
    Actor, Booked, Change, Conversion, ConversionsError, Database, ErrorCode, ImportFile,
    ImportKind, ImportOptions, ImportProgress, ImportReport, ImportState, Imports, OnError,
    RevertError, Showing, raw_rows_from, report, roll_up, sum_up_raw_rows,
};
use uuid::Builder;

use crate::conversions::{conversion, refused};
use crate::events::{assert_reconciled, node, showing, slot, stores};
use crate::naive::{groupings, query};
use crate::stores::{NOW, Store};
use crate::verifying::with_events;

/// The first slot after the day of [`NOW`].
fn next_day() -> Slot {
    Slot::from_number(slot().number() - slot().number() % 96 + 96)
}

/// A showing of the day after.
fn tomorrow(number: u32) -> Showing {
    let mut random = [0; 10];
    random[6..].copy_from_slice(&number.to_be_bytes());
    let made = (NOW + 24 * 60 * 60 * 1000).cast_unsigned();
    let decision = Builder::from_unix_timestamp_millis(made, &random).into_uuid();
    Showing { decision, banner: BannerId(1), campaign: CampaignId(1) }
}

async fn import_of(database: &Database, kind: ImportKind, rows: &str) -> ImportReport {
    let mut file = tempfile::tempfile().unwrap();
    file.write_all(rows.as_bytes()).unwrap();
    let imports = Imports::new(database.clone(), |banner| format!("image_{banner}.png"));
    let options = ImportOptions {
        kind: Some(kind),
        quarter: Some(Quarter::First),
        on_error: OnError::Skip,
        ..ImportOptions::default()
    };
    let file = ImportFile::new(file, "again.csv");
    let now = NOW + 24 * 60 * 60 * 1000;
    imports.import(file, options, now, Arc::new(ImportProgress::default())).await.unwrap()
}

/// Asserts that each rejected row of a file is too old, in these columns.
async fn assert_too_old(store: &Store, kind: ImportKind, rows: &str, columns: &[&str]) {
    let ImportReport { errors, state, .. } = import_of(&store.database, kind, rows).await;
    assert_eq!(state, ImportState::Completed);
    let found: Vec<_> = errors.iter().map(|it| it.column.as_str()).collect();
    assert_eq!(found, columns, "{errors:?}");
    assert!(errors.iter().all(|it| it.code == ErrorCode::TooOld), "{errors:?}");
}

/// All reports that do not tell hours of banners, as text.
async fn reports(store: &Store) -> String {
    let mut all = String::new();
    for group_by in groupings() {
        let made = report(&store.database, &query(&group_by), None, 1_000).await.unwrap();
        writeln!(all, "{made:?}").unwrap();
    }
    all
}

async fn left(store: &Store) -> Vec<String> {
    let sql = "SELECT (SELECT COUNT(*) FROM clicks), (SELECT COUNT(*) FROM campaign_conversions), \
               (SELECT COUNT(*) FROM imported_impressions)";
    store.rows(sql).await
}

#[tokio::test(flavor = "multi_thread")]
async fn reports_and_verify_say_the_same_before_and_after() {
    for store in stores().await {
        with_events(&store).await;
        let node = node(&store.database);
        for number in 1..=3 {
            node.click(showing(number), slot()).await.unwrap();
        }
        let sale = vec![conversion("order-1", &showing(1).click_id(), 2_500_000)];
        assert_eq!(node.conversions(sale).await, Ok(vec![Booked::Counted]));
        node.click(tomorrow(1), next_day()).await.unwrap();
        roll_up(&store.database, Slot::from_number(next_day().number() + 1)).await.unwrap();
        let before = reports(&store).await;
        assert_eq!(raw_rows_from(&store.database).await.unwrap(), None);

        // Six clicks, three conversions and two rows of impressions.
        assert_eq!(sum_up_raw_rows(&store.database, next_day()).await.unwrap(), 11);
        assert_eq!(reports(&store).await, before, "{}", store.url);
        assert_reconciled(&store).await;
        assert_eq!(left(&store).await, ["1 0 0"], "{}", store.url);
        assert_eq!(raw_rows_from(&store.database).await.unwrap(), Some(next_day()));
        assert_eq!(sum_up_raw_rows(&store.database, next_day()).await.unwrap(), 0);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_summed_up_does_not_count_again() {
    for store in stores().await {
        with_events(&store).await;
        let node = node(&store.database);
        let (old, new) = (showing(1).click_id(), tomorrow(1).click_id());
        node.click(showing(1), slot()).await.unwrap();
        node.click(tomorrow(1), next_day()).await.unwrap();
        let sale = |id: &str, click: &str| Conversion {
            slot: next_day(),
            ..conversion(id, click, 2_500_000)
        };
        let first = Conversion { slot: slot(), ..sale("order-1", &old) };
        node.conversions(vec![first]).await.unwrap();
        sum_up_raw_rows(&store.database, next_day()).await.unwrap();

        let told = Conversion { slot: slot(), told_time: true, ..sale("order-4", &new) };
        let list = vec![sale("order-2", &old), sale("2", "1"), sale("order-1", &new), told];
        let flaws = refused(&[(0, OldClick), (1, OldClick), (2, UsedId), (3, OldTime)]);
        assert_eq!(node.conversions(list).await, flaws, "{}", store.url);
        let unknown = node.conversions(vec![sale("order-5", "999")]).await;
        assert_eq!(unknown, refused(&[(0, UnknownClick)]));
        let booked = node.conversions(vec![sale("order-6", &new)]).await;
        assert_eq!(booked, Ok(vec![Booked::Counted]));

        let clicks = "click_id,banner_id,campaign_id\n1,1,1\n2,2,1\n50,2,1\n";
        assert_too_old(&store, ImportKind::Clicks, clicks, &["click_id"; 2]).await;
        let times = "click_id,banner_id,campaign_id,occurred_at\n60,1,1,2026-01-01T10:05:00Z\n\
                     61,1,1,2026-01-02T10:05:00Z\n";
        assert_too_old(&store, ImportKind::Clicks, times, &["occurred_at"]).await;
        let sales =
            format!("conversion_id,click_id,revenue\n7,1,1\n8,{old},1\norder-1,50,1\n9,50,1\n");
        let columns = ["click_id", "click_id", "conversion_id"];
        assert_too_old(&store, ImportKind::Conversions, &sales, &columns).await;
        let shown = "banner_id,campaign_id,occurred_at\n1,1,2026-01-01T10:05:00Z\n";
        assert_too_old(&store, ImportKind::Impressions, shown, &["occurred_at"]).await;
        assert_reconciled(&store).await;
        assert_eq!(left(&store).await, ["3 2 0"], "{}", store.url);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_summed_up_does_not_change_any_more() {
    for store in stores().await {
        with_events(&store).await;
        sum_up_raw_rows(&store.database, next_day()).await.unwrap();
        let by = Actor::command_line();
        let change = Change::begin(&store.database, by.clone(), NOW).await.unwrap();
        for (campaign, id, expected) in
            [(1, "1", true), (1, "2", true), (1, "3", false), (7, "1", false)]
        {
            let campaign = CampaignId(campaign);
            let found = change.conversion(campaign, id).await.unwrap();
            assert_eq!(found, None);
            assert_eq!(change.is_summed_up(campaign, id, None).await.unwrap(), expected, "{id}");
        }
        drop(change);
        let imports = Imports::new(store.database.clone(), |_| String::new());
        for import in 1..=3 {
            let reverted = imports.revert(import, &by, NOW).await;
            assert!(matches!(reverted, Err(RevertError::SummedUp(_))), "{reverted:?}");
        }
        assert_reconciled(&store).await;
    }
}

/// Clicks of files, with ids from 1 on.
async fn with_clicks(store: &Store, count: u32) {
    let mut rows = "click_id,banner_id,campaign_id\n".to_owned();
    for id in 1..=count {
        writeln!(rows, "{id},{},1", id % 3 + 1).unwrap();
    }
    store.import(ImportKind::Clicks, Quarter::First, &rows).await;
}

/// Lets the removal of a click fail, as if the process ended there.
async fn refuse_removal(store: &Store, id: &str) {
    let begin = "CREATE TRIGGER cut BEFORE DELETE ON clicks FOR EACH ROW";
    let sql = if store.url.starts_with("sqlite") {
        format!("{begin} WHEN old.id = '{id}' BEGIN SELECT RAISE(ABORT, 'cut'); END")
    } else {
        format!("{begin} BEGIN IF old.id = '{id}' THEN SIGNAL SQLSTATE '45000'; END IF; END")
    };
    store.execute(&[&sql]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_that_is_cut_off_anywhere_is_continued() {
    for store in stores().await {
        with_clicks(&store, 700).await;
        // One in the second portion, and one in the last.
        for (id, left_then) in [("500", "450"), ("95", "50")] {
            refuse_removal(&store, id).await;
            let cut = sum_up_raw_rows(&store.database, next_day()).await;
            assert!(cut.is_err(), "{cut:?}");
            let left = store.rows("SELECT COUNT(*) FROM clicks").await;
            assert!(left[0].parse::<u32>().unwrap() >= left_then.parse().unwrap(), "{left:?}");
            assert_reconciled(&store).await;
            store.execute(&["DROP TRIGGER cut"]).await;
            if id == "95" {
                // What is left takes conversions as before, and stays for them.
                let sale = conversion("order-1", "95", 1_000_000);
                let sale = Conversion { slot: next_day(), ..sale };
                node(&store.database).conversions(vec![sale]).await.unwrap();
                assert_reconciled(&store).await;
            }
        }
        assert!(sum_up_raw_rows(&store.database, next_day()).await.unwrap() > 0);
        assert_eq!(left(&store).await, ["1 1 0"], "{}", store.url);
        assert_reconciled(&store).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn one_process_at_a_time_sums_up_until_it_is_silent() {
    for store in stores().await {
        with_clicks(&store, 600).await;
        let other = store.other_process().await;
        let (one, two) = tokio::join!(
            sum_up_raw_rows(&store.database, next_day()),
            sum_up_raw_rows(&other, next_day())
        );
        assert_eq!(one.unwrap() + two.unwrap(), 600, "{}", store.url);
        assert_reconciled(&store).await;

        let clock = if store.url.starts_with("sqlite") {
            "CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER)"
        } else {
            "CAST(UNIX_TIMESTAMP(NOW(3)) * 1000 AS SIGNED)"
        };
        node(&store.database).click(tomorrow(1), next_day()).await.unwrap();
        let later = Slot::from_number(next_day().number() + 96);
        for (ago, rows) in [(30_000, 0), (61_000, 1)] {
            let taken = format!("UPDATE raw_rows SET owner = 7, seen_at = {clock} - {ago}");
            store.execute(&[&taken]).await;
            assert_eq!(sum_up_raw_rows(&store.database, later).await.unwrap(), rows);
        }
        assert_reconciled(&store).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_click_stays_with_its_conversion_and_an_import_that_does_not_count_stays() {
    for store in stores().await {
        with_clicks(&store, 5).await;
        let node = node(&store.database);
        let later = Conversion { slot: next_day(), ..conversion("order-1", "1", 500_000) };
        node.conversions(vec![later, conversion("order-2", "2", 1_000_000)]).await.unwrap();
        // An import that has the turn, with click 5 of a file before.
        store
            .execute(&[
                "INSERT INTO staged_imports (import_id, turn, owner, beat) VALUES (99, 1, 5, 0)",
                "INSERT INTO clicks VALUES ('77', 1, 1, 5, 99)",
                "UPDATE campaign_conversions SET retracted_at = 5 WHERE id = 'order-2'",
                "UPDATE performance SET conversions = 0, revenue_micros = 0 WHERE conversions > 0 \
                 AND revenue_micros = 1000000",
                "UPDATE quarter_performance SET conversions = conversions - 1, \
                 revenue_micros = revenue_micros - 1000000 WHERE revenue_micros >= 1000000",
            ])
            .await;
        assert_reconciled(&store).await;
        // Clicks 2 to 5, and a conversion that does not count.
        assert_eq!(sum_up_raw_rows(&store.database, next_day()).await.unwrap(), 5);
        assert_eq!(left(&store).await, ["2 1 0"], "{}", store.url);
        assert_reconciled(&store).await;
        let again = node.conversions(vec![conversion("order-3", "1", 1)]).await;
        assert_eq!(again, refused(&[(0, OldTime)]), "now is before the mark");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn conversions_that_come_in_meanwhile_count_once_or_are_too_old() {
    for store in stores().await {
        with_clicks(&store, 1_500).await;
        let (node, other) = (node(&store.database), store.other_process().await);
        let summing = tokio::spawn(async move { sum_up_raw_rows(&other, next_day()).await });
        let mut counted = 0;
        for id in (1..=1_500_u32).rev().step_by(3) {
            let sale = conversion(&format!("order-{id}"), &id.to_string(), 1_000_000);
            match node.conversions(vec![Conversion { slot: next_day(), ..sale }]).await {
                Ok(booked) => counted += booked.len(),
                Err(ConversionsError::Refused(faults)) => {
                    assert_eq!(faults[0].flaw, OldClick);
                }
                Err(other) => panic!("{other:?}"),
            }
        }
        summing.await.unwrap().unwrap();
        let stored = store.rows("SELECT COUNT(*) FROM campaign_conversions").await;
        assert_eq!(stored, [counted.to_string()], "{}", store.url);
        assert_reconciled(&store).await;
    }
}
