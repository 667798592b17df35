//! The banners that are attached to one campaign, with the reasons of those left out.

use std::collections::HashMap;

use bams_domain::{BannerId, CampaignId, LeftOut};
use sea_orm::{ColumnTrait, DatabaseTransaction, EntityTrait, QueryFilter, QuerySelect};

use super::banner_row::{BannerRow, status};
use super::banner_rows::{BannerRows, of_campaigns};
use crate::database::values::{banner_id, corrupt};
use crate::entity::campaign_banner::{Column, Entity};
use crate::error::{Attempt, StorageError};

/// A banner attached to a campaign, with the reason if it is left out.
pub(super) struct AttachedBanner {
    pub(super) banner: BannerRow,
    pub(super) left_out: Option<LeftOut>,
}

/// Returns the banners attached to a campaign. Fails if one of them cannot be read.
pub(super) async fn attached(
    transaction: &DatabaseTransaction,
    campaign: CampaignId,
) -> Result<Vec<AttachedBanner>, StorageError> {
    let pairs: Vec<(i64, String)> = Entity::find()
        .select_only()
        .columns([Column::BannerId, Column::Status])
        .filter(Column::CampaignId.eq(campaign.0))
        .into_tuple()
        .all(transaction)
        .await
        .attempt("load attached banners")?;
    let BannerRows { read, flawed } = of_campaigns(transaction, &[campaign]).await?;
    if let Some(flaw) = flawed.into_iter().next() {
        return Err(flaw.error);
    }
    let mut banners: HashMap<BannerId, BannerRow> =
        read.into_iter().map(|it| (it.id, it)).collect();
    let table = "campaign_banners";
    let attached = pairs.into_iter().map(|(id, in_campaign)| {
        let in_campaign = status(table, &in_campaign)?;
        let banner = banners.remove(&banner_id(table, id)?);
        let banner = banner.ok_or_else(|| corrupt(table, "banner_id", id))?;
        Ok(AttachedBanner { left_out: banner.left_out(in_campaign), banner })
    });
    attached.collect()
}
