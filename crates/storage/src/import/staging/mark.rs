//! The row by which all processes know an import whose rows are stored in portions.
//!
//! Each portion writes the row of its import, so that a portion of a process that was taken for dead
//! fails: by the lock of the row, or at the commit where the cluster has no common locks.

use sea_orm::{ConnectionTrait, DatabaseTransaction, QueryResult, Statement, Value};

use crate::error::{Attempt, StorageError};

const ACTION: &str = "mark an import that is stored in portions";

/// The row of an import.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::import) struct PortionsMark {
    pub(in crate::import) import: i64,
    /// The process that works on it.
    pub(super) owner: i64,
    pub(super) beat: i64,
    /// True until its rows count. At most one import is like this.
    pub(in crate::import) staged: bool,
}

/// Returns the marks of all imports.
pub(in crate::import) async fn all<C: ConnectionTrait>(
    database: &C,
) -> Result<Vec<PortionsMark>, StorageError> {
    let sql = "SELECT import_id, owner, beat, turn FROM staged_imports";
    let statement = Statement::from_string(database.get_database_backend(), sql);
    let rows = database.query_all_raw(statement).await.attempt(ACTION)?;
    let mark = |row: &QueryResult| {
        let (import, owner, beat, turn): (i64, i64, i64, Option<i64>) =
            row.try_get_many_by_index()?;
        Ok(PortionsMark { import, owner, beat, staged: turn.is_some() })
    };
    rows.iter().map(mark).collect::<Result<_, _>>().attempt(ACTION)
}

/// Takes the turn for an import. Fails with a conflict if another one has it.
pub(in crate::import) async fn take_turn(
    transaction: &DatabaseTransaction,
    import: i64,
    owner: i64,
) -> Result<(), StorageError> {
    let sql = "INSERT INTO staged_imports (import_id, turn, owner, beat) VALUES (?, 1, ?, 0)";
    write(transaction, sql, &[import, owner]).await.map(drop)
}

/// Says that the owner of an import lives. Returns false if it is not the owner any more.
pub(in crate::import) async fn beat<C: ConnectionTrait>(
    database: &C,
    import: i64,
    owner: i64,
) -> Result<bool, StorageError> {
    let sql = "UPDATE staged_imports SET beat = beat + 1 WHERE import_id = ? AND owner = ?";
    write(database, sql, &[import, owner]).await
}

/// Makes the rows of an import count, and passes the turn on. Returns false if the import has another
/// owner.
pub(in crate::import) async fn count(
    transaction: &DatabaseTransaction,
    import: i64,
    owner: i64,
) -> Result<bool, StorageError> {
    let sql = "UPDATE staged_imports SET turn = NULL, beat = beat + 1 \
               WHERE import_id = ? AND owner = ? AND turn IS NOT NULL";
    write(transaction, sql, &[import, owner]).await
}

/// Marks an import that counts as one whose sums are taken out of performance, so that whoever goes on
/// with it puts them back. Fails with a conflict if its sums are still being merged.
pub(in crate::import) async fn reopen(
    transaction: &DatabaseTransaction,
    import: i64,
    owner: i64,
) -> Result<(), StorageError> {
    let sql = "INSERT INTO staged_imports (import_id, turn, owner, beat) VALUES (?, NULL, ?, 0)";
    write(transaction, sql, &[import, owner]).await.map(drop)
}

/// Makes the rows of an import not count any more, the reverse of [`count`]. Returns false if the import
/// has another owner. Fails with a conflict if another import has the turn.
pub(in crate::import) async fn uncount(
    transaction: &DatabaseTransaction,
    import: i64,
    owner: i64,
) -> Result<bool, StorageError> {
    let sql = "UPDATE staged_imports SET turn = 1, beat = beat + 1 \
               WHERE import_id = ? AND owner = ? AND turn IS NULL";
    write(transaction, sql, &[import, owner]).await
}

/// Makes `owner` the owner of an import that has not beaten since it was read, and returns true if
/// that succeeded.
pub(super) async fn take_over<C: ConnectionTrait>(
    database: &C,
    mark: PortionsMark,
    owner: i64,
) -> Result<bool, StorageError> {
    let sql = "UPDATE staged_imports SET owner = ?, beat = beat + 1 \
               WHERE import_id = ? AND owner = ? AND beat = ?";
    write(database, sql, &[owner, mark.import, mark.owner, mark.beat]).await
}

/// Removes the mark of an import without rows.
pub(super) async fn remove(
    transaction: &DatabaseTransaction,
    import: i64,
    owner: i64,
) -> Result<(), StorageError> {
    let sql = "DELETE FROM staged_imports WHERE import_id = ? AND owner = ?";
    write(transaction, sql, &[import, owner]).await.map(drop)
}

/// Runs a statement, and returns true if it changed a row.
async fn write<C: ConnectionTrait>(
    database: &C,
    sql: &str,
    values: &[i64],
) -> Result<bool, StorageError> {
    let values = values.iter().map(|it| Value::from(*it));
    let statement = Statement::from_sql_and_values(database.get_database_backend(), sql, values);
    Ok(database.execute_raw(statement).await.attempt(ACTION)?.rows_affected() > 0)
}
