//! Reading campaigns with the performance of their banners from SQL.

use std::collections::HashMap;
use std::sync::Arc;

use bams_domain::{CampaignId, Policy, Status};
use futures_util::TryStreamExt;
use sea_orm::sea_query::Expr;
use sea_orm::{DatabaseTransaction, EntityTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait};

use super::banner_row::status;
use super::banner_rows::UnreadableBanners;
use super::banner_table::BannerTable;
use super::pool::BannerPool;
use super::served_campaign::ServedCampaign;
use crate::catalog::campaign::schedule;
use crate::database::packed::packed;
use crate::database::values::{banner_id, campaign_id, corrupt};
use crate::database::which_campaigns::WhichCampaigns;
use crate::entity::{campaign, campaign_banner};
use crate::error::{Attempt, StorageError};
use crate::performance::quarter_totals::{self, QuarterTotal};

const PAIRS: &str = "campaign_banners";

/// Campaigns as serving needs them.
#[derive(Default)]
pub(super) struct LoadedCampaigns {
    pub(super) campaigns: HashMap<CampaignId, Arc<ServedCampaign>>,
    /// Campaigns with rows that this program cannot read.
    pub(super) unreadable: HashMap<CampaignId, StorageError>,
}

impl LoadedCampaigns {
    fn take(&mut self, id: CampaignId, read: Result<ServedCampaign, StorageError>) {
        match read {
            Ok(campaign) => _ = self.campaigns.insert(id, Arc::new(campaign)),
            Err(error) => _ = self.unreadable.insert(id, error),
        }
    }
}

/// Reads campaigns that show banners of a table. Those that do not exist are missing in the result.
pub(super) async fn served_campaigns(
    transaction: &DatabaseTransaction,
    which: WhichCampaigns<'_>,
    table: &Arc<BannerTable>,
    unreadable: &UnreadableBanners,
) -> Result<LoadedCampaigns, StorageError> {
    let rows = campaign::Entity::find()
        .apply_if(which.limits(campaign::Column::Id), QueryFilter::filter)
        .all(transaction)
        .await
        .attempt("load campaigns")?;
    let mut pools = pools(transaction, which, table, unreadable).await?;
    let mut staged = quarter_totals::staged(transaction, which).await?;
    let mut waiting = HashMap::new();
    for row in rows {
        match campaign_id("campaigns", row.id) {
            Ok(id) => _ = waiting.insert(id, row),
            Err(error) => {
                let error = &error as &dyn std::error::Error;
                tracing::error!(error, "a campaign has a number that none can have");
            }
        }
    }
    let mut loaded = LoadedCampaigns::default();
    let mut read = |id, row, totals: Vec<QuarterTotal>| {
        let pool = pools.remove(&id).unwrap_or_else(|| Ok(BannerPool::default()))?;
        let totals = [totals, staged.remove(&id).unwrap_or_default()].concat();
        served_campaign(id, row, pool, table, &totals)
    };
    let with_totals = quarter_totals::of_campaigns(transaction, which, |id, totals| {
        if let Some(row) = waiting.remove(&id) {
            loaded.take(id, totals.and_then(|totals| read(id, row, totals)));
        }
    });
    with_totals.await?;
    for (id, row) in waiting {
        loaded.take(id, read(id, row, Vec::new()));
    }
    Ok(loaded)
}

fn served_campaign(
    id: CampaignId,
    row: campaign::Model,
    pool: BannerPool,
    table: &Arc<BannerTable>,
    totals: &[QuarterTotal],
) -> Result<ServedCampaign, StorageError> {
    let page_size = row.page_size.map(usize::try_from).transpose();
    let policy: Policy =
        row.policy.parse().map_err(|_| corrupt("campaigns", "policy", &row.policy))?;
    let page_size = page_size.map_err(|_| corrupt("campaigns", "page_size", "a negative number"));
    let mut campaign = ServedCampaign::new(id, pool, Arc::clone(table));
    campaign.status = status("campaigns", &row.status)?;
    campaign.schedule = schedule(row.starts_at, row.ends_at);
    campaign.policy = policy;
    campaign.page_size = page_size?;
    campaign.name = row.name;
    campaign.prepare(totals);
    Ok(campaign)
}

/// The eligible banners of campaigns, or why those of one cannot be read.
type BannerPools = HashMap<CampaignId, Result<BannerPool, StorageError>>;

async fn pools(
    transaction: &DatabaseTransaction,
    which: WhichCampaigns<'_>,
    table: &BannerTable,
    unreadable: &UnreadableBanners,
) -> Result<BannerPools, StorageError> {
    use campaign_banner::{Column, Entity};
    let action = "load attached banners";
    let is_active = format!("CASE WHEN status = '{}' THEN", Status::Active.name());
    let known = Status::ALL.map(Status::name).join("','");
    let unknown = format!("MAX(CASE WHEN status NOT IN ('{known}') THEN status END)");
    let query = Entity::find()
        .select_only()
        .column(Column::CampaignId)
        .column_as(Expr::cust(format!("COUNT({is_active} 1 END)")), "active")
        .column_as(Expr::cust(format!("GROUP_CONCAT({is_active} banner_id END)")), "packed")
        .column_as(Expr::cust(unknown), "unknown")
        .apply_if(which.limits(Column::CampaignId), QueryFilter::filter)
        .group_by(Column::CampaignId)
        .order_by_asc(Column::CampaignId)
        .into_tuple::<(i64, i64, Option<String>, Option<String>)>();
    let mut rows = query.stream(transaction).await.attempt(action)?;
    let mut pools = BannerPools::new();
    while let Some(row) = rows.try_next().await.attempt(action)? {
        let (campaign, active, text, unknown) = row;
        // A row with an impossible number is skipped: there is no campaign to report the error of.
        let Ok(campaign) = campaign_id(PAIRS, campaign) else { continue };
        let pool = match unknown {
            Some(status) => Err(corrupt(PAIRS, "status", status)),
            None => packed(PAIRS, text.as_deref(), active)
                .and_then(|attached| pool(&attached, table, unreadable)),
        };
        pools.insert(campaign, pool);
    }
    Ok(pools)
}

/// Makes the pool of the active attachments of a campaign.
fn pool(
    attached: &[[i64; 1]],
    table: &BannerTable,
    unreadable: &UnreadableBanners,
) -> Result<BannerPool, StorageError> {
    let (mut pool, mut last) = (Vec::with_capacity(attached.len()), None);
    for [id] in attached {
        let banner = banner_id(PAIRS, *id)?;
        if let Some(error) = unreadable.get(&banner) {
            return Err(again(error));
        }
        let place = table.find_after(last, banner);
        let place = place.ok_or_else(|| corrupt(PAIRS, "banner_id", id))?;
        last = Some(place);
        pool.extend(table.at(place).is_ready().then_some((banner, place)));
    }
    Ok(BannerPool::of(pool))
}

/// Copies the error of a banner for another one of its campaigns.
fn again(error: &StorageError) -> StorageError {
    match error {
        StorageError::Corrupt { table, column, value } => corrupt(table, column, value),
        other => corrupt("banners", "id", other),
    }
}
