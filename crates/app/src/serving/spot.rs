//! One spot of a page, while it is decided what it shows.

use std::sync::Arc;

use bams_domain::{BannerId, CampaignId, EmptyReason, Ladder, Order, Preferences, Quarter};
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
    /// The ladder of a visitor who has preferences; everybody else climbs the campaign's.
    own: Option<Ladder>,
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
        let ladder = self.campaign.ladder(self.quarter);
        self.own = Some(preferences.ladder(ladder, |banner| self.campaign.tags(banner)));
    }

    /// The campaign's banners as ranked for this visitor.
    pub(super) fn ladder(&self) -> &Ladder {
        self.own.as_ref().unwrap_or_else(|| self.campaign.ladder(self.quarter))
    }

    /// The banners that may be chosen, best first, without those that are `excluded`, which is sorted.
    pub(super) fn order(
        &self,
        preferences: Option<&Preferences>,
        excluded: &[BannerId],
        rng: &mut impl Rng,
    ) -> Order {
        let ladder = self.ladder();
        let mut order = match preferences {
            None => ladder.order(rng),
            Some(it) => it.order(ladder, |banner| self.campaign.tags(banner), rng),
        };
        if !excluded.is_empty() {
            order.retain(|banner| excluded.binary_search(&banner).is_err());
        }
        order
    }

    /// How many banners are wanted.
    pub(super) fn size(&self) -> usize {
        let asked = self.ask.count.or(self.campaign.page_size);
        asked.unwrap_or_else(|| self.ladder().page_size())
    }
}
