//! The filtered events of a report by reason.

use std::collections::BTreeMap;

use sea_orm::{ConnectionTrait, DatabaseTransaction, QueryResult};

use super::row::FilteredCounts;
use super::statement::Summing;
use crate::database::values::count;
use crate::error::{Attempt, StorageError};
use crate::performance::filtered_events::kind_and_reason;
use crate::performance::{EventKind, FilterReason};

const ACTION: &str = "read why events were filtered";

/// Returns how many events of each kind were filtered in the period, by reason.
pub(super) async fn by_reason(
    transaction: &DatabaseTransaction,
    summing: &Summing<'_>,
) -> Result<BTreeMap<FilterReason, FilteredCounts>, StorageError> {
    let rows = transaction.query_all(&summing.reasons()).await.attempt(ACTION)?;
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
    let (kind, reason) = kind_and_reason(table, &kind, &reason)?;
    Ok((reason, kind, count(table, "events", events)?))
}
