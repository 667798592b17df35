//! Waiting for something to become true, or to succeed.

use std::fmt::Debug;
use std::time::{Duration, Instant};

/// How long something is tried that succeeds at once on a machine that does nothing else.
const PATIENCE: Duration = Duration::from_mins(3);

/// Asks again and again until `condition` holds.
///
/// Panics, saying `what` was expected, when it does not hold `within` the time given.
/// Use it instead of sleeping for a time that is hoped to be enough.
pub async fn eventually(within: Duration, what: &str, mut condition: impl AsyncFnMut() -> bool) {
    let start = Instant::now();
    while !condition().await {
        assert!(start.elapsed() < within, "waited {within:?} in vain until {what}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// Tries again and again until `attempt` succeeds, and returns what it returns.
///
/// Panics, saying what was tried, with the last error when minutes were not enough. Connections to a server
/// that has just started are made like this: products give up sooner than a busy machine.
pub async fn patiently<T, E: Debug>(
    what: &str,
    mut attempt: impl AsyncFnMut() -> Result<T, E>,
) -> T {
    let start = Instant::now();
    loop {
        match attempt().await {
            Ok(done) => return done,
            Err(error) => {
                assert!(start.elapsed() < PATIENCE, "could not {what}: {error:?}");
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        }
    }
}
