//! The connection to SQLite or MySQL: pools, timeouts and durability.

mod address;
pub(crate) mod insert;
mod leaving;
pub(crate) mod list_page;
mod login;
mod mysql;
mod opening;
pub(crate) mod packed;
pub(crate) mod repetition;
mod sqlite;
mod standing;
pub(crate) mod statement_sizes;
pub(crate) mod values;
pub(crate) mod which_campaigns;
pub(crate) mod whole_sum;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use sea_orm::{
    DatabaseConnection, DatabaseTransaction, DbBackend, IsolationLevel, SqliteTransactionMode,
    TransactionOptions, TransactionTrait,
};

pub use self::address::{DatabaseAddress, InvalidDatabaseAddress};
use self::leaving::Leaving;
pub use self::list_page::{After, ListPage, PageRequest, SortValue};
pub use self::repetition::Repetition;
pub(crate) use self::sqlite::BUSY;
pub use self::standing::{WriteStanding, Writes};
use crate::error::{Attempt, StorageError};

/// The pools of connections to the SQL database of an installation.
///
/// Cloning is cheap and shares the pools.
#[derive(Clone, Debug)]
pub struct Database {
    connection: DatabaseConnection,
    /// See [`begin_booking`](Self::begin_booking).
    booking: DatabaseConnection,
    /// See [`begin_comparing`](Self::begin_comparing).
    comparing: DatabaseConnection,
    /// How many transactions of `booking` SQLite has committed.
    booked: Arc<AtomicU64>,
    leaving: Leaving,
    standing: WriteStanding,
}

impl Database {
    /// Brings the schema up to date and returns the number of steps that were taken.
    ///
    /// Several nodes may do so at once. Fails if a newer program made the schema.
    pub async fn migrate(&self) -> Result<usize, StorageError> {
        Ok(bams_migration::migrate(&self.connection).await?)
    }

    /// Fails if the database cannot be reached.
    pub async fn ping(&self) -> Result<(), StorageError> {
        self.connection.ping().await.attempt("reach the database")
    }

    /// Returns whether it takes writes.
    pub fn standing(&self) -> &WriteStanding {
        &self.standing
    }

    /// Closes every connection of today, as soon as it is free: the server takes no writes, and
    /// where the address leads now another one may.
    pub(crate) fn leave(&self) {
        tracing::warn!("the database takes no writes here; connecting anew");
        self.leaving.leave();
    }

    /// Closes the pools after the running statements.
    pub async fn close(self) -> Result<(), StorageError> {
        self.booking.close().await.attempt("close the database")?;
        self.comparing.close().await.attempt("close the database")?;
        self.connection.close().await.attempt("close the database")
    }

    /// Returns the connections for single statements that read.
    pub(crate) fn reading(&self) -> &DatabaseConnection {
        &self.connection
    }

    /// Returns the connection for work that takes long, see [`begin_comparing`](Self::begin_comparing).
    pub(crate) fn comparing(&self) -> &DatabaseConnection {
        &self.comparing
    }

    /// Returns which of the databases this is.
    pub(crate) fn dialect(&self) -> DbBackend {
        self.connection.get_database_backend()
    }

    /// Begins a transaction that writes.
    ///
    /// SQLite takes the write lock at once, because a reader that begins to write later fails with
    /// "database is locked" instead of waiting. MySQL reads what others commit meanwhile, so that a
    /// look-up after a unique violation finds the row that caused it.
    pub(crate) async fn begin_writing(&self) -> Result<DatabaseTransaction, StorageError> {
        let options = match self.dialect() {
            DbBackend::Sqlite => TransactionOptions {
                sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
                ..Default::default()
            },
            _ => TransactionOptions {
                isolation_level: Some(IsolationLevel::ReadCommitted),
                ..Default::default()
            },
        };
        self.connection.begin_with_options(options).await.attempt("begin a transaction")
    }

    /// Begins a transaction for bookings, which come one after the other. They have one or two
    /// connections of their own, which keep their statements prepared.
    ///
    /// SQLite takes the write lock at once, and MySQL reads what others commit meanwhile, as in
    /// [`begin_writing`](Self::begin_writing).
    pub(crate) async fn begin_booking(&self) -> Result<DatabaseTransaction, StorageError> {
        let options = match self.dialect() {
            DbBackend::Sqlite => TransactionOptions {
                sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
                ..Default::default()
            },
            // The session is set to READ COMMITTED.
            _ => TransactionOptions::default(),
        };
        self.booking.begin_with_options(options).await.attempt("begin a transaction")
    }

    /// Commits a transaction of [`begin_booking`](Self::begin_booking). These commits must not
    /// overlap.
    ///
    /// Fails with [`StorageError::NotCommitted`] if only a savepoint was released. On SQLite the
    /// commit hook tells, because what was not kept must not be acknowledged.
    pub(crate) async fn commit_booking(
        &self,
        transaction: DatabaseTransaction,
        action: &'static str,
    ) -> Result<(), StorageError> {
        let before = self.booked.load(Ordering::Acquire);
        transaction.commit().await.attempt(action)?;
        let kept = self.booked.load(Ordering::Acquire) != before;
        if self.dialect() == DbBackend::Sqlite && !kept {
            return Err(StorageError::NotCommitted { action });
        }
        Ok(())
    }

    /// Begins a transaction in which every read sees the same moment, on a connection of its own,
    /// on which SQLite sorts in files instead of memory.
    pub(crate) async fn begin_comparing(&self) -> Result<DatabaseTransaction, StorageError> {
        self.begin_reading_on(&self.comparing).await
    }

    /// Begins a transaction in which every read sees the same moment.
    pub(crate) async fn begin_reading(&self) -> Result<DatabaseTransaction, StorageError> {
        self.begin_reading_on(&self.connection).await
    }

    async fn begin_reading_on(
        &self,
        connection: &DatabaseConnection,
    ) -> Result<DatabaseTransaction, StorageError> {
        let options = match self.dialect() {
            DbBackend::Sqlite => TransactionOptions::default(),
            _ => TransactionOptions {
                isolation_level: Some(IsolationLevel::RepeatableRead),
                ..Default::default()
            },
        };
        connection.begin_with_options(options).await.attempt("begin a transaction")
    }
}

#[cfg(test)]
mod tests {
    use sea_orm::ConnectionTrait;

    use super::*;

    #[tokio::test]
    async fn what_only_released_a_savepoint_is_not_committed() {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite://{}?mode=rwc", folder.path().join("bams.db").display());
        let database = Database::connect(&url, 1).await.unwrap();
        let outer = database.begin_booking().await.unwrap();
        outer.execute_unprepared("CREATE TABLE visits (id INTEGER)").await.unwrap();
        let inner = outer.begin().await.unwrap();
        inner.execute_unprepared("INSERT INTO visits VALUES (1)").await.unwrap();
        let released = database.commit_booking(inner, "store a visit").await;
        assert!(matches!(released, Err(StorageError::NotCommitted { .. })), "{released:?}");
        database.commit_booking(outer, "store a visit").await.unwrap();
    }
}
