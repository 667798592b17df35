//! Reverting an import: what it added is taken out again, as a whole or not at all.
//!
//! An import goes back the way on which a large one comes in ([`staging`](super::staging)). Its sums are
//! taken out of performance portion by portion, and count beside it meanwhile. One short transaction
//! makes its rows and sums not count any more. Then they are removed.

mod conditions;
mod error;
mod revert;
mod sums;

use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter, QuerySelect};
use tokio::task::JoinHandle;

pub use self::error::RevertError;
use self::revert::Revert;
use super::failure::ImportFailure;
use super::imports::Imports;
use super::job::new_owner;
use super::kind::ImportKind;
use super::notice::{self, ImportNotice};
use super::report::{ImportReport, ImportState};
use super::staging::{Beating, remove};
use crate::change::Actor;
use crate::database::Database;
use crate::entity::import;
use crate::error::{Attempt, StorageError};

/// The most later imports that are named.
const NAMED: u64 = 100;

/// An import that was reverted.
#[derive(Debug)]
pub struct Reverted {
    /// The import. Its notices name later imports that left rows out because this one had them.
    pub report: ImportReport,
    /// Removes the rows, which do not count any more. Others go on with it if this process ends. `None`
    /// if somebody else has reverted the import.
    pub removal: Option<JoinHandle<()>>,
}

impl Imports {
    /// Reverts an import on behalf of somebody, at a moment in unix milliseconds. An import that is
    /// reverted already, or by somebody else meanwhile, is returned as it is.
    pub async fn revert(
        &self,
        import: i64,
        by: &Actor,
        now_unix_ms: i64,
    ) -> Result<Reverted, RevertError> {
        let found = self.find(import).await?.ok_or(RevertError::Unknown)?;
        if found.reverted_at_ms.is_some() {
            return Ok(Reverted { report: self.with_later_ones(found).await?, removal: None });
        }
        let (imports, by) = (self.clone(), by.clone());
        // Somebody who leaves now must not leave a revert behind that others have to take back.
        let reverting = self.runtime.spawn(async move {
            let (kind, owner) = (found.kind, new_owner());
            let database = &imports.database;
            let revert = Revert { database, import, kind, owner, by: &by, now_unix_ms };
            revert.run().await.map(|is_ours| is_ours.then_some(owner))
        });
        let owner = reverting.await.map_err(|_| RevertError::Busy)??;
        let database = self.database.clone();
        let clearing = |owner| async move { clear(&database, import, owner).await };
        let removal = owner.map(|owner| self.runtime.spawn(clearing(owner)));
        let report = self.find(import).await?.ok_or(RevertError::Unknown)?;
        Ok(Reverted { report: self.with_later_ones(report).await?, removal })
    }

    /// Adds notices of later imports of the same kind that left rows out as duplicates.
    async fn with_later_ones(
        &self,
        mut report: ImportReport,
    ) -> Result<ImportReport, StorageError> {
        let later = import::Entity::find()
            .filter(later_ones(report.id.unwrap_or_default(), report.kind))
            .limit(NAMED)
            .all(self.database.reading())
            .await
            .attempt("look for later imports")?;
        let named = later.iter().map(|it| {
            ImportNotice::may_come_again(it.id, &it.file_name, it.duplicates.unsigned_abs())
        });
        notice::add(&mut report.notices, named);
        Ok(report)
    }
}

/// Removes what does not count any more.
async fn clear(database: &Database, import: i64, owner: i64) {
    let _beating = Beating::begin(database, import, owner);
    // The record has ended, so that no failure is written into it.
    if let Err(error) = remove(database, import, owner, &ImportFailure::interrupted()).await {
        let error = &error as &dyn std::error::Error;
        tracing::warn!(import.id = import, error, "rows of a reverted import are removed later");
    }
}

/// Returns the condition of later imports that left rows out because they had come in before. Rows of
/// impressions have no ids by which they could have.
fn later_ones(import: i64, kind: ImportKind) -> Condition {
    use import::Column;
    Condition::all()
        .add(Column::Id.gt(if kind.has_ids() { import } else { i64::MAX }))
        .add(Column::Kind.eq(kind.name()))
        .add(Column::State.eq(ImportState::Completed.name()))
        .add(Column::Duplicates.gt(0))
        .add(Column::DryRun.eq(false))
        .add(Column::DuplicateOf.is_null())
        .add(Column::RevertedAt.is_null())
}
