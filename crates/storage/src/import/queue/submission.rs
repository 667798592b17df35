//! The record of a file that becomes a job, and the answer to repetitions.

use std::time::Duration;

use sea_orm::ActiveValue::Set;
use sea_orm::EntityTrait;

use crate::change::{Actor, Begun, Change, Once, StoredAnswer};
use crate::database::Database;
use crate::database::repetition::Repetition;
use crate::entity::import_job;
use crate::error::{Attempt, StorageError};
use crate::import::record;
use crate::import::report::ImportReport;

/// How long recording a job is repeated while another writer is in the way. SQLite's one writer may
/// be an import, and each attempt waits for it.
const PATIENCE: Duration = Duration::from_secs(20);

/// The result of sending a file to the queue.
#[derive(Debug)]
pub enum Submitted {
    /// It waits for its turn as this import.
    Queued(Box<ImportReport>),
    /// The same request was answered like this before; nothing was queued.
    Answered(StoredAnswer),
    /// The client used the same idempotency key for another request; nothing was queued.
    Reused,
}

/// Records an import for all nodes, unless its request was answered before.
pub(super) async fn record(
    database: &Database,
    report: &ImportReport,
    sender: &Actor,
    once: Option<&Once<ImportReport>>,
) -> Result<Submitted, StorageError> {
    let mut repetition = Repetition::within(PATIENCE);
    loop {
        match try_to_record(database, report, sender, once).await {
            Err(error) => repetition.after(database, error).await?,
            recorded => return recorded,
        }
    }
}

async fn try_to_record(
    database: &Database,
    report: &ImportReport,
    sender: &Actor,
    once: Option<&Once<ImportReport>>,
) -> Result<Submitted, StorageError> {
    let (sender, now) = (sender.clone(), report.created_at_ms);
    let change = match once {
        None => Change::begin(database, sender, now).await?,
        Some(once) => match Change::begin_once(database, sender, now, once.claim.clone()).await? {
            Begun::Fresh(change) => change,
            Begun::Answered(answer) => return Ok(Submitted::Answered(answer)),
            Begun::Reused => return Ok(Submitted::Reused),
        },
    };
    let id = record::write(&change.transaction, report.row(), None).await?;
    let job = import_job::ActiveModel {
        import_id: Set(id),
        beat: Set(0),
        phase: Set(None),
        bytes_read: Set(0),
        rows: Set(0),
    };
    let inserted = import_job::Entity::insert(job).exec_without_returning(&change.transaction);
    inserted.await.attempt("queue an import")?;
    let report = ImportReport { id: Some(id), ..report.clone() };
    let answer = once.map(|once| (once.answer)(&report));
    change.commit_answered(answer.unwrap_or_default()).await?;
    Ok(Submitted::Queued(Box::new(report)))
}
