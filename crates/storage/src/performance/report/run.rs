//! Running a report.

use std::collections::BTreeMap;

use bams_domain::Slot;
use futures_util::TryStreamExt;
use sea_orm::{ConnectionTrait, DatabaseTransaction, DbBackend, StreamTrait};

use super::query::{Dimension, Position, ReportQuery};
use super::reasons::by_reason;
use super::row::{FilteredCounts, ReportRow, Sums};
use super::statement::{MoreTables, any_filtered, rows, totals};
use crate::database::Database;
use crate::error::{Attempt, StorageError};
use crate::performance::FilterReason;
use crate::performance::condense::condensed_before;
use crate::performance::staged_sums;

const ACTION: &str = "make a report";

/// The slots of a day.
const DAY: i64 = 96;

/// One page of a report.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Report {
    /// The rows in their order. Empty if nothing is grouped.
    pub rows: Vec<ReportRow>,
    /// The sums of all pages.
    pub totals: Sums,
    /// The filtered events of `totals`, by reason.
    pub reasons: BTreeMap<FilterReason, FilteredCounts>,
    /// The position after which the next page begins, or `None` on the last page.
    pub next: Option<Position>,
}

/// Why a report is refused.
#[derive(Debug, thiserror::Error)]
pub enum ReportError {
    /// The report asks for hours before a slot, but performance before it is kept by day.
    #[error("performance before slot {before} is kept by day")]
    Condensed {
        /// The first slot that is still kept as such, which begins a day.
        before: Slot,
    },
    /// The report has more rows than allowed.
    #[error("the report has more than {most} rows")]
    TooLong {
        /// The most rows.
        most: u64,
    },
    /// The database refused or could not be reached.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

/// Returns at most `limit` rows after a position, with the sums of all rows.
///
/// Everything is read at one moment, so that it contains exactly what was committed before. Pages
/// contain each row once if nothing changes between them.
pub async fn report(
    database: &Database,
    query: &ReportQuery,
    after: Option<&Position>,
    limit: u64,
) -> Result<Report, ReportError> {
    let transaction = database.begin_reading().await?;
    let more = look(&transaction, database.dialect(), query).await?;
    let mut report = Report::default();
    let dialect = database.dialect();
    if !query.group_by.is_empty() {
        let sql = rows(dialect, query, more, after, limit.saturating_add(1));
        let statement = sql.statement(dialect);
        let mut found = transaction.query_all_raw(statement).await.attempt(ACTION)?;
        let most = usize::try_from(limit).unwrap_or(usize::MAX);
        let has_more = found.len() > most;
        found.truncate(most);
        let last = found.last().filter(|_| has_more);
        report.next = last.map(|row| Position::read(query, row)).transpose()?;
        let read = found.iter().map(|row| ReportRow::read(query, row));
        report.rows = read.collect::<Result<_, _>>()?;
    }
    let statement = totals(dialect, query, more).statement(dialect);
    if let Some(row) = transaction.query_one_raw(statement).await.attempt(ACTION)? {
        report.totals = Sums::read(query, &row)?;
    }
    if more.filtered {
        report.reasons = by_reason(&transaction, query).await?;
    }
    transaction.rollback().await.attempt(ACTION)?;
    Ok(report)
}

/// Hands over every row of a report, one after the other, and returns their number.
///
/// All rows are read at one moment, with one statement, and without collecting them. Fails after
/// `most` rows if there are more.
pub async fn stream_report<E: From<ReportError>>(
    database: &Database,
    query: &ReportQuery,
    most: u64,
    mut take: impl FnMut(ReportRow) -> Result<(), E>,
) -> Result<u64, E> {
    let storage = |error: StorageError| E::from(ReportError::Storage(error));
    let transaction = database.begin_reading().await.map_err(storage)?;
    let more = look(&transaction, database.dialect(), query).await?;
    let dialect = database.dialect();
    let sql = rows(dialect, query, more, None, most.saturating_add(1));
    let statement = sql.statement(dialect);
    let mut count = 0;
    {
        let found = transaction.stream_raw(statement).await.attempt(ACTION).map_err(storage)?;
        let mut found = std::pin::pin!(found);
        while let Some(row) = found.try_next().await.attempt(ACTION).map_err(storage)? {
            count += 1;
            if count > most {
                return Err(ReportError::TooLong { most }.into());
            }
            take(ReportRow::read(query, &row).map_err(storage)?)?;
        }
    }
    transaction.rollback().await.attempt(ACTION).map_err(storage)?;
    Ok(count)
}

/// Refuses hours that are no longer kept, and returns which other tables have counts.
async fn look(
    transaction: &DatabaseTransaction,
    dialect: DbBackend,
    query: &ReportQuery,
) -> Result<MoreTables, ReportError> {
    if let Some(before) = condensed_before(transaction).await?
        && !survives(query, before)
    {
        return Err(ReportError::Condensed { before });
    }
    let statement = any_filtered(query).statement(dialect);
    let filtered = transaction.query_one_raw(statement).await.attempt(ACTION)?.is_some();
    Ok(MoreTables { filtered, staged: staged_sums::any(transaction).await? })
}

/// Returns true if a report needs only days of the performance that is kept by day.
fn survives(query: &ReportQuery, before: Slot) -> bool {
    let previous = query.period.previous().filter(|_| query.compared).map(|it| it.0);
    let from = previous.map_or(query.period.from, |it| it.from);
    let starts_later = from.is_some_and(|slot| slot >= before);
    let whole_days = [from, query.period.from, query.period.to]
        .into_iter()
        .flatten()
        .all(|slot| slot >= before || slot.number().rem_euclid(DAY) == 0);
    // The period before is moved by its length, and a day that is one row must stay within one day.
    let length = query.period.previous().filter(|_| query.compared).map_or(0, |it| it.1);
    let torn = query.group_by.contains(&Dimension::Day) && length.rem_euclid(DAY) != 0;
    starts_later || (whole_days && !torn && !query.group_by.contains(&Dimension::Hour))
}
