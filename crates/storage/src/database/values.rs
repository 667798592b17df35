//! Conversions between columns and values of the domain.

use std::fmt::Display;

use bams_domain::{BannerId, CampaignId};
use sea_orm::sea_query::{Expr, ExprTrait, Func};
use sea_orm::{ColumnTrait, ConnectionTrait, DbBackend, DbErr, QueryResult, Statement, Value};

use crate::error::StorageError;

/// Reads the number of a campaign.
pub(crate) fn campaign_id(table: &'static str, value: i64) -> Result<CampaignId, StorageError> {
    u32::try_from(value).map(CampaignId).map_err(|_| corrupt(table, "campaign_id", value))
}

/// Reads the number of a banner.
pub(crate) fn banner_id(table: &'static str, value: i64) -> Result<BannerId, StorageError> {
    u32::try_from(value).map(BannerId).map_err(|_| corrupt(table, "banner_id", value))
}

/// Reads a count, which must not be negative.
pub(crate) fn count(
    table: &'static str,
    column: &'static str,
    value: i64,
) -> Result<u64, StorageError> {
    u64::try_from(value).map_err(|_| corrupt(table, column, value))
}

/// Makes the error of a value that breaks the model.
pub(crate) fn corrupt(
    table: &'static str,
    column: &'static str,
    value: impl Display,
) -> StorageError {
    let value = format!("{value}");
    StorageError::Corrupt { table, column, value }
}

/// Returns tags as they are stored: a JSON array of texts.
pub(crate) fn tags_text(tags: &[String]) -> String {
    serde_json::Value::from(tags).to_string()
}

/// Reads stored tags.
pub(crate) fn tags_of(table: &'static str, text: &str) -> Result<Vec<String>, StorageError> {
    serde_json::from_str(text).map_err(|_| corrupt(table, "tags", text))
}

/// Returns the condition that a column of tags contains a tag.
///
/// Tags contain no commas, and quotes within them are escaped, so that a comma before a quote
/// always begins a tag.
pub(crate) fn has_tag(column: impl ColumnTrait, tag: &str) -> Expr {
    let quoted = serde_json::Value::from(tag);
    let follows =
        |before: char| includes(Expr::col(column.as_column_ref()), format!("{before}{quoted}"));
    follows('[').or(follows(','))
}

/// Returns the condition that a column contains a text, in upper or lower case. SQLite knows the
/// cases of ASCII letters only.
pub(crate) fn contains(column: impl ColumnTrait, text: &str) -> Expr {
    // The database lowers both sides, so that letters it does not know stay equal on both.
    includes(Func::lower(Expr::col(column.as_column_ref())), Func::lower(Expr::val(text)))
}

/// Returns the condition that a text contains another one.
fn includes(whole: impl Into<Expr>, part: impl Into<Expr>) -> Expr {
    Expr::from(Func::cust("INSTR").arg(whole).arg(part)).gt(0)
}

/// Returns SQL for a random integer.
pub(crate) const fn random_number(dialect: DbBackend) -> &'static str {
    match dialect {
        DbBackend::Sqlite => "random()",
        _ => "FLOOR(RAND() * 9007199254740992)",
    }
}

/// Returns the first row of a query, or `None` if it has none.
pub(crate) async fn row_of<C: ConnectionTrait>(
    database: &C,
    sql: &str,
    values: Vec<Value>,
) -> Result<Option<QueryResult>, DbErr> {
    let dialect = database.get_database_backend();
    database.query_one_raw(Statement::from_sql_and_values(dialect, sql, values)).await
}
