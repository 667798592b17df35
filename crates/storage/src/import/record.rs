//! The rows of the table of imports.

use std::time::Duration;

use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::{Expr, SimpleExpr};
use sea_orm::{ColumnTrait, ConnectionTrait, DatabaseTransaction, EntityTrait, QueryFilter};

use super::failure::ImportFailure;
use super::rejected::{self, Rejection};
use super::report::{ImportReport, ImportState};
use crate::database::Database;
use crate::database::repetition::Repetition;
use crate::entity::import;
use crate::error::{Attempt, StorageError};
use crate::performance::certain_time::clock;

const ACTION: &str = "record an import that has not ended";

/// How long a record is written again when another writer was in the way.
const PATIENCE: Duration = Duration::from_secs(30);

/// Records the end of an import that booked nothing, in its row or a new one.
pub(super) async fn conclude(
    database: &Database,
    report: ImportReport,
    record: Option<i64>,
    rejected: &Rejection,
) -> Result<ImportReport, StorageError> {
    let mut repetition = Repetition::within(PATIENCE);
    loop {
        match conclude_once(database, &report, record, rejected).await {
            Ok(id) => return Ok(ImportReport { id: Some(id), ..report }),
            Err(error) => repetition.after(database, error).await?,
        }
    }
}

async fn conclude_once(
    database: &Database,
    report: &ImportReport,
    record: Option<i64>,
    rejected: &Rejection,
) -> Result<i64, StorageError> {
    let transaction = database.begin_writing().await?;
    let id = write(&transaction, report.row(), record).await?;
    rejected::keep(&transaction, id, rejected).await?;
    transaction.commit().await.attempt(ACTION)?;
    Ok(id)
}

/// Writes a row, existing or new, and returns its number.
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

/// Writes into the row of an import that has not ended. Fails if it has: then another node ended
/// it, and its sender has been told so.
pub(super) async fn update<C: ConnectionTrait>(
    database: &C,
    row: import::ActiveModel,
) -> Result<(), StorageError> {
    let update = import::Entity::update(row).validate().attempt(ACTION)?.filter(has_not_ended());
    update.exec(database).await.attempt(ACTION).map(|_| ())
}

/// Records that an import failed, unless it has ended.
pub(super) async fn fail<C: ConnectionTrait>(
    database: &C,
    id: i64,
    failure: &ImportFailure,
) -> Result<(), StorageError> {
    let text = |text: &str| Expr::value(text.to_owned());
    import::Entity::update_many()
        .col_expr(import::Column::State, text(ImportState::Failed.name()))
        .col_expr(import::Column::Failure, text(failure.code.name()))
        .col_expr(import::Column::FailureMessage, text(&failure.message))
        .col_expr(import::Column::FinishedAt, Expr::cust(clock(database.get_database_backend())))
        .filter(import::Column::Id.eq(id))
        .filter(has_not_ended())
        .exec(database)
        .await
        .attempt("record that an import failed")?;
    Ok(())
}

/// Returns the import that booked a file with one of these identities, if any did.
pub(super) async fn with_identity<C: ConnectionTrait>(
    database: &C,
    identities: Vec<String>,
) -> Result<Option<import::Model>, StorageError> {
    let same = import::Entity::find().filter(import::Column::Identity.is_in(identities));
    same.one(database).await.attempt("look for an earlier import")
}

/// Returns the condition that an import waits or runs.
pub(super) fn has_not_ended() -> SimpleExpr {
    import::Column::State
        .is_not_in([ImportState::Completed, ImportState::Failed].map(ImportState::name))
}
