//! The progress of this node's imports.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use crate::import::progress::{ImportPhase, ImportProgress};

/// The progress of an import that has not ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ImportStanding {
    /// The phase, or `None` while it waits.
    pub phase: Option<ImportPhase>,
    /// How many bytes of the file were read in this phase.
    pub bytes_read: u64,
    /// How many rows were read.
    pub rows: u64,
}

impl From<&ImportProgress> for ImportStanding {
    fn from(progress: &ImportProgress) -> Self {
        let (bytes_read, rows) = (progress.bytes_read(), progress.rows());
        Self { phase: progress.phase(), bytes_read, rows }
    }
}

/// The jobs of this node by the number of their import.
pub(super) type Jobs = Mutex<BTreeMap<i64, Arc<ImportProgress>>>;
