//! The next snapshot after some changes.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use bams_domain::{BannerId, CampaignId};
use sea_orm::DatabaseTransaction;

use super::banner_rows::{self, BannerRows, UnreadableBanners};
use super::banner_table::{BannerTable, EditedTable};
use super::content::Snapshot;
use super::load::{LoadedCampaigns, served_campaigns};
use super::node_changes::NodeChanges;
use super::served_campaign::ServedCampaign;
use super::switched::{SwitchedCampaigns, switched};
use crate::change::revision::Revision;
use crate::database::insert::ROWS;
use crate::database::which_campaigns::WhichCampaigns;
use crate::error::StorageError;
use crate::performance::staged_sums;

/// How many campaigns one statement reads.
const CAMPAIGNS: usize = 200;

/// How many campaigns are mended before others of this thread get a turn.
const TURN: usize = 64;

/// Everything that can be served, and the campaigns that cannot be read.
pub(super) type Renewed = (Snapshot, HashMap<CampaignId, StorageError>);

/// Reads everything.
pub(super) async fn everything(
    transaction: &DatabaseTransaction,
    revision: Revision,
) -> Result<Renewed, StorageError> {
    let (banners, unreadable) = banner_rows::all(transaction).await?;
    let banners = Arc::new(banners);
    let all = WhichCampaigns::All;
    let LoadedCampaigns { campaigns, unreadable } =
        served_campaigns(transaction, all, &banners, &unreadable).await?;
    Ok((Snapshot { campaigns, banners, revision }, unreadable))
}

/// Returns the snapshot after these changes, which are not of everything. Campaigns that cannot be read
/// are as they were before.
pub(super) async fn after(
    transaction: &DatabaseTransaction,
    changes: &NodeChanges,
    before: &Snapshot,
) -> Result<Renewed, StorageError> {
    let mut renewal = Renewal::of(before);
    for chunk in changes.banners.chunks(ROWS) {
        let rows = banner_rows::these(transaction, chunk).await?;
        for (banner, error) in renewal.take(rows) {
            let error = &error as &dyn std::error::Error;
            tracing::error!(banner.id = %banner, error, "a banner cannot be read and stays as it was");
        }
    }
    renewal.read(transaction, &changes.campaigns).await?;
    let switched = switched(transaction, &renewal.switched, &renewal.banners).await?;
    let is_read: BTreeSet<CampaignId> = changes.campaigns.iter().copied().collect();
    let any_staged = !switched.is_empty() && staged_sums::any(transaction).await?;
    let (whole, mended): (SwitchedCampaigns, SwitchedCampaigns) = switched
        .into_iter()
        .filter(|(id, _)| !is_read.contains(id))
        .partition(|(id, _)| any_staged || before.campaign(*id).is_none());
    let whole: Vec<CampaignId> = whole.into_keys().collect();
    renewal.read(transaction, &whole).await?;
    renewal.mend(&mended, changes).await;
    Ok(renewal.finish(changes.revision))
}

/// A snapshot in the making.
struct Renewal {
    campaigns: HashMap<CampaignId, Arc<ServedCampaign>>,
    banners: Arc<BannerTable>,
    unreadable: HashMap<CampaignId, StorageError>,
    /// The banners that switched so far.
    switched: Vec<BannerId>,
}

impl Renewal {
    fn of(before: &Snapshot) -> Self {
        Self {
            campaigns: before.campaigns.clone(),
            banners: Arc::clone(&before.banners),
            unreadable: HashMap::new(),
            switched: Vec::new(),
        }
    }

    /// Takes over what banners are now, and returns those that cannot be read.
    fn take(&mut self, rows: BannerRows) -> UnreadableBanners {
        let (news, unreadable) = rows.news(&self.banners);
        if let Some(EditedTable { table, switched }) = self.banners.with(news) {
            self.banners = Arc::new(table);
            self.switched.extend(switched);
        }
        unreadable
    }

    /// Reads whole campaigns, with their banners.
    async fn read(
        &mut self,
        transaction: &DatabaseTransaction,
        campaigns: &[CampaignId],
    ) -> Result<(), StorageError> {
        for chunk in campaigns.chunks(CAMPAIGNS) {
            let unreadable = self.take(banner_rows::of_campaigns(transaction, chunk).await?);
            let these = WhichCampaigns::These(chunk);
            let loaded = served_campaigns(transaction, these, &self.banners, &unreadable).await?;
            for id in chunk.iter().filter(|it| !loaded.unreadable.contains_key(it)) {
                self.campaigns.remove(id);
            }
            self.campaigns.extend(loaded.campaigns);
            self.unreadable.extend(loaded.unreadable);
        }
        Ok(())
    }

    /// Mends campaigns of which banners switched or achieved something, and lets all show their banners
    /// as they are now.
    async fn mend(&mut self, switched: &SwitchedCampaigns, changes: &NodeChanges) {
        let earned: BTreeMap<_, _> = changes.earned.iter().map(|it| (it.0, &it.1)).collect();
        for (turn, (id, campaign)) in self.campaigns.iter_mut().enumerate() {
            if turn % TURN == TURN - 1 {
                tokio::task::yield_now().await;
            }
            if !campaign.shows(&self.banners) {
                *campaign = Arc::new(campaign.showing(&self.banners));
            }
            if let Some(it) = switched.get(id) {
                *campaign = Arc::new(campaign.switched(&it.switches, &it.totals));
            }
            if let Some(rows) = earned.get(id) {
                *campaign = Arc::new(campaign.after(rows));
            }
        }
    }

    fn finish(self, revision: Revision) -> Renewed {
        let Self { campaigns, banners, unreadable, switched: _ } = self;
        (Snapshot { campaigns, banners, revision }, unreadable)
    }
}
