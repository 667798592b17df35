//! A spot of a page while it is decided.

use std::collections::BTreeSet;
use std::sync::Arc;

use bams_domain::{
    BannerId, CampaignId, EmptyReason, Order, Preferences, Prepared, Quarter, Selected, Size,
};
use bams_storage::{ServedBanner, ServedCampaign};
use rand::Rng;

/// A spot of a page to fill.
#[derive(Clone, Debug)]
pub struct Ask {
    /// The campaign that fills it.
    pub campaign: CampaignId,
    /// How many banners it wants, unless the campaign or its rule decides.
    pub count: Option<u32>,
    /// The sizes that fit. Empty takes banners of any size, also of an unknown one.
    pub sizes: Vec<Size>,
    /// True if the spot stays empty when there is no such campaign, which otherwise refuses the
    /// whole request.
    pub may_be_unknown: bool,
}

impl Ask {
    /// Asks for what a campaign shows, which must exist.
    pub fn of(campaign: CampaignId) -> Self {
        Self { campaign, count: None, sizes: Vec::new(), may_be_unknown: false }
    }
}

/// A spot with everything that decides what it shows.
pub(super) struct Spot {
    pub(super) ask: Ask,
    pub(super) campaign: Arc<ServedCampaign>,
    /// Why it shows nothing, for any visitor.
    pub(super) closed: Option<EmptyReason>,
    quarter: Quarter,
    /// The banners that are left out because of their size.
    other_sizes: Vec<BannerId>,
    /// The ladder of a visitor with preferences, or without missing images. All others share the
    /// campaign's.
    own: Option<Prepared>,
    /// The banners that it shows, once they are chosen.
    pub(super) banners: Vec<Selected>,
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
        Self::with(ask, campaign, closed, quarter)
    }

    /// Makes a spot of a campaign that does not exist.
    pub(super) fn unknown(ask: Ask, quarter: Quarter) -> Self {
        let campaign = Arc::new(ServedCampaign::unknown(ask.campaign));
        Self::with(ask, campaign, Some(EmptyReason::UnknownCampaign), quarter)
    }

    fn with(
        ask: Ask,
        campaign: Arc<ServedCampaign>,
        closed: Option<EmptyReason>,
        quarter: Quarter,
    ) -> Self {
        let (other_sizes, banners) = (Vec::new(), Vec::new());
        Self { ask, campaign, closed, quarter, other_sizes, own: None, banners }
    }

    /// Leaves out banners that cannot be shown, for any visitor.
    pub(super) fn leave_out(&mut self, banners: &[BannerId]) {
        if banners.is_empty() {
            return;
        }
        let left = self.prepared().without(|banner| banners.contains(&banner));
        let is_empty = left.banners().is_empty();
        self.closed = self.closed.or(is_empty.then_some(EmptyReason::NoEligibleBanner));
        self.own = Some(left);
    }

    /// Leaves out the banners that a visitor refuses.
    pub(super) fn respect(&mut self, preferences: &Preferences) {
        let prepared = self.prepared();
        self.own = Some(prepared.for_visitor(preferences, |banner| self.campaign.tags(banner)));
    }

    /// Returns the campaign's banners as its policy prepared them, for this visitor.
    pub(super) fn prepared(&self) -> &Prepared {
        self.own.as_ref().unwrap_or_else(|| self.campaign.prepared(self.quarter))
    }

    /// Returns the candidates, best first, without those of `excluded` and of sizes that do not fit.
    pub(super) fn order(
        &mut self,
        preferences: Option<&Preferences>,
        excluded: &BTreeSet<BannerId>,
        rng: &mut impl Rng,
    ) -> Order {
        let tags = |banner| self.campaign.tags(banner);
        let mut order = self.prepared().order(preferences, tags, rng);
        if !excluded.is_empty() {
            order.retain(|banner| !excluded.contains(&banner));
        }
        if !self.ask.sizes.is_empty() {
            let size = |banner| self.campaign.banner(banner).and_then(ServedBanner::size);
            order.retain(|banner| {
                let fits = size(banner).is_some_and(|size| self.ask.sizes.contains(&size));
                if !fits {
                    self.other_sizes.push(banner);
                }
                fits
            });
        }
        order
    }

    /// Returns why it shows no banner, if it shows none, beside what all spots show.
    pub(super) fn reason(&self, all: &[Self]) -> Option<EmptyReason> {
        if self.closed.is_some() || !self.banners.is_empty() {
            return self.closed;
        }
        let is_shown = |banner| all.iter().flat_map(|it| &it.banners).any(|it| it.banner == banner);
        let would_fit = self.other_sizes.iter().any(|banner| !is_shown(*banner));
        Some(if would_fit {
            EmptyReason::NoBannerOfThisSize
        } else {
            EmptyReason::NoEligibleBanner
        })
    }

    /// Returns how many banners the spot wants.
    pub(super) fn size(&self) -> usize {
        let asked = self.ask.count.and_then(|count| usize::try_from(count).ok());
        asked.or(self.campaign.page_size).unwrap_or_else(|| self.prepared().page_size())
    }
}
