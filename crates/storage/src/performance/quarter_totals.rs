//! The sums of performance in each quarter of all hours, from which ladders are made.
//!
//! `performance` grows with time, these sums do not. They are written in the same transactions, but
//! only for clicks and conversions, which ladders look at, so that impressions cost nothing here.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};

use bams_domain::{BannerId, CampaignId, Performance, Quarter, Revenue, Slot};
use sea_orm::{
    ConnectionTrait, DatabaseTransaction, DbErr, EntityTrait, QueryFilter, QueryTrait, Value,
};

use super::staged_sums::counting;
use crate::database::insert::{Existing, Insert};
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
    let whole = |count| i64::try_from(count).unwrap_or(i64::MAX);
    let rows: Vec<[i64; 6]> = quarters
        .into_iter()
        .map(|((campaign, banner, quarter), sums)| {
            let (clicks, conversions) = (whole(sums.clicks), whole(sums.conversions));
            let (campaign, banner) = (i64::from(campaign.0), i64::from(banner.0));
            [campaign, banner, quarter.into(), clicks, conversions, sums.revenue.micros()]
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

/// The performance of each banner of a campaign in the four quarters, without impressions, or why
/// it cannot be read.
pub(crate) type QuarterTotals = Result<HashMap<BannerId, [Performance; 4]>, StorageError>;

/// Returns the performance of banners in campaigns, with the sums of imports that are not yet in
/// the table. Banners without clicks and conversions have
/// none.
pub(crate) async fn of_campaigns(
    transaction: &DatabaseTransaction,
    which: WhichCampaigns<'_>,
) -> Result<HashMap<CampaignId, QuarterTotals>, StorageError> {
    let rows = Entity::find()
        .apply_if(which.limits(Column::CampaignId), QueryFilter::filter)
        .all(transaction)
        .await
        .attempt("load what banners achieved")?;
    let mut campaigns: HashMap<CampaignId, QuarterTotals> = HashMap::new();
    for row in rows {
        // A row with an impossible number is skipped: there is no campaign to report the error of.
        let Ok(campaign) = campaign_id(TABLE, row.campaign_id) else { continue };
        let banners = campaigns.entry(campaign).or_insert_with(|| Ok(HashMap::new()));
        match (banners.as_mut(), read(&row)) {
            (Ok(banners), Ok((banner, quarter, performance))) => {
                banners.entry(banner).or_default()[quarter.index()] = performance;
            }
            (Ok(_), Err(error)) => *banners = Err(error),
            (Err(_), _) => {}
        }
    }
    for ((campaign, banner, slot), sums) in counting(transaction, which).await? {
        let banners = campaigns.entry(campaign).or_insert_with(|| Ok(HashMap::new()));
        if let Ok(banners) = banners.as_mut() {
            let sums = Performance { impressions: 0, ..sums };
            banners.entry(banner).or_default()[slot.quarter().index()] += sums;
        }
    }
    Ok(campaigns)
}

/// Reads a row of the table.
pub(super) fn read(row: &Model) -> Result<(BannerId, Quarter, Performance), StorageError> {
    let known = u8::try_from(row.quarter).ok().and_then(|number| Quarter::try_from(number).ok());
    let quarter = known.ok_or_else(|| corrupt(TABLE, "quarter", row.quarter))?;
    let performance = Performance {
        impressions: 0,
        clicks: count(TABLE, "clicks", row.clicks)?,
        conversions: count(TABLE, "conversions", row.conversions)?,
        revenue: Revenue::from_micros(row.revenue_micros),
    };
    Ok((banner_id(TABLE, row.banner_id)?, quarter, performance))
}
