//! Whether the database takes writes, as far as is known.

use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};

use crate::trouble::Trouble;

/// The outcome of the last write. Clones share it.
#[derive(Clone, Debug, Default)]
pub struct WriteStanding(Arc<AtomicU8>);

/// The outcome of writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Writes {
    /// The last one succeeded.
    Taken,
    /// Another writer holds what the last one needed.
    Locked,
    /// The server takes none, or is no longer the one that does.
    ReadOnly,
    /// The disk or a table is full.
    Full,
    /// The database cannot be reached, or refuses writes for another reason.
    Refused,
}

impl WriteStanding {
    /// Returns the outcome of the last write.
    pub fn writes(&self) -> Writes {
        match self.0.load(Ordering::Relaxed) {
            0 => Writes::Taken,
            1 => Writes::Locked,
            2 => Writes::ReadOnly,
            3 => Writes::Full,
            _ => Writes::Refused,
        }
    }

    pub(crate) fn note(&self, trouble: Option<Trouble>) {
        let standing = match trouble {
            None => 0,
            Some(Trouble::Conflict) => 1,
            Some(Trouble::WrongServer) => 2,
            Some(Trouble::Full) => 3,
            Some(Trouble::Lost | Trouble::Statement) => 4,
        };
        self.0.store(standing, Ordering::Relaxed);
    }
}
