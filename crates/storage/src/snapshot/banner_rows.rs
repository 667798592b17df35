//! Reading banners from SQL.

use std::collections::HashMap;

use bams_domain::{BannerId, CampaignId};
use futures_util::TryStreamExt;
use sea_orm::sea_query::{Expr, Query};
use sea_orm::{ColumnTrait, DatabaseTransaction, QueryFilter, QueryOrder};

use super::banner_row::{BannerColumns, BannerFlaw, BannerReader, BannerRow, select};
use super::banner_table::{BannerTable, TableBuilder};
use crate::database::which_campaigns::WhichCampaigns;
use crate::entity::{banner, campaign_banner};
use crate::error::{Attempt, StorageError};

const ACTION: &str = "load banners";

/// Banners whose rows cannot be read, and why. They are errors of their campaigns only.
pub(super) type UnreadableBanners = HashMap<BannerId, StorageError>;

/// Some rows.
#[derive(Default)]
pub(super) struct BannerRows {
    pub(super) read: Vec<BannerRow>,
    pub(super) flawed: Vec<BannerFlaw>,
}

impl BannerRows {
    /// Returns the rows of which a table learns, and the banners that cannot be read. Those stay as the
    /// table knows them.
    pub(super) fn news(self, table: &BannerTable) -> (Vec<BannerRow>, UnreadableBanners) {
        let (mut news, mut unreadable) = (self.read, UnreadableBanners::new());
        for BannerFlaw { leads, error } in self.flawed {
            unreadable.insert(leads.id, error);
            if table.find(leads.id).is_none() {
                news.push(leads);
            }
        }
        (news, unreadable)
    }
}

/// Reads every banner, one after the other.
pub(super) async fn all(
    transaction: &DatabaseTransaction,
) -> Result<(BannerTable, UnreadableBanners), StorageError> {
    let query = select().order_by_asc(banner::Column::Id).into_tuple::<BannerColumns>();
    let mut rows = query.stream(transaction).await.attempt(ACTION)?;
    let (mut reader, mut table) = (BannerReader::default(), TableBuilder::default());
    let mut unreadable = UnreadableBanners::new();
    while let Some(row) = rows.try_next().await.attempt(ACTION)? {
        match reader.read(row) {
            Some(Ok(row)) => table.push(&row),
            Some(Err(flaw)) => {
                table.push(&flaw.leads);
                unreadable.insert(flaw.leads.id, flaw.error);
            }
            None => {}
        }
    }
    Ok((table.finish(), unreadable))
}

/// Reads the banners attached to any of a few hundred campaigns.
pub(super) async fn of_campaigns(
    transaction: &DatabaseTransaction,
    campaigns: &[CampaignId],
) -> Result<BannerRows, StorageError> {
    let mut ids = Query::select();
    ids.column(campaign_banner::Column::BannerId).from(campaign_banner::Entity);
    let limits = WhichCampaigns::These(campaigns).limits(campaign_banner::Column::CampaignId);
    if let Some(limits) = limits {
        ids.and_where(limits);
    }
    limited(transaction, banner::Column::Id.in_subquery(ids)).await
}

/// Reads a few hundred banners.
pub(super) async fn these(
    transaction: &DatabaseTransaction,
    banners: &[BannerId],
) -> Result<BannerRows, StorageError> {
    limited(transaction, banner::Column::Id.is_in(banners.iter().map(|it| it.0))).await
}

async fn limited(
    transaction: &DatabaseTransaction,
    limits: Expr,
) -> Result<BannerRows, StorageError> {
    let query = select().filter(limits).into_tuple::<BannerColumns>();
    let (mut reader, mut rows) = (BannerReader::default(), BannerRows::default());
    for row in query.all(transaction).await.attempt(ACTION)? {
        match reader.read(row) {
            Some(Ok(row)) => rows.read.push(row),
            Some(Err(flaw)) => rows.flawed.push(*flaw),
            None => {}
        }
    }
    Ok(rows)
}
