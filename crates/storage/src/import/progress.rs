//! How far an import has come, for whoever draws a bar.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

/// What an import is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// It reads the file for its SHA-256.
    Reading,
    /// It reads the rows and books them.
    Booking,
}

/// How far an import has come. Share it with [`Imports::import`](super::Imports::import) in an
/// `Arc` and look at it from another thread or task.
#[derive(Debug, Default)]
pub struct Progress {
    booking: AtomicBool,
    bytes_total: AtomicU64,
    bytes_read: AtomicU64,
    rows: AtomicU64,
}

impl Progress {
    /// What the import is doing.
    pub fn phase(&self) -> Phase {
        if self.booking.load(Ordering::Relaxed) { Phase::Booking } else { Phase::Reading }
    }

    /// The size of the file, in bytes.
    pub fn bytes_total(&self) -> u64 {
        self.bytes_total.load(Ordering::Relaxed)
    }

    /// How many bytes were read in this phase.
    pub fn bytes_read(&self) -> u64 {
        self.bytes_read.load(Ordering::Relaxed)
    }

    /// How many rows were read, good or bad. It falls back to zero when the booking is repeated
    /// because another one was in its way.
    pub fn rows(&self) -> u64 {
        self.rows.load(Ordering::Relaxed)
    }

    pub(super) fn begin(&self, phase: Phase, bytes_total: u64) {
        self.booking.store(phase == Phase::Booking, Ordering::Relaxed);
        self.bytes_total.store(bytes_total, Ordering::Relaxed);
        self.reach(0, 0);
    }

    pub(super) fn reach(&self, bytes_read: u64, rows: u64) {
        self.bytes_read.store(bytes_read, Ordering::Relaxed);
        self.rows.store(rows, Ordering::Relaxed);
    }
}
