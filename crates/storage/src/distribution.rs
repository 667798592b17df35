//! How large things were, counted in classes, for metrics.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

/// Counts values by how large they are. Noting one costs two additions and never waits.
#[derive(Debug)]
pub struct Distribution {
    bounds: &'static [u64],
    /// One for each bound, and one for what is above all.
    counts: Box<[AtomicU64]>,
    sum: AtomicU64,
}

impl Distribution {
    /// Classes up to and with each of these bounds, which ascend, and one above.
    pub fn new(bounds: &'static [u64]) -> Self {
        let counts = (0..=bounds.len()).map(|_| AtomicU64::new(0)).collect();
        Self { bounds, counts, sum: AtomicU64::new(0) }
    }

    /// Counts a value.
    pub fn note(&self, value: u64) {
        let class = self.bounds.partition_point(|it| *it < value);
        self.counts[class].fetch_add(1, Relaxed);
        self.sum.fetch_add(value, Relaxed);
    }

    /// The sum of all values so far.
    pub fn sum(&self) -> u64 {
        self.sum.load(Relaxed)
    }

    /// How many values there were in each class, with its bound; the last class has none.
    pub fn classes(&self) -> Vec<(Option<u64>, u64)> {
        let bounds = self.bounds.iter().copied().map(Some).chain([None]);
        bounds.zip(self.counts.iter().map(|it| it.load(Relaxed))).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_counts_up_to_and_with_its_bound() {
        let sizes = Distribution::new(&[1, 10]);
        for value in [0, 1, 2, 10, 11, 4000] {
            sizes.note(value);
        }
        assert_eq!(sizes.classes(), [(Some(1), 2), (Some(10), 2), (None, 2)]);
        assert_eq!(sizes.sum(), 4024);
    }
}
