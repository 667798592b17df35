//! The errors of storage.

use sea_orm::DbErr;

use crate::trouble::Trouble;

/// Why something could not be read or written.
#[derive(Debug, thiserror::Error)]
pub enum StorageError {
    /// The database refused or could not be reached.
    #[error("could not {action}")]
    Database {
        /// What was attempted, such as `load performance`.
        action: &'static str,
        /// The database's answer.
        #[source]
        source: DbErr,
    },
    /// The database and the driver have no way in common to let the user in.
    #[error("could not log in to the database: {advice}")]
    Login {
        /// What users can do about it.
        advice: &'static str,
        /// The driver's or the database's answer.
        #[source]
        source: DbErr,
    },
    /// A row breaks the model, so another program wrote it.
    #[error("{table}.{column} holds `{value}`, which means nothing here")]
    Corrupt {
        /// The table of the row.
        table: &'static str,
        /// The column at fault.
        column: &'static str,
        /// What the column holds.
        value: String,
    },
    /// The database did not answer in time.
    #[error("the database did not answer in time to {action}")]
    TimedOut {
        /// What was attempted.
        action: &'static str,
    },
    /// The database took the write for a part of a transaction that goes on.
    #[error("the database did not commit to {action}")]
    NotCommitted {
        /// What was attempted.
        action: &'static str,
    },
    /// The schema could not be brought up to date.
    #[error(transparent)]
    Migration(#[from] bams_migration::MigrationError),
    /// The configured address of a store cannot be used.
    #[error("`{setting}` {problem}")]
    Setting {
        /// The name of the setting.
        setting: &'static str,
        /// What is wrong with it.
        problem: String,
    },
}

impl StorageError {
    /// Returns the meaning of the error for the work that met it.
    pub fn trouble(&self) -> Trouble {
        match self {
            Self::Database { source, .. } | Self::Login { source, .. } => Trouble::of(source),
            Self::TimedOut { .. } => Trouble::Lost,
            Self::NotCommitted { .. } => Trouble::Conflict,
            Self::Corrupt { .. } | Self::Migration(_) | Self::Setting { .. } => Trouble::Statement,
        }
    }
}

/// Adds the attempted action to an error of the database.
pub(crate) trait Attempt<T> {
    /// Turns the error into a [`StorageError`] that names the action.
    fn attempt(self, action: &'static str) -> Result<T, StorageError>;
}

impl<T> Attempt<T> for Result<T, DbErr> {
    fn attempt(self, action: &'static str) -> Result<T, StorageError> {
        self.map_err(|source| StorageError::Database { action, source })
    }
}
