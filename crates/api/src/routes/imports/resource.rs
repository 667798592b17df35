//! An import as JSON.

use bams_app::importing::CurrentImport;
use bams_domain::Quarter;
use bams_storage::{ImportFailureCode, ImportKind, ImportPhase, ImportState};
use serde::Serialize;
use utoipa::ToSchema;

use super::names::{ImportKindName, ImportStateName};
use crate::problem::LineError;
use crate::timestamp;

/// What became of a file.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({
    "id": 7,
    "state": "completed",
    "phase": null,
    "kind": "clicks",
    "quarter": 2,
    "file_name": "clicks_2.csv",
    "sha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    "dry_run": false,
    "bytes": 2_373_031,
    "bytes_total": 2_373_031,
    "rows": 49_870,
    "accepted": 49_868,
    "duplicates": 1,
    "rejected": 1,
    "errors": [{
        "line": 17,
        "column": "banner_id",
        "code": "negative",
        "message": "`-1` is below zero"
    }],
    "failure": null,
    "duplicate_of": null,
    "created_at": "2026-01-01T10:20:00Z",
    "finished_at": "2026-01-01T10:20:01Z"
}))]
pub(crate) struct Import {
    /// Its number; null for a dry run of older clients.
    #[schema(example = 7)]
    pub(super) id: Option<i64>,
    /// How far it is.
    #[schema(value_type = ImportStateName, example = "completed")]
    state: ImportState,
    /// What it does while it runs: `reading` the file once to know it, then `booking` its rows.
    phase: Option<&'static str>,
    /// What it holds.
    #[schema(value_type = ImportKindName, example = "clicks")]
    kind: ImportKind,
    /// The quarter of its rows; null if a column names it for each row.
    #[schema(value_type = Option<u8>, minimum = 1, maximum = 4, example = 2)]
    quarter: Option<Quarter>,
    /// Its name.
    #[schema(example = "clicks_2.csv")]
    file_name: String,
    /// Of its content, unpacked, as hex digits; null until it was read once.
    #[schema(example = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08")]
    sha256: Option<String>,
    /// Whether it is only tried: then nothing is stored but this.
    #[schema(example = false)]
    dry_run: bool,
    /// How many bytes of the file were read in this phase.
    #[schema(example = 2_373_031)]
    bytes: u64,
    /// How many bytes the file has.
    #[schema(example = 2_373_031)]
    bytes_total: u64,
    /// Rows read so far, good or bad, without the header.
    #[schema(example = 49_870)]
    rows: u64,
    /// Rows that count now and did not before.
    #[schema(example = 49_868)]
    accepted: u64,
    /// Rows whose id was known already; they changed nothing.
    #[schema(example = 1)]
    duplicates: u64,
    /// How much was wrong in all.
    #[schema(example = 1)]
    rejected: u64,
    /// What was wrong, the first hundred. `/imports/{import_id}/rejected` has more.
    errors: Vec<LineError>,
    /// Why it failed; null unless it did.
    failure: Option<ImportFailure>,
    /// The import that stored the same bytes before; then nothing changed.
    duplicate_of: Option<i64>,
    /// When it began.
    #[schema(format = DateTime, example = "2026-01-01T10:20:00Z")]
    created_at: String,
    /// When it ended.
    #[schema(format = DateTime, example = "2026-01-01T10:20:01Z")]
    finished_at: Option<String>,
}

/// Why an import failed.
#[derive(Serialize, ToSchema)]
pub(crate) struct ImportFailure {
    /// Stable and machine-readable: `invalid_rows`, `damaged`, `unpacks_too_large`, `unreadable`,
    /// `database_unavailable` or `interrupted`. The last three are worth another try.
    #[schema(value_type = String, example = "invalid_rows")]
    code: ImportFailureCode,
    /// For people.
    #[schema(example = "3 errors; nothing of the file was stored")]
    message: String,
}

impl From<CurrentImport> for Import {
    fn from(import: CurrentImport) -> Self {
        let CurrentImport { report, state, phase, bytes, rows } = import;
        Self {
            id: report.id,
            state,
            phase: phase.map(ImportPhase::name),
            kind: report.kind,
            quarter: report.quarter,
            file_name: report.file_name,
            sha256: report.sha256,
            dry_run: report.dry_run,
            bytes,
            bytes_total: report.bytes,
            rows,
            accepted: report.accepted,
            duplicates: report.duplicates,
            rejected: report.rejected,
            errors: report.errors.into_iter().map(LineError::from).collect(),
            failure: report.failure.map(|it| ImportFailure { code: it.code, message: it.message }),
            duplicate_of: report.duplicate_of,
            created_at: timestamp::text(report.created_at_ms),
            finished_at: report.finished_at_ms.map(timestamp::text),
        }
    }
}
