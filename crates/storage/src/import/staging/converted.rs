//! Clicks of a reverted import on which conversions came in at the last moment.

use bams_domain::{BannerId, CampaignId, Slot};
use sea_orm::{ConnectionTrait, DatabaseTransaction, DbErr, QueryResult, Statement, Value};

use crate::change::revision;
use crate::database::insert::list;
use crate::error::{Attempt, StorageError};
use crate::performance::adding::PerformanceKey;
use crate::performance::staged_sums;
use crate::performance::withdrawal::count_clicks;

const ACTION: &str = "keep clicks that have conversions";

/// Lets those of some clicks of an import count as nobody's that have conversions. A revert looks for
/// conversions before, but one may come in between that look and the moment from which on the clicks
/// are unknown.
pub(super) async fn keep_converted(
    transaction: &DatabaseTransaction,
    import: i64,
    ids: &[String],
) -> Result<(), StorageError> {
    let clicks = converted(transaction, import, ids).await.attempt(ACTION)?;
    if clicks.is_empty() {
        return Ok(());
    }
    let mut accounts: Vec<PerformanceKey> = clicks.iter().map(|(_, account)| *account).collect();
    accounts.sort_unstable();
    count_clicks(transaction, &accounts).await.attempt(ACTION)?;
    disown(transaction, &clicks).await.attempt(ACTION)?;
    revision::touch(transaction, accounts.iter().map(|account| account.0)).await
}

/// Returns those of some clicks of an import that have conversions.
async fn converted(
    transaction: &DatabaseTransaction,
    import: i64,
    ids: &[String],
) -> Result<Vec<(String, PerformanceKey)>, DbErr> {
    let sql = format!(
        "SELECT id, campaign_id, banner_id, slot FROM clicks WHERE import_id = {import} \
         AND id IN ({}) AND EXISTS \
         (SELECT 1 FROM campaign_conversions WHERE click_id = clicks.id AND {})",
        list("?", ids.len()),
        staged_sums::counts("campaign_conversions.import_id")
    );
    let values = ids.iter().map(|id| Value::from(id.as_str()));
    let dialect = transaction.get_database_backend();
    let statement = Statement::from_sql_and_values(dialect, sql, values);
    transaction.query_all_raw(statement).await?.iter().map(read).collect()
}

fn read(row: &QueryResult) -> Result<(String, PerformanceKey), DbErr> {
    let broken = |_| DbErr::Type("clicks holds what means nothing here".to_owned());
    let (id, campaign, banner, slot): (String, i64, i64, i64) = row.try_get_many_by_index()?;
    let campaign = CampaignId(u32::try_from(campaign).map_err(broken)?);
    let banner = BannerId(u32::try_from(banner).map_err(broken)?);
    Ok((id, (campaign, banner, Slot::from_number(slot))))
}

async fn disown(
    transaction: &DatabaseTransaction,
    clicks: &[(String, PerformanceKey)],
) -> Result<(), DbErr> {
    let sql =
        format!("UPDATE clicks SET import_id = NULL WHERE id IN ({})", list("?", clicks.len()));
    let values = clicks.iter().map(|(id, _)| Value::from(id.as_str()));
    let dialect = transaction.get_database_backend();
    let statement = Statement::from_sql_and_values(dialect, sql, values);
    transaction.execute_raw(statement).await.map(drop)
}
