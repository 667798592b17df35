//! Filtered events that are not yet in the database.

use std::sync::{Mutex, PoisonError};

use crate::performance::filtered_events::{FilteredEvent, FilteredTotals};

/// The most different counts that are kept in memory until the database takes them: about 10 MiB.
const KEPT: usize = 100_000;

/// Counts that are not yet in the database.
#[derive(Debug, Default)]
pub(super) struct Pending(Mutex<FilteredTotals>);

impl Pending {
    /// Counts one more event. When memory is full, because the database was gone for long, only
    /// counts that exist grow.
    pub(super) fn add(&self, filtered: FilteredEvent) {
        self.put_back(&FilteredTotals::from([(filtered, 1)]));
    }

    pub(super) fn take(&self) -> FilteredTotals {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Takes counts back that could not be written.
    pub(super) fn put_back(&self, counts: &FilteredTotals) {
        let mut pending = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for (filtered, events) in counts {
            if pending.len() < KEPT || pending.contains_key(filtered) {
                *pending.entry(*filtered).or_default() += events;
            }
        }
    }
}
