//! Why a file is not imported, or an import not shown.

use bams_storage::{ImportError, QueueError, StorageError};

/// Why an import cannot be begun, or shown. What is wrong with a file's rows is no error, but part of
/// what became of it.
#[derive(Debug, thiserror::Error)]
pub enum ImportingError {
    /// There is no such import.
    #[error("import {0} does not exist")]
    Unknown(i64),
    /// As many imports as may wait do.
    #[error("too many imports are waiting")]
    Full,
    /// The node is about to stop.
    #[error("this node is stopping")]
    Closed,
    /// The file cannot be imported, or the database cannot be reached.
    #[error(transparent)]
    Import(#[from] ImportError),
}

impl From<QueueError> for ImportingError {
    fn from(error: QueueError) -> Self {
        match error {
            QueueError::Full => Self::Full,
            QueueError::Closed => Self::Closed,
            QueueError::Import(error) => Self::Import(error),
        }
    }
}

impl From<StorageError> for ImportingError {
    fn from(error: StorageError) -> Self {
        Self::Import(error.into())
    }
}
