//! What serving reads instead of SQL: every campaign's ladders, in memory.
//!
//! A [`Snapshot`] never changes. The refresher builds the next one from the campaigns that
//! changed and swaps it in; readers never wait.

use std::collections::HashMap;
use std::sync::Arc;

use bams_domain::{BannerId, CampaignId, EmptyReason, Ladder, Policy, Quarter, Schedule, Status};

/// Everything that can be served, as of one revision of the store.
#[derive(Debug, Default)]
pub struct Snapshot {
    pub(crate) campaigns: HashMap<CampaignId, Arc<ServedCampaign>>,
    pub(crate) revision: i64,
}

impl Snapshot {
    /// The campaign, or `None` if there is no such campaign.
    pub fn campaign(&self, campaign: CampaignId) -> Option<&Arc<ServedCampaign>> {
        self.campaigns.get(&campaign)
    }

    /// Every campaign, in no given order.
    pub fn campaigns(&self) -> impl Iterator<Item = &Arc<ServedCampaign>> {
        self.campaigns.values()
    }

    /// The revision of the store that this snapshot shows; it only grows.
    pub fn revision(&self) -> i64 {
        self.revision
    }
}

/// One campaign as serving needs it.
#[derive(Debug)]
pub struct ServedCampaign {
    /// Its number.
    pub id: CampaignId,
    /// Its name.
    pub name: String,
    /// Whether it runs, within its schedule.
    pub status: Status,
    /// When it runs.
    pub schedule: Schedule,
    /// Who ranks its banners.
    pub policy: Policy,
    /// How many banners a page shows, where the campaign overrides its rule.
    pub page_size: Option<usize>,
    pub(crate) ladders: [Ladder; 4],
    /// Its eligible banners by id. The ids stand here too, so that a search stays in one place of
    /// memory: with millions of banners each step elsewhere would miss the processor's cache.
    pub(crate) banners: Vec<(BannerId, Arc<ServedBanner>)>,
}

impl ServedCampaign {
    /// Its eligible banners as ranked in a quarter.
    pub fn ladder(&self, quarter: Quarter) -> &Ladder {
        &self.ladders[quarter.index()]
    }

    /// One of its eligible banners.
    pub fn banner(&self, banner: BannerId) -> Option<&Arc<ServedBanner>> {
        let position = self.banners.binary_search_by_key(&banner, |it| it.0).ok()?;
        self.banners.get(position).map(|it| &it.1)
    }

    /// Why it shows nothing at a moment (unix seconds), or `None` if it has something to show.
    pub fn empty_reason(&self, unix_seconds: i64) -> Option<EmptyReason> {
        let none = || self.banners.is_empty().then_some(EmptyReason::NoEligibleBanner);
        bams_domain::closed(self.status, self.schedule, unix_seconds).or_else(none)
    }
}

/// One banner as serving needs it. Only banners with an image are served.
#[derive(Debug, PartialEq, Eq)]
pub struct ServedBanner {
    /// Its number.
    pub id: BannerId,
    /// Its name.
    pub name: String,
    /// What a screen reader says instead of the image.
    pub alt: String,
    /// Where a click leads; only ever looked up here.
    pub landing_url: Option<String>,
    /// Width in pixels, where known.
    pub width: Option<u32>,
    /// Height in pixels, where known.
    pub height: Option<u32>,
    /// The object key of its image.
    pub image_key: Arc<str>,
}
