//! Events that do not count: how many, of what, and why.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use bams_domain::{BannerId, CampaignId, Slot};
use sea_orm::sea_query::{Expr, ExprTrait, Query};
use sea_orm::{ConnectionTrait, DatabaseTransaction, DbErr, QueryResult, Value};

use crate::database::Database;
use crate::database::insert::{Existing, Insert, ROWS};
use crate::database::values::{banner_id, campaign_id, corrupt, count};
use crate::database::whole_sum::whole_sum;
use crate::error::{Attempt, StorageError};
use crate::performance::{EventKind, FilterReason};

/// Different counts that are kept in memory until the database takes them; about 10 MiB.
const KEPT: usize = 100_000;

const FILTERED: Insert = Insert {
    table: "filtered_events",
    columns: &["campaign_id", "banner_id", "slot", "kind", "reason", "events"],
    same: &[],
    key: &["campaign_id", "banner_id", "slot", "kind", "reason"],
    existing: Existing::Increased { counts: &["events"] },
};

/// What is counted together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct Filtered {
    pub(super) campaign: CampaignId,
    pub(super) banner: BannerId,
    pub(super) slot: Slot,
    pub(super) kind: EventKind,
    pub(super) reason: FilterReason,
}

/// Counts by what was filtered.
pub(super) type FilteredCounts = BTreeMap<Filtered, u64>;

/// Counts that are not in the database yet.
#[derive(Debug, Default)]
pub(super) struct Pending(Mutex<FilteredCounts>);

impl Pending {
    /// Counts one more. When the database was gone for so long that memory is full, counts only
    /// what is counted already.
    pub(super) fn add(&self, filtered: Filtered) {
        self.put_back(&FilteredCounts::from([(filtered, 1)]));
    }

    pub(super) fn take(&self) -> FilteredCounts {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Keeps counts that could not be written.
    pub(super) fn put_back(&self, counts: &FilteredCounts) {
        let mut pending = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for (filtered, events) in counts {
            if pending.len() < KEPT || pending.contains_key(filtered) {
                *pending.entry(*filtered).or_default() += events;
            }
        }
    }
}

/// Adds counts to the table.
pub(super) async fn write(
    transaction: &DatabaseTransaction,
    counts: &FilteredCounts,
) -> Result<(), DbErr> {
    let rows = counts.iter().map(|(it, events)| -> [Value; 6] {
        [
            i64::from(it.campaign.0).into(),
            i64::from(it.banner.0).into(),
            it.slot.number().into(),
            it.kind.name().into(),
            it.reason.name().into(),
            i64::try_from(*events).unwrap_or(i64::MAX).into(),
        ]
    });
    let rows: Vec<_> = rows.collect();
    for chunk in rows.chunks(ROWS) {
        let values = chunk.iter().flatten().cloned().collect();
        let dialect = transaction.get_database_backend();
        transaction.execute_raw(FILTERED.statement(dialect, 0, values)).await?;
    }
    Ok(())
}

/// How many events of a kind were filtered for a reason.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct FilteredEvents {
    /// The campaign.
    pub campaign: CampaignId,
    /// The banner.
    pub banner: BannerId,
    /// When they came in.
    pub slot: Slot,
    /// What they would have been.
    pub kind: EventKind,
    /// Why they do not count.
    pub reason: FilterReason,
    /// How many; at least 1.
    pub events: u64,
}

/// The events of the slots `from..until` that do not count, by campaign, banner, slot, kind and
/// reason; those of one campaign only, if one is given. Net counts are in performance: gross ones
/// are the sum of both.
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
    let rows = rows.iter().map(QueryResult::try_get_many_by_index);
    let rows = rows.collect::<Result<Vec<_>, _>>().attempt(action)?;
    let mut filtered = rows.into_iter().map(row).collect::<Result<Vec<_>, _>>()?;
    filtered.sort_unstable();
    Ok(filtered)
}

fn row(row: (i64, i64, i64, String, String, i64)) -> Result<FilteredEvents, StorageError> {
    let table = "filtered_events";
    let (campaign, banner, slot, kind, reason, events) = row;
    let known_kind = EventKind::ALL.into_iter().find(|it| it.name() == kind);
    let known_reason = FilterReason::ALL.into_iter().find(|it| it.name() == reason);
    Ok(FilteredEvents {
        campaign: campaign_id(table, campaign)?,
        banner: banner_id(table, banner)?,
        slot: Slot::from_number(slot),
        kind: known_kind.ok_or_else(|| corrupt(table, "kind", kind))?,
        reason: known_reason.ok_or_else(|| corrupt(table, "reason", reason))?,
        events: count(table, "events", events)?,
    })
}
