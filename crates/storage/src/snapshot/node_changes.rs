//! What a node has to read anew, and what it mends.

use std::collections::BTreeSet;

use bams_domain::{BannerId, CampaignId};

use super::content::Snapshot;
use crate::change::revision::{ChangesSince, Revision};
use crate::performance::changed_totals::ChangedCampaign;
use crate::performance::quarter_totals::QuarterTotal;

/// What changed after the revision of a snapshot.
pub(super) struct NodeChanges {
    /// True if everything may have changed. The lists are empty then.
    pub(super) everything: bool,
    /// The campaigns to be read anew, by id.
    pub(super) campaigns: Vec<CampaignId>,
    /// The banners that changed.
    pub(super) banners: Vec<BannerId>,
    /// The newest revision.
    pub(super) revision: Revision,
    /// The other campaigns of which banners achieved something.
    pub(super) earned: Vec<(CampaignId, Vec<QuarterTotal>)>,
}

impl NodeChanges {
    /// Parts campaigns into those that are read anew and those of which only rows changed.
    pub(super) fn of(
        changes: ChangesSince,
        earned: Vec<ChangedCampaign>,
        before: &Snapshot,
    ) -> Self {
        let ChangesSince { everything, campaigns, banners, revision } = changes;
        let mut whole: BTreeSet<CampaignId> = campaigns.into_iter().collect();
        let mut mended = Vec::new();
        for (campaign, rows) in earned {
            match rows {
                _ if whole.contains(&campaign) => {}
                Some(rows) if before.campaign(campaign).is_some() => mended.push((campaign, rows)),
                _ => _ = whole.insert(campaign),
            }
        }
        let campaigns = whole.into_iter().collect();
        Self { everything, campaigns, banners, revision, earned: mended }
    }

    pub(super) fn is_empty(&self) -> bool {
        !self.everything
            && self.campaigns.is_empty()
            && self.banners.is_empty()
            && self.earned.is_empty()
    }
}
