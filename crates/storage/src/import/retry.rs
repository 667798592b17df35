//! Why a booking stopped, and whether it is repeated.

use super::error::ImportError;
use crate::error::StorageError;
use crate::trouble::Trouble;

/// Why a booking stopped.
#[derive(Debug)]
pub(super) enum BookingError {
    /// Another writer was in the way, so the booking is repeated.
    InTheWay(StorageError),
    /// An import that does not count yet has an id of this one. The booking is repeated when that
    /// import has ended.
    Staged,
    /// The same bytes were booked while this import waited.
    BookedMeanwhile,
    /// The booking is not repeated.
    Import(ImportError),
}

impl From<StorageError> for BookingError {
    fn from(error: StorageError) -> Self {
        match error.trouble() {
            Trouble::Conflict | Trouble::WrongServer => Self::InTheWay(error),
            _ => Self::Import(error.into()),
        }
    }
}

impl From<ImportError> for BookingError {
    fn from(error: ImportError) -> Self {
        Self::Import(error)
    }
}
