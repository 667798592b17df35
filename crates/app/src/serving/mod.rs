//! The use case of deciding which banners one visitor sees now.

mod asking;
mod counters;
mod decided;
mod error;
mod spot;

use std::collections::BTreeSet;
use std::sync::Arc;

use bams_domain::{
    BannerId, CampaignId, EmptyReason, History, Page, Placement, Preferences, Quarter, fill_pages,
};
use bams_media::Images;
use bams_storage::{InvalidRedisUrl, Snapshots, VisitorHistory, Visitors};
use rand::Rng;
use uuid::{Builder, Uuid};

pub use self::asking::{
    AskedPlacements, EXCLUDED_COUNT, PLACEMENT_COUNT, PLACEMENT_ID_LENGTH, PlacementFields,
    PlacementsFields, SIZE_COUNT,
};
pub use self::counters::DecisionCounters;
pub use self::decided::{Decided, DecidedSpot};
pub use self::error::ServingError;
pub use self::spot::Ask;
use self::spot::Spot;
use crate::missing_images::MissingImages;
use crate::visitor::Visitor;

/// Decides which banners a visitor sees.
pub struct Serving {
    /// The ladders of every campaign.
    pub snapshots: Arc<Snapshots>,
    /// The histories of visitors.
    pub history: VisitorHistory,
    /// The preferences of visitors.
    pub visitors: Arc<Visitors>,
    /// The images, which must have URLs.
    pub images: Arc<Images>,
    /// The images that are not there.
    pub missing: Arc<MissingImages>,
    /// The counts of decisions.
    pub counters: Arc<DecisionCounters>,
}

impl Serving {
    /// Returns the same, with a connection to the histories that belongs to this thread.
    pub async fn on_this_thread(&self) -> Result<Self, InvalidRedisUrl> {
        Ok(Self {
            history: self.history.on_this_thread().await?,
            snapshots: Arc::clone(&self.snapshots),
            visitors: Arc::clone(&self.visitors),
            images: Arc::clone(&self.images),
            missing: Arc::clone(&self.missing),
            counters: Arc::clone(&self.counters),
        })
    }

    /// Fills the spots of one request at a moment (unix milliseconds), without repeats and without
    /// banners of `excluded`.
    ///
    /// Quarter and id of the decision are those of that moment. Without a visitor nothing is
    /// remembered. A visitor with preferences gets ladders of their own.
    ///
    /// Fails before any banner counts as shown: with [`ServingError::Invalid`] if the request is beyond
    /// a limit, with [`ServingError::UnknownCampaign`] if a campaign does not exist whose spot may not
    /// stay empty, with [`ServingError::MissingCredentials`] if there
    /// is a banner to show and the URL of its image cannot be signed.
    pub async fn decide(
        &self,
        visitor: Visitor,
        asks: &[Ask],
        excluded: &BTreeSet<BannerId>,
        now: i64,
        rng: &mut impl Rng,
    ) -> Result<Decided, ServingError> {
        let decided = self.fill(visitor, asks, excluded, now, rng).await?;
        for spot in &decided.spots {
            self.counters.decided(spot.rule, spot.reason);
        }
        Ok(decided)
    }

    /// Returns what a visitor whom nobody knows would see in a spot at a moment (unix milliseconds),
    /// without counting it. Fails like [`decide`](Self::decide).
    pub async fn preview(
        &self,
        ask: Ask,
        excluded: &BTreeSet<BannerId>,
        now: i64,
        rng: &mut impl Rng,
    ) -> Result<Decided, ServingError> {
        self.fill(Visitor::Untracked, &[ask], excluded, now, rng).await
    }

    async fn fill(
        &self,
        visitor: Visitor,
        asks: &[Ask],
        excluded: &BTreeSet<BannerId>,
        now: i64,
        rng: &mut impl Rng,
    ) -> Result<Decided, ServingError> {
        asking::check(asks, excluded).map_err(ServingError::Invalid)?;
        let unix_seconds = now.div_euclid(1000);
        let quarter = Quarter::at(unix_seconds);
        let mut requested = self.spots(asks, quarter, unix_seconds)?;
        for spot in &mut requested {
            let missing = self.missing.of(&spot.campaign);
            spot.leave_out(&missing);
        }
        let preferences = match visitor {
            Visitor::Known(id) => self.visitors.preferences(id, now),
            Visitor::New(_) | Visitor::Untracked => None,
        };
        if let Some(preferences) = &preferences {
            for spot in &mut requested {
                spot.respect(preferences);
            }
        }

        let id = decision_id(now, rng);
        let (campaigns, mut placements) =
            placements(&mut requested, preferences.as_deref(), excluded, rng);
        if !self.images.can_sign() && placements.iter().any(|placement| !placement.order.is_empty())
        {
            return Err(ServingError::MissingCredentials);
        }
        let pages = self.pages(visitor, &campaigns, &mut placements).await;

        let open = requested.iter_mut().filter(|it| it.closed.is_none());
        for (spot, (placement, page)) in open.zip(placements.iter_mut().zip(&pages)) {
            spot.banners = placement.order.shuffled_selection(page, rng);
        }
        let reasons: Vec<_> = requested.iter().map(|spot| spot.reason(&requested)).collect();
        let spots = requested.into_iter().zip(reasons).map(|(spot, reason)| decided(spot, reason));
        Ok(Decided { id, unix_seconds, quarter, spots: spots.collect(), preferences })
    }

    /// Returns every campaign.
    pub(crate) fn all_campaigns(&self) -> Vec<CampaignId> {
        self.snapshots.current().campaigns().map(|it| it.id).collect()
    }

    fn spots(
        &self,
        asks: &[Ask],
        quarter: Quarter,
        unix_seconds: i64,
    ) -> Result<Vec<Spot>, ServingError> {
        let snapshot = self.snapshots.current();
        // Collecting results would make room for several.
        let mut spots = Vec::with_capacity(asks.len());
        for ask in asks {
            spots.push(match snapshot.campaign(ask.campaign) {
                Some(campaign) => {
                    Spot::new(ask.clone(), Arc::clone(campaign), quarter, unix_seconds)
                }
                None if ask.may_be_unknown => Spot::unknown(ask.clone(), quarter),
                None => return Err(ServingError::UnknownCampaign(ask.campaign)),
            });
        }
        Ok(spots)
    }

    /// Chooses a page for each placement, and remembers its banners if that is allowed.
    async fn pages(
        &self,
        visitor: Visitor,
        campaigns: &[CampaignId],
        placements: &mut [Placement],
    ) -> Vec<Page> {
        match visitor {
            Visitor::Known(id) => self.history.choose(id, campaigns, placements).await,
            Visitor::New(id) => self.history.choose_first(id, campaigns, placements).await,
            Visitor::Untracked => {
                fill_pages(placements, &mut vec![History::default(); campaigns.len()])
            }
        }
    }
}

fn decided(spot: Spot, reason: Option<EmptyReason>) -> DecidedSpot {
    let prepared = spot.prepared();
    let (rule, converting_banners) = (prepared.rule(), prepared.converting_banners());
    DecidedSpot { campaign: spot.campaign, rule, converting_banners, banners: spot.banners, reason }
}

/// Returns the placements of the open spots, in their order, and the campaigns of the histories to
/// which they refer.
fn placements(
    spots: &mut [Spot],
    preferences: Option<&Preferences>,
    excluded: &BTreeSet<BannerId>,
    rng: &mut impl Rng,
) -> (Vec<CampaignId>, Vec<Placement>) {
    let mut campaigns = Vec::with_capacity(spots.len());
    let mut placements = Vec::with_capacity(spots.len());
    for spot in spots.iter_mut().filter(|it| it.closed.is_none()) {
        let history = position_of(&mut campaigns, spot.ask.campaign);
        let order = spot.order(preferences, excluded, rng);
        let is_part = !spot.ask.sizes.is_empty();
        placements.push(Placement { history, order, size: spot.size(), is_part });
    }
    (campaigns, placements)
}

/// Returns the index of a campaign in a list, after adding it if it is missing.
fn position_of(campaigns: &mut Vec<CampaignId>, campaign: CampaignId) -> usize {
    campaigns.iter().position(|it| *it == campaign).unwrap_or_else(|| {
        campaigns.push(campaign);
        campaigns.len() - 1
    })
}

/// Makes a UUID that sorts by time (version 7) for a moment in unix milliseconds.
fn decision_id(unix_millis: i64, rng: &mut impl Rng) -> Uuid {
    let mut random = [0; 10];
    rng.fill_bytes(&mut random);
    let millis = u64::try_from(unix_millis).unwrap_or(0);
    Builder::from_unix_timestamp_millis(millis, &random).into_uuid()
}
