//! Counts of events by their fate, for metrics.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Duration;

use crate::distribution::Distribution;
use crate::performance::{EventKind, FilterReason};

/// The counts since this process started. They only grow.
#[derive(Debug)]
pub struct EventCounters {
    accepted: [AtomicU64; EventKind::ALL.len()],
    filtered: [AtomicU64; FilterReason::ALL.len()],
    refused: AtomicU64,
    batch_sizes: Distribution,
    commit_micros: Distribution,
}

/// The bounds of the classes of events in one transaction.
const SIZES: &[u64] = &[1, 3, 10, 30, 100, 300, 1000, 3000, 10_000];

/// The bounds of the classes of a transaction's microseconds.
const MICROS: &[u64] =
    &[500, 1000, 2500, 5000, 10_000, 25_000, 50_000, 100_000, 250_000, 1_000_000, 5_000_000];

impl Default for EventCounters {
    fn default() -> Self {
        Self {
            accepted: Default::default(),
            filtered: Default::default(),
            refused: AtomicU64::default(),
            batch_sizes: Distribution::new(SIZES),
            commit_micros: Distribution::new(MICROS),
        }
    }
}

impl EventCounters {
    /// Returns how many events were stored and count.
    pub fn accepted(&self, kind: EventKind) -> u64 {
        self.accepted[kind as usize].load(Relaxed)
    }

    /// Returns how many events were filtered for a reason.
    pub fn filtered(&self, reason: FilterReason) -> u64 {
        self.filtered[reason as usize].load(Relaxed)
    }

    /// Returns how many events were not stored, because the queue was full or the database gone.
    pub fn refused(&self) -> u64 {
        self.refused.load(Relaxed)
    }

    /// Returns how many events were stored in one transaction each.
    pub fn batch_sizes(&self) -> &Distribution {
        &self.batch_sizes
    }

    /// Returns how long those transactions took, from begin to commit, in microseconds.
    pub fn commit_micros(&self) -> &Distribution {
        &self.commit_micros
    }

    pub(super) fn accept(&self, kind: EventKind, events: usize) {
        self.accepted[kind as usize].fetch_add(events as u64, Relaxed);
    }

    pub(super) fn filter(&self, reason: FilterReason, events: u64) {
        self.filtered[reason as usize].fetch_add(events, Relaxed);
    }

    pub(super) fn refuse(&self, events: usize) {
        self.refused.fetch_add(events as u64, Relaxed);
    }

    pub(super) fn committed(&self, events: usize, time: Duration) {
        self.batch_sizes.note(events as u64);
        self.commit_micros.note(u64::try_from(time.as_micros()).unwrap_or(u64::MAX));
    }
}
