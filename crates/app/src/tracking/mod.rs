//! The use case: what happened to a banner that was shown.

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

use bams_domain::{Policy, Slot};
use bams_storage::{Booked, Conversion, EventError, EventKind, Events, FilterReason, Snapshots};
use tokio::time::timeout;

pub use self::caller::Caller;
pub use self::conversions::{MOST_CONVERSIONS, conversion_time, event_id, revenue};
pub use self::counters::TrackingCounters;
pub use self::error::TrackingError;
pub use self::token::{Link, TOKEN, Tokens};
pub use self::traffic::{Traffic, TrafficSettings};
pub use self::validity::LinkValidity;

/// How long a pixel or a conversion waits for its commit.
const PATIENCE: Duration = Duration::from_secs(3);

/// How long a click waits for its commit before it leads on: somebody looks at an empty page.
const CLICK_PATIENCE: Duration = Duration::from_millis(250);

/// Takes what tracking links bring, and conversions.
pub struct Tracking {
    /// Reads links.
    pub tokens: Tokens,
    /// Where events wait to be stored.
    pub events: Events,
    /// Knows where clicks lead.
    pub snapshots: Arc<Snapshots>,
    /// Tells people from machines.
    pub traffic: Traffic,
    /// Knows which links count.
    pub validity: LinkValidity,
    /// What became of links.
    pub counters: TrackingCounters,
}

impl Tracking {
    /// Records that a banner was seen, at a moment in unix milliseconds.
    ///
    /// Answers after the commit, or at once for an impression that does not count. With
    /// [`TrackingError::Event`] it is not known to be stored and may be sent again.
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

    /// Records a click, at a moment in unix milliseconds, and answers where it leads, recorded or
    /// not.
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
        Ok(landing_url.of_click(&showing.click_id()))
    }

    /// Stores conversions that were reported together, all of them or none, and answers what became
    /// of each, in their order.
    pub async fn conversions(
        &self,
        conversions: Vec<Conversion>,
    ) -> Result<Vec<Booked>, TrackingError> {
        let booked = timeout(PATIENCE, self.events.conversions(conversions)).await;
        Ok(booked.unwrap_or(Err(EventError::Unavailable.into()))?)
    }

    /// What a link names; an unknown one is refused, and counts nowhere but here.
    fn link(&self, token: &str) -> Result<Link, TrackingError> {
        self.tokens.read(token).ok_or_else(|| {
            self.counters.forge();
            TrackingError::UnknownLink
        })
    }

    fn filter(&self, link: &Link, caller: &Caller, now: i64) -> Option<FilterReason> {
        let expired = self.validity.has_expired(link, now).then_some(FilterReason::Expired);
        expired.or_else(|| self.traffic.filter(caller, now))
    }

    fn count_filtered(&self, link: &Link, kind: EventKind, reason: FilterReason, now: i64) {
        self.events.filter(link.showing, slot_at(now), kind, reason);
    }
}

/// The slot of a moment in unix milliseconds.
fn slot_at(unix_millis: i64) -> Slot {
    Slot::at(unix_millis.div_euclid(1000))
}
