//! The errors of whole stores.

use crate::error::StorageError;

/// Why a file cannot be used as a store, or replaced as one.
#[derive(Debug, thiserror::Error)]
pub enum StoreFileError {
    /// A program serves the store, or works on it.
    #[error("the store is in use: stop `bams serve` and every other command on it first")]
    InUse,
    /// The file is no store of ours, or a damaged one.
    #[error("its database is no store of bams: {0}")]
    NoStore(String),
    /// The database refused something.
    #[error(transparent)]
    Storage(#[from] StorageError),
}
