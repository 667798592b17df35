//! What raw rows count, and where that is kept when they are gone.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use bams_domain::Slot;
use sea_orm::{ConnectionTrait, DatabaseTransaction, DbBackend, DbErr, Statement, Value};

use super::ACTION;
use crate::error::{Attempt, StorageError};
use crate::performance::condensed::{condensed_before, condensed_slot};
use crate::performance::raw_rows::BASELINE;
use crate::performance::staged_sums::STAGED;

/// A raw row.
pub(super) struct RawRow {
    /// Empty for impressions.
    pub(super) id: String,
    pub(super) campaign: i64,
    pub(super) banner: i64,
    pub(super) slot: i64,
    pub(super) import: Option<i64>,
    /// What stands for its id, unless that tells its time.
    pub(super) hash: Option<i64>,
    /// Impressions, clicks, conversions and micros.
    pub(super) counts: [i64; 4],
}

/// Locks imports, so that none of them is reverted until the transaction ends.
pub(super) async fn lock(
    transaction: &DatabaseTransaction,
    imports: impl Iterator<Item = i64>,
) -> Result<(), DbErr> {
    let imports: BTreeSet<i64> = imports.collect();
    let dialect = transaction.get_database_backend();
    if imports.is_empty() || dialect == DbBackend::Sqlite {
        return Ok(());
    }
    let listed: Vec<String> = imports.iter().map(ToString::to_string).collect();
    let sql =
        format!("SELECT id FROM imports WHERE id IN ({}) ORDER BY id FOR UPDATE", listed.join(","));
    transaction.query_all_raw(Statement::from_string(dialect, sql)).await.map(drop)
}

/// Leaves out the rows of imports that do not count, or not any more.
pub(super) async fn counting(
    transaction: &DatabaseTransaction,
    mut rows: Vec<RawRow>,
) -> Result<Vec<RawRow>, DbErr> {
    let statement = Statement::from_string(transaction.get_database_backend(), STAGED);
    let staged = transaction.query_all_raw(statement).await?;
    let staged = staged.iter().map(|row| row.try_get_by_index::<i64>(0));
    let staged = staged.collect::<Result<HashSet<_>, _>>()?;
    rows.retain(|row| row.import.is_none_or(|import| !staged.contains(&import)));
    Ok(rows)
}

/// Adds what rows count to what recomputing starts from, and to what their imports have there.
pub(super) async fn add_up(
    transaction: &DatabaseTransaction,
    rows: &[RawRow],
) -> Result<(), StorageError> {
    let condensed = condensed_before(transaction).await?.map_or(i64::MIN, Slot::number);
    let mut sums: BTreeMap<(i64, i64, i64), [i64; 4]> = BTreeMap::new();
    let mut imports: BTreeMap<i64, i64> = BTreeMap::new();
    for row in rows {
        let key = (row.campaign, row.banner, condensed_slot(row.slot, condensed));
        for (sum, count) in sums.entry(key).or_default().iter_mut().zip(row.counts) {
            *sum = sum.saturating_add(count);
        }
        if let Some(import) = row.import {
            *imports.entry(import).or_default() += 1;
        }
    }
    let values = sums.into_iter().flat_map(|((campaign, banner, slot), counts)| {
        [campaign, banner, slot].into_iter().chain(counts).map(Value::from)
    });
    let dialect = transaction.get_database_backend();
    let insert = BASELINE.statement(dialect, None, values.collect());
    transaction.execute_raw(insert).await.attempt(ACTION)?;
    for (import, rows) in imports {
        let sql = "UPDATE imports SET summed_up = COALESCE(summed_up, 0) + ? WHERE id = ?";
        let values: [Value; 2] = [rows.into(), import.into()];
        let update = Statement::from_sql_and_values(dialect, sql, values);
        transaction.execute_raw(update).await.attempt(ACTION)?;
    }
    Ok(())
}
