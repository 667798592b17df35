//! The sums of performance in each quarter of all hours, from which ladders are made.
//!
//! `performance` grows with time, these sums do not. They are written in the same transactions, but
//! only for clicks and conversions, which ladders look at, so that impressions cost nothing here.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};

use bams_domain::{BannerId, CampaignId, Performance, Quarter, Revenue, Slot};
use futures_util::TryStreamExt;
use sea_orm::sea_query::Expr;
use sea_orm::{
    ColumnTrait, ConnectionTrait, DatabaseTransaction, DbErr, EntityTrait, QueryFilter, QueryOrder,
    QuerySelect, QueryTrait, Value,
};

use super::slot_totals::counts;
use super::staged_sums::counting;
use crate::database::insert::{Existing, Insert};
use crate::database::packed::packed;
use crate::database::statement_sizes::filled;
use crate::database::values::{banner_id, campaign_id, corrupt, count};
use crate::database::which_campaigns::WhichCampaigns;
use crate::entity::quarter_performance::{Column, Entity, Model};
use crate::error::{Attempt, StorageError};

const TABLE: &str = "quarter_performance";

/// The insert into the table. It adds the sums to those of an existing row.
pub(super) const QUARTERS: Insert = Insert {
    table: TABLE,
    columns: Cow::Borrowed(&[
        "campaign_id",
        "banner_id",
        "quarter",
        "clicks",
        "conversions",
        "revenue_micros",
    ]),
    same: &[],
    key: Cow::Borrowed(&["campaign_id", "banner_id", "quarter"]),
    existing: Existing::Increased { counts: &["clicks", "conversions", "revenue_micros"] },
};

/// Adds clicks, conversions and revenue to the sums of their quarters, and ignores impressions.
///
/// Must be called after `performance` itself was written. Writers that take the tables in one
/// order, and rows by their keys, do not deadlock.
pub(crate) async fn add(
    transaction: &DatabaseTransaction,
    totals: impl IntoIterator<Item = (CampaignId, BannerId, Slot, Performance)>,
) -> Result<(), DbErr> {
    let mut quarters: BTreeMap<(CampaignId, BannerId, u8), Performance> = BTreeMap::new();
    for (campaign, banner, slot, sums) in totals {
        if sums.clicks > 0 || sums.conversions > 0 {
            let quarter = slot.quarter().number();
            *quarters.entry((campaign, banner, quarter)).or_default() += sums;
        }
    }
    let rows: Vec<[i64; 6]> = quarters
        .into_iter()
        .map(|((campaign, banner, quarter), sums)| {
            let [_, clicks, conversions, micros] = counts(&sums);
            let (campaign, banner) = (i64::from(campaign.0), i64::from(banner.0));
            [campaign, banner, quarter.into(), clicks, conversions, micros]
        })
        .collect();
    let Some([campaign, banner, quarter, ..]) = rows.last() else { return Ok(()) };
    // Pads with zero rows for the last key, so that the statement has one of few lengths.
    let filling = [*campaign, *banner, *quarter, 0, 0, 0];
    let dialect = transaction.get_database_backend();
    for rows in filled(&rows, &filling) {
        let values = rows.into_iter().flatten().map(Value::from).collect();
        transaction.execute_raw(QUARTERS.statement(dialect, None, values)).await?;
    }
    Ok(())
}

/// What a banner achieved in a quarter of all hours, without impressions.
#[derive(Clone, Copy, Debug)]
pub(crate) struct QuarterTotal {
    pub(crate) banner: BannerId,
    pub(crate) quarter: Quarter,
    pub(crate) performance: Performance,
}

/// What the banners of a campaign achieved, in no given order, or why it cannot be read. Banners
/// without clicks and conversions have no totals.
pub(crate) type QuarterTotals = Result<Vec<QuarterTotal>, StorageError>;

/// Hands over what the banners of campaigns achieved, one campaign after the other.
pub(crate) async fn of_campaigns(
    transaction: &DatabaseTransaction,
    which: WhichCampaigns<'_>,
    mut each: impl FnMut(CampaignId, QuarterTotals),
) -> Result<(), StorageError> {
    let action = "load what banners achieved";
    let row = "CONCAT_WS(' ', banner_id, quarter, clicks, conversions, revenue_micros)";
    let query = Entity::find()
        .select_only()
        .column(Column::CampaignId)
        .column_as(Expr::cust("COUNT(*)"), "row_count")
        .column_as(Expr::cust(format!("GROUP_CONCAT({row})")), "packed")
        .apply_if(which.limits(Column::CampaignId), QueryFilter::filter)
        .group_by(Column::CampaignId)
        .order_by_asc(Column::CampaignId)
        .into_tuple::<(i64, i64, Option<String>)>();
    let mut campaigns = query.stream(transaction).await.attempt(action)?;
    while let Some((campaign, rows, text)) = campaigns.try_next().await.attempt(action)? {
        // A row with an impossible number is skipped: there is no campaign to report the error of.
        let Ok(campaign) = campaign_id(TABLE, campaign) else { continue };
        let rows = packed(TABLE, text.as_deref(), rows);
        each(campaign, rows.and_then(|rows| rows.into_iter().map(total).collect()));
    }
    Ok(())
}

/// Returns what a few banners of a few hundred campaigns achieved, without campaigns that no number can
/// be of.
pub(crate) async fn of_banners(
    transaction: &DatabaseTransaction,
    campaigns: WhichCampaigns<'_>,
    banners: &[BannerId],
) -> Result<Vec<(CampaignId, Result<QuarterTotal, StorageError>)>, StorageError> {
    let rows = Entity::find()
        .apply_if(campaigns.limits(Column::CampaignId), QueryFilter::filter)
        .filter(Column::BannerId.is_in(banners.iter().map(|it| it.0)))
        .all(transaction)
        .await
        .attempt("load what banners achieved")?;
    let read = |row: Model| Some((campaign_id(TABLE, row.campaign_id).ok()?, read(&row)));
    Ok(rows.into_iter().filter_map(read).collect())
}

/// Returns the sums of imports that count and are not yet in the table, as totals of their quarters.
pub(crate) async fn staged(
    transaction: &DatabaseTransaction,
    which: WhichCampaigns<'_>,
) -> Result<HashMap<CampaignId, Vec<QuarterTotal>>, StorageError> {
    let mut campaigns: HashMap<CampaignId, Vec<QuarterTotal>> = HashMap::new();
    for ((campaign, banner, slot), sums) in counting(transaction, which).await? {
        let performance = Performance { impressions: 0, ..sums };
        let total = QuarterTotal { banner, quarter: slot.quarter(), performance };
        campaigns.entry(campaign).or_default().push(total);
    }
    Ok(campaigns)
}

/// Reads a row of the table.
pub(super) fn read(row: &Model) -> Result<QuarterTotal, StorageError> {
    total([row.banner_id, row.quarter, row.clicks, row.conversions, row.revenue_micros])
}

fn total(
    [banner, quarter, clicks, conversions, revenue_micros]: [i64; 5],
) -> Result<QuarterTotal, StorageError> {
    let known = u8::try_from(quarter).ok().and_then(|number| Quarter::try_from(number).ok());
    let performance = Performance {
        impressions: 0,
        clicks: count(TABLE, "clicks", clicks)?,
        conversions: count(TABLE, "conversions", conversions)?,
        revenue: Revenue::from_micros(revenue_micros),
    };
    Ok(QuarterTotal {
        banner: banner_id(TABLE, banner)?,
        quarter: known.ok_or_else(|| corrupt(TABLE, "quarter", quarter))?,
        performance,
    })
}
