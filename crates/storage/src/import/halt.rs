//! Why a booking stopped, and whether it may be tried again.

use sea_orm::sqlx::Error as SqlxError;
use sea_orm::{DbErr, RuntimeErr, SqlErr, SqlxMySqlError};

use super::error::ImportError;
use crate::error::StorageError;

/// MySQL: the lock wait timeout was exceeded, or there was a deadlock.
const MYSQL_LOCKS: [u16; 2] = [1205, 1213];

/// SQLite: another writer holds the file, or a table of it. Extended codes keep these in their
/// lowest byte.
const SQLITE_LOCKS: [i32; 2] = [5, 6];

/// Why a booking stopped.
#[derive(Debug)]
pub(super) enum Halt {
    /// Another writer was in the way; the next attempt may succeed.
    InTheWay(StorageError),
    /// It makes no sense to try again.
    Import(ImportError),
}

impl From<StorageError> for Halt {
    fn from(error: StorageError) -> Self {
        match &error {
            StorageError::Database { source, .. } if is_in_the_way(source) => Self::InTheWay(error),
            _ => Self::Import(error.into()),
        }
    }
}

impl From<ImportError> for Halt {
    fn from(error: ImportError) -> Self {
        Self::Import(error)
    }
}

/// Whether another writer won a key, holds a lock, or died with us in a deadlock.
fn is_in_the_way(error: &DbErr) -> bool {
    if is_taken(error) {
        return true;
    }
    let (DbErr::Conn(RuntimeErr::SqlxError(inner))
    | DbErr::Exec(RuntimeErr::SqlxError(inner))
    | DbErr::Query(RuntimeErr::SqlxError(inner))) = error
    else {
        return false;
    };
    let SqlxError::Database(inner) = inner.as_ref() else {
        return false;
    };
    match inner.try_downcast_ref::<SqlxMySqlError>() {
        Some(mysql) => MYSQL_LOCKS.contains(&mysql.number()),
        None => inner
            .code()
            .and_then(|it| it.parse::<i32>().ok())
            .is_some_and(|it| SQLITE_LOCKS.contains(&(it & 0xFF))),
    }
}

/// Whether a row with such a key exists already.
pub(super) fn is_taken(error: &DbErr) -> bool {
    matches!(error.sql_err(), Some(SqlErr::UniqueConstraintViolation(_)))
}
