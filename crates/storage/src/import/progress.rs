//! The progress of an import, for progress bars.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU8, AtomicU64, Ordering};

/// A phase of an import.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ImportPhase {
    /// The file is read for its SHA-256.
    Reading,
    /// The rows are read and booked.
    Booking,
}

impl ImportPhase {
    /// Returns the name in JSON and in the database.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Reading => "reading",
            Self::Booking => "booking",
        }
    }

    pub(super) fn named(name: &str) -> Option<Self> {
        [Self::Reading, Self::Booking].into_iter().find(|phase| phase.name() == name)
    }
}

/// The progress of an import. An `Arc` shares it with [`Imports::import`](super::Imports::import)
/// and another thread or task that looks at it.
#[derive(Debug, Default)]
pub struct ImportProgress {
    phase: AtomicU8,
    bytes_total: AtomicU64,
    bytes_read: AtomicU64,
    rows: AtomicU64,
    over: Arc<AtomicBool>,
}

impl ImportProgress {
    /// Returns the current phase, or `None` before the import begins.
    pub fn phase(&self) -> Option<ImportPhase> {
        match self.phase.load(Ordering::Relaxed) {
            0 => None,
            1 => Some(ImportPhase::Reading),
            _ => Some(ImportPhase::Booking),
        }
    }

    /// Returns the size of the file, packed or not, in bytes.
    pub fn bytes_total(&self) -> u64 {
        self.bytes_total.load(Ordering::Relaxed)
    }

    /// Returns how many bytes of the file were read in this phase.
    pub fn bytes_read(&self) -> u64 {
        self.bytes_read.load(Ordering::Relaxed)
    }

    /// Returns how many rows were read, good or bad. Falls back to zero if the booking is repeated
    /// because another one was in its way.
    pub fn rows(&self) -> u64 {
        self.rows.load(Ordering::Relaxed)
    }

    pub(super) fn begin(&self, phase: ImportPhase, bytes_total: u64) {
        self.phase.store(if phase == ImportPhase::Reading { 1 } else { 2 }, Ordering::Relaxed);
        self.bytes_total.store(bytes_total, Ordering::Relaxed);
        self.bytes_read.store(0, Ordering::Relaxed);
        self.rows.store(0, Ordering::Relaxed);
    }

    pub(super) fn advance(&self, bytes: u64) {
        self.bytes_read.fetch_add(bytes, Ordering::Relaxed);
    }

    pub(super) fn reach(&self, rows: u64) {
        self.rows.store(rows, Ordering::Relaxed);
    }

    /// Returns true if nobody waits any more for what is read.
    pub(super) fn is_over(&self) -> bool {
        self.over.load(Ordering::Relaxed)
    }

    /// Returns the progress of one more reading of the file, which nobody looks at and which ends
    /// with this one.
    pub(super) fn unseen(&self) -> Self {
        Self { over: Arc::clone(&self.over), ..Self::default() }
    }
}

/// Ends the reading of a file when its import ends for any reason. A thread that reads cannot be
/// aborted, and the end of the program waits for it.
pub(super) struct Reading(Arc<AtomicBool>);

impl Reading {
    pub(super) fn of(progress: &ImportProgress) -> Self {
        progress.over.store(false, Ordering::Relaxed);
        Self(Arc::clone(&progress.over))
    }
}

impl Drop for Reading {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}
