//! More than a person would do: a limit on the rate of each of very many keys.

use std::hash::{BuildHasher, Hash, RandomState};
use std::sync::atomic::{AtomicI64, Ordering::Relaxed};

/// Keys share this many places, by a hash that nobody can predict. Two keys that meet in one
/// place share its rate, which is far above what both do together if both are people.
const PLACES: usize = 1 << 16;

const MINUTE: i64 = 60_000_000;

/// Admits so many events a minute of each key, all at once or spread (the generic cell rate
/// algorithm). Its memory never grows.
pub(super) struct Bursts {
    /// Microseconds that one event takes of a minute; 0 admits everything.
    interval: i64,
    /// When everything that was admitted at each place is paid for, in unix microseconds.
    paid_at: Box<[AtomicI64]>,
    hasher: RandomState,
}

impl Bursts {
    /// At most so many events; 0 is no limit.
    pub(super) fn per_minute(events: u32) -> Self {
        let interval = if events == 0 { 0 } else { (MINUTE / i64::from(events)).max(1) };
        let places = if events == 0 { 1 } else { PLACES };
        let paid_at = std::iter::repeat_with(AtomicI64::default).take(places).collect();
        Self { interval, paid_at, hasher: RandomState::new() }
    }

    /// Whether one more event of a key is within the limit at a moment (unix milliseconds). One
    /// that is not costs nothing.
    pub(super) fn admit(&self, key: &impl Hash, now: i64) -> bool {
        if self.interval == 0 {
            return true;
        }
        let now = now.saturating_mul(1000);
        let hash = usize::try_from(self.hasher.hash_one(key) % PLACES as u64).unwrap_or(0);
        let admitted = |paid_at: i64| {
            let paid_at = paid_at.max(now) + self.interval;
            (paid_at <= now + MINUTE).then_some(paid_at)
        };
        self.paid_at[hash].fetch_update(Relaxed, Relaxed, admitted).is_ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: i64 = 1_767_262_800_000;

    fn admitted(bursts: &Bursts, key: u32, now: i64, events: usize) -> usize {
        (0..events).filter(|_| bursts.admit(&key, now)).count()
    }

    #[test]
    fn a_minute_has_its_events_and_the_next_ones_come_as_time_goes_by() {
        let bursts = Bursts::per_minute(60);
        assert_eq!(admitted(&bursts, 1, NOW, 100), 60);
        assert_eq!(admitted(&bursts, 1, NOW + 5000, 100), 5);
        assert_eq!(admitted(&bursts, 1, NOW + 65_000, 100), 60);
    }

    #[test]
    fn one_key_does_not_use_up_anothers_limit() {
        let bursts = Bursts::per_minute(10);
        assert_eq!(admitted(&bursts, 1, NOW, 1000), 10);
        // A few share a place.
        let untouched = (2..1000).filter(|it| admitted(&bursts, *it, NOW, 10) == 10).count();
        assert!(untouched > 900, "{untouched}");
    }

    #[test]
    fn zero_is_no_limit() {
        assert_eq!(admitted(&Bursts::per_minute(0), 1, NOW, 5000), 5000);
    }
}
