//! Booking clicks and conversions, whose ids count once, for ever.

use std::collections::{HashMap, HashSet};

use sea_orm::{ConnectionTrait, DatabaseTransaction, DbErr, QueryResult, Statement, Value};

use super::rows::insert;
use crate::database::insert::{Insert, ROWS, list};
use crate::error::Attempt;
use crate::events::raw_events::{CLICKS, CONVERSIONS};
use crate::import::retry::BookingError;
use crate::import::rows::{Account, FileClick, FileConversion};
use crate::performance::staged_sums::STAGED;
use crate::trouble::is_taken;

/// How often an insert is repeated without the rows that another writer has just inserted.
const ATTEMPTS: u32 = 10;

/// A row that has an id.
pub(super) trait FileEvent {
    /// The insert into its table, whose columns begin with the id.
    const INSERT: Insert;

    fn id(&self) -> i64;

    fn values(&self) -> [Value; 4];
}

impl FileEvent for FileClick {
    const INSERT: Insert = CLICKS;

    fn id(&self) -> i64 {
        self.id
    }

    fn values(&self) -> [Value; 4] {
        let Account { campaign, banner, slot } = self.account;
        let (campaign, banner) = (i64::from(campaign.0).into(), i64::from(banner.0).into());
        [self.id.to_string().into(), campaign, banner, slot.number().into()]
    }
}

impl FileEvent for FileConversion {
    const INSERT: Insert = CONVERSIONS;

    fn id(&self) -> i64 {
        self.id
    }

    fn values(&self) -> [Value; 4] {
        let (revenue, slot) = (self.revenue.micros().into(), self.slot.number().into());
        [self.id.to_string().into(), self.click.as_str().into(), revenue, slot]
    }
}

/// Inserts rows of an import without those whose id exists, of rows with the same id only the first,
/// and returns what was inserted.
pub(super) async fn insert_new<'a, R: FileEvent>(
    transaction: &DatabaseTransaction,
    import: i64,
    rows: &'a [R],
) -> Result<Vec<&'a R>, BookingError> {
    let mut new = Vec::with_capacity(rows.len());
    for some in rows.chunks(ROWS) {
        new.extend(insert_some(transaction, import, some).await?);
    }
    Ok(new)
}

/// Inserts the rows of one statement.
///
/// Only the unique key tells what is new, because MySQL's counts of changed rows are unreliable.
async fn insert_some<'a, R: FileEvent>(
    transaction: &DatabaseTransaction,
    import: i64,
    rows: &'a [R],
) -> Result<Vec<&'a R>, BookingError> {
    let mut rows: Vec<&R> = rows.iter().collect();
    let mut attempt = 1;
    loop {
        let all = rows.iter().flat_map(|row| row.values()).collect();
        match insert(transaction, &R::INSERT, Some(import), all).await {
            Err(error) if is_taken(&error) && attempt < ATTEMPTS => {
                let known =
                    known(transaction, import, &rows).await.attempt("look for known events")?;
                if known.values().any(|staged| *staged) {
                    return Err(BookingError::Staged);
                }
                let mut seen = HashSet::with_capacity(rows.len());
                rows.retain(|row| {
                    !known.contains_key(&row.id().to_string()) && seen.insert(row.id())
                });
                attempt += 1;
            }
            inserted => {
                inserted.attempt("book events")?;
                return Ok(rows);
            }
        }
    }
}

/// Returns the ids among those of rows that exist, each with true if it belongs to another import
/// that does not count yet.
async fn known<R: FileEvent>(
    transaction: &DatabaseTransaction,
    import: i64,
    rows: &[&R],
) -> Result<HashMap<String, bool>, DbErr> {
    let sql = format!(
        "SELECT id, CASE WHEN import_id <> {import} AND import_id IN ({STAGED}) THEN 1 ELSE 0 END \
         FROM {} WHERE id IN",
        R::INSERT.table
    );
    let ids = rows.iter().map(|row| row.id().to_string().into()).collect();
    let found = among(transaction, &sql, ids).await?;
    let known = |row: &QueryResult| {
        let (id, staged): (String, i64) = row.try_get_many_by_index()?;
        Ok((id, staged != 0))
    };
    found.iter().map(known).collect()
}

/// Returns the rows of a query that ends with `IN`, for these values.
pub(super) async fn among<C: ConnectionTrait>(
    database: &C,
    sql: &str,
    values: Vec<Value>,
) -> Result<Vec<QueryResult>, DbErr> {
    if values.is_empty() {
        return Ok(Vec::new());
    }
    let sql = format!("{sql} ({})", list("?", values.len()));
    let dialect = database.get_database_backend();
    database.query_all_raw(Statement::from_sql_and_values(dialect, sql, values)).await
}
