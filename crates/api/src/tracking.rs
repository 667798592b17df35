//! The use case: what happened to a banner that was shown.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering::Relaxed};
use std::time::Duration;

use actix_web::HttpRequest;
use bams_domain::{Policy, Slot};
use bams_storage::{EventError, EventKind, Events, FilterReason, Snapshots};
use tokio::time::timeout;

use crate::clock;
use crate::problem::ApiError;
use crate::tokens::{Link, Tokens};
use crate::traffic::Traffic;

/// How long a pixel or a conversion waits for its commit.
pub(crate) const PATIENCE: Duration = Duration::from_secs(3);

/// How long a click waits for its commit before it leads on: somebody looks at an empty page.
const CLICK_PATIENCE: Duration = Duration::from_millis(250);

/// Takes what tracking links bring.
pub(crate) struct Tracking {
    pub(crate) tokens: Tokens,
    pub(crate) events: Events,
    pub(crate) snapshots: Arc<Snapshots>,
    pub(crate) traffic: Traffic,
    pub(crate) validity: LinkValidity,
    pub(crate) counters: TrackingCounters,
}

/// Which links count: those of decisions that were made lately.
#[derive(Debug)]
pub(crate) struct LinkValidity {
    ttl: i64,
    /// Older ones have expired for good, however long links count now: what would tell that they
    /// were counted already is gone.
    expired_before: AtomicI64,
}

impl LinkValidity {
    /// Links count for `ttl`, unless they had expired before a moment, in unix milliseconds.
    pub(crate) fn new(ttl: Duration, expired_before: Option<i64>) -> Self {
        let ttl = i64::try_from(ttl.as_millis()).unwrap_or(i64::MAX);
        Self { ttl, expired_before: AtomicI64::new(expired_before.unwrap_or(i64::MIN)) }
    }

    /// Learns that links of decisions before a moment, in unix milliseconds, have expired for good.
    pub(crate) fn end_before(&self, unix_millis: i64) {
        self.expired_before.fetch_max(unix_millis, Relaxed);
    }

    fn has_expired(&self, link: &Link, now: i64) -> bool {
        let made = link.unix_millis();
        now.saturating_sub(made) >= self.ttl || made < self.expired_before.load(Relaxed)
    }
}

/// What became of links, for metrics. Counts since this process started.
#[derive(Debug, Default)]
pub(crate) struct TrackingCounters {
    /// Links that none of our keys signed.
    forged: AtomicU64,
    /// Clicks that led on without being recorded, or before they were.
    unrecorded_clicks: AtomicU64,
    /// Conversions, or lists of them, that were refused before anybody looked into them.
    unread_conversions: AtomicU64,
}

impl TrackingCounters {
    /// Links that none of our keys signed.
    pub(crate) fn forged(&self) -> u64 {
        self.forged.load(Relaxed)
    }

    /// Clicks that led on without being recorded, or before they were.
    pub(crate) fn unrecorded_clicks(&self) -> u64 {
        self.unrecorded_clicks.load(Relaxed)
    }

    /// Conversions that were refused because their sender's key could not be checked. A list counts
    /// as one: nobody looked into it.
    pub(crate) fn unread_conversions(&self) -> u64 {
        self.unread_conversions.load(Relaxed)
    }

    /// Counts a request with conversions whose sender's key could not be checked.
    pub(crate) fn leave_unread(&self) {
        self.unread_conversions.fetch_add(1, Relaxed);
    }

    /// Counts a link that none of our keys signed.
    fn forge(&self) {
        let forged = self.forged.fetch_add(1, Relaxed) + 1;
        tracing::debug!(forged, "a tracking link that is not ours");
    }

    fn leave_unrecorded(&self) {
        let unrecorded_clicks = self.unrecorded_clicks.fetch_add(1, Relaxed) + 1;
        tracing::warn!(unrecorded_clicks, "a click led on before it was recorded");
    }
}

impl Tracking {
    /// What a link names; an unknown one is refused, and counts nowhere but here.
    fn link(&self, token: &str) -> Result<Link, ApiError> {
        self.tokens.read(token).ok_or_else(|| {
            self.counters.forge();
            ApiError::UnknownLink
        })
    }

    /// Records that a banner was seen. Answers after the commit; an error means that it is not
    /// known to be stored and may be sent again.
    pub(crate) async fn impression(
        &self,
        token: &str,
        request: &HttpRequest,
    ) -> Result<Result<(), EventError>, ApiError> {
        let (link, now) = (self.link(token)?, clock::unix_millis());
        if let Some(reason) = self.filter(&link, request, now) {
            self.count_filtered(&link, EventKind::Impression, reason, now);
            return Ok(Ok(()));
        }
        let seen = self.events.impression(link.showing, Slot::at(now.div_euclid(1000)));
        Ok(match timeout(PATIENCE, seen).await {
            Ok(booked) => booked.map(|_| ()),
            Err(_) => Err(EventError::Unavailable),
        })
    }

    /// Records a click and answers where it leads, recorded or not.
    pub(crate) async fn click(
        &self,
        token: &str,
        request: &HttpRequest,
    ) -> Result<String, ApiError> {
        let (link, now) = (self.link(token)?, clock::unix_millis());
        let (kind, showing) = (EventKind::Click, link.showing);
        let Some(landing_url) = self.snapshots.landing_url(showing.banner) else {
            self.count_filtered(&link, kind, FilterReason::NoLandingUrl, now);
            return Err(ApiError::UnknownLink);
        };
        if let Some(reason) = self.filter(&link, request, now) {
            self.count_filtered(&link, kind, reason, now);
        } else {
            let clicked = self.events.click(showing, Slot::at(now.div_euclid(1000)));
            if !matches!(timeout(CLICK_PATIENCE, clicked).await, Ok(Ok(_))) {
                self.counters.leave_unrecorded();
            }
        }
        let policy = link.policy.map(Policy::name);
        tracing::debug!(
            campaign.id = %showing.campaign, banner.id = %showing.banner,
            decision.id = %showing.decision, policy, "a click"
        );
        Ok(landing_url.of_click(&showing.click_id()))
    }

    fn filter(&self, link: &Link, request: &HttpRequest, now: i64) -> Option<FilterReason> {
        let expired = self.validity.has_expired(link, now).then_some(FilterReason::Expired);
        expired.or_else(|| self.traffic.filter(request, now))
    }

    fn count_filtered(&self, link: &Link, kind: EventKind, reason: FilterReason, now: i64) {
        self.events.filter(link.showing, Slot::at(now.div_euclid(1000)), kind, reason);
    }
}

#[cfg(test)]
mod tests {
    use bams_domain::{BannerId, CampaignId};
    use bams_storage::Showing;

    use super::*;

    const MINUTE: i64 = 60_000;
    const MADE: i64 = 1_767_262_800_000;

    #[test]
    fn a_link_that_has_expired_for_good_does_not_count_however_long_links_do() {
        let decision = crate::random::uuid_at(MADE);
        let showing = Showing { decision, banner: BannerId(1), campaign: CampaignId(1) };
        let link = Link { showing, policy: None };
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
