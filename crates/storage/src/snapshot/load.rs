//! Reading campaigns with the performance of their banners from SQL.

use std::collections::HashMap;
use std::sync::Arc;

use bams_domain::{BannerId, CampaignId, Performance, Policy, Quarter};
use sea_orm::{DatabaseTransaction, EntityTrait, QueryFilter, QueryTrait};

use super::served_banners::{ServedBanners, attached, status};
use super::{Earned, ServedBanner, ServedCampaign, prepare};
use crate::catalog::campaign::schedule;
use crate::database::values::{campaign_id, corrupt};
use crate::database::which_campaigns::WhichCampaigns;
use crate::entity::campaign;
use crate::error::{Attempt, StorageError};
use crate::performance::quarter_totals;

/// Campaigns as serving needs them, in no given order.
#[derive(Default)]
pub(crate) struct LoadedCampaigns {
    pub(crate) campaigns: Vec<ServedCampaign>,
    /// Campaigns with rows that this program cannot read.
    pub(crate) unreadable: HashMap<CampaignId, StorageError>,
}

/// The eligible banners of a campaign.
type Pool = Vec<(BannerId, Arc<ServedBanner>)>;

/// Reads campaigns. Those that do not exist are missing in the result.
pub(crate) async fn served_campaigns(
    transaction: &DatabaseTransaction,
    which: WhichCampaigns<'_>,
    served: &mut ServedBanners,
) -> Result<LoadedCampaigns, StorageError> {
    let rows = campaign::Entity::find()
        .apply_if(which.limits(campaign::Column::Id), QueryFilter::filter)
        .all(transaction)
        .await
        .attempt("load campaigns")?;
    let mut pools: HashMap<CampaignId, Result<Pool, StorageError>> = HashMap::new();
    for attached in attached(transaction, which, served).await? {
        let pool = pools.entry(attached.campaign).or_insert_with(|| Ok(Pool::new()));
        match (pool.as_mut(), attached.banner) {
            (Ok(pool), Ok((banner, None))) => {
                pool.extend(served.get(banner).map(|it| (banner, Arc::clone(it))));
            }
            (Ok(_), Err(error)) => *pool = Err(error),
            _ => {}
        }
    }
    let mut totals = quarter_totals::of_campaigns(transaction, which).await?;
    let mut loaded = LoadedCampaigns::default();
    for row in rows {
        let id = match campaign_id("campaigns", row.id) {
            Ok(id) => id,
            Err(error) => {
                let error = &error as &dyn std::error::Error;
                tracing::error!(error, "a campaign has a number that none can have");
                continue;
            }
        };
        let read = || {
            let pool = pools.remove(&id).unwrap_or_else(|| Ok(Pool::new()))?;
            let totals = totals.remove(&id).unwrap_or_else(|| Ok(HashMap::new()))?;
            served_campaign(id, row, pool, &totals)
        };
        match read() {
            Ok(campaign) => loaded.campaigns.push(campaign),
            Err(error) => _ = loaded.unreadable.insert(id, error),
        }
    }
    Ok(loaded)
}

fn served_campaign(
    id: CampaignId,
    row: campaign::Model,
    mut banners: Pool,
    totals: &HashMap<BannerId, [Performance; 4]>,
) -> Result<ServedCampaign, StorageError> {
    let table = "campaigns";
    let page_size = row.page_size.map(usize::try_from).transpose();
    banners.sort_unstable_by_key(|it| it.0);
    let policy: Policy = row.policy.parse().map_err(|_| corrupt(table, "policy", &row.policy))?;
    let earned = Quarter::ALL.map(|quarter| -> Earned {
        let of_banner = |&(banner, _): &(BannerId, _)| {
            let sums = totals.get(&banner)?[quarter.index()];
            (sums != Performance::default()).then_some((banner, sums))
        };
        banners.iter().filter_map(of_banner).collect()
    });
    let prepared = Quarter::ALL.map(|it| prepare(policy, &banners, &earned[it.index()]));
    Ok(ServedCampaign {
        id,
        status: status(table, &row.status)?,
        schedule: schedule(row.starts_at, row.ends_at),
        policy,
        page_size: page_size.map_err(|_| corrupt(table, "page_size", "a negative number"))?,
        name: row.name,
        prepared,
        earned,
        banners: banners.into(),
    })
}
