//! Everything that is stored, as the rows of CSV files that an import takes.

mod table;

use bams_domain::{Quarter, Slot};
use futures_util::TryStreamExt;
use sea_orm::{ConnectionTrait, DatabaseTransaction, Statement, StreamTrait};

pub use self::table::ExportedTable;
use crate::database::Database;
use crate::error::{Attempt, StorageError};
use crate::performance::raw_rows::kept_from;
use crate::performance::staged_sums;

const ACTION: &str = "export rows";

/// How far ahead an import lets a moment be, in seconds.
const AHEAD: i64 = 300;

/// The rows of a store at one moment.
#[derive(Debug)]
pub struct Export {
    transaction: DatabaseTransaction,
    /// The first moment that an import would take for one that has not come, in seconds since 1970.
    ahead: i64,
    /// The first slot of which all clicks and conversions are there, if older ones are summed up.
    pub clicks_from: Option<Slot>,
    has_staged_sums: bool,
}

impl Export {
    /// Begins at a moment in unix milliseconds. Everything is read as it is then.
    pub async fn begin(database: &Database, now_unix_ms: i64) -> Result<Self, StorageError> {
        let transaction = database.begin_comparing().await?;
        let has_staged_sums = staged_sums::any(&transaction).await?;
        let ahead = now_unix_ms.div_euclid(1000).saturating_add(AHEAD);
        let clicks_from = kept_from(&transaction).await?;
        Ok(Self { transaction, ahead, clicks_from, has_staged_sums })
    }

    /// Calls `take` with the fields of each row of a table, and its quarter if the rows of each quarter
    /// make a file of their own, and returns how many rows there are. Ends early with the error of
    /// `take`.
    pub async fn rows<E: From<StorageError>>(
        &self,
        table: ExportedTable,
        mut take: impl FnMut(Option<Quarter>, &[String]) -> Result<(), E>,
    ) -> Result<u64, E> {
        let dialect = ConnectionTrait::get_database_backend(&self.transaction);
        let statement = Statement::from_string(dialect, table.query(dialect, self.has_staged_sums));
        let rows = self.transaction.stream_raw(statement).await.attempt(ACTION)?;
        let mut rows = std::pin::pin!(rows);
        let mut count = 0;
        while let Some(row) = rows.try_next().await.attempt(ACTION)? {
            let (quarter, fields) = table.read(&row, self.ahead).attempt(ACTION)?;
            take(quarter, &fields)?;
            count += 1;
        }
        Ok(count)
    }
}
