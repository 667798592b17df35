//! Taking sums out of performance again: the reverse of [merging](super::merging).
//!
//! What is taken out is stored beside performance in the same transaction, as the sums of an import that
//! counts, so that whoever sums performance up sees no difference.

use std::collections::BTreeMap;

use bams_domain::{Performance, Slot};
use sea_orm::{ConnectionTrait, DatabaseTransaction, DbErr, Value};

use super::adding::{self, Addition, PerformanceKey};
use super::adjustment::in_roll_ups;
use super::condense::settle;
use super::condensed::{condensed_before, condensed_slot};
use super::locked_rows::{RowKey, locked, remove};
use super::quarter_totals::QUARTERS;
use super::roll_ups::{Writer, join};
use super::slot_totals::{Counted, counts, performance};
use super::staged_sums::{STAGED_SUMS, StagedSum};
use crate::database::insert::Insert;
use crate::database::values::{banner_id, campaign_id};
use crate::error::{Attempt, StorageError};

const ACTION: &str = "take sums out of performance";

/// The most sums that are taken out together, because their keys become part of statements.
pub(crate) const TOGETHER: usize = 200;

/// Counts by the keys of their rows.
type CountsByKey = BTreeMap<RowKey, Vec<i64>>;

/// Moves sums from performance, where condensing has put them, and from everything that is summed up
/// from it to a part of an import.
///
/// Returns false, and the transaction must be rolled back, if performance has less: then these sums are
/// not what was counted.
pub(crate) async fn withdraw(
    transaction: &DatabaseTransaction,
    (import, part): (i64, i64),
    sums: &[StagedSum],
) -> Result<bool, StorageError> {
    let before = condensed_before(transaction).await?.map_or(i64::MIN, Slot::number);
    let mut slots = CountsByKey::new();
    for (key, counts) in sums.iter().map(counts_of) {
        let place = condensed_slot(key.place, before);
        if place != key.place {
            settle(transaction, account_of(&key)?).await.attempt(ACTION)?;
        }
        add(&mut slots, key.at(place), &counts);
    }
    let table = performance(Counted::Everything);
    let mut days = CountsByKey::new();
    let lacking = subtract(transaction, &table, &slots).await.attempt(ACTION)?;
    for key in lacking {
        // Another node has condensed the slot since the mark was read.
        let Some(counts) = slots.remove(&key) else { continue };
        settle(transaction, account_of(&key)?).await.attempt(ACTION)?;
        add(&mut days, key.at(condensed_slot(key.place, i64::MAX)), &counts);
    }
    if !subtract(transaction, &table, &days).await.attempt(ACTION)?.is_empty() {
        return Ok(false);
    }
    for (key, counts) in days {
        add(&mut slots, key, &counts);
    }
    let mut quarters = CountsByKey::new();
    for (key, counts) in &slots {
        if counts[1] > 0 || counts[2] > 0 {
            let quarter = Slot::from_number(key.place).quarter().number();
            add(&mut quarters, key.at(quarter.into()), &counts[1..]);
        }
    }
    if !subtract(transaction, &QUARTERS, &quarters).await.attempt(ACTION)?.is_empty() {
        return Ok(false);
    }
    let row = |(key, counts): (&RowKey, &Vec<i64>)| {
        let counts = counts.iter().copied().map(Value::from);
        let key = key.values().chain(counts).collect::<Vec<_>>();
        [Value::from(import), part.into()].into_iter().chain(key)
    };
    let values = slots.iter().flat_map(row).collect();
    let insert = STAGED_SUMS.statement(transaction.get_database_backend(), None, values);
    transaction.execute_raw(insert).await.attempt(ACTION)?;
    from_roll_ups(transaction, sums, &slots).await?;
    Ok(true)
}

/// Takes sums out of the roll-ups that have them. `taken` has the rows from which performance lost them.
async fn from_roll_ups(
    transaction: &DatabaseTransaction,
    sums: &[StagedSum],
    taken: &CountsByKey,
) -> Result<(), StorageError> {
    let mark = join(transaction, Writer::Others).await.attempt(ACTION)?;
    for sum in sums {
        let (key, counts) = counts_of(sum);
        let own = key.place;
        let place = if taken.contains_key(&key) { own } else { condensed_slot(own, i64::MAX) };
        let less = counts.map(|count| -count);
        in_roll_ups(transaction, &mark, sum.0, Slot::from_number(place), less).await?;
    }
    Ok(())
}

/// Counts clicks again that were taken out, by their sorted accounts.
pub(crate) async fn count_clicks(
    transaction: &DatabaseTransaction,
    accounts: &[PerformanceKey],
) -> Result<(), DbErr> {
    let mut sums: BTreeMap<PerformanceKey, Performance> = BTreeMap::new();
    for account in accounts {
        sums.entry(*account).or_default().clicks += 1;
    }
    let sums: Vec<_> = sums.into_iter().collect();
    let none = BTreeMap::new();
    let addition = Addition { sums: &sums, counted: Counted::Clicks, filtered: &none };
    adding::add(transaction, &addition, Writer::Others).await
}

fn account_of(key: &RowKey) -> Result<PerformanceKey, StorageError> {
    let (campaign, banner) = (key.campaign, key.banner);
    let campaign = campaign_id("performance", campaign)?;
    Ok((campaign, banner_id("performance", banner)?, Slot::from_number(key.place)))
}

fn counts_of(((campaign, banner, slot), sums): &StagedSum) -> (RowKey, [i64; 4]) {
    let (campaign, banner) = (i64::from(campaign.0), i64::from(banner.0));
    let key = RowKey { campaign, banner, place: slot.number(), texts: Vec::new() };
    (key, counts(sums))
}

fn add(sums: &mut CountsByKey, key: RowKey, counts: &[i64]) {
    let stored = sums.entry(key).or_insert_with(|| vec![0; counts.len()]);
    for (sum, count) in stored.iter_mut().zip(counts) {
        *sum = sum.saturating_add(*count);
    }
}

/// Subtracts counts from the rows with these keys, and returns the keys of rows that have less. These
/// stay as they are. A row without counts is removed.
async fn subtract(
    transaction: &DatabaseTransaction,
    table: &Insert,
    counts: &CountsByKey,
) -> Result<Vec<RowKey>, DbErr> {
    if counts.is_empty() {
        return Ok(Vec::new());
    }
    let keys: Vec<RowKey> = counts.keys().cloned().collect();
    let stored: CountsByKey = locked(transaction, table, &keys).await?.into_iter().collect();
    let (mut lacking, mut found, mut values) = (Vec::new(), Vec::new(), Vec::new());
    for (key, counts) in counts {
        let left = stored.get(key).map(|stored| {
            stored.iter().zip(counts).map(|(stored, count)| stored - count).collect::<Vec<i64>>()
        });
        match left.filter(|left| left.iter().all(|count| *count >= 0)) {
            Some(left) => {
                if left.iter().any(|count| *count > 0) {
                    values.extend(key.values().chain(left.into_iter().map(Value::from)));
                }
                found.push(key);
            }
            None => lacking.push(key.clone()),
        }
    }
    if !found.is_empty() {
        remove(transaction, table, found).await?;
    }
    if !values.is_empty() {
        let insert = table.statement(transaction.get_database_backend(), None, values);
        transaction.execute_raw(insert).await?;
    }
    Ok(lacking)
}
