//! What a node has to read anew, and what it mends.

use std::collections::BTreeSet;
use std::sync::Arc;

use bams_domain::{BannerId, CampaignId};

use super::{ServedCampaign, Snapshot};
use crate::change::revision::{ChangesSince, Revision};
use crate::performance::changed_totals::{ChangedCampaign, ChangedTotal};

/// What changed after the revision of a snapshot.
pub(super) struct NodeChanges {
    /// True if everything may have changed. The lists are empty then.
    pub(super) everything: bool,
    /// The campaigns to be read anew, by id.
    pub(super) campaigns: Vec<CampaignId>,
    /// The banners whose landing URLs changed.
    pub(super) banners: Vec<BannerId>,
    /// The newest revision.
    pub(super) revision: Revision,
    /// The other campaigns of which banners achieved something.
    earned: Vec<(CampaignId, Vec<ChangedTotal>)>,
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

    /// Returns the campaigns of which only rows changed, as they are now.
    pub(super) fn mended(&self, before: &Snapshot) -> Vec<(CampaignId, Arc<ServedCampaign>)> {
        let after = |(id, rows): &(CampaignId, Vec<ChangedTotal>)| {
            Some((*id, Arc::new(before.campaign(*id)?.after(rows))))
        };
        self.earned.iter().filter_map(after).collect()
    }
}
