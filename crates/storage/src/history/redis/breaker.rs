//! Circuit breakers, which decide whether requests ask Redis.

use std::sync::atomic::{AtomicBool, Ordering};

use bams_domain::VisitorId;
use crc16::XMODEM;

/// The hash slots of a Redis Cluster.
const SLOTS: usize = 16_384;
/// The parts into which a cluster's slots are divided. A dead master opens its own parts only.
const PARTS: usize = 16;

/// A circuit breaker for each part of the keys. While it is open, no request waits for Redis.
///
/// A single server is one part. All breakers are open until Redis has answered once.
pub(crate) struct Breaker {
    open: Vec<AtomicBool>,
}

impl Breaker {
    pub(crate) fn new(cluster: bool) -> Self {
        let parts = if cluster { PARTS } else { 1 };
        Self { open: (0..parts).map(|_| AtomicBool::new(true)).collect() }
    }

    /// Returns the part of a visitor's keys.
    pub(crate) fn part_of(&self, visitor: VisitorId) -> usize {
        match self.open.len() {
            1 => 0,
            _ => self.part_of_tag(&visitor.to_string()),
        }
    }

    /// Returns a hash tag in each part.
    pub(crate) fn tags(&self) -> Vec<String> {
        let tag =
            |part| (0..u16::MAX).map(|it| it.to_string()).find(|it| self.part_of_tag(it) == part);
        (0..self.open.len()).filter_map(tag).collect()
    }

    pub(crate) fn is_open(&self, part: usize) -> bool {
        self.open[part].load(Ordering::Relaxed)
    }

    pub(crate) fn any_open(&self) -> bool {
        self.open.iter().any(|part| part.load(Ordering::Relaxed))
    }

    /// Returns how many are open.
    pub(crate) fn open_parts(&self) -> usize {
        self.open.iter().filter(|part| part.load(Ordering::Relaxed)).count()
    }

    /// Opens a breaker and returns true if it was closed.
    pub(crate) fn open(&self, part: usize) -> bool {
        !self.open[part].swap(true, Ordering::Relaxed)
    }

    /// Closes a breaker and returns true if it was open.
    pub(crate) fn close(&self, part: usize) -> bool {
        self.open[part].swap(false, Ordering::Relaxed)
    }

    fn part_of_tag(&self, tag: &str) -> usize {
        let slot = usize::from(crc16::State::<XMODEM>::calculate(tag.as_bytes())) % SLOTS;
        slot * self.open.len() / SLOTS
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slots_are_those_of_redis() {
        // The Redis Cluster specification gives 0x31C3 for this text.
        assert_eq!(crc16::State::<XMODEM>::calculate(b"123456789"), 0x31C3);
    }

    #[test]
    fn every_part_has_a_tag_of_its_own() {
        for cluster in [false, true] {
            let breaker = Breaker::new(cluster);
            let parts: Vec<usize> =
                breaker.tags().iter().map(|tag| breaker.part_of_tag(tag)).collect();
            assert_eq!(parts, (0..breaker.open.len()).collect::<Vec<_>>());
        }
    }

    #[test]
    fn one_part_opens_alone() {
        let breaker = Breaker::new(true);
        assert!((0..PARTS).all(|part| breaker.close(part)));
        assert!(!breaker.any_open());

        assert!(breaker.open(3) && !breaker.open(3));
        assert!(breaker.is_open(3) && !breaker.is_open(4) && breaker.any_open());
    }
}
