//! Reverting imports.

use bams_storage::{Actor, ImportReport, Imports, RevertError, Reverted};
use tokio::task::JoinHandle;

use super::error::ImportingError;

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
        Err(error @ RevertError::Busy) => Err(ImportingError::Busy(error.to_string())),
        Err(RevertError::Storage(error)) => Err(error.into()),
    }
}
