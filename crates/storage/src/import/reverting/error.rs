//! Why an import is not reverted.

use crate::error::StorageError;
use crate::trouble::Trouble;

/// Why an import is not reverted. All of it counts as before.
#[derive(Debug, thiserror::Error)]
pub enum RevertError {
    /// There is no such import.
    #[error("there is no such import")]
    Unknown,
    /// Something builds on the import, or nothing of it counts. The text says what, and what to do.
    #[error("{0}")]
    Refused(String),
    /// Rows of the import happened at a time that is summed up.
    #[error(
        "rows of import {0} are summed up, and what happened at their time does not change any more"
    )]
    SummedUp(i64),
    /// Another import is being stored, or this one is being changed, for longer than a client waits.
    /// Later it may be reverted.
    #[error("another import is being stored; revert this one when that has ended")]
    Busy,
    /// The database refused or could not be reached.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

impl RevertError {
    /// Makes the error of a mark that another import has.
    pub(super) fn busy(error: StorageError) -> Self {
        if error.trouble() == Trouble::Conflict { Self::Busy } else { Self::Storage(error) }
    }
}
