//! The report of an import.

use bams_domain::Quarter;
use sea_orm::ActiveValue::Set;
use serde::{Deserialize, Serialize};

use super::failure::{ImportFailure, ImportFailureCode};
use super::kind::ImportKind;
use super::notice::ImportNotice;
use super::row_error::RowError;
use crate::database::values::{corrupt, count};
use crate::entity::import;
use crate::error::StorageError;

/// The state of an import.
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
    /// Every state, in the order in which an import has them.
    pub const ALL: [Self; 4] = [Self::Queued, Self::Running, Self::Completed, Self::Failed];

    /// Returns the name in JSON and in the database.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Running => "running",
            Self::Completed => "completed",
            Self::Failed => "failed",
        }
    }
}

/// The report of an import.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImportReport {
    /// The number of the import. `None` for a dry run of the command line.
    pub id: Option<i64>,
    /// The state.
    pub state: ImportState,
    /// The kind of file.
    pub kind: ImportKind,
    /// The quarter of its rows; `None` for images, and if a column names it for each row.
    pub quarter: Option<Quarter>,
    /// The name of the file, without a folder.
    pub file_name: String,
    /// The SHA-256 of its content, unpacked, in lower-case hex; `None` before it was read.
    pub sha256: Option<String>,
    /// True if nothing was stored.
    pub dry_run: bool,
    /// The size of the file, packed or not, in bytes.
    pub bytes: u64,
    /// The number of rows read, good or bad, without the header.
    pub rows: u64,
    /// The number of rows booked, 0 for a file that was refused.
    pub accepted: u64,
    /// The number of rows whose id existed already, which changed nothing.
    pub duplicates: u64,
    /// The number of all errors: at most one for each row, or those of the header.
    pub rejected: u64,
    /// The first hundred errors, in the order of their lines.
    pub errors: Vec<RowError>,
    /// What its sender should know besides, at most a hundred notices.
    pub notices: Vec<ImportNotice>,
    /// The import whose rejected rows it has in another form. Then only these rows count.
    pub mends: Option<i64>,
    /// Why it failed, if it did.
    pub failure: Option<ImportFailure>,
    /// The import that booked the same bytes before. Then the rest describes that import.
    pub duplicate_of: Option<i64>,
    /// When it began, in milliseconds since 1970.
    pub created_at_ms: i64,
    /// When it ended, in milliseconds since 1970.
    pub finished_at_ms: Option<i64>,
    /// From when on nothing of it counts any more, in milliseconds since 1970.
    pub reverted_at_ms: Option<i64>,
    /// The name of the key that reverted it.
    pub reverted_by: Option<String>,
}

const TABLE: &str = "imports";

impl ImportReport {
    /// Returns the row that stores it, without id and identity.
    pub(super) fn row(&self) -> import::ActiveModel {
        import::ActiveModel {
            state: Set(self.state.name().to_owned()),
            kind: Set(self.kind.name().to_owned()),
            quarter: Set(self.quarter.map(|it| it.number().into())),
            file_name: Set(self.file_name.clone()),
            sha256: Set(self.sha256.clone()),
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
            notices: Set(Some(serde_json::json!(self.notices).to_string())),
            mends: Set(self.mends),
            created_at: Set(self.created_at_ms),
            finished_at: Set(self.finished_at_ms),
            ..Default::default()
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
        let quarter = row.quarter.map(|stored| {
            let number = u8::try_from(stored).ok();
            let known = number.and_then(|number| Quarter::try_from(number).ok());
            known.ok_or_else(|| corrupt(TABLE, "quarter", stored))
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
            notices: row
                .notices
                .as_deref()
                .map_or(Ok(Vec::new()), serde_json::from_str)
                .map_err(|_| corrupt(TABLE, "notices", "something else"))?,
            mends: row.mends,
            failure: failure.transpose()?,
            duplicate_of: row.duplicate_of,
            created_at_ms: row.created_at,
            finished_at_ms: row.finished_at,
            reverted_at_ms: row.reverted_at,
            reverted_by: row.reverted_by,
        })
    }
}
