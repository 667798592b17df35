//! A difference between what is stored and what was counted.

use bams_domain::{BannerId, CampaignId, Quarter, Slot};

use super::event_kind::EventKind;
use super::filter_reason::FilterReason;
use super::roll_up::RollUp;

/// Counts as the database has them, even if they are impossible. Sums that are too large are the
/// largest integer, on both sides.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PerformanceCounts {
    /// How often the banner was shown.
    pub impressions: i64,
    /// How often it was followed.
    pub clicks: i64,
    /// How many clicks led to a sale.
    pub conversions: i64,
    /// What those sales earned, in micros.
    pub revenue_micros: i64,
}

/// The part of a banner's performance in a campaign that was compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// The performance of a slot. Performance that is kept by day is in the day's first slot of its
    /// quarter.
    Slot(Slot),
    /// The sums of a quarter of all hours, without impressions, from which ladders are made.
    Quarter(Quarter),
    /// A row of a roll-up. The campaign or banner that it does not tell apart is 0.
    RollUp {
        /// The roll-up.
        roll_up: RollUp,
        /// The slot, or the first slot of the day, or the first of its quarter in the day.
        slot: Slot,
        /// The kind and reason of filtered events, or `None` for performance.
        filtered: Option<(EventKind, FilterReason)>,
    },
}

/// A banner in a campaign whose performance differs from what was counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Difference {
    /// The campaign.
    pub campaign: CampaignId,
    /// The banner.
    pub banner: BannerId,
    /// The slot or quarter.
    pub place: Place,
    /// The counts in the table that was compared; in `performance` with those of imports that count
    /// already and are not yet there.
    pub stored: PerformanceCounts,
    /// The sums of impressions, clicks, conversions and imports; for a quarter or a roll-up, the sums
    /// of performance.
    pub recomputed: PerformanceCounts,
}
