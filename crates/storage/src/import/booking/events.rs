//! Booking clicks and conversions, whose ids count once, for ever.

use std::collections::{HashMap, HashSet};

use sea_orm::{ConnectionTrait, DatabaseTransaction, DbErr, QueryResult, Statement, Value};

use super::file_event::FileEvent;
use super::rows::insert;
use crate::database::insert::{ROWS, list};
use crate::error::Attempt;
use crate::events::used_ids;
use crate::import::retry::BookingError;
use crate::import::row_error::RowError;
use crate::performance::raw_rows::kept_from;
use crate::performance::staged_sums::STAGED;
use crate::trouble::is_taken;

/// How often an insert is repeated without the rows that another writer has just inserted.
const ATTEMPTS: u32 = 10;

/// What became of some rows. All others are duplicates.
pub(super) struct Inserted<'a, R> {
    pub(super) new: Vec<&'a R>,
    /// The errors of rows whose keys have other contents, or are summed up.
    pub(super) conflicts: Vec<RowError>,
}

/// Inserts rows of an import without those whose key exists, of rows with the same key only the first.
pub(super) async fn insert_new<'a, R: FileEvent>(
    transaction: &DatabaseTransaction,
    import: i64,
    rows: &'a [R],
) -> Result<Inserted<'a, R>, BookingError> {
    let mut all = Inserted { new: Vec::with_capacity(rows.len()), conflicts: Vec::new() };
    for some in rows.chunks(ROWS) {
        let Inserted { new, conflicts } = insert_some(transaction, import, some).await?;
        all.new.extend(new);
        all.conflicts.extend(conflicts);
    }
    Ok(all)
}

/// Inserts the rows of one statement.
///
/// Only the unique key tells what is new, because MySQL's counts of changed rows are unreliable.
async fn insert_some<'a, R: FileEvent>(
    transaction: &DatabaseTransaction,
    import: i64,
    rows: &'a [R],
) -> Result<Inserted<'a, R>, BookingError> {
    let mut new: Vec<&R> = rows.iter().collect();
    let mut conflicts = Vec::new();
    let mut attempt = 1;
    loop {
        let all = new.iter().flat_map(|row| row.values()).collect();
        match insert(transaction, &R::INSERT, Some(import), all).await {
            Err(error) if is_taken(&error) && attempt < ATTEMPTS => {
                let mut known = known(transaction, import, &new).await?;
                new.retain(|row| match known.get(&row.key()) {
                    Some(contents) => {
                        if !row.says(contents) {
                            conflicts.push(row.conflict());
                        }
                        false
                    }
                    None => known.insert(row.key(), row.contents()).is_none(),
                });
                attempt += 1;
            }
            inserted => {
                inserted.attempt("book events")?;
                let used = take_used(transaction, import, &mut new).await?;
                conflicts.extend(used);
                return Ok(Inserted { new, conflicts });
            }
        }
    }
}

/// Removes rows that were just inserted and whose keys are summed up, and returns their errors.
///
/// They are looked for after the insert: before, another process could sum a row with the same key up
/// between the look and the insert.
async fn take_used<R: FileEvent>(
    transaction: &DatabaseTransaction,
    import: i64,
    new: &mut Vec<&R>,
) -> Result<Vec<RowError>, BookingError> {
    if kept_from(transaction).await?.is_none() {
        return Ok(Vec::new());
    }
    let used = used_ids::among(transaction, new.iter().filter_map(|row| row.hash())).await?;
    let is_used = |row: &&R| row.hash().is_some_and(|hash| used.contains(&hash));
    let old: Vec<&R> = new.extract_if(.., |row| is_used(row)).collect();
    if !old.is_empty() {
        let keys = vec!["(id = ? AND campaign_id = ?)"; old.len()].join(" OR ");
        let sql =
            format!("DELETE FROM {} WHERE import_id = {import} AND ({keys})", R::INSERT.table);
        // The columns begin with these two.
        let keys = old.iter().flat_map(|row| row.values().into_iter().take(2));
        let dialect = transaction.get_database_backend();
        let delete = Statement::from_sql_and_values(dialect, sql, keys.collect::<Vec<_>>());
        transaction.execute_raw(delete).await.attempt("leave used ids out")?;
    }
    Ok(old.iter().map(|row| row.too_old()).collect())
}

/// Returns the contents under those keys of rows that exist. Fails if one of them belongs to another
/// import that does not count yet.
async fn known<R: FileEvent>(
    transaction: &DatabaseTransaction,
    import: i64,
    rows: &[&R],
) -> Result<HashMap<R::Key, R::Contents>, BookingError> {
    let action = "look for known events";
    let sql = format!(
        "SELECT {}, CASE WHEN import_id <> {import} AND import_id IN ({STAGED}) THEN 1 ELSE 0 END \
         AS is_staged FROM {} WHERE id IN",
        R::COLUMNS,
        R::INSERT.table
    );
    let ids = rows.iter().map(|row| row.id()).collect();
    let found = among(transaction, &sql, ids).await.attempt(action)?;
    let wanted: HashSet<R::Key> = rows.iter().map(|row| row.key()).collect();
    let mut known = HashMap::with_capacity(found.len());
    for row in &found {
        let (key, contents) = R::stored(row).attempt(action)?;
        if !wanted.contains(&key) {
            continue;
        }
        if row.try_get::<i64>("", "is_staged").attempt(action)? != 0 {
            return Err(BookingError::Staged);
        }
        known.insert(key, contents);
    }
    Ok(known)
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
