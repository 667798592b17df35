//! The sums of large files, which are stored in portions before they count.
//!
//! An import has its rows in `staged_imports`, with a turn until everything of it is stored. One short
//! transaction takes the turn from it, and from then on its rows count. Its sums are added to
//! performance portion by portion; whoever sums performance up adds those that are left.

use std::borrow::Cow;

use bams_domain::{BannerId, CampaignId, Performance, Revenue, Slot};
use sea_orm::{ConnectionTrait, DatabaseTransaction, DbErr, QueryResult, Statement};

use crate::database::insert::{Existing, Insert};
use crate::database::values::row_of;
use crate::database::which_campaigns::WhichCampaigns;
use crate::error::{Attempt, StorageError};

const ACTION: &str = "load the sums of imports";

/// The insert of sums. `same` is their import and part.
pub(crate) const STAGED_SUMS: Insert = Insert {
    table: "staged_performance",
    columns: Cow::Borrowed(&[
        "import_id",
        "part",
        "campaign_id",
        "banner_id",
        "slot",
        "impressions",
        "clicks",
        "conversions",
        "revenue_micros",
    ]),
    same: &[],
    key: Cow::Borrowed(&["import_id", "part", "campaign_id", "banner_id", "slot"]),
    existing: Existing::Refused,
};

/// The sums that count and are not yet in performance, as the end of a `FROM`. More conditions may
/// follow. There are mostly none, and then this costs a look into an empty table.
pub(crate) const COUNTING: &str =
    "staged_imports CROSS JOIN staged_performance USING (import_id) WHERE turn IS NULL";

/// The imports whose rows do not count yet, as a query.
pub(crate) const STAGED: &str = "SELECT import_id FROM staged_imports WHERE turn IS NOT NULL";

/// Returns the SQL condition that a raw row counts, for the column of its import.
pub(crate) fn counts(import: &str) -> String {
    format!("({import} IS NULL OR {import} NOT IN ({STAGED}))")
}

/// Returns true if there are sums that count and are not yet in performance.
pub(crate) async fn any<C: ConnectionTrait>(database: &C) -> Result<bool, StorageError> {
    let sql = "SELECT import_id FROM staged_imports WHERE turn IS NULL LIMIT 1";
    let found = row_of(database, sql, Vec::new()).await;
    Ok(found.attempt(ACTION)?.is_some())
}

/// The columns of an account and its sums, as [`read`] takes them.
pub(super) const ACCOUNT_SUMS: &str =
    "campaign_id, banner_id, slot, impressions, clicks, conversions, revenue_micros";

/// An account, and what is added to it.
pub(crate) type StagedSum = ((CampaignId, BannerId, Slot), Performance);

/// Reads a row with the columns [`ACCOUNT_SUMS`].
pub(crate) fn read(row: &QueryResult) -> Result<StagedSum, DbErr> {
    let [campaign, banner, slot, impressions, clicks, conversions, revenue_micros] = numbers(row)?;
    let broken = |_| DbErr::Type("staged_performance holds what means nothing here".to_owned());
    let whole = |count: i64| u64::try_from(count).map_err(broken);
    let campaign = CampaignId(u32::try_from(campaign).map_err(broken)?);
    let banner = BannerId(u32::try_from(banner).map_err(broken)?);
    let performance = Performance {
        impressions: whole(impressions)?,
        clicks: whole(clicks)?,
        conversions: whole(conversions)?,
        revenue: Revenue::from_micros(revenue_micros),
    };
    Ok(((campaign, banner, Slot::from_number(slot)), performance))
}

fn numbers<const N: usize>(row: &QueryResult) -> Result<[i64; N], DbErr> {
    let mut numbers = [0; N];
    for (index, number) in numbers.iter_mut().enumerate() {
        *number = row.try_get_by_index(index)?;
    }
    Ok(numbers)
}

/// Returns the sums of campaigns that count and are not yet in performance. An account may come
/// several times.
pub(crate) async fn counting(
    transaction: &DatabaseTransaction,
    which: WhichCampaigns<'_>,
) -> Result<Vec<StagedSum>, StorageError> {
    let limits = match which {
        WhichCampaigns::All => String::new(),
        WhichCampaigns::These(ids) => {
            let ids: Vec<String> = ids.iter().map(ToString::to_string).collect();
            format!(" AND campaign_id IN ({})", ids.join(","))
        }
    };
    let sql = format!("SELECT {ACCOUNT_SUMS} FROM {COUNTING}{limits}");
    let statement = Statement::from_string(transaction.get_database_backend(), sql);
    let rows = transaction.query_all_raw(statement).await.attempt(ACTION)?;
    rows.iter().map(read).collect::<Result<_, _>>().attempt(ACTION)
}
