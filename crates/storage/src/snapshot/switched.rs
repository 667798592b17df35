//! Which campaigns have banners that may be shown now and could not before, or the other way round.

use std::collections::BTreeMap;

use bams_domain::{BannerId, CampaignId, Status};
use sea_orm::{ColumnTrait, DatabaseTransaction, EntityTrait, QueryFilter, QuerySelect};

use super::banner_table::BannerTable;
use super::served_banner::ServedBanner;
use super::served_campaign::Switch;
use crate::database::insert::ROWS;
use crate::database::values::{banner_id, campaign_id};
use crate::database::which_campaigns::WhichCampaigns;
use crate::entity::campaign_banner::{Column, Entity};
use crate::error::{Attempt, StorageError};
use crate::performance::quarter_totals::{QuarterTotal, of_banners};

/// How many campaigns and banners one statement reads. MySQL looks up each pair.
const CAMPAIGNS: usize = 200;
const BANNERS: usize = 10;

/// What switched in a campaign.
#[derive(Default)]
pub(super) struct SwitchedCampaign {
    pub(super) switches: Vec<Switch>,
    /// What the banners achieved that it may show now.
    pub(super) totals: Vec<QuarterTotal>,
}

pub(super) type SwitchedCampaigns = BTreeMap<CampaignId, SwitchedCampaign>;

/// Returns the campaigns that have some of these banners, as the table has them, and are not paused
/// there.
///
/// Skips rows that cannot be read: reading their campaigns says so.
pub(super) async fn switched(
    transaction: &DatabaseTransaction,
    banners: &[BannerId],
    table: &BannerTable,
) -> Result<SwitchedCampaigns, StorageError> {
    let is_ready = |banner| table.banner(banner).is_some_and(ServedBanner::is_ready);
    let mut campaigns = SwitchedCampaigns::new();
    for chunk in banners.chunks(ROWS) {
        let pairs: Vec<(i64, i64)> = Entity::find()
            .select_only()
            .columns([Column::CampaignId, Column::BannerId])
            .filter(Column::BannerId.is_in(chunk.iter().map(|it| it.0)))
            .filter(Column::Status.eq(Status::Active.name()))
            .into_tuple()
            .all(transaction)
            .await
            .attempt("load attached banners")?;
        for (campaign, banner) in pairs {
            let table_name = "campaign_banners";
            if let (Ok(campaign), Ok(banner)) =
                (campaign_id(table_name, campaign), banner_id(table_name, banner))
            {
                let is_ready = is_ready(banner);
                campaigns.entry(campaign).or_default().switches.push((banner, is_ready));
            }
        }
    }
    let ready: Vec<BannerId> = banners.iter().copied().filter(|it| is_ready(*it)).collect();
    let ids: Vec<CampaignId> = campaigns.keys().copied().collect();
    for banners in ready.chunks(BANNERS) {
        for ids in ids.chunks(CAMPAIGNS) {
            for (id, total) in of_banners(transaction, WhichCampaigns::These(ids), banners).await? {
                if let (Some(campaign), Ok(total)) = (campaigns.get_mut(&id), total) {
                    campaign.totals.push(total);
                }
            }
        }
    }
    Ok(campaigns)
}
