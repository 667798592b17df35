//! What does not count and is not in the database yet.

use std::sync::{Mutex, PoisonError};

use crate::performance::filtered_events::{Filtered, FilteredTotals};

/// Different counts that are kept in memory until the database takes them; about 10 MiB.
const KEPT: usize = 100_000;

/// Counts that are not in the database yet.
#[derive(Debug, Default)]
pub(super) struct Pending(Mutex<FilteredTotals>);

impl Pending {
    /// Counts one more. When the database was gone for so long that memory is full, counts only
    /// what is counted already.
    pub(super) fn add(&self, filtered: Filtered) {
        self.put_back(&FilteredTotals::from([(filtered, 1)]));
    }

    pub(super) fn take(&self) -> FilteredTotals {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Keeps counts that could not be written.
    pub(super) fn put_back(&self, counts: &FilteredTotals) {
        let mut pending = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for (filtered, events) in counts {
            if pending.len() < KEPT || pending.contains_key(filtered) {
                *pending.entry(*filtered).or_default() += events;
            }
        }
    }
}
