//! A spot of a page while it is decided.

use std::sync::Arc;

use bams_domain::{BannerId, CampaignId, EmptyReason, Order, Preferences, Prepared, Quarter};
use bams_storage::ServedCampaign;
use rand::Rng;

/// A spot of a page to fill.
#[derive(Clone, Copy, Debug)]
pub struct Ask {
    /// The campaign that fills it.
    pub campaign: CampaignId,
    /// How many banners it wants, unless the campaign or its rule decides.
    pub count: Option<usize>,
    /// True if the spot stays empty when there is no such campaign, which otherwise refuses the
    /// whole request.
    pub may_be_unknown: bool,
}

impl Ask {
    /// Asks for what a campaign shows, which must exist.
    pub fn of(campaign: CampaignId) -> Self {
        Self { campaign, count: None, may_be_unknown: false }
    }
}

/// A spot with everything that decides what it shows.
pub(super) struct Spot {
    pub(super) ask: Ask,
    pub(super) campaign: Arc<ServedCampaign>,
    /// Why it shows nothing, for any visitor.
    pub(super) closed: Option<EmptyReason>,
    quarter: Quarter,
    /// The ladder of a visitor with preferences. All others share the campaign's.
    own: Option<Prepared>,
}

impl Spot {
    /// Makes a spot that a campaign fills at a moment (unix seconds), in the quarter of that
    /// moment.
    pub(super) fn new(
        ask: Ask,
        campaign: Arc<ServedCampaign>,
        quarter: Quarter,
        unix_seconds: i64,
    ) -> Self {
        let closed = campaign.empty_reason(unix_seconds);
        Self { ask, campaign, closed, quarter, own: None }
    }

    /// Makes a spot of a campaign that does not exist.
    pub(super) fn unknown(ask: Ask, quarter: Quarter) -> Self {
        let campaign = Arc::new(ServedCampaign::unknown(ask.campaign));
        Self { ask, campaign, closed: Some(EmptyReason::UnknownCampaign), quarter, own: None }
    }

    /// Leaves out the banners that a visitor refuses.
    pub(super) fn respect(&mut self, preferences: &Preferences) {
        let prepared = self.campaign.prepared(self.quarter);
        self.own = Some(prepared.for_visitor(preferences, |banner| self.campaign.tags(banner)));
    }

    /// Returns the campaign's banners as its policy prepared them, for this visitor.
    pub(super) fn prepared(&self) -> &Prepared {
        self.own.as_ref().unwrap_or_else(|| self.campaign.prepared(self.quarter))
    }

    /// Returns the candidates, best first, without those of `excluded`, which is sorted.
    pub(super) fn order(
        &self,
        preferences: Option<&Preferences>,
        excluded: &[BannerId],
        rng: &mut impl Rng,
    ) -> Order {
        let tags = |banner| self.campaign.tags(banner);
        let mut order = self.prepared().order(preferences, tags, rng);
        if !excluded.is_empty() {
            order.retain(|banner| excluded.binary_search(&banner).is_err());
        }
        order
    }

    /// Returns how many banners the spot wants.
    pub(super) fn size(&self) -> usize {
        let asked = self.ask.count.or(self.campaign.page_size);
        asked.unwrap_or_else(|| self.prepared().page_size())
    }
}
