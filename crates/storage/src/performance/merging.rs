//! Adding the sums of large files to performance, part by part, after they count.

use std::collections::BTreeMap;

use sea_orm::{ConnectionTrait, DatabaseTransaction, DbBackend, DbErr, Statement, Value};

use super::adding::{Addition, add};
use super::filtered_events::FilteredTotals;
use super::roll_ups::Writer;
use super::slot_totals::Counted;
use super::staged_sums::{ACCOUNT_SUMS, COUNTING, read};
use crate::database::Database;
use crate::database::values::row_of;
use crate::error::{Attempt, StorageError};

const ACTION: &str = "merge the sums of an import";

/// Adds the last part of a counting import to performance and removes it, in one transaction.
/// Removes the import itself when no part is left, and returns false then.
///
/// Parts and events go through performance in the order of its keys. In the same direction, events
/// that waited for one part would meet the next one, and wait for all of them.
///
/// Several processes may do so at once: what one of them removes no other adds.
pub(crate) async fn merge_some(database: &Database, import: i64) -> Result<bool, StorageError> {
    let transaction = database.begin_writing().await?;
    let sql = "SELECT MAX(part) FROM staged_performance WHERE import_id = ?";
    let last = row_of(&transaction, sql, vec![import.into()]).await.attempt(ACTION)?;
    let part: Option<i64> = match last {
        Some(row) => row.try_get_by_index(0).attempt(ACTION)?,
        None => None,
    };
    if let Some(part) = part {
        merge(&transaction, import, part).await.attempt(ACTION)?;
    } else {
        let sql = "DELETE FROM staged_imports WHERE import_id = ? AND turn IS NULL";
        let done = Statement::from_sql_and_values(database.dialect(), sql, [import.into()]);
        transaction.execute_raw(done).await.attempt(ACTION)?;
    }
    transaction.commit().await.attempt(ACTION)?;
    Ok(part.is_some())
}

/// Adds what counting imports have for one account to performance, and removes it there, so that
/// performance has all of the account.
pub(crate) async fn merge_account(
    transaction: &DatabaseTransaction,
    (campaign, banner, slot): (i64, i64, i64),
) -> Result<(), DbErr> {
    let dialect = transaction.get_database_backend();
    let sql = format!(
        "SELECT DISTINCT import_id, part FROM {COUNTING} \
         AND campaign_id = ? AND banner_id = ? AND slot = ?"
    );
    let values: [Value; 3] = [campaign.into(), banner.into(), slot.into()];
    let parts = Statement::from_sql_and_values(dialect, sql, values);
    for row in transaction.query_all_raw(parts).await? {
        let (import, part) = row.try_get_many_by_index()?;
        merge(transaction, import, part).await?;
    }
    Ok(())
}

async fn merge(transaction: &DatabaseTransaction, import: i64, part: i64) -> Result<(), DbErr> {
    let dialect = transaction.get_database_backend();
    let lock = if dialect == DbBackend::Sqlite { "" } else { " FOR UPDATE" };
    let of_part = "FROM staged_performance WHERE import_id = ? AND part = ?";
    let order = "ORDER BY campaign_id, banner_id, slot";
    let sql = format!("SELECT {ACCOUNT_SUMS} {of_part} {order}{lock}");
    let statement =
        |sql: String| Statement::from_sql_and_values(dialect, sql, [import.into(), part.into()]);
    let rows = transaction.query_all_raw(statement(sql)).await?;
    let sums: BTreeMap<_, _> = rows.iter().map(read).collect::<Result<_, _>>()?;
    if sums.is_empty() {
        return Ok(());
    }
    let sums: Vec<_> = sums.into_iter().collect();
    // This comes before the stripe is locked, because others wait for the stripe.
    transaction.execute_raw(statement(format!("DELETE {of_part}"))).await?;
    let nothing = FilteredTotals::new();
    let addition = Addition { sums: &sums, counted: Counted::Everything, filtered: &nothing };
    add(transaction, &addition, Writer::Others).await
}
