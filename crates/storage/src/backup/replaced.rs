//! The store that a copy replaces.

use std::path::Path;

use sea_orm::{
    DatabaseConnection, DatabaseTransaction, SqliteTransactionMode, TransactionOptions,
    TransactionTrait,
};

use super::error::StoreFileError;
use super::store_file::{StoreSummary, open, summary};
use crate::error::{Attempt, StorageError};
use crate::trouble::{Trouble, is_no_database};

const ACTION: &str = "lock the store that is replaced";

/// A SQLite file that nobody else can open until this is dropped. Its write-ahead log has been taken
/// into it and removed.
#[derive(Debug)]
pub struct ReplacedStore {
    /// The lock. `None` if the file is no database, so that nobody can work with it.
    locked: Option<(DatabaseConnection, DatabaseTransaction)>,
}

impl ReplacedStore {
    /// Locks a file. Fails with [`StoreFileError::InUse`] while a program has it open, which a node
    /// has as long as it runs.
    pub async fn lock(file: &Path) -> Result<Self, StoreFileError> {
        let connection = match open(file).await {
            Err(error) if is_no_database(&error) => return Ok(Self { locked: None }),
            connection => connection.attempt(ACTION).map_err(in_use)?,
        };
        let options = TransactionOptions {
            sqlite_transaction_mode: Some(SqliteTransactionMode::Exclusive),
            ..Default::default()
        };
        let lock = connection.begin_with_options(options).await.attempt(ACTION).map_err(in_use)?;
        Ok(Self { locked: Some((connection, lock)) })
    }

    /// Returns what the store holds, or `None` if it is none or cannot be read.
    pub async fn summary(&self) -> Option<StoreSummary> {
        let (_, lock) = self.locked.as_ref()?;
        summary(lock).await.ok().flatten()
    }

    /// Ends the lock.
    pub async fn release(self) -> Result<(), StorageError> {
        let Some((connection, lock)) = self.locked else { return Ok(()) };
        lock.rollback().await.attempt(ACTION)?;
        connection.close().await.attempt(ACTION)
    }
}

fn in_use(error: StorageError) -> StoreFileError {
    match error.trouble() {
        Trouble::Conflict => StoreFileError::InUse,
        _ => error.into(),
    }
}
