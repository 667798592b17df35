//! What is signed, and for how long at most.

use std::time::Duration;

/// The longest life of a signed URL, seven days: S3's own limit.
pub const LONGEST_LIFE: Duration = Duration::from_hours(7 * 24);

/// An address under which a browser can fetch one image, for a while.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedUrl {
    /// The whole address, to be used as it is.
    pub url: String,
    /// When it stops working, in unix seconds. It never stops earlier.
    pub expires_at: i64,
}
