//! Everything that can be served.

use std::collections::HashMap;
use std::sync::Arc;

use bams_domain::CampaignId;

use super::banner_table::BannerTable;
use super::served_campaign::ServedCampaign;
use crate::change::revision::Revision;

/// Everything that can be served, as of one revision of the store.
#[derive(Debug, Default)]
pub struct Snapshot {
    pub(super) campaigns: HashMap<CampaignId, Arc<ServedCampaign>>,
    pub(super) banners: Arc<BannerTable>,
    pub(super) revision: Revision,
}

impl Snapshot {
    /// Returns a campaign, or `None` if it does not exist.
    pub fn campaign(&self, campaign: CampaignId) -> Option<&Arc<ServedCampaign>> {
        self.campaigns.get(&campaign)
    }

    /// Returns every campaign, in no particular order.
    pub fn campaigns(&self) -> impl Iterator<Item = &Arc<ServedCampaign>> {
        self.campaigns.values()
    }

    /// Returns the revision of the store that this snapshot shows. It grows, unless the database goes back.
    pub fn revision(&self) -> i64 {
        self.revision.number
    }
}
