//! The turn of the one process that sums raw rows up.

use std::time::{Duration, Instant};

use bams_domain::Slot;
use sea_orm::{ConnectionTrait, Statement, Value};
use uuid::Uuid;

use super::ACTION;
use crate::database::Database;
use crate::error::{Attempt, StorageError};
use crate::performance::certain_time::clock;

/// The milliseconds of silence after which another process takes the turn.
const SILENT: i64 = 60_000;

/// How often a process that finds nothing to sum up says that it lives.
const BEAT: Duration = Duration::from_secs(10);

/// The turn of a process.
pub(super) struct SummingTurn<'a> {
    database: &'a Database,
    owner: i64,
    /// The slot before which rows are summed up.
    pub(super) until: Slot,
    seen: Instant,
}

impl<'a> SummingTurn<'a> {
    /// Takes the turn, unless another process has it or everything is done already.
    pub(super) async fn take(
        database: &'a Database,
        until: Slot,
    ) -> Result<Option<Self>, StorageError> {
        let owner = i64::try_from(Uuid::new_v4().as_u64_pair().0 >> 1).unwrap_or(i64::MAX);
        let now = clock(database.dialect());
        let sql = format!(
            "UPDATE raw_rows SET owner = ?, seen_at = {now} WHERE id = 1 AND done_slot < ? \
             AND seen_at < {now} - {SILENT}"
        );
        let taken = update(database.reading(), &sql, &[owner, until.number()]).await?;
        Ok(taken.then(|| Self { database, owner, until, seen: Instant::now() }))
    }

    /// Says in a transaction that rows before the slot are summed up. Returns false if another process
    /// has the turn; the transaction must be rolled back then.
    pub(super) async fn mark<C: ConnectionTrait>(
        &mut self,
        transaction: &C,
    ) -> Result<bool, StorageError> {
        let now = clock(transaction.get_database_backend());
        let sql = format!(
            "UPDATE raw_rows SET seen_at = {now}, \
             from_slot = CASE WHEN from_slot < ? THEN ? ELSE from_slot END \
             WHERE id = 1 AND owner = ?"
        );
        let until = self.until.number();
        self.seen = Instant::now();
        update(transaction, &sql, &[until, until, self.owner]).await
    }

    /// Says from time to time that this process lives. Returns false if another process has the turn.
    pub(super) async fn keep(&mut self) -> Result<bool, StorageError> {
        if self.seen.elapsed() < BEAT {
            return Ok(true);
        }
        self.seen = Instant::now();
        let now = clock(self.database.dialect());
        let sql = format!("UPDATE raw_rows SET seen_at = {now} WHERE id = 1 AND owner = ?");
        update(self.database.reading(), &sql, &[self.owner]).await
    }

    /// Passes the turn on, and says if everything before the slot is summed up.
    pub(super) async fn pass_on(&self, is_done: bool) -> Result<(), StorageError> {
        let done = if is_done { self.until.number() } else { i64::MIN };
        let sql = "UPDATE raw_rows SET owner = 0, seen_at = 0, \
                   done_slot = CASE WHEN done_slot < ? THEN ? ELSE done_slot END \
                   WHERE id = 1 AND owner = ?";
        update(self.database.reading(), sql, &[done, done, self.owner]).await.map(drop)
    }
}

/// Runs an update, and returns true if it found its row.
async fn update<C: ConnectionTrait>(
    database: &C,
    sql: &str,
    values: &[i64],
) -> Result<bool, StorageError> {
    let values = values.iter().copied().map(Value::from);
    let statement = Statement::from_sql_and_values(database.get_database_backend(), sql, values);
    Ok(database.execute_raw(statement).await.attempt(ACTION)?.rows_affected() > 0)
}

#[cfg(test)]
mod tests {
    use bams_tests::{MariaDb, patiently};

    use super::*;

    #[tokio::test]
    async fn who_was_taken_for_dead_marks_nothing_and_passes_nothing_on() {
        let folder = tempfile::tempdir().unwrap();
        let sqlite = format!("sqlite://{}?mode=rwc", folder.path().join("bams.db").display());
        for url in [sqlite, MariaDb::shared().database()] {
            let database = patiently("connect", || Database::connect(&url, 4)).await;
            database.migrate().await.unwrap();
            let take = async || {
                let until = Slot::from_number(960_096);
                SummingTurn::take(&database, until).await.unwrap()
            };
            let mut silent = take().await.unwrap();
            assert!(silent.mark(database.reading()).await.unwrap());
            assert!(take().await.is_none(), "{url}: it lives");
            update(database.reading(), "UPDATE raw_rows SET seen_at = ?", &[0]).await.unwrap();
            let mut next = take().await.unwrap();
            assert!(!silent.mark(database.reading()).await.unwrap(), "{url}");
            silent.pass_on(true).await.unwrap();
            assert!(next.mark(database.reading()).await.unwrap(), "{url}: it has the turn");
            next.pass_on(true).await.unwrap();
            assert!(take().await.is_none(), "{url}: all is done");
        }
    }
}
