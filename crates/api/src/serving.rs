//! The use case: which banners one visitor sees now.

use std::sync::Arc;

use bams_domain::{
    BannerId, CampaignId, EmptyReason, History, Placement, Quarter, Rule, Selected, VisitorId,
    fill_pages,
};
use bams_media::MediaError;
use bams_storage::{InvalidRedisUrl, ServedCampaign, Snapshots, VisitorHistory};

use crate::chance;
use crate::clock;
use crate::face::{Face, Faces};
use crate::problem::ApiError;

/// Decides, with everything that takes: ladders, history, signatures, the time.
pub(crate) struct Serving {
    pub(crate) snapshots: Arc<Snapshots>,
    pub(crate) history: VisitorHistory,
    pub(crate) faces: Arc<Faces>,
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
    pub(crate) quarter: Quarter,
    pub(crate) rule: Rule,
    pub(crate) converting_banners: usize,
    pub(crate) banners: Vec<Shown>,
    /// Why there are no banners; `None` exactly when there are some.
    pub(crate) reason: Option<EmptyReason>,
}

/// A banner on a page.
pub(crate) struct Shown {
    pub(crate) selected: Selected,
    pub(crate) face: Arc<Face>,
}

impl Serving {
    /// The same, with a connection to the history that belongs to this thread.
    pub(crate) async fn on_this_thread(&self) -> Result<Self, InvalidRedisUrl> {
        let (snapshots, faces) = (Arc::clone(&self.snapshots), Arc::clone(&self.faces));
        Ok(Self { snapshots, history: self.history.on_this_thread().await?, faces })
    }

    /// Fills the spots of one request, none of its banners twice and none of `excluded`, which is
    /// sorted.
    ///
    /// Without a visitor nothing is remembered. An unknown campaign or missing credentials for
    /// image URLs refuse the request before anything counts as shown.
    pub(crate) async fn decide(
        &self,
        visitor: Option<VisitorId>,
        asks: &[Ask],
        excluded: &[BannerId],
    ) -> Result<Vec<Decided>, ApiError> {
        if !self.faces.can_sign() {
            return Err(MediaError::MissingCredentials.into());
        }
        let now = clock::unix_seconds();
        let quarter = Quarter::at(now);
        let campaigns = self.campaigns(asks)?;

        let mut remembered = Vec::with_capacity(asks.len());
        let mut placements = Vec::with_capacity(asks.len());
        for (ask, campaign) in asks.iter().zip(&campaigns) {
            if campaign.empty_reason(now).is_none() {
                let history = position_of(&mut remembered, ask.campaign);
                placements.push(placement(ask, campaign, quarter, history, excluded));
            }
        }
        let pages = match visitor {
            Some(visitor) => self.history.choose(visitor, &remembered, &placements).await,
            None => fill_pages(&placements, &mut vec![History::default(); remembered.len()]),
        };

        let mut filled = placements.iter().zip(pages);
        campaigns
            .into_iter()
            .map(|campaign| {
                let reason = campaign.empty_reason(now);
                let shown = match reason {
                    None => filled.next().map(|(placement, page)| {
                        placement.order.shuffled_selection(&page, &mut chance::quick_rng())
                    }),
                    Some(_) => None,
                };
                let banners = self.present(&campaign, &shown.unwrap_or_default(), now)?;
                let ladder = campaign.ladder(quarter);
                let nothing = banners.is_empty().then_some(EmptyReason::NoEligibleBanner);
                Ok(Decided {
                    quarter,
                    rule: ladder.rule(),
                    converting_banners: ladder.converting_banners(),
                    banners,
                    reason: reason.or(nothing),
                    campaign,
                })
            })
            .collect()
    }

    fn campaigns(&self, asks: &[Ask]) -> Result<Vec<Arc<ServedCampaign>>, ApiError> {
        let snapshot = self.snapshots.current();
        let known = asks.iter().map(|ask| {
            let campaign = snapshot.campaign(ask.campaign).map(Arc::clone);
            campaign.ok_or(ApiError::UnknownCampaign(ask.campaign))
        });
        known.collect()
    }

    fn present(
        &self,
        campaign: &ServedCampaign,
        selected: &[Selected],
        now: i64,
    ) -> Result<Vec<Shown>, ApiError> {
        let known = selected.iter().filter_map(|it| Some((it, campaign.banner(it.banner)?)));
        known
            .map(|(&selected, banner)| Ok(Shown { selected, face: self.faces.of(banner, now)? }))
            .collect()
    }
}

fn placement(
    ask: &Ask,
    campaign: &ServedCampaign,
    quarter: Quarter,
    history: usize,
    excluded: &[BannerId],
) -> Placement {
    let ladder = campaign.ladder(quarter);
    let mut order = ladder.order(&mut chance::quick_rng());
    if !excluded.is_empty() {
        order.retain(|banner| excluded.binary_search(&banner).is_err());
    }
    let size = ask.count.or(campaign.page_size).unwrap_or_else(|| ladder.page_size());
    Placement { history, order, size }
}

/// Where a campaign stands in a list, after adding it if need be.
fn position_of(campaigns: &mut Vec<CampaignId>, campaign: CampaignId) -> usize {
    campaigns.iter().position(|it| *it == campaign).unwrap_or_else(|| {
        campaigns.push(campaign);
        campaigns.len() - 1
    })
}
