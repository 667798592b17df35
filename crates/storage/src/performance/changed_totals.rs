//! The sums of quarters that events changed, row by row.

use bams_domain::CampaignId;
use sea_orm::{ConnectionTrait, DatabaseTransaction, QueryResult, Statement};

use super::quarter_totals::{QuarterTotal, read};
use super::staged_sums;
use crate::database::values::campaign_id;
use crate::entity::quarter_performance::Model;
use crate::error::{Attempt, StorageError};

const ACTION: &str = "look for changed performance";

/// What changed in one campaign: its rows, or `None` if it has to be read whole.
pub(crate) type ChangedCampaign = (CampaignId, Option<Vec<QuarterTotal>>);

/// Returns what events changed after a revision, by campaign. Skips numbers that no campaign can have.
///
/// A campaign has to be read whole if a row of it cannot be read, or while sums of an import belong to
/// it that are not yet in the table.
pub(crate) async fn changed_totals(
    transaction: &DatabaseTransaction,
    known: i64,
) -> Result<Vec<ChangedCampaign>, StorageError> {
    let sql = "SELECT changed.campaign_id, changed.banner_id, changed.quarter, \
               COALESCE(totals.clicks, 0), COALESCE(totals.conversions, 0), \
               COALESCE(totals.revenue_micros, 0) FROM performance_revisions AS changed \
               LEFT JOIN quarter_performance AS totals ON totals.campaign_id = changed.campaign_id \
               AND totals.banner_id = changed.banner_id AND totals.quarter = changed.quarter \
               WHERE changed.revision > ? ORDER BY changed.campaign_id";
    let dialect = transaction.get_database_backend();
    let statement = Statement::from_sql_and_values(dialect, sql, [known.into()]);
    let rows = transaction.query_all_raw(statement).await.attempt(ACTION)?;
    let staged = staged_sums::any(transaction).await?;
    let mut found: Vec<ChangedCampaign> = Vec::new();
    for row in &rows {
        let row = model(row).attempt(ACTION)?;
        let Ok(campaign) = campaign_id("performance_revisions", row.campaign_id) else { continue };
        if found.last().is_none_or(|it| it.0 != campaign) {
            found.push((campaign, (!staged).then(Vec::new)));
        }
        if let Some((_, changed)) = found.last_mut() {
            match (changed.as_mut(), read(&row)) {
                (Some(totals), Ok(total)) => totals.push(total),
                (Some(_), Err(_)) => *changed = None,
                (None, _) => {}
            }
        }
    }
    Ok(found)
}

fn model(row: &QueryResult) -> Result<Model, sea_orm::DbErr> {
    let (campaign_id, banner_id, quarter, clicks, conversions, revenue_micros) =
        row.try_get_many_by_index()?;
    Ok(Model { campaign_id, banner_id, quarter, clicks, conversions, revenue_micros })
}
