//! What became of a file.

use bams_domain::Quarter;
use sea_orm::ActiveValue::{NotSet, Set};
use serde::{Deserialize, Serialize};

use super::kind::Kind;
use super::row_error::RowError;
use crate::entity::import;
use crate::error::StorageError;
use crate::row::{corrupt, count};

/// Whether a file was booked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// Its good rows are booked.
    Completed,
    /// It was refused, and nothing of it is booked.
    Failed,
}

impl State {
    /// The name in JSON and in the database.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Completed => "completed",
            Self::Failed => "failed",
        }
    }
}

/// What became of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImportReport {
    /// The number of the import; a dry run has none.
    pub id: Option<i64>,
    /// Whether it was booked.
    pub state: State,
    /// What its rows are.
    pub kind: Kind,
    /// The quarter of its rows; `None` for images, and if a column names it for each row.
    pub quarter: Option<Quarter>,
    /// Its name, without a folder.
    pub file_name: String,
    /// The SHA-256 of its bytes, in lower-case hex.
    pub sha256: String,
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
            rows: Set(stored(self.rows)),
            accepted: Set(stored(self.accepted)),
            duplicates: Set(stored(self.duplicates)),
            rejected: Set(stored(self.rejected)),
            errors: Set(serde_json::json!(self.errors).to_string()),
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
        let state = match row.state.as_str() {
            "completed" => State::Completed,
            "failed" => State::Failed,
            other => return Err(corrupt(TABLE, "state", other)),
        };
        let quarter = row.quarter.map(|it| {
            let number = u8::try_from(it).ok();
            let quarter = number.and_then(|number| Quarter::try_from(number).ok());
            quarter.ok_or_else(|| corrupt(TABLE, "quarter", it))
        });
        Ok(Self {
            id: Some(row.id),
            state,
            kind: row.kind.parse().map_err(|_| corrupt(TABLE, "kind", &row.kind))?,
            quarter: quarter.transpose()?,
            file_name: row.file_name,
            sha256: row.sha256,
            rows: count(TABLE, "rows", row.rows)?,
            accepted: count(TABLE, "accepted", row.accepted)?,
            duplicates: count(TABLE, "duplicates", row.duplicates)?,
            rejected: count(TABLE, "rejected", row.rejected)?,
            errors: serde_json::from_str(&row.errors)
                .map_err(|_| corrupt(TABLE, "errors", &row.errors))?,
            duplicate_of: None,
            created_at_ms: row.created_at,
            finished_at_ms: row.finished_at,
        })
    }
}
