//! The clicks that conversions name.

use std::collections::HashMap;

use bams_domain::{BannerId, CampaignId};
use sea_orm::{ConnectionTrait, DbBackend, DbErr, QueryResult, Statement, Value};

use super::events::among;
use crate::database::insert::ROWS;
use crate::database::values::{banner_id, campaign_id};
use crate::error::{Attempt, StorageError};
use crate::events::raw_events::clicks_that_count;
use crate::events::used_ids;
use crate::import::row_error::{ErrorCode, RowError, quoted};
use crate::import::rows::FileConversion;
use crate::performance::raw_rows::kept_from;
use crate::performance::staged_sums;

/// Returns the clicks that a batch of conversions names, with campaign and banner, as far as they
/// exist and count.
pub(super) async fn clicks_of<C: ConnectionTrait>(
    database: &C,
    rows: &[FileConversion],
) -> Result<HashMap<String, (CampaignId, BannerId)>, StorageError> {
    let mut clicks = HashMap::with_capacity(rows.len());
    for some in rows.chunks(ROWS) {
        let found = match database.get_database_backend() {
            DbBackend::Sqlite => in_lists(database, some).await,
            _ => in_rows(database, some).await,
        };
        for (id, campaign, banner) in found.attempt("look for clicks")? {
            let account = (campaign_id("clicks", campaign)?, banner_id("clicks", banner)?);
            clicks.insert(id, account);
        }
    }
    Ok(clicks)
}

async fn in_rows<C: ConnectionTrait>(
    database: &C,
    rows: &[FileConversion],
) -> Result<Vec<(String, i64, i64)>, DbErr> {
    let ids = rows.iter().map(|it| it.click.as_str().into()).collect();
    let found = among(database, &clicks_that_count(), ids).await?;
    found.iter().map(QueryResult::try_get_many_by_index).collect()
}

/// Returns the same from SQLite as one row of three lists, because its driver takes longer for each
/// row than the database takes to find it. A click is known by its index in the batch.
async fn in_lists<C: ConnectionTrait>(
    database: &C,
    rows: &[FileConversion],
) -> Result<Vec<(String, i64, i64)>, DbErr> {
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    let wanted: Vec<String> = (0..rows.len()).map(|place| format!("(?,{place})")).collect();
    let sql = format!(
        "WITH wanted (id, place) AS (VALUES {}) \
         SELECT GROUP_CONCAT(place), GROUP_CONCAT(campaign_id), GROUP_CONCAT(banner_id) \
         FROM wanted CROSS JOIN clicks USING (id) WHERE {}",
        wanted.join(","),
        staged_sums::counts("import_id")
    );
    let ids: Vec<Value> = rows.iter().map(|it| it.click.as_str().into()).collect();
    let statement = Statement::from_sql_and_values(DbBackend::Sqlite, sql, ids);
    let Some(row) = database.query_one_raw(statement).await? else { return Ok(Vec::new()) };
    let list = |column| -> Result<Vec<i64>, DbErr> {
        let text: Option<String> = row.try_get_by_index(column)?;
        let numbers = text.iter().flat_map(|list| list.split(',')).map(str::parse);
        numbers.collect::<Result<_, _>>().map_err(|error| DbErr::Type(format!("a click: {error}")))
    };
    let (places, campaigns, banners) = (list(0)?, list(1)?, list(2)?);
    let found = places.into_iter().zip(campaigns).zip(banners);
    let known = found.filter_map(|((place, campaign), banner)| {
        let conversion = rows.get(usize::try_from(place).ok()?)?;
        Some((conversion.click.clone(), campaign, banner))
    });
    Ok(known.collect())
}

/// Returns the errors of conversions whose clicks are not there.
pub(super) async fn missing<C: ConnectionTrait>(
    database: &C,
    rows: &[FileConversion],
) -> Result<Vec<RowError>, StorageError> {
    let from = kept_from(database).await?;
    let hashes =
        rows.iter().filter(|_| from.is_some()).filter_map(|it| used_ids::of_click(&it.click));
    let used = used_ids::among(database, hashes).await?;
    let error = |row: &FileConversion| {
        let click = quoted(&row.click);
        let is_gone = from.is_some_and(|from| used_ids::is_gone(&row.click, from, &used));
        let (code, message) = if is_gone {
            (ErrorCode::TooOld, format!("the click {click} is so old that it is summed up"))
        } else {
            (ErrorCode::UnknownClick, format!("there is no click {click}"))
        };
        RowError { line: row.line, column: "click_id".to_owned(), code, message }
    };
    Ok(rows.iter().map(error).collect())
}
