//! Booking clicks and conversions, whose ids count once, for ever.

use std::collections::HashSet;

use sea_orm::{ConnectionTrait, DbErr, QueryResult, Statement, Value};

use super::ledger::Ledger;
use crate::database::insert::{Insert, list};
use crate::error::{Attempt, StorageError};
use crate::events::raw_events::{CLICKS, CONVERSIONS};
use crate::import::rows::{Account, FileClick, FileConversion};
use crate::trouble::is_taken;

/// How often an insert is repeated without the rows that another writer has just inserted.
const ATTEMPTS: u32 = 10;

impl Ledger {
    /// Books clicks and returns the new ones.
    pub(super) async fn clicks(
        &self,
        rows: Vec<FileClick>,
    ) -> Result<Vec<FileClick>, StorageError> {
        let values = |it: &FileClick| -> [Value; 4] {
            let Account { campaign, banner, slot } = it.account;
            let (campaign, banner) = (i64::from(campaign.0).into(), i64::from(banner.0).into());
            [it.id.to_string().into(), campaign, banner, slot.number().into()]
        };
        self.insert_new(&CLICKS, rows, |it| it.id, values).await
    }

    /// Books conversions of existing clicks and returns the new ones.
    pub(super) async fn conversions(
        &self,
        rows: Vec<FileConversion>,
    ) -> Result<Vec<FileConversion>, StorageError> {
        let values = |it: &FileConversion| -> [Value; 4] {
            let (revenue, slot) = (it.revenue.micros().into(), it.slot.number().into());
            [it.id.to_string().into(), it.click.as_str().into(), revenue, slot]
        };
        self.insert_new(&CONVERSIONS, rows, |it| it.id, values).await
    }

    /// Inserts a batch of rows without those whose id exists, of rows with the same id only the
    /// first, and returns what was inserted.
    ///
    /// Only the unique key tells that, because MySQL's counts of changed rows are unreliable.
    async fn insert_new<R>(
        &self,
        insert: &Insert,
        mut rows: Vec<R>,
        id: impl Fn(&R) -> i64,
        values: impl Fn(&R) -> [Value; 4],
    ) -> Result<Vec<R>, StorageError> {
        let mut attempt = 1;
        loop {
            let all = rows.iter().flat_map(&values).collect();
            match self.insert(insert, Some(self.import), all).await {
                Err(error) if is_taken(&error) && attempt < ATTEMPTS => {
                    let ids = rows.iter().map(|row| id(row).to_string().into()).collect();
                    let sql = format!("SELECT id FROM {} WHERE id IN", insert.table);
                    let action = "look for known events";
                    let found = among(&self.transaction, &sql, ids).await.attempt(action)?;
                    let ids = found.iter().map(|row| row.try_get_by_index(0));
                    let known: HashSet<String> = ids.collect::<Result<_, _>>().attempt(action)?;
                    let mut seen = HashSet::with_capacity(rows.len());
                    rows.retain(|row| {
                        !known.contains(&id(row).to_string()) && seen.insert(id(row))
                    });
                    attempt += 1;
                }
                answer => return answer.attempt("book events").map(|()| rows),
            }
        }
    }
}

/// Returns the rows of a query that ends with `IN`, for these values.
pub(super) async fn among<C: ConnectionTrait>(
    database: &C,
    sql: &str,
    values: Vec<Value>,
) -> Result<Vec<QueryResult>, DbErr> {
    if values.is_empty() {
        return Ok(Vec::new());
    }
    let sql = format!("{sql} ({})", list("?", values.len()));
    let dialect = database.get_database_backend();
    database.query_all_raw(Statement::from_sql_and_values(dialect, sql, values)).await
}
