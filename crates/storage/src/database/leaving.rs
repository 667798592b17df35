//! Leaving a server that answers but takes no writes.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// The moment at which the connections of all pools were last given up. Clones share it.
#[derive(Clone, Debug)]
pub(super) struct Leaving {
    begun: Instant,
    /// Microseconds since `begun`. 0 is never.
    left_at: Arc<AtomicU64>,
}

impl Leaving {
    pub(super) fn new() -> Self {
        Self { begun: Instant::now(), left_at: Arc::default() }
    }

    /// Gives up every connection that was made before this moment. Nobody waits: each is closed
    /// when it is returned or is about to be handed out.
    pub(super) fn leave(&self) {
        self.left_at.fetch_max(self.now().max(1), Ordering::Relaxed);
    }

    /// Returns true if a connection of this age was given up.
    pub(super) fn has_left(&self, age: Duration) -> bool {
        let left_at = self.left_at.load(Ordering::Relaxed);
        left_at > 0 && micros(age) >= self.now().saturating_sub(left_at)
    }

    fn now(&self) -> u64 {
        micros(self.begun.elapsed())
    }
}

fn micros(duration: Duration) -> u64 {
    u64::try_from(duration.as_micros()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_connections_from_before_are_given_up() {
        let leaving = Leaving::new();
        assert!(!leaving.has_left(Duration::from_hours(1)));
        leaving.clone().leave();
        assert!(leaving.has_left(Duration::from_hours(1)));
        std::thread::yield_now();
        let newer = Duration::ZERO;
        while leaving.has_left(newer) {
            std::thread::yield_now();
        }
    }
}
