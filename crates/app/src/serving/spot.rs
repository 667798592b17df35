//! One spot of a page, while it is decided what it shows.

use std::sync::Arc;

use bams_domain::{BannerId, CampaignId, EmptyReason, Order, Preferences, Prepared, Quarter};
use bams_storage::ServedCampaign;
use rand::Rng;

/// One spot that a page wants filled.
#[derive(Clone, Copy, Debug)]
pub struct Ask {
    /// Which campaign fills it.
    pub campaign: CampaignId,
    /// How many banners; the campaign or its rule says so otherwise.
    pub count: Option<usize>,
}

/// One spot with all that decides what it shows.
pub(super) struct Spot {
    pub(super) ask: Ask,
    pub(super) campaign: Arc<ServedCampaign>,
    /// Why it shows nothing, whoever asks.
    pub(super) closed: Option<EmptyReason>,
    quarter: Quarter,
    /// What is left for a visitor who has preferences; all others share what the campaign has.
    own: Option<Prepared>,
}

impl Spot {
    /// A spot that a campaign fills at a moment (unix seconds), in the quarter of that moment.
    pub(super) fn new(
        ask: Ask,
        campaign: Arc<ServedCampaign>,
        quarter: Quarter,
        unix_seconds: i64,
    ) -> Self {
        let closed = campaign.empty_reason(unix_seconds);
        Self { ask, campaign, closed, quarter, own: None }
    }

    /// Leaves out what a visitor refuses.
    pub(super) fn mind(&mut self, preferences: &Preferences) {
        let prepared = self.campaign.prepared(self.quarter);
        self.own = Some(prepared.for_visitor(preferences, |banner| self.campaign.tags(banner)));
    }

    /// What the campaign's policy made of its banners, for this visitor.
    pub(super) fn prepared(&self) -> &Prepared {
        self.own.as_ref().unwrap_or_else(|| self.campaign.prepared(self.quarter))
    }

    /// The banners that may be chosen, best first, without those that are `excluded`, which is sorted.
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

    /// How many banners are wanted.
    pub(super) fn size(&self) -> usize {
        let asked = self.ask.count.or(self.campaign.page_size);
        asked.unwrap_or_else(|| self.prepared().page_size())
    }
}
