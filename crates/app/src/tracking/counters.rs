//! Counters of links and conversions, which wait for nobody.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

/// Counts of links since this process started, for metrics.
#[derive(Debug, Default)]
pub struct TrackingCounters {
    forged: AtomicU64,
    unrecorded_clicks: AtomicU64,
    unread_conversions: AtomicU64,
}

impl TrackingCounters {
    /// Returns the number of links that none of our keys signed.
    pub fn forged(&self) -> u64 {
        self.forged.load(Relaxed)
    }

    /// Returns the number of clicks that led on without being recorded, or before they were.
    pub fn unrecorded_clicks(&self) -> u64 {
        self.unrecorded_clicks.load(Relaxed)
    }

    /// Returns the number of requests with conversions that were refused because their sender's key
    /// could not be checked.
    pub fn unread_conversions(&self) -> u64 {
        self.unread_conversions.load(Relaxed)
    }

    /// Counts a request with conversions whose sender's key could not be checked.
    pub fn leave_unread(&self) {
        self.unread_conversions.fetch_add(1, Relaxed);
    }

    /// Counts a link that none of our keys signed.
    pub(super) fn forge(&self) {
        let forged = self.forged.fetch_add(1, Relaxed) + 1;
        tracing::debug!(forged, "a tracking link that is not ours");
    }

    /// Counts a click that led on without being recorded, or before it was.
    pub(super) fn leave_unrecorded(&self) {
        let unrecorded_clicks = self.unrecorded_clicks.fetch_add(1, Relaxed) + 1;
        tracing::warn!(unrecorded_clicks, "a click led on before it was recorded");
    }
}
