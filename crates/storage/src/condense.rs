//! Condensing old slots to days, so that the table grows with days and not with slots.
//!
//! What a banner achieved in one quarter of all hours of a day becomes one row: that of the day's
//! first slot of this quarter. So sums by campaign, banner, quarter and day stay what they were,
//! and so does everything that adds performance up. Only the hour is forgotten.

use std::collections::BTreeMap;

use bams_domain::Slot;
use sea_orm::{
    ConnectionTrait, DatabaseTransaction, DbBackend, DbErr, QueryResult, Statement, Value,
};

use crate::connect::Database;
use crate::contention::is_in_the_way;
use crate::error::{Attempt, StorageError};
use crate::insert::{Existing, Insert};

const ACTION: &str = "condense performance";

/// Slots of a day.
const DAY: i64 = 96;

/// Rows condensed in one transaction: their keys become part of its statements.
const TOGETHER: usize = 200;

/// How often a batch is tried again when another writer is in the way.
const ATTEMPTS: usize = 5;

const DAYS: Insert = Insert {
    table: "performance",
    columns: &[
        "campaign_id",
        "banner_id",
        "slot",
        "impressions",
        "clicks",
        "conversions",
        "revenue_micros",
    ],
    same: &[],
    key: &["campaign_id", "banner_id", "slot"],
    existing: Existing::Increased {
        counts: &["impressions", "clicks", "conversions", "revenue_micros"],
    },
};

/// The row that a row before `before` is condensed to.
pub(crate) const fn condensed_slot(slot: i64, before: i64) -> i64 {
    if slot < before { slot - slot.rem_euclid(DAY) + slot.rem_euclid(4) } else { slot }
}

/// The first slot that is kept as such, or nothing while all are.
pub(crate) async fn condensed_before<C: ConnectionTrait>(
    database: &C,
) -> Result<Option<Slot>, StorageError> {
    let sql = "SELECT before_slot FROM condensed_performance WHERE id = 1";
    let statement = Statement::from_string(database.get_database_backend(), sql);
    let row = database.query_one_raw(statement).await.attempt(ACTION)?;
    let slot = row.map(|it| it.try_get_by_index(0)).transpose().attempt(ACTION)?;
    Ok(slot.map(Slot::from_number))
}

/// Condenses the days that ended by the slot `keep_from`, and answers how many rows were taken
/// together with others or moved.
///
/// First it is written down that these days are condensed; from then on reports refuse their hours.
/// Then rows are condensed a few hundred at a time, each time in one transaction, so that whoever
/// adds performance up sees the same sums before, during and after. What was counted for such a day
/// later is condensed by the next call. Several nodes may call at once: they take turns. A call that
/// is cut off is finished by the next one.
pub async fn condense(database: &Database, keep_from: Slot) -> Result<u64, StorageError> {
    let known = condensed_before(database.reading()).await?.map_or(i64::MIN, Slot::number);
    let day = known.max(keep_from.number() - keep_from.number().rem_euclid(DAY));
    // Where there is nothing to condense, no report needs to be refused.
    if keys(database, i64::MIN, day).await.attempt(ACTION)?.is_empty() {
        return Ok(0);
    }
    let before = announce(database, day).await?;
    let (mut condensed, mut from) = (0, i64::MIN);
    loop {
        let keys = keys(database, from, before).await.attempt(ACTION)?;
        let Some(last) = keys.last() else { return Ok(condensed) };
        from = last.2;
        for some in keys.chunks(TOGETHER) {
            condensed += repeated(database, some).await?;
        }
    }
}

/// Writes down which days are condensed, and answers that: no day becomes slots again.
async fn announce(database: &Database, before: i64) -> Result<i64, StorageError> {
    let transaction = database.begin_writing().await?;
    let known = condensed_before(&transaction).await?.map(Slot::number);
    let dialect = database.dialect();
    let statement = match known {
        Some(known) if known >= before => return Ok(known),
        Some(_) => "UPDATE condensed_performance SET before_slot = ? WHERE id = 1",
        None if dialect == DbBackend::Sqlite => {
            "INSERT INTO condensed_performance (id, before_slot) VALUES (1, ?) \
             ON CONFLICT (id) DO UPDATE SET before_slot = excluded.before_slot"
        }
        None => {
            "INSERT INTO condensed_performance (id, before_slot) VALUES (1, ?) \
             ON DUPLICATE KEY UPDATE before_slot = VALUES(before_slot)"
        }
    };
    let statement = Statement::from_sql_and_values(dialect, statement, [before.into()]);
    transaction.execute_raw(statement).await.attempt(ACTION)?;
    transaction.commit().await.attempt(ACTION)?;
    Ok(before)
}

/// Campaign, banner and slot.
type Key = (i64, i64, i64);

/// Some rows that are not condensed yet, in the order of their slots.
async fn keys(database: &Database, from: i64, before: i64) -> Result<Vec<Key>, DbErr> {
    let sql = "SELECT campaign_id, banner_id, slot FROM performance \
               WHERE slot >= ? AND slot < ? AND slot % 96 >= 4 \
               ORDER BY slot, campaign_id, banner_id LIMIT 5000";
    let values: [Value; 2] = [from.into(), before.into()];
    let statement = Statement::from_sql_and_values(database.dialect(), sql, values);
    let rows = database.reading().query_all_raw(statement).await?;
    rows.iter().map(QueryResult::try_get_many_by_index).collect()
}

async fn repeated(database: &Database, keys: &[Key]) -> Result<u64, StorageError> {
    let mut attempts = 1;
    loop {
        match condense_some(database, keys).await {
            Err(StorageError::Database { source, .. })
                if attempts < ATTEMPTS && is_in_the_way(&source) =>
            {
                attempts += 1;
            }
            outcome => return outcome,
        }
    }
}

/// Adds rows to those of their days, and removes them. Those that another node was quicker with
/// are not there any more.
async fn condense_some(database: &Database, keys: &[Key]) -> Result<u64, StorageError> {
    let transaction = database.begin_writing().await?;
    let rows = locked(&transaction, keys).await.attempt(ACTION)?;
    let mut days: BTreeMap<Key, [i64; 4]> = BTreeMap::new();
    for ((campaign, banner, slot), counts) in &rows {
        let day = (*campaign, *banner, condensed_slot(*slot, i64::MAX));
        for (sum, count) in days.entry(day).or_default().iter_mut().zip(counts) {
            *sum = sum.saturating_add(*count);
        }
    }
    if !rows.is_empty() {
        let dialect = database.dialect();
        let values = days.into_iter().flat_map(|((campaign, banner, slot), counts)| {
            [campaign, banner, slot].into_iter().chain(counts).map(Value::from)
        });
        let insert = DAYS.statement(dialect, 0, values.collect());
        transaction.execute_raw(insert).await.attempt(ACTION)?;
        let gone: Vec<Key> = rows.iter().map(|it| it.0).collect();
        let delete = of_keys(dialect, "DELETE FROM performance WHERE ", &gone, "");
        transaction.execute_raw(delete).await.attempt(ACTION)?;
    }
    transaction.commit().await.attempt(ACTION)?;
    Ok(rows.len() as u64)
}

/// The rows of these keys; until the end of the transaction nobody else changes them.
async fn locked(
    transaction: &DatabaseTransaction,
    keys: &[Key],
) -> Result<Vec<(Key, [i64; 4])>, DbErr> {
    let dialect = transaction.get_database_backend();
    let select = "SELECT campaign_id, banner_id, slot, impressions, clicks, conversions, \
                  revenue_micros FROM performance WHERE ";
    let lock = if dialect == DbBackend::Sqlite { "" } else { " FOR UPDATE" };
    let rows = transaction.query_all_raw(of_keys(dialect, select, keys, lock)).await?;
    rows.iter()
        .map(|row| {
            let (campaign, banner, slot, impressions, clicks, conversions, revenue) =
                QueryResult::try_get_many_by_index(row)?;
            Ok(((campaign, banner, slot), [impressions, clicks, conversions, revenue]))
        })
        .collect()
}

fn of_keys(dialect: DbBackend, begin: &str, keys: &[Key], end: &str) -> Statement {
    let of_key = "(campaign_id = ? AND banner_id = ? AND slot = ?)";
    let text = format!("{begin}{}{end}", vec![of_key; keys.len()].join(" OR "));
    let values = keys.iter().flat_map(|(campaign, banner, slot)| [*campaign, *banner, *slot]);
    Statement::from_sql_and_values(dialect, text, values.map(Value::from))
}
