//! What is kept about an import.

use sea_orm::ActiveValue::Set;
use sea_orm::{ConnectionTrait, DatabaseTransaction, EntityTrait};

use super::rejected::{self, RejectedRow};
use super::report::ImportReport;
use crate::connect::Database;
use crate::entity::import;
use crate::error::{Attempt, StorageError};

const ACTION: &str = "record an import";

/// Records the end of an import that booked nothing, in a row that is there already or a new one.
pub(super) async fn conclude(
    database: &Database,
    report: ImportReport,
    record: Option<i64>,
    rejected: &[RejectedRow],
) -> Result<ImportReport, StorageError> {
    let transaction = database.begin_writing().await?;
    let id = write(&transaction, report.row(), record).await?;
    rejected::keep(&transaction, id, rejected).await?;
    transaction.commit().await.attempt(ACTION)?;
    Ok(ImportReport { id: Some(id), ..report })
}

/// Writes a row that is there already, or a new one, and answers its number.
pub(super) async fn write(
    transaction: &DatabaseTransaction,
    row: import::ActiveModel,
    record: Option<i64>,
) -> Result<i64, StorageError> {
    match record {
        None => {
            Ok(import::Entity::insert(row).exec(transaction).await.attempt(ACTION)?.last_insert_id)
        }
        Some(id) => {
            update(transaction, import::ActiveModel { id: Set(id), ..row }).await?;
            Ok(id)
        }
    }
}

pub(super) async fn update<C: ConnectionTrait>(
    database: &C,
    row: import::ActiveModel,
) -> Result<(), StorageError> {
    import::Entity::update(row).exec(database).await.attempt(ACTION).map(|_| ())
}
