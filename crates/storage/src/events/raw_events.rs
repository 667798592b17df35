//! The raw tables of events, and look-ups of the rows they have.

use std::borrow::Cow;
use std::collections::{BTreeSet, HashMap, HashSet};

use bams_domain::{BannerId, CampaignId, Slot};
use sea_orm::{ConnectionTrait, DatabaseTransaction, DbErr, QueryResult, Statement, Value};
use uuid::Uuid;

use super::event::Conversion;
use crate::database::insert::{Existing, Insert, list};
use crate::database::statement_sizes::filled;
use crate::database::values::{banner_id, campaign_id};
use crate::error::{Attempt, StorageError};
use crate::performance::staged_sums;

/// The insert of impressions.
pub(super) const IMPRESSIONS: Insert = Insert {
    table: "impressions",
    columns: Cow::Borrowed(&["decision_id", "banner_id", "campaign_id", "slot"]),
    same: &[],
    key: Cow::Borrowed(&["decision_id", "banner_id"]),
    existing: Existing::Refused,
};

/// The insert of clicks. `same` is their import, if they have one.
pub(crate) const CLICKS: Insert = Insert {
    table: "clicks",
    columns: Cow::Borrowed(&["id", "campaign_id", "banner_id", "slot"]),
    same: &["import_id"],
    key: Cow::Borrowed(&["id"]),
    existing: Existing::Refused,
};

/// The insert of conversions. `same` is their import, if they have one.
pub(crate) const CONVERSIONS: Insert = Insert {
    table: "campaign_conversions",
    columns: Cow::Borrowed(&[
        "id",
        "campaign_id",
        "banner_id",
        "click_id",
        "slot",
        "revenue_micros",
        "first_revenue_micros",
    ]),
    same: &["import_id"],
    key: Cow::Borrowed(&["id", "campaign_id"]),
    existing: Existing::Refused,
};

/// The campaign and banner of a click.
#[derive(Clone, Copy, Debug)]
pub(super) struct ClickRow {
    pub(super) campaign: CampaignId,
    pub(super) banner: BannerId,
}

/// What a stored conversion said first.
#[derive(Clone, Debug)]
pub(super) struct ConversionRow {
    click: String,
    revenue_micros: i64,
    slot: Slot,
    /// True if it belongs to an import that does not count yet, and may never do.
    pub(super) staged: bool,
}

/// The key of a conversion: the advertiser's id, and the campaign of the click.
pub(super) type ConversionKey = (String, CampaignId);

impl ConversionRow {
    pub(super) fn of(conversion: &Conversion) -> Self {
        Self {
            staged: false,
            click: conversion.click.clone(),
            revenue_micros: conversion.revenue.micros(),
            slot: conversion.slot,
        }
    }

    /// Returns true if a conversion with the same key has the same contents, whatever became of the
    /// stored one since.
    pub(super) fn says_the_same(&self, conversion: &Conversion) -> bool {
        self.click == conversion.click
            && self.revenue_micros == conversion.revenue.micros()
            && (self.slot == conversion.slot || !conversion.told_time)
    }
}

/// Returns the impressions among some that are stored, and perhaps others.
pub(super) async fn impressions(
    transaction: &DatabaseTransaction,
    keys: &[(Uuid, BannerId)],
) -> Result<HashSet<(Uuid, BannerId)>, DbErr> {
    let decisions: BTreeSet<Uuid> = keys.iter().map(|(decision, _)| *decision).collect();
    let ids = decisions.iter().map(|it| it.as_bytes().to_vec().into()).collect();
    let sql = "SELECT decision_id, banner_id FROM impressions WHERE decision_id IN";
    let rows = among(transaction, sql, ids).await?;
    rows.iter()
        .map(|row| {
            let (decision, banner): (Vec<u8>, i64) = row.try_get_many_by_index()?;
            let broken = |what| DbErr::Type(format!("impressions.{what} holds no {what}"));
            let decision = Uuid::from_slice(&decision).map_err(|_| broken("decision_id"))?;
            let banner = u32::try_from(banner).map_err(|_| broken("banner_id"))?;
            Ok((decision, BannerId(banner)))
        })
        .collect()
}

/// Returns the clicks among some that are stored. None of them can be one that a file has staged: ids
/// of visitors' clicks have a dash, and those of files are numbers.
pub(super) async fn clicks(
    transaction: &DatabaseTransaction,
    keys: &[String],
) -> Result<HashSet<String>, DbErr> {
    let ids = keys.iter().map(|it| it.as_str().into()).collect();
    let rows = among(transaction, "SELECT id FROM clicks WHERE id IN", ids).await?;
    rows.iter().map(|row| row.try_get_by_index(0)).collect()
}

/// Returns SQL for the clicks that count: id, campaign and banner. A list of ids follows.
pub(crate) fn clicks_that_count() -> String {
    let counts = staged_sums::counts("import_id");
    format!("SELECT id, campaign_id, banner_id FROM clicks WHERE {counts} AND id IN")
}

/// Returns the clicks with these ids that exist and count.
pub(super) async fn clicks_by_id(
    transaction: &DatabaseTransaction,
    ids: &BTreeSet<&str>,
) -> Result<HashMap<String, ClickRow>, StorageError> {
    let action = "look for clicks";
    let values = ids.iter().map(|id| (*id).into()).collect();
    let rows = among(transaction, &clicks_that_count(), values).await.attempt(action)?;
    rows.iter()
        .map(|row| {
            let (id, campaign, banner): (String, i64, i64) =
                row.try_get_many_by_index().attempt(action)?;
            let campaign = campaign_id("clicks", campaign)?;
            Ok((id, ClickRow { campaign, banner: banner_id("clicks", banner)? }))
        })
        .collect()
}

/// Returns the conversions with these ids that exist, in any campaign, whether they count or are
/// staged.
pub(super) async fn conversions_by_id(
    transaction: &DatabaseTransaction,
    ids: &BTreeSet<&str>,
) -> Result<HashMap<ConversionKey, ConversionRow>, StorageError> {
    let action = "look for conversions";
    let values = ids.iter().map(|id| (*id).into()).collect();
    let counts = staged_sums::counts("import_id");
    let sql = format!(
        "SELECT id, campaign_id, click_id, first_revenue_micros, slot, \
         CASE WHEN {counts} THEN 0 ELSE 1 END FROM campaign_conversions WHERE id IN"
    );
    let rows = among(transaction, &sql, values).await.attempt(action)?;
    rows.iter()
        .map(|row| {
            let (id, campaign, click, revenue_micros, slot, staged): (_, _, _, _, _, i64) =
                row.try_get_many_by_index().attempt(action)?;
            let campaign = campaign_id(CONVERSIONS.table, campaign)?;
            let (slot, staged) = (Slot::from_number(slot), staged != 0);
            Ok(((id, campaign), ConversionRow { click, revenue_micros, slot, staged }))
        })
        .collect()
}

/// Returns the rows of a query that ends with `IN`, for these values.
async fn among(
    transaction: &DatabaseTransaction,
    sql: &str,
    values: Vec<Value>,
) -> Result<Vec<QueryResult>, DbErr> {
    let dialect = transaction.get_database_backend();
    let mut rows = Vec::new();
    let Some(last) = values.last() else { return Ok(rows) };
    for values in filled(&values, last) {
        let sql = format!("{sql} ({})", list("?", values.len()));
        let query = Statement::from_sql_and_values(dialect, sql, values);
        rows.extend(transaction.query_all_raw(query).await?);
    }
    Ok(rows)
}
