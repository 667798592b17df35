//! Asking the database for a report.

use std::collections::BTreeMap;

use bams_domain::Slot;
use futures_util::TryStreamExt;
use sea_orm::{ConnectionTrait, DatabaseTransaction, DbBackend, StreamTrait};

use super::query::{Dimension, Position, ReportQuery};
use super::reasons::by_reason;
use super::row::{FilteredCounts, ReportRow, Sums};
use super::statement::{any_filtered, rows, totals};
use crate::database::Database;
use crate::error::{Attempt, StorageError};
use crate::performance::FilterReason;
use crate::performance::condense::condensed_before;

const ACTION: &str = "make a report";

/// Slots of a day.
const DAY: i64 = 96;

/// One page of a report.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Report {
    /// Its rows, in their order; none where nothing is grouped.
    pub rows: Vec<ReportRow>,
    /// The sums of all pages.
    pub totals: Sums,
    /// Why events of the period do not count: the filtered ones of `totals`, by reason.
    pub reasons: BTreeMap<FilterReason, FilteredCounts>,
    /// Where the next page begins, if there is more.
    pub next: Option<Position>,
}

/// Why there is no report.
#[derive(Debug, thiserror::Error)]
pub enum ReportError {
    /// Slots before that one are kept as days, and hours of them were asked for.
    #[error("performance before slot {before} is kept by day")]
    Condensed {
        /// The first slot that is kept as such; a day begins with it.
        before: Slot,
    },
    /// The whole report has more rows than allowed.
    #[error("the report has more than {most} rows")]
    TooLong {
        /// The most rows.
        most: u64,
    },
    /// The database refused or could not be reached.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

/// At most `limit` rows behind a position, with the sums of all rows.
///
/// Everything is read at one moment: it has what was committed before, and nothing later. When
/// nothing changes meanwhile, pages have each row once.
pub async fn report(
    database: &Database,
    query: &ReportQuery,
    after: Option<&Position>,
    limit: u64,
) -> Result<Report, ReportError> {
    let transaction = database.begin_reading().await?;
    let filtered = look(&transaction, database.dialect(), query).await?;
    let mut report = Report::default();
    let dialect = database.dialect();
    if !query.group_by.is_empty() {
        let statement = rows(dialect, query, filtered, after, limit.saturating_add(1));
        let statement = statement.statement(dialect);
        let mut found = transaction.query_all_raw(statement).await.attempt(ACTION)?;
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        let more = found.len() > limit;
        found.truncate(limit);
        let last = found.last().filter(|_| more);
        report.next = last.map(|it| Position::read(query, it)).transpose()?;
        let read = found.iter().map(|it| ReportRow::read(query, it));
        report.rows = read.collect::<Result<_, _>>()?;
    }
    let statement = totals(dialect, query, filtered).statement(dialect);
    if let Some(row) = transaction.query_one_raw(statement).await.attempt(ACTION)? {
        report.totals = Sums::read(query, &row)?;
    }
    if filtered {
        report.reasons = by_reason(&transaction, query).await?;
    }
    transaction.rollback().await.attempt(ACTION)?;
    Ok(report)
}

/// Hands over every row of a report, one after the other, and answers how many there were.
///
/// All are read at one moment, with one statement, and none is kept in memory. More rows than
/// `most` end in an error after so many.
pub async fn stream_report<E: From<ReportError>>(
    database: &Database,
    query: &ReportQuery,
    most: u64,
    mut take: impl FnMut(ReportRow) -> Result<(), E>,
) -> Result<u64, E> {
    let storage = |error: StorageError| E::from(ReportError::Storage(error));
    let transaction = database.begin_reading().await.map_err(storage)?;
    let filtered = look(&transaction, database.dialect(), query).await?;
    let dialect = database.dialect();
    let statement = rows(dialect, query, filtered, None, most.saturating_add(1));
    let statement = statement.statement(dialect);
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

/// Refuses detail that is not kept any more, and answers whether anything was filtered.
async fn look(
    transaction: &DatabaseTransaction,
    dialect: DbBackend,
    query: &ReportQuery,
) -> Result<bool, ReportError> {
    if let Some(before) = condensed_before(transaction).await?
        && !survives(query, before)
    {
        return Err(ReportError::Condensed { before });
    }
    let statement = any_filtered(query).statement(dialect);
    Ok(transaction.query_one_raw(statement).await.attempt(ACTION)?.is_some())
}

/// Whether a report needs no more than days of what is kept by day.
fn survives(query: &ReportQuery, before: Slot) -> bool {
    let previous = query.period.previous().filter(|_| query.compared).map(|it| it.0);
    let from = previous.map_or(query.period.from, |it| it.from);
    let starts_later = from.is_some_and(|it| it >= before);
    let whole_days = [from, query.period.from, query.period.to]
        .into_iter()
        .flatten()
        .all(|it| it >= before || it.number().rem_euclid(DAY) == 0);
    // The period before is moved by its length: a day that is one row must arrive as one day.
    let length = query.period.previous().filter(|_| query.compared).map_or(0, |it| it.1);
    let torn = query.group_by.contains(&Dimension::Day) && length.rem_euclid(DAY) != 0;
    starts_later || (whole_days && !torn && !query.group_by.contains(&Dimension::Hour))
}
