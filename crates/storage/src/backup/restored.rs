//! Making a copy the store that nodes will serve.

use std::path::Path;

use sea_orm::{DatabaseConnection, SqliteTransactionMode, TransactionOptions, TransactionTrait};

use super::error::StoreFileError;
use super::store_file::{open, summary};
use crate::change::revision::{Counter, next};
use crate::database::values::row_of;
use crate::error::{Attempt, StorageError};

const ACTION: &str = "make a copy ready to be served";

/// What no store of ours has. It could run statements of its own when the store is used.
const FOREIGN: &str = "SELECT COUNT(*) FROM sqlite_master \
                       WHERE type NOT IN ('table', 'index') OR sql LIKE 'CREATE VIRTUAL%'";

/// Makes a file that was taken out of a backup ready to be served: checks it, brings its schema up to
/// date, and draws new revisions, by which every node notices that it must load all anew.
///
/// Fails with [`StoreFileError::NoStore`] for a file that is damaged or not ours, and if its schema is
/// newer than this program.
pub async fn make_ready(file: &Path) -> Result<(), StoreFileError> {
    let connection = open(file).await.map_err(|error| no_store(error.to_string()))?;
    check(&connection).await?;
    bams_migration::migrate(&connection).await.map_err(StorageError::from)?;
    draw_revisions(&connection).await?;
    connection.close().await.attempt(ACTION)?;
    Ok(())
}

async fn check(connection: &DatabaseConnection) -> Result<(), StoreFileError> {
    let damaged = |error: StorageError| no_store(format!("{error:?}"));
    let counted = row_of(connection, FOREIGN, Vec::new()).await.attempt(ACTION).map_err(damaged)?;
    let foreign = counted.map(|row| row.try_get_by_index::<i64>(0)).transpose().attempt(ACTION)?;
    if foreign != Some(0) {
        return Err(no_store("it has triggers, views or virtual tables".to_owned()));
    }
    let checking = row_of(connection, "PRAGMA quick_check(1)", Vec::new()).await;
    let row = checking.attempt(ACTION).map_err(damaged)?;
    let checked = row.map(|row| row.try_get_by_index::<String>(0)).transpose().attempt(ACTION)?;
    if checked.as_deref() != Some("ok") {
        return Err(no_store(format!("it is damaged ({})", checked.unwrap_or_default())));
    }
    match summary(connection).await? {
        Some(_) => Ok(()),
        None => Err(no_store("its tables are missing".to_owned())),
    }
}

async fn draw_revisions(connection: &DatabaseConnection) -> Result<(), StorageError> {
    let options = TransactionOptions {
        sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
        ..Default::default()
    };
    let transaction = connection.begin_with_options(options).await.attempt(ACTION)?;
    for counter in [Counter::Campaigns, Counter::Visitors] {
        next(&transaction, counter).await.attempt(ACTION)?;
    }
    transaction.commit().await.attempt(ACTION)
}

fn no_store(why: String) -> StoreFileError {
    StoreFileError::NoStore(why)
}
