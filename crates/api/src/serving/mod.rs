//! The use case: which banners one visitor sees now.

mod counters;

use std::sync::Arc;

use bams_domain::{
    BannerId, CampaignId, EmptyReason, History, Ladder, Placement, Preferences, Quarter, Rule,
    Selected, fill_pages,
};
use bams_media::MediaError;
use bams_storage::{
    InvalidRedisUrl, ServedBanner, ServedCampaign, Snapshots, VisitorHistory, Visitors,
};

pub(crate) use self::counters::DecisionMetrics;
use crate::answer::prepared_banner::PreparedBanners;
use crate::clock;
use crate::extract::visitor::Visitor;
use crate::problem::ApiError;
use crate::random;

/// Decides, with everything that takes: ladders, history, signatures, the time.
pub(crate) struct Serving {
    pub(crate) snapshots: Arc<Snapshots>,
    pub(crate) history: VisitorHistory,
    pub(crate) visitors: Arc<Visitors>,
    pub(crate) prepared: Arc<PreparedBanners>,
    pub(crate) metrics: Arc<DecisionMetrics>,
}

/// One spot that a page wants filled.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ask {
    pub(crate) campaign: CampaignId,
    /// How many banners; the campaign or its rule says so otherwise.
    pub(crate) count: Option<usize>,
}

/// What one spot shows, and why.
pub(crate) struct Decided {
    pub(crate) campaign: Arc<ServedCampaign>,
    /// When it was decided, in unix seconds.
    pub(crate) now: i64,
    pub(crate) quarter: Quarter,
    pub(crate) rule: Rule,
    pub(crate) converting_banners: usize,
    pub(crate) banners: Vec<Selected>,
    /// What the visitor asked for, if anything.
    pub(crate) preferences: Option<Arc<Preferences>>,
    /// Why there are no banners; `None` exactly when there are some.
    pub(crate) reason: Option<EmptyReason>,
}

impl Decided {
    /// The banners to show, with what is known of them.
    pub(crate) fn shown(&self) -> impl Iterator<Item = (&Selected, &ServedBanner)> {
        self.banners.iter().filter_map(|it| Some((it, &**self.campaign.banner(it.banner)?)))
    }

    /// Whether the visitor prefers a banner; `None` for one without preferences.
    pub(crate) fn prefers(&self, banner: &ServedBanner) -> Option<bool> {
        self.preferences.as_ref().map(|it| it.prefer(&banner.tags))
    }
}

impl Serving {
    /// The same, with a connection to the history that belongs to this thread.
    pub(crate) async fn on_this_thread(&self) -> Result<Self, InvalidRedisUrl> {
        let (snapshots, prepared) = (Arc::clone(&self.snapshots), Arc::clone(&self.prepared));
        let (visitors, metrics) = (Arc::clone(&self.visitors), Arc::clone(&self.metrics));
        Ok(Self {
            snapshots,
            history: self.history.on_this_thread().await?,
            visitors,
            prepared,
            metrics,
        })
    }

    /// Fills the spots of one request, none of its banners twice and none of `excluded`, which is
    /// sorted.
    ///
    /// Without a visitor nothing is remembered. A visitor's preferences make ladders of their own. An
    /// unknown campaign refuses the request before anything counts as shown, and so do missing
    /// credentials for image URLs if there is a banner to show.
    pub(crate) async fn decide(
        &self,
        visitor: &Visitor,
        asks: &[Ask],
        excluded: &[BannerId],
    ) -> Result<Vec<Decided>, ApiError> {
        let now = clock::unix_seconds();
        let quarter = Quarter::at(now);
        let campaigns = self.campaigns(asks)?;
        let mut rng = random::quick_rng();
        let preferences = match visitor {
            Visitor::Known(id) => self.visitors.preferences(*id, now.saturating_mul(1000)),
            _ => None,
        };
        let own = own_ladders(preferences.as_deref(), &campaigns, quarter);

        let mut remembered = Vec::with_capacity(asks.len());
        let mut placements = Vec::with_capacity(asks.len());
        for (index, (ask, campaign)) in asks.iter().zip(&campaigns).enumerate() {
            if campaign.empty_reason(now).is_none() {
                let history = position_of(&mut remembered, ask.campaign);
                let ladder = own.get(index).unwrap_or_else(|| campaign.ladder(quarter));
                let mut order = match &preferences {
                    None => ladder.order(&mut rng),
                    Some(it) => it.order(ladder, |banner| campaign.tags(banner), &mut rng),
                };
                if !excluded.is_empty() {
                    order.retain(|banner| excluded.binary_search(&banner).is_err());
                }
                let size = ask.count.or(campaign.page_size).unwrap_or_else(|| ladder.page_size());
                placements.push(Placement { history, order, size });
            }
        }
        if !self.prepared.can_sign() && placements.iter().any(|it| !it.order.is_empty()) {
            return Err(MediaError::MissingCredentials.into());
        }
        let (history, spots) = (&self.history, &mut placements[..]);
        let pages = match visitor {
            Visitor::Known(id) => history.choose(*id, &remembered, spots).await,
            Visitor::New { id, .. } => history.choose_first(*id, &remembered, spots).await,
            Visitor::Untracked => {
                fill_pages(spots, &mut vec![History::default(); remembered.len()])
            }
        };

        let mut filled = placements.iter_mut().zip(&pages);
        let decided = campaigns.into_iter().enumerate().map(|(index, campaign)| {
            let closed = campaign.empty_reason(now);
            let spot = if closed.is_none() { filled.next() } else { None };
            let banners =
                spot.map(|(placement, page)| placement.order.shuffled_selection(page, &mut rng));
            let banners = banners.unwrap_or_default();
            let nothing = banners.is_empty().then_some(EmptyReason::NoEligibleBanner);
            let ladder = own.get(index).unwrap_or_else(|| campaign.ladder(quarter));
            let reason = closed.or(nothing);
            self.metrics.decided(ladder.rule(), reason);
            Decided {
                now,
                quarter,
                rule: ladder.rule(),
                converting_banners: ladder.converting_banners(),
                banners,
                preferences: preferences.clone(),
                reason,
                campaign,
            }
        });
        Ok(decided.collect())
    }

    /// Every campaign there is.
    pub(crate) fn all_campaigns(&self) -> Vec<CampaignId> {
        self.snapshots.current().campaigns().map(|it| it.id).collect()
    }

    fn campaigns(&self, asks: &[Ask]) -> Result<Vec<Arc<ServedCampaign>>, ApiError> {
        let snapshot = self.snapshots.current();
        let known = asks.iter().map(|ask| {
            let campaign = snapshot.campaign(ask.campaign).map(Arc::clone);
            campaign.ok_or(ApiError::UnknownCampaign(ask.campaign))
        });
        known.collect()
    }
}

/// The ladders of a visitor who has preferences, one for each campaign; nobody else needs any.
fn own_ladders(
    preferences: Option<&Preferences>,
    campaigns: &[Arc<ServedCampaign>],
    quarter: Quarter,
) -> Vec<Ladder> {
    let Some(preferences) = preferences else { return Vec::new() };
    let own =
        campaigns.iter().map(|it| preferences.ladder(it.ladder(quarter), |banner| it.tags(banner)));
    own.collect()
}

/// Where a campaign stands in a list, after adding it if need be.
fn position_of(campaigns: &mut Vec<CampaignId>, campaign: CampaignId) -> usize {
    campaigns.iter().position(|it| *it == campaign).unwrap_or_else(|| {
        campaigns.push(campaign);
        campaigns.len() - 1
    })
}
