//! The only reader of the wall clock. Its callers pass the time on as an argument.

use std::time::{SystemTime, UNIX_EPOCH};

/// Returns the milliseconds since 1970, UTC, or 0 on a machine whose clock is before that.
#[expect(clippy::disallowed_methods, reason = "this is where the time comes from")]
pub(crate) fn unix_millis() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}

/// Returns the seconds since 1970, UTC.
pub(crate) fn unix_seconds() -> i64 {
    unix_millis().div_euclid(1000)
}
