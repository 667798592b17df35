//! Counts of values by size, for metrics.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

/// Counts values in classes of size. Noting a value costs two additions and never waits.
#[derive(Debug)]
pub struct Distribution {
    bounds: &'static [u64],
    /// One count for each bound, and one for values above all bounds.
    counts: Box<[AtomicU64]>,
    sum: AtomicU64,
}

impl Distribution {
    /// Makes classes up to and including each of these bounds, which ascend, and one class above.
    pub fn new(bounds: &'static [u64]) -> Self {
        let counts = (0..=bounds.len()).map(|_| AtomicU64::new(0)).collect();
        Self { bounds, counts, sum: AtomicU64::new(0) }
    }

    /// Counts a value.
    pub fn note(&self, value: u64) {
        let class = self.bounds.partition_point(|bound| *bound < value);
        self.counts[class].fetch_add(1, Relaxed);
        self.sum.fetch_add(value, Relaxed);
    }

    /// Returns the sum of all values so far.
    pub fn sum(&self) -> u64 {
        self.sum.load(Relaxed)
    }

    /// Returns the number of values in each class with its bound, which is `None` for the last
    /// class.
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
