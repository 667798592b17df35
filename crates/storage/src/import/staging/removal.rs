//! Removing the rows of an import that does not count, in short transactions.

use std::time::{Duration, Instant};

use sea_orm::{ConnectionTrait, DatabaseTransaction, DbErr, EntityTrait, Statement, Value};

use super::converted::keep_converted;
use super::mark;
use super::pace::Pace;
use crate::database::Database;
use crate::database::insert::{ROWS, list};
use crate::database::repetition::Repetition;
use crate::database::values::row_of;
use crate::entity::import;
use crate::error::{Attempt, StorageError};
use crate::events::raw_events::{CLICKS, CONVERSIONS};
use crate::import::failure::ImportFailure;
use crate::import::kind::ImportKind;
use crate::import::record;

const ACTION: &str = "remove what an import left";

/// How many raw rows are looked up together.
const TOGETHER: usize = 5_000;

/// How long a transaction is repeated while another writer is in the way.
const PATIENCE: Duration = Duration::from_mins(5);

/// Removes what `owner` has staged, if anything, and records why its import failed.
pub(in crate::import) async fn remove_of(
    database: &Database,
    owner: i64,
    failure: &ImportFailure,
) -> Result<(), StorageError> {
    let marks = mark::all(database.reading()).await?;
    match marks.iter().find(|mark| mark.staged && mark.owner == owner) {
        Some(mark) => remove(database, mark.import, owner, failure).await,
        None => Ok(()),
    }
}

/// Removes the rows of a staged import of `owner`, and its mark with the last of them. Ends early if
/// another process has become the owner.
pub(in crate::import) async fn remove(
    database: &Database,
    import: i64,
    owner: i64,
    failure: &ImportFailure,
) -> Result<(), StorageError> {
    let mut removal = Removal { database, import, owner, pace: Pace::of(database) };
    let found = import::Entity::find_by_id(import).one(database.reading()).await.attempt(ACTION)?;
    let kind = found.and_then(|row| row.kind.parse().ok());
    let raw = match kind {
        Some(ImportKind::Clicks) => Some(CLICKS.table),
        Some(ImportKind::Conversions) => Some(CONVERSIONS.table),
        _ => None,
    };
    if let Some(table) = raw
        && !removal.raw_rows(table).await?
    {
        return Ok(());
    }
    for part in [RemovedSums::Portion, RemovedSums::Campaign] {
        while let Some(first) = removal.first(part).await? {
            if !removal.take(Taken::Sums(part, first)).await? {
                return Ok(());
            }
        }
    }
    removal.take(Taken::Mark(failure)).await.map(drop)
}

/// The sums that are removed together: those of a portion, or the impressions of a campaign.
#[derive(Clone, Copy)]
enum RemovedSums {
    Portion,
    Campaign,
}

impl RemovedSums {
    const fn table_and_column(self) -> (&'static str, &'static str) {
        match self {
            Self::Portion => ("staged_performance", "part"),
            Self::Campaign => ("imported_impressions", "campaign_id"),
        }
    }
}

/// What one transaction removes.
#[derive(Clone, Copy)]
enum Taken<'a> {
    Rows(&'static str, &'a [String]),
    Sums(RemovedSums, i64),
    Mark(&'a ImportFailure),
}

struct Removal<'a> {
    database: &'a Database,
    import: i64,
    owner: i64,
    pace: Pace,
}

impl Removal<'_> {
    /// Removes the rows of a raw table, in the order of their ids, and returns false if the import has
    /// another owner. Without an index by import, which would make each event dearer, the table is read
    /// once.
    async fn raw_rows(&mut self, table: &'static str) -> Result<bool, StorageError> {
        let mut last = String::new();
        loop {
            let ids = self.ids(table, &last).await.attempt(ACTION)?;
            let Some(newest) = ids.last() else { return Ok(true) };
            last.clone_from(newest);
            for some in ids.chunks(ROWS) {
                if !self.take(Taken::Rows(table, some)).await? {
                    return Ok(false);
                }
            }
        }
    }

    async fn ids(&self, table: &str, after: &str) -> Result<Vec<String>, DbErr> {
        let sql = format!(
            "SELECT id FROM {table} WHERE id > ? AND import_id = ? ORDER BY id LIMIT {TOGETHER}"
        );
        let values: [Value; 2] = [after.into(), self.import.into()];
        let statement = Statement::from_sql_and_values(self.database.dialect(), sql, values);
        let rows = self.database.reading().query_all_raw(statement).await?;
        rows.iter().map(|row| row.try_get_by_index(0)).collect()
    }

    /// Returns the first number of a part that has rows.
    async fn first(&self, part: RemovedSums) -> Result<Option<i64>, StorageError> {
        let (table, column) = part.table_and_column();
        let sql = format!("SELECT MIN({column}) FROM {table} WHERE import_id = ?");
        let row = row_of(self.database.reading(), &sql, vec![self.import.into()]).await;
        let Some(row) = row.attempt(ACTION)? else { return Ok(None) };
        row.try_get_by_index(0).attempt(ACTION)
    }

    /// Removes something, and returns false if the import has another owner.
    async fn take(&mut self, taken: Taken<'_>) -> Result<bool, StorageError> {
        let mut repetition = Repetition::within(PATIENCE);
        loop {
            match self.take_once(taken).await {
                Err(error) => repetition.after(self.database, error).await?,
                removed => return removed,
            }
        }
    }

    async fn take_once(&mut self, taken: Taken<'_>) -> Result<bool, StorageError> {
        let transaction = self.database.begin_writing().await?;
        let begun = Instant::now();
        if !mark::beat(&transaction, self.import, self.owner).await? {
            return Ok(false);
        }
        match taken {
            Taken::Rows(table, ids) => {
                if table == CLICKS.table {
                    keep_converted(&transaction, self.import, ids).await?;
                }
                delete(&transaction, table, self.import, ids).await.attempt(ACTION)?;
            }
            Taken::Sums(part, number) => {
                let (table, column) = part.table_and_column();
                let sql = format!("DELETE FROM {table} WHERE import_id = ? AND {column} = ?");
                let values: [Value; 2] = [self.import.into(), number.into()];
                let dialect = self.database.dialect();
                let statement = Statement::from_sql_and_values(dialect, sql, values);
                transaction.execute_raw(statement).await.attempt(ACTION)?;
            }
            Taken::Mark(failure) => {
                record::fail(&transaction, self.import, failure).await?;
                mark::remove(&transaction, self.import, self.owner).await?;
            }
        }
        transaction.commit().await.attempt(ACTION)?;
        self.pace.rest_after(begun).await;
        Ok(true)
    }
}

async fn delete(
    transaction: &DatabaseTransaction,
    table: &str,
    import: i64,
    ids: &[String],
) -> Result<(), DbErr> {
    // Another campaign may have a conversion with the same id.
    let sql = format!(
        "DELETE FROM {table} WHERE id IN ({}) AND import_id = {import}",
        list("?", ids.len())
    );
    let values = ids.iter().map(|id| Value::from(id.as_str()));
    let dialect = transaction.get_database_backend();
    transaction.execute_raw(Statement::from_sql_and_values(dialect, sql, values)).await.map(drop)
}
