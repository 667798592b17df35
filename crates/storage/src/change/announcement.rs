//! Announcing what events changed, without one row at which all writers meet.
//!
//! The transaction that stores events writes which rows of performance it changed under the number
//! of its node, where nobody else writes. A little later the node draws one revision for all of
//! them and marks the rows with it. So revisions commit in order. What a killed node left is
//! announced by another one.

use std::borrow::Cow;
use std::collections::BTreeSet;

use bams_domain::{BannerId, CampaignId};
use sea_orm::{
    ConnectionTrait, DatabaseTransaction, DbBackend, DbErr, QueryResult, Statement, Value,
};

use super::revision::{Counter, next};
use crate::database::Database;
use crate::database::insert::{Existing, Insert};
use crate::database::statement_sizes::filled;
use crate::error::{Attempt, StorageError};

/// The insert of changes that are not announced yet. `changes` makes each insert change the row, so
/// that one of the two is repeated when another node announces it.
const CHANGED: Insert = Insert {
    table: "changed_performance",
    columns: Cow::Borrowed(&["node_id", "campaign_id", "banner_id", "quarter", "changes"]),
    same: &[],
    key: Cow::Borrowed(&["node_id", "campaign_id", "banner_id", "quarter"]),
    existing: Existing::Increased { counts: &["changes"] },
};

/// The insert of the newest revision of each row of performance that serving reads.
const MARKS: Insert = Insert {
    table: "performance_revisions",
    columns: Cow::Borrowed(&["campaign_id", "banner_id", "quarter", "revision"]),
    same: &[],
    key: Cow::Borrowed(&["campaign_id", "banner_id", "quarter"]),
    existing: Existing::Replaced { columns: &["revision"] },
};

/// The number of a node, which is drawn when it starts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct NodeId(pub(crate) i64);

/// A row of performance that serving reads.
pub(crate) type RerankedKey = (CampaignId, BannerId, u8);

/// Notes which rows of performance a transaction changed, for [`announce`].
pub(crate) async fn note(
    transaction: &DatabaseTransaction,
    node: NodeId,
    changed: &BTreeSet<RerankedKey>,
) -> Result<(), DbErr> {
    let rows: Vec<[i64; 5]> = changed
        .iter()
        .map(|(campaign, banner, quarter)| {
            [node.0, campaign.0.into(), banner.0.into(), (*quarter).into(), 1]
        })
        .collect();
    let Some(&[node, campaign, banner, quarter, _]) = rows.last() else { return Ok(()) };
    // Pads with the last key unchanged, so that statements have few lengths.
    let filling = [node, campaign, banner, quarter, 0];
    for rows in filled(&rows, &filling) {
        let values = rows.into_iter().flatten().map(Value::from).collect();
        let statement = CHANGED.statement(transaction.get_database_backend(), None, values);
        transaction.execute_raw(statement).await?;
    }
    Ok(())
}

/// Marks what some nodes noted with one new revision, and returns true if there was anything.
///
/// Waits for events that are being stored at this moment, or leaves them to the next call.
pub(crate) async fn announce(database: &Database, nodes: &[NodeId]) -> Result<bool, StorageError> {
    let action = "announce what events changed";
    let transaction = database.begin_writing().await?;
    let noted = noted(&transaction, nodes).await.attempt(action)?;
    if noted.is_empty() {
        transaction.rollback().await.attempt(action)?;
        return Ok(false);
    }
    let revision = next(&transaction, Counter::Campaigns).await.attempt(action)?;
    let marks: BTreeSet<[i64; 4]> = noted
        .iter()
        .map(|[_, campaign, banner, quarter]| [*campaign, *banner, *quarter, revision])
        .collect();
    let marks: Vec<_> = marks.into_iter().collect();
    let dialect = database.dialect();
    for rows in filled(&marks, marks.last().unwrap_or(&[0; 4])) {
        let values = rows.into_iter().flatten().map(Value::from).collect();
        let statement = MARKS.statement(dialect, None, values);
        transaction.execute_raw(statement).await.attempt(action)?;
    }
    for rows in filled(&noted, noted.last().unwrap_or(&[0; 4])) {
        let statement = removal(dialect, &rows);
        transaction.execute_raw(statement).await.attempt(action)?;
    }
    transaction.commit().await.attempt(action)?;
    Ok(true)
}

/// Returns what nodes noted, by key. MySQL keeps the rows locked, so that events that change one of
/// them again wait and note it again.
async fn noted(
    transaction: &DatabaseTransaction,
    nodes: &[NodeId],
) -> Result<Vec<[i64; 4]>, DbErr> {
    let dialect = transaction.get_database_backend();
    let lock = if dialect == DbBackend::Sqlite { "" } else { " FOR UPDATE" };
    let places = vec!["?"; nodes.len()].join(",");
    let sql = format!(
        "SELECT node_id, campaign_id, banner_id, quarter FROM changed_performance \
         WHERE node_id IN ({places}) ORDER BY node_id, campaign_id, banner_id, quarter{lock}"
    );
    let nodes = nodes.iter().map(|node| Value::from(node.0));
    let rows = transaction.query_all_raw(Statement::from_sql_and_values(dialect, sql, nodes));
    let key = |row: &QueryResult| {
        let (node, campaign, banner, quarter) = QueryResult::try_get_many_by_index(row)?;
        Ok([node, campaign, banner, quarter])
    };
    rows.await?.iter().map(key).collect()
}

/// Returns the statement that removes rows by their keys, so that no other rows are read and
/// locked.
fn removal(dialect: DbBackend, rows: &[[i64; 4]]) -> Statement {
    let key = "(node_id = ? AND campaign_id = ? AND banner_id = ? AND quarter = ?)";
    let keys = vec![key; rows.len()].join(" OR ");
    let sql = format!("DELETE FROM changed_performance WHERE {keys}");
    let values = rows.iter().flatten().map(|number| Value::from(*number));
    Statement::from_sql_and_values(dialect, sql, values)
}
