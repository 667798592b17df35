//! How far an import has come, for whoever draws a bar.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU8, AtomicU64, Ordering};

/// What an import is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ImportPhase {
    /// It reads the file for its SHA-256.
    Reading,
    /// It reads the rows and books them.
    Booking,
}

impl ImportPhase {
    /// The name in JSON and in the database.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Reading => "reading",
            Self::Booking => "booking",
        }
    }

    pub(super) fn named(name: &str) -> Option<Self> {
        [Self::Reading, Self::Booking].into_iter().find(|it| it.name() == name)
    }
}

/// How far an import has come. Share it with [`Imports::import`](super::Imports::import) in an
/// `Arc` and look at it from another thread or task.
#[derive(Debug, Default)]
pub struct ImportProgress {
    phase: AtomicU8,
    bytes_total: AtomicU64,
    bytes_read: AtomicU64,
    rows: AtomicU64,
    over: Arc<AtomicBool>,
}

impl ImportProgress {
    /// What the import is doing; `None` before it begins.
    pub fn phase(&self) -> Option<ImportPhase> {
        match self.phase.load(Ordering::Relaxed) {
            0 => None,
            1 => Some(ImportPhase::Reading),
            _ => Some(ImportPhase::Booking),
        }
    }

    /// The size of the file, packed or not, in bytes.
    pub fn bytes_total(&self) -> u64 {
        self.bytes_total.load(Ordering::Relaxed)
    }

    /// How many bytes of the file were read in this phase.
    pub fn bytes_read(&self) -> u64 {
        self.bytes_read.load(Ordering::Relaxed)
    }

    /// How many rows were read, good or bad. It falls back to zero when the booking is repeated
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

    /// Whether nobody waits any more for what is read.
    pub(super) fn is_over(&self) -> bool {
        self.over.load(Ordering::Relaxed)
    }

    /// That of one more reading of the file, which is over with this one and nobody looks at.
    pub(super) fn unseen(&self) -> Self {
        Self { over: Arc::clone(&self.over), ..Self::default() }
    }
}

/// Stops the reading of a file when its import ends, however it does: a thread that reads cannot
/// be aborted, and the end of the program waits for it.
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
