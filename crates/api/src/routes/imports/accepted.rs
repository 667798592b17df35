//! What an import that was queued is answered.

use bams_storage::ImportReport;

use super::resource::Import;
use crate::answer::changed::Answer;
use crate::paths;

/// What an import that was queued is answered.
pub(super) fn accepted(report: &ImportReport) -> Answer {
    let location = address(report.id.unwrap_or_default());
    Answer::accepted(location, &Import::of(report.clone(), None))
}

/// Where an import is.
pub(super) fn address(import: i64) -> String {
    paths::of(paths::IMPORT, import)
}
