//! Waiting for something to become true.

use std::time::{Duration, Instant};

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
