//! Which failures of a transaction mean that another writer was in its way.

use sea_orm::sqlx::Error as SqlxError;
use sea_orm::{DbErr, RuntimeErr, SqlErr, SqlxMySqlError};

/// MySQL: the lock wait timeout was exceeded, or there was a deadlock.
const MYSQL_LOCKS: [u16; 2] = [1205, 1213];

/// SQLite: another writer holds the file, or a table of it. Extended codes keep these in their
/// lowest byte.
const SQLITE_LOCKS: [i32; 2] = [5, 6];

/// MySQL: it is shutting down, killed the connection, or has too many.
const MYSQL_ENDINGS: [u16; 4] = [1040, 1053, 1203, 1927];

/// Whether another writer won a key, holds a lock, or died with us in a deadlock.
pub(crate) fn is_in_the_way(error: &DbErr) -> bool {
    if is_taken(error) {
        return true;
    }
    let Some(SqlxError::Database(inner)) = sqlx_error(error) else { return false };
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

/// Whether the database could not be reached, or the connection to it broke.
pub(crate) fn is_lost(error: &DbErr) -> bool {
    match sqlx_error(error) {
        Some(SqlxError::Database(inner)) => {
            let mysql = inner.try_downcast_ref::<SqlxMySqlError>();
            mysql.is_some_and(|it| MYSQL_ENDINGS.contains(&it.number()))
        }
        Some(error) => matches!(
            error,
            SqlxError::Io(_)
                | SqlxError::Tls(_)
                | SqlxError::Protocol(_)
                | SqlxError::PoolTimedOut
                | SqlxError::PoolClosed
                | SqlxError::WorkerCrashed
        ),
        None => matches!(error, DbErr::ConnectionAcquire(_) | DbErr::Conn(_)),
    }
}

fn sqlx_error(error: &DbErr) -> Option<&SqlxError> {
    match error {
        DbErr::Conn(RuntimeErr::SqlxError(inner))
        | DbErr::Exec(RuntimeErr::SqlxError(inner))
        | DbErr::Query(RuntimeErr::SqlxError(inner)) => Some(inner),
        _ => None,
    }
}
