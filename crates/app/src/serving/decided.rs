//! The decision for a request.

use std::sync::Arc;

use bams_domain::{EmptyReason, Preferences, Quarter, Rule, Selected};
use bams_storage::{ServedBanner, ServedCampaign};
use uuid::Uuid;

/// The decision for one request.
#[derive(Debug)]
pub struct Decided {
    /// The id of the decision: a UUID of version 7, which contains the moment of the request.
    pub id: Uuid,
    /// The moment of the request, in unix seconds.
    pub unix_seconds: i64,
    /// The quarter of that moment.
    pub quarter: Quarter,
    /// The decision for each spot, in the order of the request.
    pub spots: Vec<DecidedSpot>,
    /// The visitor's preferences, if they have any.
    pub preferences: Option<Arc<Preferences>>,
}

/// The banners of one spot, with the reasons.
#[derive(Debug)]
pub struct DecidedSpot {
    /// The campaign that fills it, or the stand-in of one that does not exist.
    pub campaign: Arc<ServedCampaign>,
    /// The rule of the campaign's ladder.
    pub rule: Rule,
    /// X: how many eligible banners converted in the quarter, including those that the visitor has
    /// seen.
    pub converting_banners: usize,
    /// The banners in the order in which the visitor sees them, which is random.
    pub banners: Vec<Selected>,
    /// Why there are no banners, or `None` if there are some.
    pub reason: Option<EmptyReason>,
}

impl Decided {
    /// Returns whether the visitor prefers a banner, or `None` for a visitor without preferences.
    pub fn prefers(&self, banner: ServedBanner<'_>) -> Option<bool> {
        self.preferences.as_ref().map(|it| it.prefer(banner.tags()))
    }
}

impl DecidedSpot {
    /// Returns the banners to show, with what the snapshot knows of each.
    pub fn shown(&self) -> impl Iterator<Item = (&Selected, ServedBanner<'_>)> {
        self.banners
            .iter()
            .filter_map(|selected| Some((selected, self.campaign.banner(selected.banner)?)))
    }
}
