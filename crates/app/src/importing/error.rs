//! The errors of importing.

use bams_storage::{ImportError, QueueError, StorageError};

use crate::violation::Violation;

/// Why an import can be neither begun nor read. Errors of a file's rows are no error but a part of
/// the report.
#[derive(Debug, thiserror::Error)]
pub enum ImportingError {
    /// The name of a request breaks a rule.
    #[error("{0}")]
    Invalid(Violation),
    /// There is no such import.
    #[error("import {0} does not exist")]
    Unknown(i64),
    /// Something builds on the import, or nothing of it counts. The text says what.
    #[error("{0}")]
    NotRevertible(String),
    /// Rows of the import happened at a time that is summed up. The text says so.
    #[error("{0}")]
    SummedUp(String),
    /// Another import is being stored.
    #[error("{0}")]
    Busy(String),
    /// The client used the same idempotency key for another request.
    #[error("the idempotency key belongs to another request")]
    ClaimedByAnother,
    /// The queue is full.
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
