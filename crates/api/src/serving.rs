//! The use case: which banners one visitor sees now.

use std::sync::Arc;

use bams_domain::{
    BannerId, CampaignId, EmptyReason, History, Placement, Quarter, Rule, Selected, fill_pages,
};
use bams_media::MediaError;
use bams_storage::{InvalidRedisUrl, ServedBanner, ServedCampaign, Snapshots, VisitorHistory};

use crate::chance;
use crate::clock;
use crate::face::Faces;
use crate::problem::ApiError;
use crate::visitor::Visitor;

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
    /// When it was decided, in unix seconds.
    pub(crate) now: i64,
    pub(crate) quarter: Quarter,
    pub(crate) rule: Rule,
    pub(crate) converting_banners: usize,
    pub(crate) banners: Vec<Selected>,
    /// Why there are no banners; `None` exactly when there are some.
    pub(crate) reason: Option<EmptyReason>,
}

impl Decided {
    /// The banners to show, with what is known of them.
    pub(crate) fn shown(&self) -> impl Iterator<Item = (&Selected, &ServedBanner)> {
        self.banners.iter().filter_map(|it| Some((it, &**self.campaign.banner(it.banner)?)))
    }
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
        visitor: &Visitor,
        asks: &[Ask],
        excluded: &[BannerId],
    ) -> Result<Vec<Decided>, ApiError> {
        if !self.faces.can_sign() {
            return Err(MediaError::MissingCredentials.into());
        }
        let now = clock::unix_seconds();
        let quarter = Quarter::at(now);
        let campaigns = self.campaigns(asks)?;
        let mut rng = chance::quick_rng();

        let mut remembered = Vec::with_capacity(asks.len());
        let mut placements = Vec::with_capacity(asks.len());
        for (ask, campaign) in asks.iter().zip(&campaigns) {
            if campaign.empty_reason(now).is_none() {
                let history = position_of(&mut remembered, ask.campaign);
                let ladder = campaign.ladder(quarter);
                let mut order = ladder.order(&mut rng);
                if !excluded.is_empty() {
                    order.retain(|banner| excluded.binary_search(&banner).is_err());
                }
                let size = ask.count.or(campaign.page_size).unwrap_or_else(|| ladder.page_size());
                placements.push(Placement { history, order, size });
            }
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
        let decided = campaigns.into_iter().map(|campaign| {
            let closed = campaign.empty_reason(now);
            let spot = if closed.is_none() { filled.next() } else { None };
            let banners =
                spot.map(|(placement, page)| placement.order.shuffled_selection(page, &mut rng));
            let banners = banners.unwrap_or_default();
            let nothing = banners.is_empty().then_some(EmptyReason::NoEligibleBanner);
            let ladder = campaign.ladder(quarter);
            Decided {
                now,
                quarter,
                rule: ladder.rule(),
                converting_banners: ladder.converting_banners(),
                banners,
                reason: closed.or(nothing),
                campaign,
            }
        });
        Ok(decided.collect())
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

/// Where a campaign stands in a list, after adding it if need be.
fn position_of(campaigns: &mut Vec<CampaignId>, campaign: CampaignId) -> usize {
    campaigns.iter().position(|it| *it == campaign).unwrap_or_else(|| {
        campaigns.push(campaign);
        campaigns.len() - 1
    })
}
