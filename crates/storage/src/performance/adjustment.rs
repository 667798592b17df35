//! Adjusting what conversions added to performance, after they were restated or retracted.

use std::collections::BTreeSet;

use bams_domain::{BannerId, CampaignId, Slot};
use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{ColumnTrait, DatabaseTransaction, DbErr, EntityTrait, QueryFilter};

use super::adding::PerformanceKey;
use super::condense::settle;
use super::condensed::{condensed_before, condensed_slot};
use super::merging::merge_account;
use super::roll_ups::{self, Mark, Writer, join};
use crate::database::values::corrupt;
use crate::entity::{performance, quarter_performance};
use crate::error::{Attempt, StorageError};

const ACTION: &str = "adjust performance";

/// What a change of a conversion adds to its banner in its campaign and slot. Differences may be
/// negative.
#[derive(Debug)]
pub(crate) struct Adjustment {
    pub(crate) campaign: CampaignId,
    pub(crate) banner: BannerId,
    pub(crate) slot: Slot,
    pub(crate) conversions: i64,
    pub(crate) revenue_micros: i64,
}

/// Adds differences to the rows in which the conversion counts, wherever condensing has put them, and
/// to everything that is summed up from them.
///
/// Fails if there is no such row, which would mean that performance is not what was counted.
pub(crate) async fn adjust(
    transaction: &DatabaseTransaction,
    adjustment: &Adjustment,
) -> Result<(), StorageError> {
    let Adjustment { campaign, banner, .. } = *adjustment;
    let slot = adjustment.slot.number();
    let account = (i64::from(campaign.0), i64::from(banner.0), slot);
    merge_account(transaction, account).await.attempt(ACTION)?;
    let before = condensed_before(transaction).await?.map_or(i64::MIN, Slot::number);
    // Another node may condense the slot between the look and the update.
    let found = slot >= before && in_slot(transaction, adjustment, slot).await.attempt(ACTION)?;
    let mut place = slot;
    if !found {
        settle(transaction, (campaign, banner, adjustment.slot)).await.attempt(ACTION)?;
        place = condensed_slot(slot, i64::MAX);
        if !in_slot(transaction, adjustment, place).await.attempt(ACTION)? {
            return Err(corrupt("performance", "slot", slot));
        }
    }
    in_quarter(transaction, adjustment).await.attempt(ACTION)?;
    let mark = join(transaction, Writer::Others).await.attempt(ACTION)?;
    let Adjustment { slot, conversions, revenue_micros, .. } = *adjustment;
    let account = (campaign, banner, slot);
    let differences = [0, 0, conversions, revenue_micros];
    in_roll_ups(transaction, &mark, account, Slot::from_number(place), differences).await
}

/// Adds differences to what roll-ups have of an account, if they have its row of performance, which is
/// at `place`.
pub(super) async fn in_roll_ups(
    transaction: &DatabaseTransaction,
    mark: &Mark,
    (campaign, banner, slot): PerformanceKey,
    place: Slot,
    differences: [i64; 4],
) -> Result<(), StorageError> {
    if !mark.covers(campaign, place) {
        return Ok(());
    }
    // Hours are at the slot itself, except those that were condensed before there were roll-ups.
    for slot in BTreeSet::from([slot, place]).into_iter().rev() {
        let account = (campaign, banner, slot);
        let adjusted = roll_ups::adjust(transaction, account, differences);
        if adjusted.await.attempt(ACTION)? {
            return Ok(());
        }
    }
    Err(corrupt("performance_roll_ups", "slot", slot.number()))
}

/// Returns true if the slot has a row of the banner.
async fn in_slot(
    transaction: &DatabaseTransaction,
    adjustment: &Adjustment,
    slot: i64,
) -> Result<bool, DbErr> {
    use performance::{Column, Entity};
    let added = |column: Column, difference: i64| Expr::col(column).add(difference);
    let update = Entity::update_many()
        .col_expr(Column::Conversions, added(Column::Conversions, adjustment.conversions))
        .col_expr(Column::RevenueMicros, added(Column::RevenueMicros, adjustment.revenue_micros))
        .filter(Column::CampaignId.eq(adjustment.campaign.0))
        .filter(Column::BannerId.eq(adjustment.banner.0))
        .filter(Column::Slot.eq(slot));
    Ok(update.exec(transaction).await?.rows_affected > 0)
}

async fn in_quarter(
    transaction: &DatabaseTransaction,
    adjustment: &Adjustment,
) -> Result<(), DbErr> {
    use quarter_performance::{Column, Entity};
    let added = |column: Column, difference: i64| Expr::col(column).add(difference);
    let update = Entity::update_many()
        .col_expr(Column::Conversions, added(Column::Conversions, adjustment.conversions))
        .col_expr(Column::RevenueMicros, added(Column::RevenueMicros, adjustment.revenue_micros))
        .filter(Column::CampaignId.eq(adjustment.campaign.0))
        .filter(Column::BannerId.eq(adjustment.banner.0))
        .filter(Column::Quarter.eq(adjustment.slot.quarter().number()));
    update.exec(transaction).await.map(drop)
}
