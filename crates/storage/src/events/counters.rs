//! How many events came and what became of them, for metrics.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Duration;

use super::event::{EventKind, FilterReason};

/// Counts since this process started. They only grow.
#[derive(Debug, Default)]
pub struct EventCounters {
    accepted: [AtomicU64; EventKind::ALL.len()],
    filtered: [AtomicU64; FilterReason::ALL.len()],
    refused: AtomicU64,
    batches: AtomicU64,
    batch_events: AtomicU64,
    commit_micros: AtomicU64,
}

impl EventCounters {
    /// Events that were stored and count.
    pub fn accepted(&self, kind: EventKind) -> u64 {
        self.accepted[kind as usize].load(Relaxed)
    }

    /// Events that do not count.
    pub fn filtered(&self, reason: FilterReason) -> u64 {
        self.filtered[reason as usize].load(Relaxed)
    }

    /// Events that were not stored: the queue was full or the database was gone.
    pub fn refused(&self) -> u64 {
        self.refused.load(Relaxed)
    }

    /// Transactions that stored events.
    pub fn batches(&self) -> u64 {
        self.batches.load(Relaxed)
    }

    /// Events in those transactions.
    pub fn batch_events(&self) -> u64 {
        self.batch_events.load(Relaxed)
    }

    /// How long those transactions took together, from begin to commit.
    pub fn commit_time(&self) -> Duration {
        Duration::from_micros(self.commit_micros.load(Relaxed))
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
        self.batches.fetch_add(1, Relaxed);
        self.batch_events.fetch_add(events as u64, Relaxed);
        let micros = u64::try_from(time.as_micros()).unwrap_or(u64::MAX);
        self.commit_micros.fetch_add(micros, Relaxed);
    }
}
