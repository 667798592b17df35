//! An error in a line of an uploaded file.

use bams_storage::{ErrorCode, RowError};
use serde::Serialize;
use utoipa::ToSchema;

/// What is wrong with a line of a file.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct LineError {
    /// The line; the header is line 1.
    #[schema(example = 17)]
    line: u64,
    /// The name of the column.
    #[schema(example = "revenue")]
    column: String,
    /// Stable and machine-readable.
    #[schema(value_type = String, example = "negative")]
    code: ErrorCode,
    /// For people.
    #[schema(example = "`-1` is below zero")]
    message: String,
}

impl From<RowError> for LineError {
    fn from(RowError { line, column, code, message }: RowError) -> Self {
        Self { line, column, code, message }
    }
}
