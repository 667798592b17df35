//! What the rows of an import add up to now.

use futures_util::TryStreamExt;
use sea_orm::{ConnectionTrait, DbBackend, Statement, StreamTrait};
use tokio::sync::mpsc::{Receiver, Sender, channel};

use crate::database::Database;
use crate::database::whole_sum::whole_sum;
use crate::error::{Attempt, StorageError};
use crate::import::kind::ImportKind;
use crate::performance::staged_sums::{StagedSum, read};
use crate::performance::withdrawal::TOGETHER;

const ACTION: &str = "sum an import up";

/// Some sums of an import, or why they could not be read.
type SomeSums = Result<Vec<StagedSum>, StorageError>;

/// Sums the rows of an import up, as they are at one moment, and hands the sums over in parts, sorted
/// by their accounts.
pub(super) fn parts(database: &Database, import: i64, kind: ImportKind) -> Receiver<SomeSums> {
    let (sender, parts) = channel(1);
    let database = database.clone();
    tokio::spawn(async move {
        if let Err(error) = send(&database, import, kind, &sender).await {
            // A closed channel means that nobody waits for it.
            let _ = sender.send(Err(error)).await;
        }
    });
    parts
}

async fn send(
    database: &Database,
    import: i64,
    kind: ImportKind,
    sender: &Sender<SomeSums>,
) -> Result<(), StorageError> {
    let transaction = database.begin_comparing().await?;
    let dialect = ConnectionTrait::get_database_backend(&transaction);
    let Some(sql) = statement(dialect, kind) else { return Ok(()) };
    let statement = Statement::from_sql_and_values(dialect, sql, [import.into()]);
    let rows = transaction.stream_raw(statement).await.attempt(ACTION)?;
    let mut rows = std::pin::pin!(rows);
    let mut part = Vec::with_capacity(TOGETHER);
    while let Some(row) = rows.try_next().await.attempt(ACTION)? {
        part.push(read(&row).attempt(ACTION)?);
        if part.len() == TOGETHER && sender.send(Ok(std::mem::take(&mut part))).await.is_err() {
            return Ok(());
        }
    }
    if !part.is_empty() {
        let _ = sender.send(Ok(part)).await;
    }
    Ok(())
}

/// Returns the query for the sums of an import of a kind. Images have none.
fn statement(dialect: DbBackend, kind: ImportKind) -> Option<String> {
    let account = "campaign_id, banner_id, slot";
    let sums = match kind {
        ImportKind::Images => return None,
        ImportKind::Impressions => {
            let sum = whole_sum(dialect, "impressions");
            format!("{sum}, 0, 0, 0 FROM imported_impressions WHERE import_id = ?")
        }
        ImportKind::Clicks => "0, COUNT(*), 0, 0 FROM clicks WHERE import_id = ?".to_owned(),
        ImportKind::Conversions => {
            let revenue = whole_sum(dialect, "revenue_micros");
            format!(
                "0, 0, COUNT(*), {revenue} FROM campaign_conversions \
                 WHERE import_id = ? AND retracted_at IS NULL"
            )
        }
    };
    Some(format!("SELECT {account}, {sums} GROUP BY {account} ORDER BY {account}"))
}
