//! An import as JSON.

use bams_app::importing::CurrentImport;
use bams_domain::Quarter;
use bams_storage::{
    ImportFailureCode, ImportKind, ImportNotice, ImportPhase, ImportState, NoticeCode,
};
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
    "notices": [{
        "code": "unknown_column",
        "message": "column `note` is not read",
        "line": 1
    }],
    "mends": null,
    "failure": null,
    "duplicate_of": null,
    "created_at": "2026-01-01T10:20:00Z",
    "finished_at": "2026-01-01T10:20:01Z",
    "reverted_at": null,
    "reverted_by": null
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
    /// What its sender should know besides, at most a hundred.
    notices: Vec<Notice>,
    /// The import whose rejected rows it has in mended form; then only those rows count.
    mends: Option<i64>,
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
    /// From when on nothing of it counts any more; null unless it was reverted.
    #[schema(format = DateTime, example = "2026-01-01T11:00:00Z")]
    reverted_at: Option<String>,
    /// The name of the key that reverted it; null unless it was reverted.
    #[schema(example = "Ada")]
    reverted_by: Option<String>,
}

/// What the sender of a file should know besides.
#[derive(Serialize, ToSchema)]
pub(crate) struct Notice {
    /// Stable and machine-readable. More may be added: `unknown_column`, `joined_campaign`,
    /// `title_left_out`, `totals_left_out`, `mends`.
    #[schema(value_type = String, example = "unknown_column")]
    code: NoticeCode,
    /// For people.
    #[schema(example = "column `note` is not read")]
    message: String,
    /// The line of the file, if it is about one.
    #[schema(minimum = 1, example = 1)]
    line: Option<u64>,
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
            notices: report.notices.into_iter().map(Notice::from).collect(),
            mends: report.mends,
            failure: report.failure.map(|it| ImportFailure { code: it.code, message: it.message }),
            duplicate_of: report.duplicate_of,
            created_at: timestamp::text(report.created_at_ms),
            finished_at: report.finished_at_ms.map(timestamp::text),
            reverted_at: report.reverted_at_ms.map(timestamp::text),
            reverted_by: report.reverted_by,
        }
    }
}

impl From<ImportNotice> for Notice {
    fn from(ImportNotice { code, message, line }: ImportNotice) -> Self {
        Self { code, message, line }
    }
}
