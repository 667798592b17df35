//! The use cases of what became of a banner: seen, clicked, converted.

mod bots;
mod caller;
mod conversions;
mod counters;
mod error;
mod token;
mod traffic;
mod validity;

use std::sync::Arc;
use std::time::Duration;

use bams_domain::{FollowedClick, Policy, Slot};
use bams_storage::{Booked, Conversion, EventError, EventKind, Events, FilterReason, Snapshots};
use tokio::time::timeout;

pub use self::caller::Caller;
pub use self::conversions::{
    CONVERSION_COUNT, conversion_count, conversion_time, event_id, invalid_id, invalid_revenue,
    revenue,
};
pub use self::counters::TrackingCounters;
pub use self::error::TrackingError;
pub use self::token::{TOKEN, Tokens, TrackingLink};
pub use self::traffic::{Traffic, TrafficSettings};
pub use self::validity::LinkValidity;

/// How long an impression or a conversion waits for its commit.
const PATIENCE: Duration = Duration::from_secs(3);

/// How long a click waits for its commit before it leads on. The visitor looks at an empty page
/// meanwhile.
const CLICK_PATIENCE: Duration = Duration::from_millis(250);

/// Records the events of tracking links, and conversions.
pub struct Tracking {
    /// The tokens of links.
    pub tokens: Tokens,
    /// The queue of events.
    pub events: Events,
    /// The landing URLs of banners.
    pub snapshots: Arc<Snapshots>,
    /// The filter of machines.
    pub traffic: Traffic,
    /// The lifetime of links.
    pub validity: LinkValidity,
    /// The counts of links.
    pub counters: TrackingCounters,
}

impl Tracking {
    /// Records that a banner was seen, at a moment in unix milliseconds.
    ///
    /// Returns after the commit, or at once for an impression that does not count. Fails with
    /// [`TrackingError::Event`] if it may not be stored, and then it may be sent again.
    pub async fn impression(
        &self,
        token: &str,
        caller: &Caller,
        now: i64,
    ) -> Result<(), TrackingError> {
        let link = self.link(token)?;
        if let Some(reason) = self.filter(&link, caller, now) {
            self.count_filtered(&link, EventKind::Impression, reason, now);
            return Ok(());
        }
        let seen = self.events.impression(link.showing, slot_at(now));
        timeout(PATIENCE, seen).await.unwrap_or(Err(EventError::Unavailable))?;
        Ok(())
    }

    /// Records a click, at a moment in unix milliseconds, and returns the address that it leads to,
    /// even if the click could not be recorded.
    pub async fn click(
        &self,
        token: &str,
        caller: &Caller,
        now: i64,
    ) -> Result<String, TrackingError> {
        let link = self.link(token)?;
        let (kind, showing) = (EventKind::Click, link.showing);
        let Some(landing_url) = self.snapshots.landing_url(showing.banner) else {
            self.count_filtered(&link, kind, FilterReason::NoLandingUrl, now);
            return Err(TrackingError::UnknownLink);
        };
        if let Some(reason) = self.filter(&link, caller, now) {
            self.count_filtered(&link, kind, reason, now);
        } else {
            let clicked = self.events.click(showing, slot_at(now));
            if !matches!(timeout(CLICK_PATIENCE, clicked).await, Ok(Ok(_))) {
                self.counters.leave_unrecorded();
            }
        }
        let policy = link.policy.map(Policy::name);
        tracing::debug!(
            campaign.id = %showing.campaign, banner.id = %showing.banner,
            decision.id = %showing.decision, policy, "a click"
        );
        Ok(landing_url.of_click(&FollowedClick {
            click_id: &showing.click_id(),
            banner: showing.banner,
            campaign: showing.campaign,
            decision_id: &showing.decision.to_string(),
            unix_seconds: now.div_euclid(1000),
        }))
    }

    /// Stores conversions that were reported together, all or none, and returns the result of each,
    /// in their order. Fails with [`TrackingError::Invalid`] if some break a rule, or if there are too
    /// many.
    pub async fn conversions(
        &self,
        conversions: Vec<Conversion>,
    ) -> Result<Vec<Booked>, TrackingError> {
        conversions::check(&conversions)?;
        let booked = timeout(PATIENCE, self.events.conversions(conversions)).await;
        Ok(booked.unwrap_or(Err(EventError::Unavailable.into()))?)
    }

    /// Stores one conversion, whose violations point to it alone.
    pub async fn conversion(&self, conversion: Conversion) -> Result<Booked, TrackingError> {
        let booked = self.conversions(vec![conversion]).await.map_err(TrackingError::of_one)?;
        Ok(booked.first().copied().unwrap_or(Booked::Duplicate))
    }

    /// Reads a link. Fails for one that none of our keys signed, and counts it as forged.
    fn link(&self, token: &str) -> Result<TrackingLink, TrackingError> {
        self.tokens.read(token).ok_or_else(|| {
            self.counters.forge();
            TrackingError::UnknownLink
        })
    }

    fn filter(&self, link: &TrackingLink, caller: &Caller, now: i64) -> Option<FilterReason> {
        let expired = self.validity.has_expired(link, now).then_some(FilterReason::Expired);
        expired.or_else(|| self.traffic.filter(caller, now))
    }

    fn count_filtered(&self, link: &TrackingLink, kind: EventKind, reason: FilterReason, now: i64) {
        self.events.filter(link.showing, slot_at(now), kind, reason);
    }
}

/// Returns the slot of a moment in unix milliseconds.
fn slot_at(unix_millis: i64) -> Slot {
    Slot::at(unix_millis.div_euclid(1000))
}
