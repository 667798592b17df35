//! The table of events that do not count, by kind and reason.

use std::borrow::Cow;
use std::collections::BTreeMap;

use bams_domain::{BannerId, CampaignId, Slot};
use sea_orm::sea_query::{Expr, ExprTrait, Query};
use sea_orm::{ConnectionTrait, DatabaseTransaction, DbErr, QueryResult, Value};

use super::event_kind::EventKind;
use super::filter_reason::FilterReason;
use crate::database::Database;
use crate::database::insert::{Existing, Insert, ROWS};
use crate::database::values::{banner_id, campaign_id, corrupt, count};
use crate::database::whole_sum::whole_sum;
use crate::error::{Attempt, StorageError};

/// The insert into the table. It adds the counts to those of an existing row.
pub(super) const FILTERED_EVENTS: Insert = Insert {
    table: "filtered_events",
    columns: Cow::Borrowed(&["campaign_id", "banner_id", "slot", "kind", "reason", "events"]),
    same: &[],
    key: Cow::Borrowed(&["campaign_id", "banner_id", "slot", "kind", "reason"]),
    existing: Existing::Increased { counts: &["events"] },
};

/// The key of a count.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct FilteredEvent {
    pub(crate) campaign: CampaignId,
    pub(crate) banner: BannerId,
    pub(crate) slot: Slot,
    pub(crate) kind: EventKind,
    pub(crate) reason: FilterReason,
}

/// Counts by their keys.
pub(crate) type FilteredTotals = BTreeMap<FilteredEvent, u64>;

/// Adds counts to the table. Only [`adding`](super::adding) does.
pub(super) async fn write(
    transaction: &DatabaseTransaction,
    counts: &FilteredTotals,
) -> Result<(), DbErr> {
    let rows = counts.iter().map(|(filtered, events)| -> [Value; 6] {
        [
            i64::from(filtered.campaign.0).into(),
            i64::from(filtered.banner.0).into(),
            filtered.slot.number().into(),
            filtered.kind.name().into(),
            filtered.reason.name().into(),
            i64::try_from(*events).unwrap_or(i64::MAX).into(),
        ]
    });
    for chunk in rows.collect::<Vec<_>>().chunks(ROWS) {
        let values = chunk.iter().flatten().cloned().collect();
        let dialect = transaction.get_database_backend();
        transaction.execute_raw(FILTERED_EVENTS.statement(dialect, None, values)).await?;
    }
    Ok(())
}

/// The number of events of a kind that were filtered for a reason.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct FilteredEvents {
    /// The campaign.
    pub campaign: CampaignId,
    /// The banner.
    pub banner: BannerId,
    /// The slot of their arrival.
    pub slot: Slot,
    /// Their kind.
    pub kind: EventKind,
    /// Why they do not count.
    pub reason: FilterReason,
    /// Their number, at least 1.
    pub events: u64,
}

/// Returns the filtered events of the slots `from..until`, of all campaigns or of one, by campaign,
/// banner, slot, kind and reason.
///
/// Net counts are in performance; gross ones are the sum of both.
pub async fn filtered_events(
    database: &Database,
    campaign: Option<CampaignId>,
    from: Slot,
    until: Slot,
) -> Result<Vec<FilteredEvents>, StorageError> {
    let action = "load filtered events";
    let mut select = Query::select();
    select
        .columns(["campaign_id", "banner_id", "slot", "kind", "reason"])
        .expr_as(Expr::cust(whole_sum(database.dialect(), "events")), "events")
        .from("filtered_events")
        .and_where(Expr::col("slot").gte(from.number()))
        .and_where(Expr::col("slot").lt(until.number()))
        .group_by_columns(["campaign_id", "banner_id", "slot", "kind", "reason"]);
    if let Some(campaign) = campaign {
        select.and_where(Expr::col("campaign_id").eq(i64::from(campaign.0)));
    }
    let rows = database.reading().query_all(&select).await.attempt(action)?;
    let values = rows.iter().map(QueryResult::try_get_many_by_index);
    let values = values.collect::<Result<Vec<_>, _>>().attempt(action)?;
    let mut filtered = values.into_iter().map(row).collect::<Result<Vec<_>, _>>()?;
    filtered.sort_unstable();
    Ok(filtered)
}

/// A row of the table, as it is stored.
type FilteredRow = (i64, i64, i64, String, String, i64);

fn row(row: FilteredRow) -> Result<FilteredEvents, StorageError> {
    let (FilteredEvent { campaign, banner, slot, kind, reason }, events) = total(row)?;
    Ok(FilteredEvents { campaign, banner, slot, kind, reason, events })
}

/// Reads a row of the table.
pub(super) fn total(row: FilteredRow) -> Result<(FilteredEvent, u64), StorageError> {
    let table = FILTERED_EVENTS.table;
    let (campaign, banner, slot, kind, reason, events) = row;
    let (kind, reason) = kind_and_reason(table, &kind, &reason)?;
    let (campaign, banner) = (campaign_id(table, campaign)?, banner_id(table, banner)?);
    let slot = Slot::from_number(slot);
    let events = count(table, "events", events)?;
    Ok((FilteredEvent { campaign, banner, slot, kind, reason }, events))
}

/// Reads the kind of an event and the reason why it does not count.
pub(super) fn kind_and_reason(
    table: &'static str,
    kind: &str,
    reason: &str,
) -> Result<(EventKind, FilterReason), StorageError> {
    let known_kind = EventKind::ALL.into_iter().find(|it| it.name() == kind);
    let known_reason = FilterReason::ALL.into_iter().find(|it| it.name() == reason);
    Ok((
        known_kind.ok_or_else(|| corrupt(table, "kind", kind))?,
        known_reason.ok_or_else(|| corrupt(table, "reason", reason))?,
    ))
}
