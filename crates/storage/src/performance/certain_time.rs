//! The time on which more than one clock agrees.

use bams_domain::Slot;
use sea_orm::{ConnectionTrait, DbBackend, DbErr, Statement};

use crate::database::Database;
use crate::error::{Attempt, StorageError};

/// Seconds of a day.
pub(super) const DAY_SECONDS: i64 = 86_400;

/// Seconds of a slot.
const SLOT: i64 = 900;

/// Returns the moment (unix milliseconds) up to which time has certainly come: at most `now` by
/// this process's clock, the time by the database's clock, and the end of the newest slot with
/// counts. `None` before the first count.
///
/// What is given up for good (links that never count again, condensed hours, removed preferences)
/// is reckoned from here, because one process whose clock is ahead must not give up what is still
/// needed.
pub async fn certain_time(database: &Database, now: i64) -> Result<Option<i64>, StorageError> {
    let (clock, newest) = clock_and_newest_slot(database).await.attempt("ask for the time")?;
    let counted = newest.map(|slot| Slot::from_number(slot).starts_at().saturating_add(SLOT));
    let counted = counted.map(|unix_seconds| unix_seconds.saturating_mul(1000));
    Ok(counted.map(|counted| counted.min(clock).min(now)))
}

async fn clock_and_newest_slot(database: &Database) -> Result<(i64, Option<i64>), DbErr> {
    let dialect = database.dialect();
    let sql = format!("SELECT {}, (SELECT MAX(slot) FROM performance)", clock(dialect));
    let row = database.reading().query_one_raw(Statement::from_string(dialect, sql)).await?;
    let row = row.ok_or_else(|| DbErr::RecordNotFound("the time".to_owned()))?;
    Ok((row.try_get_by_index(0)?, row.try_get_by_index(1)?))
}

/// Returns the SQL for the time in unix milliseconds, by the clock that all nodes share.
pub(crate) const fn clock(dialect: DbBackend) -> &'static str {
    match dialect {
        DbBackend::Sqlite => "CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER)",
        _ => "CAST(UNIX_TIMESTAMP(NOW(3)) * 1000 AS SIGNED)",
    }
}
