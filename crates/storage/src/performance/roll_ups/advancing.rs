//! Moving the mark: what is performance alone so far is summed up.

use std::time::Duration;

use bams_domain::Slot;
use sea_orm::{ConnectionTrait, DatabaseTransaction, DbBackend, DbErr, QueryResult, Statement};
use tokio::time::sleep;

use super::adding::{add, add_filtered};
use super::mark::{Mark, mark, move_to, take};
use crate::database::Database;
use crate::database::repetition::Repetition;
use crate::database::values::row_of;
use crate::error::{Attempt, StorageError};
use crate::performance::condensed::condensed_before;
use crate::performance::filtered_events::{self, FilteredTotals};
use crate::performance::staged_sums::{self, ACCOUNT_SUMS, StagedSum};

const ACTION: &str = "sum up performance";

/// The most rows of a table that are summed up in one transaction, unless one campaign has more of
/// them in one slot.
const TOGETHER: usize = 2_000;

/// How long a transaction is repeated while another writer is in the way.
const PATIENCE: Duration = Duration::from_mins(1);

/// How long SQLite's one writer is left to others after each transaction.
const GIVEN: Duration = Duration::from_millis(25);

/// Moves the mark up to a slot, so that roll-ups have everything before it, and returns how many
/// transactions that took.
///
/// Each sums up some thousand rows and moves the mark behind them, so that reports are the same before,
/// during and after. Several nodes may do so at once and take turns. A store without roll-ups is filled
/// like this, and a call that was cut off is continued by the next one.
pub async fn roll_up(database: &Database, until: Slot) -> Result<u64, StorageError> {
    let mut portions = 0;
    while !mark(database.reading()).await.attempt(ACTION)?.has_passed(until.number()) {
        let mut repetition = Repetition::within(PATIENCE);
        while let Err(error) = advance(database, until.number()).await {
            repetition.after(database, error).await?;
        }
        portions += 1;
        if database.dialect() == DbBackend::Sqlite {
            sleep(GIVEN).await;
        }
    }
    Ok(portions)
}

/// Sums up the next rows and moves the mark behind them.
async fn advance(database: &Database, until: i64) -> Result<(), StorageError> {
    let transaction = database.begin_writing().await?;
    let mark = take(&transaction).await.attempt(ACTION)?;
    if mark.has_passed(until) {
        return transaction.rollback().await.attempt(ACTION);
    }
    let end = end(&transaction, &mark, until).await.attempt(ACTION)?;
    let condensed = condensed_before(&transaction).await?;
    let next = move_to(&transaction, mark, end, condensed).await.attempt(ACTION)?;
    let between = format!("{} AND {}", mark.text(true), next.text(false));
    let sums = sums(&transaction, &between).await.attempt(ACTION)?;
    add(&transaction, &sums).await.attempt(ACTION)?;
    let filtered = filtered(&transaction, &between).await?;
    add_filtered(&transaction, &filtered).await.attempt(ACTION)?;
    transaction.commit().await.attempt(ACTION)
}

/// Returns where the mark moves: behind the campaign and slot that has the last of some rows.
async fn end(
    transaction: &DatabaseTransaction,
    mark: &Mark,
    until: i64,
) -> Result<(i64, i64), DbErr> {
    let mut end = (until, 0);
    for table in ["performance", "filtered_events"] {
        let sql = format!(
            "SELECT slot, campaign_id FROM {table} WHERE {} AND slot < {until} \
             ORDER BY slot, campaign_id LIMIT 1 OFFSET {TOGETHER}",
            mark.text(true)
        );
        if let Some(row) = row_of(transaction, &sql, Vec::new()).await? {
            let (slot, campaign): (i64, i64) = row.try_get_many_by_index()?;
            let found = (slot, campaign);
            // All rows of a campaign move together.
            let behind =
                if found == (mark.slot, mark.campaign) { (slot, campaign + 1) } else { found };
            end = end.min(behind);
        }
    }
    Ok(end)
}

async fn sums(transaction: &DatabaseTransaction, between: &str) -> Result<Vec<StagedSum>, DbErr> {
    let sql = format!("SELECT {ACCOUNT_SUMS} FROM performance WHERE {between}");
    let statement = Statement::from_string(transaction.get_database_backend(), sql);
    let rows = transaction.query_all_raw(statement).await?;
    rows.iter().map(staged_sums::read).collect()
}

async fn filtered(
    transaction: &DatabaseTransaction,
    between: &str,
) -> Result<FilteredTotals, StorageError> {
    let sql = format!(
        "SELECT campaign_id, banner_id, slot, kind, reason, events FROM filtered_events \
         WHERE {between}"
    );
    let statement = Statement::from_string(transaction.get_database_backend(), sql);
    let rows = transaction.query_all_raw(statement).await.attempt(ACTION)?;
    let values = rows.iter().map(QueryResult::try_get_many_by_index);
    let values = values.collect::<Result<Vec<_>, _>>().attempt(ACTION)?;
    values.into_iter().map(filtered_events::total).collect()
}
