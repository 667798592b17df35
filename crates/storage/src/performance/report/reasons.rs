//! The filtered events of a report by reason.

use std::collections::BTreeMap;

use sea_orm::{ConnectionTrait, DatabaseTransaction, QueryResult};

use super::query::ReportQuery;
use super::row::FilteredCounts;
use super::statement::reasons;
use crate::database::values::{corrupt, count};
use crate::error::{Attempt, StorageError};
use crate::performance::{EventKind, FilterReason};

const ACTION: &str = "read why events were filtered";

/// Returns how many events of each kind were filtered in the period, by reason.
pub(super) async fn by_reason(
    transaction: &DatabaseTransaction,
    query: &ReportQuery,
) -> Result<BTreeMap<FilterReason, FilteredCounts>, StorageError> {
    let dialect = transaction.get_database_backend();
    let statement = reasons(dialect, query).statement(dialect);
    let rows = transaction.query_all_raw(statement).await.attempt(ACTION)?;
    let mut found: BTreeMap<FilterReason, FilteredCounts> = BTreeMap::new();
    for row in &rows {
        let (reason, kind, events) = read(row)?;
        let counts = found.entry(reason).or_default();
        match kind {
            EventKind::Impression => counts.impressions = events,
            EventKind::Click => counts.clicks = events,
            EventKind::Conversion => counts.conversions = events,
        }
    }
    Ok(found)
}

fn read(row: &QueryResult) -> Result<(FilterReason, EventKind, u64), StorageError> {
    let table = "filtered_events";
    let (reason, kind, events): (String, String, i64) =
        QueryResult::try_get_many_by_index(row).attempt(ACTION)?;
    let known_reason = FilterReason::ALL.into_iter().find(|it| it.name() == reason);
    let known_kind = EventKind::ALL.into_iter().find(|it| it.name() == kind);
    Ok((
        known_reason.ok_or_else(|| corrupt(table, "reason", reason))?,
        known_kind.ok_or_else(|| corrupt(table, "kind", kind))?,
        count(table, "events", events)?,
    ))
}
