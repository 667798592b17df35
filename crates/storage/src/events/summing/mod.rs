//! Summing up raw rows that are old: clicks, conversions and imported impressions.
//!
//! Their sums go to `baseline_performance`, from which recomputing performance starts, and their ids to
//! `used_ids`. Both happen in the transaction that removes the rows, some hundred at a time, so that
//! whoever recomputes performance finds the same before, during and after, wherever it is cut off.

mod counted;
mod impressions;
mod portion;
mod turn;
mod walk;

use std::time::Duration;

use bams_domain::Slot;
use sea_orm::Value;

use self::turn::SummingTurn;
use self::walk::Walk;
use crate::database::Database;
use crate::database::values::row_of;
use crate::error::{Attempt, StorageError};

const ACTION: &str = "sum up old clicks and conversions";

/// The raw rows that one transaction sums up, at most.
const TOGETHER: usize = 250;

/// How long a transaction is repeated while another writer is in the way.
const PATIENCE: Duration = Duration::from_mins(1);

/// Sums up the clicks, conversions and imported impressions of slots before `until`, and returns how many
/// there were.
///
/// With the first of them the store is marked: what is said to have happened earlier is refused from then
/// on. A click stays as long as one of its conversions does. One process of a store at a time does it; the
/// call of another one does nothing, unless that one has been silent for a minute.
pub async fn sum_up_raw_rows(database: &Database, until: Slot) -> Result<u64, StorageError> {
    if !has_older(database, until).await? {
        return Ok(0);
    }
    let Some(turn) = SummingTurn::take(database, until).await? else { return Ok(0) };
    let mut walk = Walk::of(database, turn);
    let walked = walk.all().await;
    walk.turn.pass_on(walked.is_ok()).await?;
    walked.map(|()| walk.summed_up)
}

/// Returns true if anything was counted before a slot.
async fn has_older(database: &Database, until: Slot) -> Result<bool, StorageError> {
    let sql = "SELECT slot FROM performance WHERE slot < ? LIMIT 1";
    let values: Vec<Value> = vec![until.number().into()];
    Ok(row_of(database.reading(), sql, values).await.attempt(ACTION)?.is_some())
}
