//! Which failures of a transaction mean that another writer was in its way.

use sea_orm::sqlx::Error as SqlxError;
use sea_orm::{DbErr, RuntimeErr, SqlErr, SqlxMySqlError};

/// MySQL: the lock wait timeout was exceeded, or there was a deadlock.
const MYSQL_LOCKS: [u16; 2] = [1205, 1213];

/// SQLite: another writer holds the file, or a table of it. Extended codes keep these in their
/// lowest byte.
const SQLITE_LOCKS: [i32; 2] = [5, 6];

/// Whether another writer won a key, holds a lock, or died with us in a deadlock.
pub(crate) fn is_in_the_way(error: &DbErr) -> bool {
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
pub(crate) fn is_taken(error: &DbErr) -> bool {
    matches!(error.sql_err(), Some(SqlErr::UniqueConstraintViolation(_)))
}
