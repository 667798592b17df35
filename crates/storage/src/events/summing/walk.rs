//! The way through the raw tables, in windows of bounded size.
//!
//! The tables have no index by slot, which would make each event dearer, so they are read once for each
//! day that is summed up, without locks.

use std::time::Duration;

use sea_orm::{ConnectionTrait, DbBackend, DbErr, Statement, Value};
use tokio::time::sleep;

use super::portion::{Portion, RawTable};
use super::turn::SummingTurn;
use super::{ACTION, PATIENCE, TOGETHER};
use crate::database::Database;
use crate::database::repetition::Repetition;
use crate::database::values::row_of;
use crate::error::{Attempt, StorageError};

/// The rows of a window.
const WINDOW: usize = 5_000;

/// How long SQLite's one writer is left to others after each transaction.
const GIVEN: Duration = Duration::from_millis(25);

/// The way of one call.
pub(super) struct Walk<'a> {
    pub(super) database: &'a Database,
    pub(super) turn: SummingTurn<'a>,
    pub(super) summed_up: u64,
}

impl<'a> Walk<'a> {
    pub(super) fn of(database: &'a Database, turn: SummingTurn<'a>) -> Self {
        Self { database, turn, summed_up: 0 }
    }

    /// Sums everything up: conversions before their clicks, which they refer to.
    pub(super) async fn all(&mut self) -> Result<(), StorageError> {
        for table in [RawTable::Conversions, RawTable::Clicks] {
            self.table(table).await?;
        }
        let mut after = i64::MIN;
        while let Some(import) = self.next_import(after).await.attempt(ACTION)? {
            self.impressions(import).await?;
            after = import;
        }
        Ok(())
    }

    async fn impressions(&mut self, import: i64) -> Result<(), StorageError> {
        if !self.turn.keep().await? {
            return Err(overtaken());
        }
        while self.has_old(import).await.attempt(ACTION)?
            && self.repeat(Portion::Impressions { import }).await? > 0
        {}
        Ok(())
    }

    async fn table(&mut self, table: RawTable) -> Result<(), StorageError> {
        let mut after = String::new();
        while self.turn.keep().await? {
            let end = self.end(table, &after).await.attempt(ACTION)?;
            let ids = self.old(table, &after, end.as_deref()).await.attempt(ACTION)?;
            for some in ids.chunks(TOGETHER) {
                self.repeat(Portion::Rows { table, ids: some }).await?;
            }
            match end {
                Some(end) => after = table.next(end, self.turn.until),
                None => return Ok(()),
            }
        }
        Err(overtaken())
    }

    /// Sums up a portion and returns how many rows it had. Repeats that while another writer is in the way.
    async fn repeat(&mut self, portion: Portion<'_>) -> Result<u64, StorageError> {
        let mut repetition = Repetition::within(PATIENCE);
        let rows = loop {
            match portion.sum_up(self.database, &mut self.turn).await {
                Ok(Some(rows)) => break rows,
                Ok(None) => return Err(overtaken()),
                Err(error) => repetition.after(self.database, error).await?,
            }
        };
        self.summed_up += rows;
        if self.database.dialect() == DbBackend::Sqlite {
            sleep(GIVEN).await;
        }
        Ok(rows)
    }

    /// Returns the last id of a window, or `None` if it reaches to the end of the table.
    async fn end(&self, table: RawTable, after: &str) -> Result<Option<String>, DbErr> {
        let sql = format!(
            "SELECT id FROM {} WHERE id > ? ORDER BY id LIMIT 1 OFFSET {}",
            table.name(),
            WINDOW - 1
        );
        Ok(self.ids(&sql, vec![after.into()]).await?.pop())
    }

    /// Returns the ids of old rows in a window.
    async fn old(
        &self,
        table: RawTable,
        after: &str,
        end: Option<&str>,
    ) -> Result<Vec<String>, DbErr> {
        let mut values: Vec<Value> = vec![self.turn.until.number().into(), after.into()];
        let within = if end.is_some() { "AND id <= ?" } else { "" };
        values.extend(end.map(Value::from));
        let name = table.name();
        let sql = format!(
            "SELECT DISTINCT id FROM {name} WHERE slot < ? AND id > ? {within} ORDER BY id"
        );
        self.ids(&sql, values).await
    }

    /// Returns the next import with impressions.
    async fn next_import(&self, after: i64) -> Result<Option<i64>, DbErr> {
        let sql = "SELECT MIN(import_id) FROM imported_impressions WHERE import_id > ?";
        let row = row_of(self.database.reading(), sql, vec![after.into()]).await?;
        row.map_or(Ok(None), |row| row.try_get_by_index(0))
    }

    /// Returns true if an import has old impressions.
    async fn has_old(&self, import: i64) -> Result<bool, DbErr> {
        let sql = "SELECT slot FROM imported_impressions WHERE import_id = ? AND slot < ? LIMIT 1";
        let values: Vec<Value> = vec![import.into(), self.turn.until.number().into()];
        Ok(row_of(self.database.reading(), sql, values).await?.is_some())
    }

    async fn ids(&self, sql: &str, values: Vec<Value>) -> Result<Vec<String>, DbErr> {
        let statement = Statement::from_sql_and_values(self.database.dialect(), sql, values);
        let rows = self.database.reading().query_all_raw(statement).await?;
        rows.iter().map(|row| row.try_get_by_index(0)).collect()
    }
}

/// Makes the error of a process that was silent for so long that another one has taken its turn.
fn overtaken() -> StorageError {
    StorageError::TimedOut { action: ACTION }
}
