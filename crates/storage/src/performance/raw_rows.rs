//! The first slot whose clicks, conversions and imported impressions are all kept as rows.
//!
//! Older ones may be in `baseline_performance`, from which recomputing performance starts.

use bams_domain::Slot;
use sea_orm::{ConnectionTrait, DbErr};

use super::certain_time::{DAY_SECONDS, certain_time};
use super::condensed::DAY;
use super::slot_totals::{Counted, sums_in};
use crate::database::Database;
use crate::database::insert::Insert;
use crate::database::values::row_of;
use crate::error::{Attempt, StorageError};

const ACTION: &str = "look which raw rows are kept";

/// The slot of a mark before which nothing is.
const NOWHERE: i64 = -9_007_199_254_740_992;

/// How many days with counts vouch for a time, the newest ones. A clock that is wrong for one start
/// makes counts on one day, or on two if it passes midnight.
const VOUCHING: i64 = 3;

/// The insert of sums of raw rows. It adds them to those of an existing row.
pub(crate) const BASELINE: Insert = sums_in("baseline_performance", Counted::Everything);

/// Returns the first slot whose raw rows are all kept, or `None` while all are.
pub async fn raw_rows_from(database: &Database) -> Result<Option<Slot>, StorageError> {
    kept_from(database.reading()).await
}

/// Returns the first slot whose raw rows are all kept, or `None` while all are.
pub(crate) async fn kept_from<C: ConnectionTrait>(
    database: &C,
) -> Result<Option<Slot>, StorageError> {
    let sql = "SELECT from_slot FROM raw_rows WHERE id = 1";
    let row = row_of(database, sql, Vec::new()).await.attempt(ACTION)?;
    let slot = row.map(|row| row.try_get_by_index(0)).transpose().attempt(ACTION)?;
    Ok(slot.filter(|slot| *slot > NOWHERE).map(Slot::from_number))
}

/// Returns the first slot of the day up to which days have certainly come, reckoned `ago` seconds
/// before `now` (unix milliseconds). `None` if the counts do not vouch for it.
///
/// Beside the clocks on which [`certain_time`] relies, it takes counts on three days: a row that is given
/// up does not come back, and one start with a wrong clock must not give any up.
pub async fn certain_day(
    database: &Database,
    ago: i64,
    now: i64,
) -> Result<Option<Slot>, StorageError> {
    let Some(certain) = certain_time(database, now).await? else { return Ok(None) };
    let Some(oldest) = oldest_vouching_day(database).await.attempt("ask for the time")? else {
        return Ok(None);
    };
    let vouched = Slot::from_number(oldest + VOUCHING * DAY).starts_at();
    let moment = certain.div_euclid(1000).min(vouched).saturating_sub(ago);
    let day = moment - moment.rem_euclid(DAY_SECONDS);
    Ok((day > 0).then(|| Slot::at(day)))
}

/// Returns the first slot of the oldest of the newest days with counts, if there are enough of them.
async fn oldest_vouching_day(database: &Database) -> Result<Option<i64>, DbErr> {
    let mut day = i64::MAX;
    for _ in 0..VOUCHING {
        let sql = "SELECT MAX(slot) FROM performance WHERE slot < ?";
        let row = row_of(database.reading(), sql, vec![day.into()]).await?;
        let slot: Option<i64> = row.map_or(Ok(None), |row| row.try_get_by_index(0))?;
        let Some(slot) = slot else { return Ok(None) };
        day = slot - slot.rem_euclid(DAY);
    }
    Ok(Some(day))
}
