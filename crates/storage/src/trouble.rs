//! The meaning of database errors for the work that met them.

use sea_orm::sqlx::Error as SqlxError;
use sea_orm::{DbErr, RuntimeErr, SqlErr, SqlxMySqlError};

/// MySQL's codes for a lock wait timeout, a deadlock (on Galera also at the commit), a row that
/// changed since it was read, and one that a new row refers to and that was removed since. The last
/// two are write conflicts of `TiDB`.
const MYSQL_CONFLICTS: [u16; 6] = [1205, 1213, 1020, 1452, 8022, 9007];

/// SQLite's codes for another writer that holds the file, or a table of it. Extended codes have
/// these in their lowest byte.
const SQLITE_CONFLICTS: [i32; 2] = [5, 6];

/// MySQL's codes for a shutdown, a killed connection and too many connections.
const MYSQL_ENDINGS: [u16; 4] = [1040, 1053, 1203, 1927];

/// MySQL's codes for a server that is read-only (1290, 1792, 1836), not a part of its cluster
/// (1047, 3100) or left it during the commit (3101).
const MYSQL_WRONG_SERVER: [u16; 6] = [1290, 1792, 1836, 1047, 3100, 3101];

/// Vitess's texts for a tablet that is no longer the primary.
const VITESS_WRONG_SERVER: [&str; 2] = ["not serving", "wrong tablet type"];

/// MySQL's codes for a full disk and a full table.
const MYSQL_FULL: [u16; 2] = [1021, 1114];

/// SQLite's code for a file or folder that cannot be written.
const SQLITE_READ_ONLY: i32 = 8;

/// SQLite's code for a full disk.
const SQLITE_FULL: i32 = 13;

/// SQLite's codes for a disk that failed, and for a file that cannot be opened or is not one of
/// SQLite's.
const SQLITE_BROKEN: [i32; 4] = [10, 11, 14, 26];

/// SQLite's codes for a file that is damaged, or is not one of SQLite's.
const SQLITE_NO_DATABASE: [i32; 2] = [11, 26];

/// The meaning of a database error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// Another writer took a key, holds a lock or was chosen over us in a deadlock. The transaction
    /// was rolled back, and its repetition may succeed.
    Conflict,
    /// The server takes no writes, or is no longer the one that does. Another server may.
    WrongServer,
    /// The disk or a table is full.
    Full,
    /// The database could not be reached, ended the connection or cannot use its disk.
    Lost,
    /// The database refuses the statement, on every server and at any time, so the fault is ours.
    Statement,
}

impl Trouble {
    /// Returns the meaning of an error of the driver.
    pub(crate) fn of(error: &DbErr) -> Self {
        if is_taken(error) {
            return Self::Conflict;
        }
        match sqlx_error(error) {
            Some(SqlxError::Database(inner)) => {
                if let Some(mysql) = inner.try_downcast_ref::<SqlxMySqlError>() {
                    return of_mysql(mysql);
                }
                let code = inner.code().and_then(|code| code.parse::<i32>().ok());
                code.map_or(Self::Statement, |code| of_sqlite(code & 0xFF))
            }
            Some(
                SqlxError::Io(_)
                | SqlxError::Tls(_)
                | SqlxError::Protocol(_)
                | SqlxError::PoolTimedOut
                | SqlxError::PoolClosed
                | SqlxError::WorkerCrashed,
            ) => Self::Lost,
            None if matches!(error, DbErr::ConnectionAcquire(_) | DbErr::Conn(_)) => Self::Lost,
            Some(_) | None => Self::Statement,
        }
    }
}

fn of_mysql(error: &SqlxMySqlError) -> Trouble {
    let number = error.number();
    if MYSQL_CONFLICTS.contains(&number) {
        Trouble::Conflict
    } else if MYSQL_WRONG_SERVER.contains(&number)
        || VITESS_WRONG_SERVER.iter().any(|words| error.message().contains(words))
    {
        Trouble::WrongServer
    } else if MYSQL_FULL.contains(&number) {
        Trouble::Full
    } else if MYSQL_ENDINGS.contains(&number) {
        Trouble::Lost
    } else {
        Trouble::Statement
    }
}

fn of_sqlite(code: i32) -> Trouble {
    if SQLITE_CONFLICTS.contains(&code) {
        Trouble::Conflict
    } else if code == SQLITE_READ_ONLY {
        Trouble::WrongServer
    } else if code == SQLITE_FULL {
        Trouble::Full
    } else if SQLITE_BROKEN.contains(&code) {
        Trouble::Lost
    } else {
        Trouble::Statement
    }
}

/// Returns true if a file is no database of SQLite, or one that is damaged from its beginning.
pub(crate) fn is_no_database(error: &DbErr) -> bool {
    let Some(SqlxError::Database(inner)) = sqlx_error(error) else { return false };
    let code = inner.code().and_then(|code| code.parse::<i32>().ok());
    code.is_some_and(|code| SQLITE_NO_DATABASE.contains(&(code & 0xFF)))
}

/// Returns true if a row with the same unique key exists.
pub(crate) fn is_taken(error: &DbErr) -> bool {
    matches!(error.sql_err(), Some(SqlErr::UniqueConstraintViolation(_)))
}

/// Returns the driver's own error.
pub(crate) fn sqlx_error(error: &DbErr) -> Option<&SqlxError> {
    match error {
        DbErr::Conn(RuntimeErr::SqlxError(inner))
        | DbErr::Exec(RuntimeErr::SqlxError(inner))
        | DbErr::Query(RuntimeErr::SqlxError(inner)) => Some(inner),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use sea_orm::{ConnectionTrait, Database};

    use super::*;

    #[tokio::test]
    async fn a_full_disk_a_conflict_and_a_wrong_statement_are_told_apart() {
        let database = Database::connect("sqlite::memory:").await.unwrap();
        let trouble = async |sql: &str| {
            database.execute_unprepared(sql).await.err().map(|error| Trouble::of(&error))
        };
        assert_eq!(trouble("CREATE TABLE rows (id INTEGER PRIMARY KEY, text TEXT)").await, None);
        assert_eq!(trouble("INSERT INTO rows VALUES (1, 'a')").await, None);
        let taken = trouble("INSERT INTO rows VALUES (1, 'a')").await;
        assert_eq!(taken, Some(Trouble::Conflict));
        assert_eq!(trouble("PRAGMA max_page_count = 10").await, None);
        let full = trouble("INSERT INTO rows VALUES (2, hex(zeroblob(1000000)))").await;
        assert_eq!(full, Some(Trouble::Full));
        assert_eq!(trouble("SELECT nothing FROM nowhere").await, Some(Trouble::Statement));
        assert_eq!(trouble("PRAGMA query_only = 1").await, None);
        let refused = trouble("INSERT INTO rows VALUES (3, 'a')").await;
        assert_eq!(refused, Some(Trouble::WrongServer));
        let unreachable = Database::connect("sqlite:///nowhere/at/all.db").await.unwrap_err();
        assert_eq!(Trouble::of(&unreachable), Trouble::Lost);
    }
}
