//! Making days of roll-ups anew.

use std::collections::BTreeSet;

use bams_domain::Slot;
use sea_orm::{ConnectionTrait, DatabaseTransaction, DbErr, Statement};

use super::comparing::{Compared, IN_ORDER, RollUpCounts};
use super::mark::take;
use crate::database::whole_sum::whole_sum;
use crate::error::{Attempt, StorageError};
use crate::performance::condensed::{DAY, condensed_before};
use crate::performance::difference::{Difference, Place};
use crate::performance::roll_up::RollUp;

const ACTION: &str = "mend roll-ups";

/// Makes the days with these differences anew from what they are the sums of.
///
/// Nobody else writes roll-ups until the transaction ends. The hours of days that performance has
/// condensed cannot be recomputed: their counts are put into the first one.
pub(in crate::performance) async fn mend(
    transaction: &DatabaseTransaction,
    differences: &[&Difference],
) -> Result<(), StorageError> {
    let mark = take(transaction).await.attempt(ACTION)?;
    let condensed = condensed_before(transaction).await?.map_or(0, Slot::number);
    let compared = Compared { mark, condensed };
    for roll_up in IN_ORDER {
        let days: BTreeSet<_> = differences.iter().filter_map(|it| day(it, roll_up)).collect();
        for (counts, campaign, banner, day) in days {
            let of_day = format!(
                "campaign_id = {campaign} AND banner_id = {banner} AND {{slot}} >= {day} \
                 AND {{slot}} < {}",
                day + DAY
            );
            make_anew(transaction, &compared, counts, roll_up, &of_day).await.attempt(ACTION)?;
        }
    }
    Ok(())
}

/// Returns the day of a difference in a roll-up.
fn day(difference: &Difference, of: RollUp) -> Option<(RollUpCounts, u32, u32, i64)> {
    let Place::RollUp { roll_up, slot, filtered } = difference.place else { return None };
    let counts =
        if filtered.is_some() { RollUpCounts::Filtered } else { RollUpCounts::Performance };
    let day = slot.number() - slot.number().rem_euclid(DAY);
    (roll_up == of).then_some((counts, difference.campaign.0, difference.banner.0, day))
}

async fn make_anew(
    transaction: &DatabaseTransaction,
    compared: &Compared,
    counts: RollUpCounts,
    roll_up: RollUp,
    of_day: &str,
) -> Result<(), DbErr> {
    let dialect = transaction.get_database_backend();
    let (table, level, more) = (counts.table(), roll_up.level(), counts.more_keys());
    let columns = counts.columns().join(", ");
    let sums = counts.columns().iter().map(|it| whole_sum(dialect, it));
    let delete = format!(
        "DELETE FROM {table} WHERE level = {level} AND {}",
        of_day.replace("{slot}", "slot")
    );
    let insert = format!(
        "INSERT INTO {table} (level, campaign_id, banner_id, slot{more}, {columns}) \
         SELECT {level}, campaign_id, banner_id, place{more}, {sums} FROM ({source}) AS source \
         WHERE {} GROUP BY campaign_id, banner_id, place{more}",
        of_day.replace("{slot}", "place"),
        sums = sums.collect::<Vec<_>>().join(", "),
        source = compared.source(counts, roll_up),
    );
    for sql in [delete, insert] {
        transaction.execute_raw(Statement::from_string(dialect, sql)).await?;
    }
    Ok(())
}
