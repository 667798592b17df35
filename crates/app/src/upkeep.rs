//! The use cases of upkeep, which happen from time to time: old things are removed, condensed and
//! compared.
//!
//! Every node may do so at any time. They take turns, and notice what the others did. What is given
//! up for good is reckoned from a time on which more clocks than the caller's agree.

use std::time::Duration;

use bams_domain::Slot;
use bams_storage::{
    Database, StorageError, certain_day, certain_time, condense, expire_impressions,
    links_expired_before, raw_rows_from, roll_up, sum_up_raw_rows,
};

/// How long impressions are kept after their links have expired, because an event may wait for the
/// database, and because the clocks of nodes differ.
const EXPIRY_GRACE: Duration = Duration::from_hours(1);

/// The result of removing impressions whose links have expired.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Expiry {
    /// How many impressions this node removed.
    pub removed: u64,
    /// The moment, in unix milliseconds, before which links of decisions must not count any more,
    /// because a node has removed what would tell that they were counted. `None` before the first
    /// removal.
    pub links_before: Option<i64>,
}

/// Removes raw impressions whose links, which work for `link_ttl`, expired an hour before `now`.
pub async fn expire(
    database: &Database,
    link_ttl: Duration,
    now: i64,
) -> Result<Expiry, StorageError> {
    let millis = link_ttl.saturating_add(EXPIRY_GRACE).as_millis();
    let kept = i64::try_from(millis).unwrap_or(i64::MAX);
    let removed = match certain_time(database, now).await? {
        Some(now) => expire_impressions(database, now.saturating_sub(kept)).await?,
        None => 0,
    };
    Ok(Expiry { removed, links_before: links_expired_before(database).await? })
}

/// How long after its end a slot is summed up. Events that come later are added to its sums.
const CLOSING: i64 = 60_000;

/// Sums up the slots that have certainly ended by `now`, and returns how many transactions that took.
/// Reports are faster then, and the same.
pub async fn roll_up_closed_slots(database: &Database, now: i64) -> Result<u64, StorageError> {
    match certain_time(database, now.saturating_sub(CLOSING)).await? {
        Some(now) => roll_up(database, Slot::at(now.div_euclid(1000))).await,
        None => Ok(0),
    }
}

/// Condenses the days of performance that ended longer than `keep_slots` before `now`, and returns
/// how many rows changed.
pub async fn condense_old_slots(
    database: &Database,
    keep_slots: Duration,
    now: i64,
) -> Result<u64, StorageError> {
    let kept = i64::try_from(keep_slots.as_secs()).unwrap_or(i64::MAX);
    match certain_time(database, now).await? {
        Some(now) => condense(database, Slot::at(now.div_euclid(1000).saturating_sub(kept))).await,
        None => Ok(0),
    }
}

/// The result of summing up old clicks and conversions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SummedUp {
    /// How many rows this node summed up.
    pub rows: u64,
    /// The first slot whose rows are all kept. `None` while all are.
    pub kept_from: Option<Slot>,
}

/// Sums up the clicks and conversions of days that ended longer than `keep` before `now`, and what files
/// said of impressions. Zero keeps all of them.
///
/// Beside the time on which clocks and counts agree it takes counts on three days: rows that are summed up
/// do not come back.
pub async fn sum_up_old_clicks(
    database: &Database,
    keep: Duration,
    now: i64,
) -> Result<SummedUp, StorageError> {
    let ago = i64::try_from(keep.as_secs()).unwrap_or(i64::MAX);
    let day = if keep.is_zero() { None } else { certain_day(database, ago, now).await? };
    let rows = match day {
        Some(day) => sum_up_raw_rows(database, day).await?,
        None => 0,
    };
    Ok(SummedUp { rows, kept_from: raw_rows_from(database).await? })
}
