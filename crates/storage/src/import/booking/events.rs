//! Clicks and conversions: an id counts once, for ever.

use std::collections::{HashMap, HashSet};

use bams_domain::{BannerId, CampaignId};
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect, Statement, Value,
};

use super::insert::{Existing, Insert, list};
use super::ledger::Ledger;
use crate::entity::click;
use crate::error::{Attempt, StorageError};
use crate::import::halt::is_taken;
use crate::import::row_error::{ErrorCode, RowError, quoted};
use crate::import::rows::{Click, Conversion};
use crate::row::{banner_id, campaign_id};

const CLICKS: Insert = Insert {
    table: "clicks",
    columns: &["id", "campaign_id", "banner_id", "slot", "import_id"],
    key: &["id"],
    existing: Existing::Refused,
};

const CONVERSIONS: Insert = Insert {
    table: "conversions",
    columns: &["id", "click_id", "revenue_micros", "slot", "import_id"],
    key: &["id"],
    existing: Existing::Refused,
};

/// How often rows are inserted again without those that another writer just inserted.
const ATTEMPTS: u32 = 10;

impl Ledger {
    /// Books clicks and answers those that were new.
    pub(super) async fn clicks(&self, rows: Vec<Click>) -> Result<Vec<Click>, StorageError> {
        let values = |it: &Click| -> [Value; 5] {
            let account = it.account;
            let (campaign, banner) = (i64::from(account.campaign.0), i64::from(account.banner.0));
            let (slot, import) = (account.slot.number(), self.import);
            [it.id.as_str().into(), campaign.into(), banner.into(), slot.into(), import.into()]
        };
        self.insert_new(&CLICKS, rows, |it| &it.id, values).await
    }

    /// Books conversions of clicks that exist and answers those that were new.
    pub(super) async fn conversions(
        &self,
        rows: Vec<Conversion>,
    ) -> Result<Vec<Conversion>, StorageError> {
        let values = |it: &Conversion| -> [Value; 5] {
            let (revenue, slot) = (it.revenue.micros().into(), it.slot.number().into());
            [it.id.as_str().into(), it.click.as_str().into(), revenue, slot, self.import.into()]
        };
        self.insert_new(&CONVERSIONS, rows, |it| &it.id, values).await
    }

    /// Inserts a batch of rows without those whose id exists, of rows with the same id only the
    /// first, and answers what was inserted.
    ///
    /// That is learned from the unique key alone: MySQL's counts of changed rows do not tell.
    async fn insert_new<R>(
        &self,
        insert: &Insert,
        mut rows: Vec<R>,
        id: impl Fn(&R) -> &String,
        values: impl Fn(&R) -> [Value; 5],
    ) -> Result<Vec<R>, StorageError> {
        let mut seen = HashSet::with_capacity(rows.len());
        rows.retain(|it| seen.insert(id(it).clone()));
        let mut attempt = 1;
        loop {
            let action = "book events";
            match self.insert(insert, rows.iter().flat_map(&values).collect()).await {
                Err(error) if is_taken(&error) && attempt < ATTEMPTS => {
                    let ids = rows.iter().map(&id);
                    let existing = self.existing(insert, ids).await?;
                    rows.retain(|it| !existing.contains(id(it)));
                    attempt += 1;
                }
                answer => return answer.attempt(action).map(|()| rows),
            }
        }
    }

    /// Those of a batch of ids that exist in a table.
    async fn existing(
        &self,
        insert: &Insert,
        ids: impl ExactSizeIterator<Item = &String>,
    ) -> Result<HashSet<String>, StorageError> {
        let (table, action) = (insert.table, "look for known events");
        let sql = format!("SELECT id FROM {table} WHERE id IN ({})", list("?", ids.len()));
        let dialect = self.transaction.get_database_backend();
        let values = ids.map(|it| it.as_str().into());
        let statement = Statement::from_sql_and_values(dialect, sql, values);
        let rows = self.transaction.query_all_raw(statement).await.attempt(action)?;
        rows.iter().map(|row| row.try_get_by_index(0)).collect::<Result<_, _>>().attempt(action)
    }
}

/// The clicks that a batch of conversions names, as far as they exist, with campaign and banner.
pub(super) async fn clicks_of<C: ConnectionTrait>(
    database: &C,
    rows: &[Conversion],
) -> Result<HashMap<String, (CampaignId, BannerId)>, StorageError> {
    if rows.is_empty() {
        return Ok(HashMap::new());
    }
    let found: Vec<(String, i64, i64)> = click::Entity::find()
        .select_only()
        .columns([click::Column::Id, click::Column::CampaignId, click::Column::BannerId])
        .filter(click::Column::Id.is_in(rows.iter().map(|it| it.click.as_str())))
        .into_tuple()
        .all(database)
        .await
        .attempt("look for clicks")?;
    let table = "clicks";
    found
        .into_iter()
        .map(|(id, campaign, banner)| {
            Ok((id, (campaign_id(table, campaign)?, banner_id(table, banner)?)))
        })
        .collect()
}

pub(super) fn unknown_click(conversion: &Conversion) -> RowError {
    RowError {
        line: conversion.line,
        column: "click_id".to_owned(),
        code: ErrorCode::UnknownClick,
        message: format!("there is no click {}", quoted(&conversion.click)),
    }
}
