//! Why a campaign shows nothing, since when and until when.

use bams_domain::{EmptyReason, Status, empty_reason};
use bams_storage::Campaign;

/// Why a campaign shows nothing now. Moments are unix milliseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Closed {
    /// The reason, which decisions say too.
    pub reason: EmptyReason,
    /// Since when: the change of the status, or the end of the schedule. `None` if that is not
    /// known.
    pub since: Option<i64>,
    /// Until when: the beginning of the schedule. `None` if only a change can open the campaign.
    pub until: Option<i64>,
}

impl Closed {
    /// Returns why a campaign shows nothing at a moment in unix milliseconds, or `None` if it shows
    /// something.
    ///
    /// It speaks of the campaign as it is stored. Nodes serve a change up to two seconds later.
    pub fn at(campaign: &Campaign, now: i64) -> Option<Self> {
        let settings = &campaign.settings;
        let (schedule, seconds) = (settings.schedule(), now.div_euclid(1000));
        let reason =
            empty_reason(settings.status, schedule, campaign.has_eligible_banner, seconds)?;
        let (since, until) = match (settings.status, reason) {
            (Status::Active, EmptyReason::NotStarted) => (None, settings.starts_at),
            (Status::Active, EmptyReason::Ended) => (settings.ends_at, None),
            (Status::Active, _) => (None, None),
            (Status::Draft | Status::Paused | Status::Archived, _) => (campaign.status_since, None),
        };
        Some(Self { reason, since, until })
    }
}
