//! Reverting imports.

use bams_storage::{
    Actor, Begun, Change, EarlierUse, ImportReport, Imports, Once, Repetition, RevertError,
    Reverted, StorageError, earlier_use,
};
use tokio::task::JoinHandle;

use super::current::CurrentImport;
use super::error::ImportingError;
use super::{Importing, expect_name_of};
use crate::managing::Made;

impl Importing {
    /// Reverts an import and returns it, unless its request was answered before. What does not count
    /// any more is removed afterwards.
    pub async fn revert(
        &self,
        import: i64,
        by: Actor,
        once: Option<Once<CurrentImport>>,
        now: i64,
    ) -> Result<Made<CurrentImport>, ImportingError> {
        expect_name_of(once.as_ref())?;
        if let Some(Once { claim, .. }) = &once
            && let Some(before) = before(earlier_use(self.imports.database(), claim, now).await?)?
        {
            return Ok(before);
        }
        let (report, _removal) = revert(&self.imports, import, &by, now).await?;
        self.snapshots.hurry();
        let reverted = CurrentImport::of(report, None);
        // A second revert changes nothing, so the answer need not be kept in the same transaction.
        let kept = match &once {
            Some(once) => self.keep(&by, once, &reverted, now).await?,
            None => EarlierUse::None,
        };
        Ok(before(kept)?.unwrap_or(Made::Now(reverted)))
    }

    /// Keeps the answer to a revert, unless there is one.
    async fn keep(
        &self,
        by: &Actor,
        once: &Once<CurrentImport>,
        reverted: &CurrentImport,
        now: i64,
    ) -> Result<EarlierUse, StorageError> {
        let (database, mut repetition) = (self.imports.database(), Repetition::new());
        let attempt =
            async || match Change::begin_once(database, by.clone(), now, once.claim.clone()).await?
            {
                Begun::Fresh(change) => {
                    change.commit_answered((once.answer)(reverted)).await.map(|()| EarlierUse::None)
                }
                Begun::Answered(answer) => Ok(EarlierUse::Same(answer)),
                Begun::Reused => Ok(EarlierUse::Other),
            };
        loop {
            match attempt().await {
                Err(error) => repetition.after(database, error).await?,
                kept => return kept,
            }
        }
    }
}

/// Returns the answer of before, if there is one.
fn before(used: EarlierUse) -> Result<Option<Made<CurrentImport>>, ImportingError> {
    match used {
        EarlierUse::None => Ok(None),
        EarlierUse::Same(answer) => Ok(Some(Made::Before(answer))),
        EarlierUse::Other => Err(ImportingError::ClaimedByAnother),
    }
}

/// Reverts an import, and returns it with the task that removes its rows, which do not count any more.
///
/// All that it added counts no more, or nothing has changed. Its campaigns, banners and attachments
/// stay. An import that is reverted already is returned as it is.
pub async fn revert(
    imports: &Imports,
    import: i64,
    by: &Actor,
    now: i64,
) -> Result<(ImportReport, Option<JoinHandle<()>>), ImportingError> {
    match imports.revert(import, by, now).await {
        Ok(Reverted { report, removal }) => Ok((report, removal)),
        Err(RevertError::Unknown) => Err(ImportingError::Unknown(import)),
        Err(RevertError::Refused(reason)) => Err(ImportingError::NotRevertible(reason)),
        Err(error @ RevertError::SummedUp(_)) => Err(ImportingError::SummedUp(error.to_string())),
        Err(error @ RevertError::Busy) => Err(ImportingError::Busy(error.to_string())),
        Err(RevertError::Storage(error)) => Err(error.into()),
    }
}
