//! Condensing slots of old days, so that tables grow with days and not with slots.
//!
//! All rows of a banner in one quarter of all hours of a day become one row: that of the day's
//! first slot of this quarter. So sums by campaign, banner, quarter and day stay the same, and so
//! does everything that adds performance up. Only the hour is lost. Filtered events are condensed
//! in the same way, for each kind and reason.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::time::Duration;

use bams_domain::{Performance, Revenue, Slot};
use sea_orm::{ConnectionTrait, DatabaseTransaction, DbErr, Statement, Value};

use super::adding::PerformanceKey;
use super::condensed::{DAY, condensed_before, condensed_slot};
use super::filtered_events::FILTERED_EVENTS;
use super::locked_rows::{RowKey, locked, remove};
use super::roll_ups::{self, Writer, join, roll_up};
use super::slot_totals::{Counted, performance};
use crate::database::Database;
use crate::database::insert::{Existing, Insert};
use crate::database::repetition::Repetition;
use crate::error::{Attempt, StorageError};

const ACTION: &str = "condense performance";

/// The rows condensed in one transaction, at most, because their keys become part of its
/// statements.
const TOGETHER: usize = 200;

/// How long a batch is repeated while another writer is in the way.
const PATIENCE: Duration = Duration::from_secs(30);

/// The condensed tables, each with the insert that adds counts to those of the same key. Keys begin
/// with campaign, banner and slot; texts may follow. The counts come after the key.
const TABLES: [&Insert; 2] = [&performance(Counted::Everything), &FILTERED_EVENTS];

/// The insert of the first slot that is still kept as such.
const MARK: Insert = Insert {
    table: "condensed_performance",
    columns: Cow::Borrowed(&["id", "before_slot"]),
    same: &[],
    key: Cow::Borrowed(&["id"]),
    existing: Existing::Largest { column: "before_slot" },
};

/// Condenses the days that ended by the slot `keep_from`, and returns how many rows were merged
/// with others or moved.
///
/// First the table is marked: from then on reports refuse the hours of these days. Then rows are
/// condensed a few hundred at a time, each time in one transaction, so that sums of performance are
/// the same before, during and after. Counts that are added to such a day later are condensed by
/// the next call. Several nodes may call at once and take turns. The next call finishes one that
/// was cut off.
pub async fn condense(database: &Database, keep_from: Slot) -> Result<u64, StorageError> {
    let known = condensed_before(database.reading()).await?.map_or(i64::MIN, Slot::number);
    let day = known.max(keep_from.number() - keep_from.number().rem_euclid(DAY));
    // Roll-ups of campaigns keep the hours, and are made from slots.
    roll_up(database, Slot::from_number(day)).await?;
    let mut condensed = 0;
    for table in TABLES {
        // Without anything to condense no report needs to be refused.
        if !keys(database, table, i64::MIN, day).await.attempt(ACTION)?.is_empty() {
            let before = announce(database, day).await?;
            condensed += condense_table(database, table, before).await?;
        }
    }
    Ok(condensed)
}

async fn condense_table(
    database: &Database,
    table: &Insert,
    before: i64,
) -> Result<u64, StorageError> {
    let (mut condensed, mut from) = (0, i64::MIN);
    loop {
        let keys = keys(database, table, from, before).await.attempt(ACTION)?;
        let Some(last) = keys.last() else { return Ok(condensed) };
        from = last.place;
        for some in keys.chunks(TOGETHER) {
            condensed += repeated(database, table, some).await?;
        }
    }
}

/// Marks the days before a slot as condensed, and returns the mark, which never moves back.
async fn announce(database: &Database, before: i64) -> Result<i64, StorageError> {
    let mut repetition = Repetition::within(PATIENCE);
    loop {
        match announce_once(database, before).await {
            Err(error) => repetition.after(database, error).await?,
            announced => return announced,
        }
    }
}

async fn announce_once(database: &Database, before: i64) -> Result<i64, StorageError> {
    let transaction = database.begin_writing().await?;
    let known = condensed_before(&transaction).await?.map(Slot::number);
    if let Some(known) = known
        && known >= before
    {
        return Ok(known);
    }
    let statement = MARK.statement(database.dialect(), None, vec![1.into(), before.into()]);
    transaction.execute_raw(statement).await.attempt(ACTION)?;
    transaction.commit().await.attempt(ACTION)?;
    Ok(before)
}

/// Returns some keys of rows that are not condensed yet, in the order of their slots.
async fn keys(
    database: &Database,
    table: &Insert,
    from: i64,
    before: i64,
) -> Result<Vec<RowKey>, DbErr> {
    let sql = format!(
        "SELECT {key} FROM {table} WHERE slot >= ? AND slot < ? AND slot % 96 >= 4 \
         ORDER BY slot, {key} LIMIT 5000",
        key = table.key.join(", "),
        table = table.table,
    );
    let values: [Value; 2] = [from.into(), before.into()];
    let statement = Statement::from_sql_and_values(database.dialect(), sql, values);
    let rows = database.reading().query_all_raw(statement).await?;
    rows.iter().map(|it| RowKey::read(it, table)).collect()
}

async fn repeated(
    database: &Database,
    table: &Insert,
    keys: &[RowKey],
) -> Result<u64, StorageError> {
    let mut repetition = Repetition::within(PATIENCE);
    loop {
        match condense_some(database, table, keys).await {
            Err(error) => repetition.after(database, error).await?,
            condensed => return condensed,
        }
    }
}

/// Adds rows to those of their days and removes them, except those that another node has condensed
/// meanwhile.
async fn condense_some(
    database: &Database,
    table: &Insert,
    keys: &[RowKey],
) -> Result<u64, StorageError> {
    let transaction = database.begin_writing().await?;
    let rows = merge(&transaction, table, keys).await.attempt(ACTION)?;
    transaction.commit().await.attempt(ACTION)?;
    Ok(rows.len() as u64)
}

/// Condenses what a banner in a campaign achieved in one slot, if it is not condensed yet.
pub(super) async fn settle(
    transaction: &DatabaseTransaction,
    (campaign, banner, slot): PerformanceKey,
) -> Result<(), DbErr> {
    let day = Slot::from_number(condensed_slot(slot.number(), i64::MAX));
    if slot == day {
        return Ok(());
    }
    let (place, texts) = (slot.number(), Vec::new());
    let key = RowKey { campaign: campaign.0.into(), banner: banner.0.into(), place, texts };
    let moved = merge(transaction, &performance(Counted::Everything), &[key]).await?;
    let mark = join(transaction, Writer::Others).await?;
    // Where older programs left a day half condensed, the mark of roll-ups may stand within it.
    if mark.covers(campaign, day) && !mark.covers(campaign, slot) {
        let at = (campaign, banner, day);
        let moved: Vec<_> = moved.iter().map(|(_, counts)| (at, sums(counts))).collect();
        roll_ups::add(transaction, &moved).await?;
    }
    Ok(())
}

fn sums(counts: &[i64]) -> Performance {
    let of = |index: usize| counts.get(index).copied().unwrap_or(0);
    let count = |index| u64::try_from(of(index)).unwrap_or(0);
    let revenue = Revenue::from_micros(of(3));
    Performance { impressions: count(0), clicks: count(1), conversions: count(2), revenue }
}

/// Adds rows to those of their days and removes them, and returns them.
async fn merge(
    transaction: &DatabaseTransaction,
    table: &Insert,
    keys: &[RowKey],
) -> Result<Vec<(RowKey, Vec<i64>)>, DbErr> {
    let rows = locked(transaction, table, keys).await?;
    let mut days: BTreeMap<RowKey, Vec<i64>> = BTreeMap::new();
    for (key, counts) in &rows {
        let sums = days
            .entry(key.at(condensed_slot(key.place, i64::MAX)))
            .or_insert_with(|| vec![0; counts.len()]);
        for (sum, count) in sums.iter_mut().zip(counts) {
            *sum = sum.saturating_add(*count);
        }
    }
    if !rows.is_empty() {
        let dialect = transaction.get_database_backend();
        let values = days.iter().flat_map(|(day, counts)| {
            day.values().chain(counts.iter().copied().map(Value::from)).collect::<Vec<_>>()
        });
        let insert = table.statement(dialect, None, values.collect());
        transaction.execute_raw(insert).await?;
        remove(transaction, table, rows.iter().map(|it| &it.0)).await?;
    }
    Ok(rows)
}
