//! Whether the database takes writes, as far as is known.

use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};

use crate::trouble::Trouble;

/// Whether the database takes writes. Cloning shares it.
#[derive(Clone, Debug, Default)]
pub struct WriteStanding(Arc<AtomicU8>);

/// What becomes of writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Writes {
    /// The last one succeeded.
    Taken,
    /// Another writer holds what they need.
    Locked,
    /// The server takes none, or is not the one that does any more.
    ReadOnly,
    /// There is no room for more.
    Full,
    /// The database cannot be reached, or refuses them for a reason of its own.
    Refused,
}

impl WriteStanding {
    /// What became of the last write that was tried.
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
