//! A limit on the rate of each of very many keys.

use std::hash::{BuildHasher, Hash, RandomState};
use std::sync::atomic::{AtomicI64, Ordering::Relaxed};
use std::time::Duration;

/// The number of places. Keys are spread over them by a hash that nobody can predict, and keys of
/// one place share its rate.
const PLACES: usize = 1 << 16;

/// Admits some events of each key in a period, all at once or spread (the generic cell rate
/// algorithm). Its memory never grows.
pub struct Rate {
    /// The period, in microseconds.
    period: i64,
    /// The share of the period that one event takes, in microseconds. 0 admits everything.
    interval: i64,
    /// The moment at which the events admitted at each place are paid for, in unix microseconds.
    paid_at: Box<[AtomicI64]>,
    hasher: RandomState,
}

impl Rate {
    /// Makes a limit of `events` in a period. 0 is no limit.
    pub fn new(events: u32, period: Duration) -> Self {
        let period = i64::try_from(period.as_micros()).unwrap_or(i64::MAX / 2).max(1);
        let interval = if events == 0 { 0 } else { (period / i64::from(events)).max(1) };
        let places = if events == 0 { 1 } else { PLACES };
        let paid_at = std::iter::repeat_with(AtomicI64::default).take(places).collect();
        Self { period, interval, paid_at, hasher: RandomState::new() }
    }

    /// Returns true if there is a limit.
    pub fn is_limited(&self) -> bool {
        self.interval > 0
    }

    /// Admits one event of a key at a moment (unix milliseconds), or fails with the time until the
    /// next one is admitted. An event that is not admitted costs nothing.
    pub fn admit(&self, key: &impl Hash, now: i64) -> Result<(), Duration> {
        if !self.is_limited() {
            return Ok(());
        }
        let now = now.saturating_mul(1000);
        let admitted = |paid_at: i64| self.paid(paid_at, now).ok();
        let taken = self.place(key).fetch_update(Relaxed, Relaxed, admitted);
        taken.map(drop).map_err(|paid_at| self.paid(paid_at, now).err().unwrap_or_default())
    }

    /// Returns the same as [`admit`](Self::admit), without taking anything.
    pub fn look(&self, key: &impl Hash, now: i64) -> Result<(), Duration> {
        if !self.is_limited() {
            return Ok(());
        }
        let paid_at = self.place(key).load(Relaxed);
        self.paid(paid_at, now.saturating_mul(1000)).map(drop)
    }

    fn place(&self, key: &impl Hash) -> &AtomicI64 {
        let hash = usize::try_from(self.hasher.hash_one(key) % PLACES as u64).unwrap_or(0);
        &self.paid_at[hash]
    }

    /// Returns when one more event is paid for, or fails with the time until it is admitted.
    fn paid(&self, paid_at: i64, now: i64) -> Result<i64, Duration> {
        let paid_at = paid_at.max(now) + self.interval;
        let late = paid_at - (now + self.period);
        if late <= 0 { Ok(paid_at) } else { Err(Duration::from_micros(late.unsigned_abs())) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: i64 = 1_767_262_800_000;

    fn per_minute(events: u32) -> Rate {
        Rate::new(events, Duration::from_mins(1))
    }

    fn admitted(rate: &Rate, key: u32, now: i64, events: usize) -> usize {
        (0..events).filter(|_| rate.admit(&key, now).is_ok()).count()
    }

    #[test]
    fn a_period_has_its_events_and_the_next_ones_come_as_time_goes_by() {
        let rate = per_minute(60);
        assert_eq!(admitted(&rate, 1, NOW, 100), 60);
        assert_eq!(admitted(&rate, 1, NOW + 5000, 100), 5);
        assert_eq!(admitted(&rate, 1, NOW + 65_000, 100), 60);
    }

    #[test]
    fn it_says_how_long_to_wait_and_looking_takes_nothing() {
        let rate = per_minute(6);
        assert_eq!(rate.look(&1, NOW), Ok(()));
        assert_eq!(admitted(&rate, 1, NOW, 6), 6);
        assert_eq!(rate.look(&1, NOW), Err(Duration::from_secs(10)));
        assert_eq!(rate.admit(&1, NOW + 4000), Err(Duration::from_secs(6)));
        assert_eq!(rate.look(&1, NOW + 10_000), Ok(()));
        assert_eq!(rate.admit(&1, NOW + 10_000), Ok(()));
    }

    #[test]
    fn one_key_does_not_use_up_anothers_limit() {
        let rate = per_minute(10);
        assert_eq!(admitted(&rate, 1, NOW, 1000), 10);
        // A few keys share a place with one of these.
        let untouched = (2..1000).filter(|key| admitted(&rate, *key, NOW, 10) == 10).count();
        assert!(untouched > 900, "{untouched}");
    }

    #[test]
    fn zero_is_no_limit() {
        assert_eq!(admitted(&per_minute(0), 1, NOW, 5000), 5000);
    }
}
