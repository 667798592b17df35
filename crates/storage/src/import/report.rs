//! What became of a file.

use bams_domain::Quarter;
use sea_orm::ActiveValue::{NotSet, Set};
use serde::{Deserialize, Serialize};

use super::failure::{ImportFailure, ImportFailureCode};
use super::kind::ImportKind;
use super::row_error::RowError;
use crate::database::values::{corrupt, count};
use crate::entity::import;
use crate::error::StorageError;

/// How far an import has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ImportState {
    /// It waits for its turn.
    Queued,
    /// It is being read and booked.
    Running,
    /// Its good rows are booked.
    Completed,
    /// Nothing of it is booked.
    Failed,
}

impl ImportState {
    /// Every state, in the order of an import's life.
    pub const ALL: [Self; 4] = [Self::Queued, Self::Running, Self::Completed, Self::Failed];

    /// The name in JSON and in the database.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Running => "running",
            Self::Completed => "completed",
            Self::Failed => "failed",
        }
    }
}

/// What became of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImportReport {
    /// The number of the import; a dry run of the command line has none.
    pub id: Option<i64>,
    /// Whether it was booked.
    pub state: ImportState,
    /// What its rows are.
    pub kind: ImportKind,
    /// The quarter of its rows; `None` for images, and if a column names it for each row.
    pub quarter: Option<Quarter>,
    /// Its name, without a folder.
    pub file_name: String,
    /// The SHA-256 of its content, unpacked, in lower-case hex; `None` before it was read.
    pub sha256: Option<String>,
    /// Whether it was only tried.
    pub dry_run: bool,
    /// The size of the file, packed or not, in bytes.
    pub bytes: u64,
    /// Rows read, good or bad, without the header.
    pub rows: u64,
    /// Rows booked; none of a file that was refused.
    pub accepted: u64,
    /// Rows whose id was known already, which changed nothing.
    pub duplicates: u64,
    /// How many errors there are in all: at most one for each row, or those of the header.
    pub rejected: u64,
    /// The first hundred errors, in the order of their lines.
    pub errors: Vec<RowError>,
    /// Why it failed; `None` unless it did.
    pub failure: Option<ImportFailure>,
    /// The import that booked the same bytes before; then all else is said about that one.
    pub duplicate_of: Option<i64>,
    /// When it began, in milliseconds since 1970.
    pub created_at_ms: i64,
    /// When it ended, in milliseconds since 1970.
    pub finished_at_ms: Option<i64>,
}

const TABLE: &str = "imports";

impl ImportReport {
    /// The row that keeps it, without id and identity.
    pub(super) fn row(&self) -> import::ActiveModel {
        import::ActiveModel {
            id: NotSet,
            state: Set(self.state.name().to_owned()),
            kind: Set(self.kind.name().to_owned()),
            quarter: Set(self.quarter.map(|it| it.number().into())),
            file_name: Set(self.file_name.clone()),
            sha256: Set(self.sha256.clone()),
            identity: NotSet,
            dry_run: Set(self.dry_run),
            bytes: Set(stored(self.bytes)),
            rows: Set(stored(self.rows)),
            accepted: Set(stored(self.accepted)),
            duplicates: Set(stored(self.duplicates)),
            rejected: Set(stored(self.rejected)),
            errors: Set(serde_json::json!(self.errors).to_string()),
            failure: Set(self.failure.as_ref().map(|it| it.code.name().to_owned())),
            failure_message: Set(self.failure.as_ref().map(|it| it.message.clone())),
            duplicate_of: Set(self.duplicate_of),
            created_at: Set(self.created_at_ms),
            finished_at: Set(self.finished_at_ms),
        }
    }
}

fn stored(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

impl TryFrom<import::Model> for ImportReport {
    type Error = StorageError;

    fn try_from(row: import::Model) -> Result<Self, StorageError> {
        let state = ImportState::ALL.into_iter().find(|it| it.name() == row.state);
        let failure = row.failure.map(|name| {
            let code = ImportFailureCode::named(&name);
            let message = row.failure_message.unwrap_or_default();
            let failure = code.map(|code| ImportFailure { code, message });
            failure.ok_or_else(|| corrupt(TABLE, "failure", name))
        });
        let quarter = row.quarter.map(|it| {
            let number = u8::try_from(it).ok();
            let quarter = number.and_then(|number| Quarter::try_from(number).ok());
            quarter.ok_or_else(|| corrupt(TABLE, "quarter", it))
        });
        Ok(Self {
            id: Some(row.id),
            state: state.ok_or_else(|| corrupt(TABLE, "state", &row.state))?,
            kind: row.kind.parse().map_err(|_| corrupt(TABLE, "kind", &row.kind))?,
            quarter: quarter.transpose()?,
            file_name: row.file_name,
            sha256: row.sha256,
            dry_run: row.dry_run,
            bytes: count(TABLE, "bytes", row.bytes)?,
            rows: count(TABLE, "rows", row.rows)?,
            accepted: count(TABLE, "accepted", row.accepted)?,
            duplicates: count(TABLE, "duplicates", row.duplicates)?,
            rejected: count(TABLE, "rejected", row.rejected)?,
            errors: serde_json::from_str(&row.errors)
                .map_err(|_| corrupt(TABLE, "errors", &row.errors))?,
            failure: failure.transpose()?,
            duplicate_of: row.duplicate_of,
            created_at_ms: row.created_at,
            finished_at_ms: row.finished_at,
        })
    }
}
