//! Summing up the impressions of an import, which have no ids.

use bams_domain::Slot;
use sea_orm::{ConnectionTrait, DatabaseTransaction, DbBackend, DbErr, Statement, Value};

use super::counted::{RawRow, add_up, counting, lock};
use super::{ACTION, TOGETHER};
use crate::error::{Attempt, StorageError};

/// Sums up some impressions of an import, if it counts, and returns how many rows they had.
pub(super) async fn some(
    transaction: &DatabaseTransaction,
    import: i64,
    until: Slot,
) -> Result<u64, StorageError> {
    lock(transaction, [import].into_iter()).await.attempt(ACTION)?;
    let found = locked(transaction, import, until).await.attempt(ACTION)?;
    let rows = counting(transaction, found).await.attempt(ACTION)?;
    if rows.is_empty() {
        return Ok(0);
    }
    let keys = vec!["(campaign_id = ? AND banner_id = ? AND slot = ?)"; rows.len()].join(" OR ");
    let sql = format!("DELETE FROM imported_impressions WHERE import_id = {import} AND ({keys})");
    let values = rows.iter().flat_map(|row| [row.campaign, row.banner, row.slot]);
    let values: Vec<Value> = values.map(Value::from).collect();
    let dialect = transaction.get_database_backend();
    let delete = Statement::from_sql_and_values(dialect, sql, values);
    transaction.execute_raw(delete).await.attempt(ACTION)?;
    add_up(transaction, &rows).await?;
    Ok(rows.len() as u64)
}

async fn locked(
    transaction: &DatabaseTransaction,
    import: i64,
    until: Slot,
) -> Result<Vec<RawRow>, DbErr> {
    let dialect = transaction.get_database_backend();
    let lock = if dialect == DbBackend::Sqlite { "" } else { " FOR UPDATE" };
    let sql = format!(
        "SELECT campaign_id, banner_id, slot, impressions FROM imported_impressions \
         WHERE import_id = {import} AND slot < {} LIMIT {TOGETHER}{lock}",
        until.number()
    );
    let rows = transaction.query_all_raw(Statement::from_string(dialect, sql)).await?;
    rows.iter()
        .map(|row| {
            let (campaign, banner, slot, impressions) = row.try_get_many_by_index()?;
            let (id, hash, import) = (String::new(), None, Some(import));
            Ok(RawRow { id, campaign, banner, slot, import, hash, counts: [impressions, 0, 0, 0] })
        })
        .collect()
}
