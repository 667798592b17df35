//! Removing raw impressions whose links have expired, because they cannot arrive again.

use std::borrow::Cow;
use std::collections::BTreeMap;

use sea_orm::{
    ConnectionTrait, DatabaseTransaction, DbBackend, DbErr, QueryResult, Statement, Value,
};
use uuid::{Builder, Uuid};

use crate::database::Database;
use crate::database::insert::{Existing, Insert, ROWS};
use crate::database::repetition::Repetition;
use crate::error::{Attempt, StorageError};

/// The most impressions that one transaction removes, roughly.
const TOGETHER: u64 = 5_000;

/// The insert of the moment before which links have expired.
const MARK: Insert = Insert {
    table: "expired_decisions",
    columns: Cow::Borrowed(&["id", "before_unix_ms"]),
    same: &[],
    key: Cow::Borrowed(&["id"]),
    existing: Existing::Largest { column: "before_unix_ms" },
};

const EXPIRED: Insert = Insert {
    table: "expired_impressions",
    columns: Cow::Borrowed(&["campaign_id", "banner_id", "slot", "impressions"]),
    same: &[],
    key: Cow::Borrowed(&["campaign_id", "banner_id", "slot"]),
    existing: Existing::Increased { counts: &["impressions"] },
};

/// Removes the impressions of decisions made before a moment (unix milliseconds), some thousands in
/// a transaction, and returns their number.
///
/// Their sums are kept, so that performance can still be recomputed. Performance itself stays the
/// same. Several nodes may do so at once. Links of those decisions must not count any more, see
/// [`links_expired_before`].
pub async fn expire_impressions(
    database: &Database,
    before_unix_ms: i64,
) -> Result<u64, StorageError> {
    let mut removed = 0;
    let mut repetition = Repetition::new();
    loop {
        match expire_some(database, before_unix_ms).await {
            Ok((some, more)) => {
                removed += some;
                if !more {
                    return Ok(removed);
                }
                repetition = Repetition::new();
            }
            Err(error) => repetition.after(database, error).await?,
        }
    }
}

/// Returns the moment (unix milliseconds) before which links of decisions have expired for good, or
/// `None` before the first removal. Older impressions may have been removed, and would count again.
pub async fn links_expired_before(database: &Database) -> Result<Option<i64>, StorageError> {
    let action = "load which links have expired";
    let sql = "SELECT before_unix_ms FROM expired_decisions WHERE id = 1";
    let statement = Statement::from_string(database.dialect(), sql);
    let row = database.reading().query_one_raw(statement).await.attempt(action)?;
    row.map(|row| row.try_get_by_index(0)).transpose().attempt(action)
}

/// Removes some impressions, and returns how many, and whether there may be more.
async fn expire_some(
    database: &Database,
    before_unix_ms: i64,
) -> Result<(u64, bool), StorageError> {
    let action = "remove expired impressions";
    let transaction = database.begin_writing().await?;
    let before = first_id_at(before_unix_ms);
    let later = decision_after(&transaction, before, TOGETHER).await.attempt(action)?;
    let before = later.unwrap_or(before);
    let sums = sums(&transaction, before).await.attempt(action)?;
    let values: Vec<Value> = sums.iter().flatten().copied().map(Value::from).collect();
    for chunk in values.chunks(ROWS * EXPIRED.columns.len()) {
        let statement = EXPIRED.statement(database.dialect(), None, chunk.to_vec());
        transaction.execute_raw(statement).await.attempt(action)?;
    }
    if !sums.is_empty() {
        note(&transaction, before_unix_ms).await.attempt(action)?;
    }
    let sql = "DELETE FROM impressions WHERE decision_id < ?";
    transaction.execute_raw(statement(database.dialect(), sql, before)).await.attempt(action)?;
    transaction.commit().await.attempt(action)?;
    let removed = sums.iter().map(|sum| sum[3].unsigned_abs()).sum();
    Ok((removed, later.is_some()))
}

/// Stores that the links of decisions before a moment have expired, for any later configuration.
async fn note(transaction: &DatabaseTransaction, before_unix_ms: i64) -> Result<(), DbErr> {
    let values = vec![1.into(), before_unix_ms.into()];
    let statement = MARK.statement(transaction.get_database_backend(), None, values);
    transaction.execute_raw(statement).await.map(|_| ())
}

/// Returns the decision of the impression after the first `count`, if it was made before another
/// decision.
async fn decision_after(
    transaction: &DatabaseTransaction,
    before: Uuid,
    count: u64,
) -> Result<Option<Uuid>, DbErr> {
    let sql = format!(
        "SELECT decision_id FROM impressions WHERE decision_id < ? \
         ORDER BY decision_id LIMIT 1 OFFSET {count}"
    );
    let statement = statement(transaction.get_database_backend(), &sql, before);
    let Some(row) = transaction.query_one_raw(statement).await? else { return Ok(None) };
    let bytes: Vec<u8> = row.try_get_by_index(0)?;
    let id = Uuid::from_slice(&bytes);
    id.map(Some).map_err(|_| DbErr::Type("impressions.decision_id holds no id".to_owned()))
}

/// Returns the sums of the impressions before a decision: campaign, banner, slot and number. MySQL
/// locks them, so that no other node removes and sums them up at the same time.
async fn sums(transaction: &DatabaseTransaction, before: Uuid) -> Result<Vec<[i64; 4]>, DbErr> {
    let dialect = transaction.get_database_backend();
    let lock = if dialect == DbBackend::Sqlite { "" } else { " FOR UPDATE" };
    let sql =
        format!("SELECT campaign_id, banner_id, slot FROM impressions WHERE decision_id < ?{lock}");
    let rows = transaction.query_all_raw(statement(dialect, &sql, before)).await?;
    let mut sums = BTreeMap::new();
    for row in &rows {
        let account: (i64, i64, i64) = QueryResult::try_get_many_by_index(row)?;
        *sums.entry(account).or_default() += 1;
    }
    Ok(sums
        .into_iter()
        .map(|((campaign, banner, slot), it)| [campaign, banner, slot, it])
        .collect())
}

fn statement(dialect: DbBackend, sql: &str, before: Uuid) -> Statement {
    Statement::from_sql_and_values(dialect, sql, [before.as_bytes().to_vec().into()])
}

/// Returns the lowest id of a decision made at a moment, because ids begin with their time.
fn first_id_at(unix_ms: i64) -> Uuid {
    Builder::from_unix_timestamp_millis(u64::try_from(unix_ms).unwrap_or(0), &[0; 10]).into_uuid()
}
