//! The lifetime of tracking links.

use std::sync::atomic::{AtomicI64, Ordering::Relaxed};
use std::time::Duration;

use super::token::TrackingLink;

/// Which links count: those of recent decisions.
#[derive(Debug)]
pub struct LinkValidity {
    ttl: i64,
    /// The moment before which links have expired for good, even if links count for longer now,
    /// because what would tell that they were counted is removed.
    expired_before: AtomicI64,
}

impl LinkValidity {
    /// Makes links count for `ttl`, unless they had expired before a moment, in unix milliseconds.
    pub fn new(ttl: Duration, expired_before: Option<i64>) -> Self {
        let ttl = i64::try_from(ttl.as_millis()).unwrap_or(i64::MAX);
        Self { ttl, expired_before: AtomicI64::new(expired_before.unwrap_or(i64::MIN)) }
    }

    /// Notes that links of decisions before a moment, in unix milliseconds, have expired for good.
    pub fn end_before(&self, unix_millis: i64) {
        self.expired_before.fetch_max(unix_millis, Relaxed);
    }

    /// Returns true if a link does not count any more at a moment, in unix milliseconds.
    pub(super) fn has_expired(&self, link: &TrackingLink, now: i64) -> bool {
        let made = link.unix_millis();
        now.saturating_sub(made) >= self.ttl || made < self.expired_before.load(Relaxed)
    }
}

#[cfg(test)]
mod tests {
    use bams_domain::{BannerId, CampaignId};
    use bams_storage::Showing;
    use uuid::Builder;

    use super::*;

    const MINUTE: i64 = 60_000;
    const MADE: i64 = 1_767_262_800_000;

    #[test]
    fn a_link_that_has_expired_for_good_does_not_count_however_long_links_do() {
        let decision = Builder::from_unix_timestamp_millis(MADE.cast_unsigned(), &[7; 10]);
        let (banner, campaign) = (BannerId(1), CampaignId(1));
        let showing = Showing { decision: decision.into_uuid(), banner, campaign };
        let link = TrackingLink { showing, policy: None };
        let validity = LinkValidity::new(Duration::from_hours(1), Some(MADE - MINUTE));
        assert!(!validity.has_expired(&link, MADE - MINUTE));
        assert!(!validity.has_expired(&link, MADE + 59 * MINUTE));
        assert!(validity.has_expired(&link, MADE + 60 * MINUTE));

        validity.end_before(MADE + 1);
        validity.end_before(MADE - MINUTE);
        assert!(validity.has_expired(&link, MADE + MINUTE));
        let validity = LinkValidity::new(Duration::from_hours(48), Some(MADE + 1));
        assert!(validity.has_expired(&link, MADE + MINUTE));
        assert!(!LinkValidity::new(Duration::MAX, None).has_expired(&link, i64::MAX));
    }
}
