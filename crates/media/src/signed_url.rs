//! A signed URL, and its longest lifetime.

use std::time::Duration;

/// The longest lifetime of a signed URL: seven days, which is S3's limit.
pub const LONGEST_LIFE: Duration = Duration::from_hours(7 * 24);

/// An address at which a browser can fetch one image for some time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedUrl {
    /// The whole address, for use as it is.
    pub url: String,
    /// The moment at which it stops working, in unix seconds. It works until then.
    pub expires_at: i64,
}
