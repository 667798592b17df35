//! Recomputing performance from the rows it was counted from.
//!
//! The database compares and returns only differences, so that memory does not grow with the
//! counts.

use bams_domain::{Quarter, Slot};
use futures_util::TryStreamExt;
use sea_orm::{
    ConnectionTrait, DatabaseTransaction, DbBackend, DbErr, QueryResult, Statement, StreamTrait,
};

use super::condensed::condensed_before;
use super::difference::{Difference, PerformanceCounts, Place};
use super::roll_ups::{self, Compared, mark};
use super::staged_sums::ACCOUNT_SUMS;
use crate::database::Database;
use crate::database::values::{banner_id, campaign_id, corrupt};
use crate::database::whole_sum::{by_sorting, whole_sum};
use crate::error::{Attempt, StorageError};

const ACTION: &str = "recompute performance";

/// Recomputes all performance and calls `found` with each difference: first those of slots, by
/// campaign, banner and slot, then those of quarters and of roll-ups. Returns the number of rows of
/// performance that agree.
///
/// Everything is read at one moment. SQLite sorts in temporary files.
pub async fn verify(
    database: &Database,
    mut found: impl FnMut(Difference),
) -> Result<u64, StorageError> {
    let transaction = database.begin_comparing().await?;
    let dialect = database.dialect();
    // Raw rows keep their slot for ever, performance only the day and quarter of old ones.
    let condensed = condensed_before(&transaction).await?.map_or(0, Slot::number);
    let kept = format!(
        "CASE WHEN slot < {condensed} THEN slot - slot % 96 + slot % 4 ELSE slot END AS place"
    );
    let mut differing = 0;
    let known = PortionedImports::read(&transaction).await?;
    let rows = counted(dialect, &kept, &known);
    let slots = Statement::from_string(dialect, compared(dialect, &rows));
    each(&transaction, slots, |row| {
        let difference = difference(row, |number| Ok(Place::Slot(Slot::from_number(number))))?;
        differing += u64::from(row.try_get::<i64>("", "stored_rows").attempt(ACTION)? > 0);
        found(difference);
        Ok(())
    })
    .await?;
    let quarters = Statement::from_string(dialect, compared(dialect, QUARTERS));
    each(&transaction, quarters, |row| {
        found(difference(row, quarter)?);
        Ok(())
    })
    .await?;
    let mark = mark(&transaction).await.attempt(ACTION)?;
    roll_ups::compare(&transaction, &Compared { mark, condensed }, &mut found).await?;
    let count = format!(
        "SELECT COUNT(*) AS kept_rows FROM \
         (SELECT {}DISTINCT campaign_id, banner_id, {kept} FROM {}) AS kept",
        by_sorting(dialect),
        known.stored()
    );
    let counted = transaction.query_one_raw(Statement::from_string(dialect, count)).await;
    let row = counted.attempt(ACTION)?;
    let rows = row.map(|row| row.try_get::<i64>("", "kept_rows")).transpose().attempt(ACTION)?;
    Ok(rows.unwrap_or(0).unsigned_abs().saturating_sub(differing))
}

/// Returns the number of rows that differ from what was counted.
pub async fn count_differences(database: &Database) -> Result<u64, StorageError> {
    let mut differences = 0;
    verify(database, |_| differences += 1).await?;
    Ok(differences)
}

/// Calls `take` with each row of a query, without collecting them.
async fn each(
    transaction: &DatabaseTransaction,
    statement: Statement,
    mut take: impl FnMut(&QueryResult) -> Result<(), StorageError>,
) -> Result<(), StorageError> {
    let rows = transaction.stream_raw(statement).await.attempt(ACTION)?;
    let mut rows = std::pin::pin!(rows);
    while let Some(row) = rows.try_next().await.attempt(ACTION)? {
        take(&row)?;
    }
    Ok(())
}

fn difference(
    row: &QueryResult,
    place: impl FnOnce(i64) -> Result<Place, StorageError>,
) -> Result<Difference, StorageError> {
    let number = |name: &str| row.try_get::<i64>("", name).attempt(ACTION);
    let counts = |of: &str| {
        let count = |name: &str| row.try_get::<i64>("", &format!("{of}_{name}"));
        Ok::<_, DbErr>(PerformanceCounts {
            impressions: count("impressions")?,
            clicks: count("clicks")?,
            conversions: count("conversions")?,
            revenue_micros: count("revenue")?,
        })
    };
    Ok(Difference {
        campaign: campaign_id("performance", number("campaign_id")?)?,
        banner: banner_id("performance", number("banner_id")?)?,
        place: place(number("place")?)?,
        stored: counts("stored").attempt(ACTION)?,
        recomputed: counts("counted").attempt(ACTION)?,
    })
}

fn quarter(number: i64) -> Result<Place, StorageError> {
    let quarter = u8::try_from(number).ok().and_then(|number| Quarter::try_from(number).ok());
    let known = quarter.ok_or_else(|| corrupt("quarter_performance", "quarter", number));
    known.map(Place::Quarter)
}

/// The counts on both sides, in the order of the rows to compare.
const SIDES: [&str; 8] = [
    "stored_impressions",
    "stored_clicks",
    "stored_conversions",
    "stored_revenue",
    "counted_impressions",
    "counted_clicks",
    "counted_conversions",
    "counted_revenue",
];

/// Returns the statement that sums up rows by campaign, banner and place, and selects those whose
/// two sides differ, in this order.
fn compared(dialect: DbBackend, rows: &str) -> String {
    let sums = SIDES.map(|side| format!("{} AS {side}", whole_sum(dialect, side))).join(", ");
    let (stored, counted) = SIDES.split_at(SIDES.len() / 2);
    let differ =
        stored.iter().zip(counted).map(|(stored, counted)| format!("{stored} <> {counted}"));
    let any_differs = differ.collect::<Vec<_>>().join(" OR ");
    let (sorting, stored_rows) = (by_sorting(dialect), whole_sum(dialect, "stored_rows"));
    format!(
        "SELECT * FROM (SELECT {sorting}campaign_id, banner_id, place, {stored_rows} AS stored_rows, {sums} \
         FROM ({rows}) AS sides GROUP BY campaign_id, banner_id, place) AS compared \
         WHERE {any_differs} ORDER BY campaign_id, banner_id, place"
    )
}

/// The imports whose rows are stored in portions at the moment of the comparison.
struct PortionedImports {
    /// Those whose rows do not count.
    staged: Vec<i64>,
    /// Those whose sums count and are not all in performance.
    counting: Vec<i64>,
}

impl PortionedImports {
    async fn read(transaction: &DatabaseTransaction) -> Result<Self, StorageError> {
        let sql = "SELECT import_id, turn FROM staged_imports";
        let dialect = ConnectionTrait::get_database_backend(transaction);
        let statement = Statement::from_string(dialect, sql);
        let rows = transaction.query_all_raw(statement).await.attempt(ACTION)?;
        let mut known = Self { staged: Vec::new(), counting: Vec::new() };
        for row in &rows {
            let (import, turn): (i64, Option<i64>) =
                QueryResult::try_get_many_by_index(row).attempt(ACTION)?;
            if turn.is_some() { &mut known.staged } else { &mut known.counting }.push(import);
        }
        Ok(known)
    }

    /// Returns the condition that a raw row counts, after a word such as `WHERE`.
    fn only(&self, word: &str) -> String {
        if self.staged.is_empty() {
            return String::new();
        }
        format!(" {word} (import_id IS NULL OR import_id NOT IN ({}))", listed(&self.staged))
    }

    /// Returns what has the stored sums, as the table of a query.
    fn stored(&self) -> String {
        if self.counting.is_empty() {
            return "performance".to_owned();
        }
        format!(
            "(SELECT {ACCOUNT_SUMS} FROM performance UNION ALL SELECT {ACCOUNT_SUMS} \
             FROM staged_performance WHERE import_id IN ({})) AS performance",
            listed(&self.counting)
        )
    }
}

fn listed(ids: &[i64]) -> String {
    ids.iter().map(ToString::to_string).collect::<Vec<_>>().join(",")
}

/// Returns the statement for performance on one side and everything it was counted from on the
/// other. Raw rows are summed up before they are joined, so that the database holds few.
fn counted(dialect: DbBackend, kept: &str, known: &PortionedImports) -> String {
    let stored = known.stored();
    let (of_events, of_sales) = (known.only("WHERE"), known.only("AND"));
    let (sorting, imported) = (by_sorting(dialect), whole_sum(dialect, "impressions"));
    let revenue = whole_sum(dialect, "revenue_micros");
    format!(
        "SELECT campaign_id, banner_id, {kept}, 1 AS stored_rows, \
         impressions AS stored_impressions, clicks AS stored_clicks, \
         conversions AS stored_conversions, revenue_micros AS stored_revenue, \
         0 AS counted_impressions, 0 AS counted_clicks, 0 AS counted_conversions, \
         0 AS counted_revenue FROM {stored} \
         UNION ALL SELECT campaign_id, banner_id, {kept}, 0, 0, 0, 0, 0, impressions, clicks, \
         conversions, revenue_micros FROM baseline_performance \
         UNION ALL SELECT campaign_id, banner_id, {kept}, 0, 0, 0, 0, 0, impressions, 0, 0, 0 \
         FROM expired_impressions \
         UNION ALL SELECT campaign_id, banner_id, {kept}, 0, 0, 0, 0, 0, events, 0, 0, 0 \
         FROM (SELECT {sorting}campaign_id, banner_id, slot, {imported} AS events \
         FROM imported_impressions{of_events} GROUP BY campaign_id, banner_id, slot) AS imported \
         UNION ALL SELECT campaign_id, banner_id, {kept}, 0, 0, 0, 0, 0, events, 0, 0, 0 \
         FROM (SELECT {sorting}campaign_id, banner_id, slot, COUNT(*) AS events \
         FROM impressions GROUP BY campaign_id, banner_id, slot) AS shown \
         UNION ALL SELECT campaign_id, banner_id, {kept}, 0, 0, 0, 0, 0, 0, events, 0, 0 \
         FROM (SELECT {sorting}campaign_id, banner_id, slot, COUNT(*) AS events \
         FROM clicks{of_events} GROUP BY campaign_id, banner_id, slot) AS followed \
         UNION ALL SELECT campaign_id, banner_id, {kept}, 0, 0, 0, 0, 0, 0, 0, events, revenue \
         FROM (SELECT {sorting}campaign_id, banner_id, slot, COUNT(*) AS events, {revenue} AS revenue \
         FROM campaign_conversions WHERE retracted_at IS NULL{of_sales} \
         GROUP BY campaign_id, banner_id, slot) AS sold"
    )
}

/// The statement for the sums of quarters on one side and performance on the other. Sums of
/// imports that are not yet in performance are not yet in those of quarters either.
const QUARTERS: &str = "SELECT campaign_id, banner_id, quarter AS place, 1 AS stored_rows, \
     0 AS stored_impressions, clicks AS stored_clicks, conversions AS stored_conversions, \
     revenue_micros AS stored_revenue, 0 AS counted_impressions, 0 AS counted_clicks, \
     0 AS counted_conversions, 0 AS counted_revenue FROM quarter_performance \
     UNION ALL SELECT campaign_id, banner_id, slot % 4 + 1, 0, 0, 0, 0, 0, 0, clicks, conversions, \
     revenue_micros FROM performance WHERE clicks <> 0 OR conversions <> 0";
