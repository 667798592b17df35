//! What a request is answered.

use std::sync::Arc;

use bams_domain::{EmptyReason, Preferences, Quarter, Rule, Selected};
use bams_storage::{ServedBanner, ServedCampaign};
use uuid::Uuid;

/// What one request is answered.
#[derive(Debug)]
pub struct Decided {
    /// Names the decision: a UUID of version 7, which carries the moment of the request.
    pub id: Uuid,
    /// The moment of the request, in unix seconds.
    pub unix_seconds: i64,
    /// The quarter of that moment.
    pub quarter: Quarter,
    /// What each spot shows, in the order of the request.
    pub spots: Vec<DecidedSpot>,
    /// What the visitor asked for, if anything.
    pub preferences: Option<Arc<Preferences>>,
}

/// What one spot shows, and why.
#[derive(Debug)]
pub struct DecidedSpot {
    /// The campaign that fills it.
    pub campaign: Arc<ServedCampaign>,
    /// What the campaign's ladder means for the page.
    pub rule: Rule,
    /// X: how many eligible banners converted in the quarter, whatever the visitor saw before.
    pub converting_banners: usize,
    /// The banners, as the visitor sees them: in random order.
    pub banners: Vec<Selected>,
    /// Why there are no banners; `None` exactly when there are some.
    pub reason: Option<EmptyReason>,
}

impl Decided {
    /// Whether the visitor prefers a banner; `None` for one without preferences.
    pub fn prefers(&self, banner: &ServedBanner) -> Option<bool> {
        self.preferences.as_ref().map(|it| it.prefer(&banner.tags))
    }
}

impl DecidedSpot {
    /// The banners to show, with what is known of them.
    pub fn shown(&self) -> impl Iterator<Item = (&Selected, &ServedBanner)> {
        self.banners.iter().filter_map(|it| Some((it, &**self.campaign.banner(it.banner)?)))
    }
}
