//! Summing up some raw rows in one transaction.

use std::collections::HashSet;

use bams_domain::Slot;
use sea_orm::{ConnectionTrait, DatabaseTransaction, DbBackend, DbErr, Statement, Value};

use super::counted::{RawRow, add_up, counting, lock};
use super::turn::SummingTurn;
use super::{ACTION, impressions};
use crate::database::Database;
use crate::database::insert::list;
use crate::error::{Attempt, StorageError};
use crate::events::raw_events::{CLICKS, CONVERSIONS};
use crate::events::used_ids::{self, USED_IDS};

/// A raw table whose rows have ids.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum RawTable {
    Clicks,
    Conversions,
}

impl RawTable {
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Clicks => CLICKS.table,
            Self::Conversions => CONVERSIONS.table,
        }
    }

    /// Returns the columns of revenue, and of the moment from which on a row does not count.
    const fn columns(self) -> &'static str {
        match self {
            Self::Clicks => "0 AS revenue_micros, NULL AS retracted_at",
            Self::Conversions => "revenue_micros, retracted_at",
        }
    }

    /// Returns the id behind which the next window begins. Ids of visitors' clicks begin with their time,
    /// of which the first digit is 0, so that later ones need not be looked at.
    pub(super) fn next(self, end: String, until: Slot) -> String {
        let until = format!("{:012x}", until.starts_at().saturating_mul(1000));
        let is_later = end.len() > 1 && end.starts_with('0') && end.as_str() >= until.as_str();
        if self == Self::Clicks && is_later { "0g".to_owned() } else { end }
    }

    fn row(self, id: String, campaign: i64, is_retracted: bool, revenue: i64) -> RawRow {
        let of_conversion = || Some(used_ids::of_conversion(&id, campaign));
        let (hash, counts) = match self {
            Self::Clicks => (used_ids::of_click(&id), [0, 1, 0, 0]),
            Self::Conversions if is_retracted => (of_conversion(), [0; 4]),
            Self::Conversions => (of_conversion(), [0, 0, 1, revenue]),
        };
        RawRow { id, campaign, hash, counts, banner: 0, slot: 0, import: None }
    }
}

/// Some raw rows.
#[derive(Clone, Copy)]
pub(super) enum Portion<'a> {
    /// Those with these ids.
    Rows { table: RawTable, ids: &'a [String] },
    /// Impressions of an import.
    Impressions { import: i64 },
}

impl Portion<'_> {
    /// Sums the rows up, as far as they are old and count, and returns how many there were. `None` if
    /// another process has the turn.
    pub(super) async fn sum_up(
        self,
        database: &Database,
        turn: &mut SummingTurn<'_>,
    ) -> Result<Option<u64>, StorageError> {
        let transaction = database.begin_writing().await?;
        if !turn.mark(&transaction).await? {
            transaction.rollback().await.attempt(ACTION)?;
            return Ok(None);
        }
        let rows = match self {
            Self::Rows { table, ids } => rows(&transaction, table, ids, turn.until).await?,
            Self::Impressions { import } => {
                impressions::some(&transaction, import, turn.until).await?
            }
        };
        transaction.commit().await.attempt(ACTION)?;
        Ok(Some(rows))
    }
}

async fn rows(
    transaction: &DatabaseTransaction,
    table: RawTable,
    ids: &[String],
    until: Slot,
) -> Result<u64, StorageError> {
    // From here on no conversion of these clicks comes in, and nobody restates one of these.
    let found = locked(transaction, table, ids, until).await.attempt(ACTION)?;
    lock(transaction, found.iter().filter_map(|row| row.import)).await.attempt(ACTION)?;
    let mut rows = counting(transaction, found).await.attempt(ACTION)?;
    if table == RawTable::Clicks {
        let converted = converted(transaction, ids).await.attempt(ACTION)?;
        rows.retain(|row| !converted.contains(&row.id));
    }
    if rows.is_empty() {
        return Ok(0);
    }
    let hashes: Vec<Value> = rows.iter().filter_map(|row| row.hash).map(Value::from).collect();
    if !hashes.is_empty() {
        let insert = USED_IDS.statement(transaction.get_database_backend(), None, hashes);
        transaction.execute_raw(insert).await.attempt(ACTION)?;
    }
    remove(transaction, table, &rows).await.attempt(ACTION)?;
    add_up(transaction, &rows).await?;
    Ok(rows.len() as u64)
}

async fn locked(
    transaction: &DatabaseTransaction,
    table: RawTable,
    ids: &[String],
    until: Slot,
) -> Result<Vec<RawRow>, DbErr> {
    let dialect = transaction.get_database_backend();
    let lock = if dialect == DbBackend::Sqlite { "" } else { " FOR UPDATE" };
    let sql = format!(
        "SELECT id, campaign_id, banner_id, slot, import_id, {} FROM {} WHERE id IN ({}) \
         AND slot < {}{lock}",
        table.columns(),
        table.name(),
        list("?", ids.len()),
        until.number()
    );
    let statement = Statement::from_sql_and_values(dialect, sql, values(ids));
    let rows = transaction.query_all_raw(statement).await?;
    rows.iter()
        .map(|row| {
            let (id, campaign, banner, slot, import, revenue, retracted_at): (
                String,
                i64,
                i64,
                i64,
                Option<i64>,
                i64,
                Option<i64>,
            ) = row.try_get_many_by_index()?;
            let counted = table.row(id, campaign, retracted_at.is_some(), revenue);
            Ok(RawRow { banner, slot, import, ..counted })
        })
        .collect()
}

/// Returns those of some clicks that have conversions.
async fn converted(
    transaction: &DatabaseTransaction,
    ids: &[String],
) -> Result<HashSet<String>, DbErr> {
    let sql = format!(
        "SELECT DISTINCT click_id FROM {} WHERE click_id IN ({})",
        CONVERSIONS.table,
        list("?", ids.len())
    );
    let dialect = transaction.get_database_backend();
    let statement = Statement::from_sql_and_values(dialect, sql, values(ids));
    let rows = transaction.query_all_raw(statement).await?;
    rows.iter().map(|row| row.try_get_by_index(0)).collect()
}

async fn remove(
    transaction: &DatabaseTransaction,
    table: RawTable,
    rows: &[RawRow],
) -> Result<(), DbErr> {
    let keys = vec!["(id = ? AND campaign_id = ?)"; rows.len()].join(" OR ");
    let sql = format!("DELETE FROM {} WHERE {keys}", table.name());
    let values = rows.iter().flat_map(|row| [row.id.as_str().into(), row.campaign.into()]);
    let values: Vec<Value> = values.collect();
    let dialect = transaction.get_database_backend();
    transaction.execute_raw(Statement::from_sql_and_values(dialect, sql, values)).await.map(drop)
}

fn values(ids: &[String]) -> Vec<Value> {
    ids.iter().map(|id| id.as_str().into()).collect()
}
