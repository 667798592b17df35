//! What the first reading of a file found.

use bams_domain::Quarter;

use super::kind::ImportKind;
use super::row_error::RowError;

/// What the first reading found.
#[derive(Debug)]
pub(super) struct Examined {
    /// Of its content, unpacked; empty before it was read.
    pub(super) sha256: String,
    pub(super) kind: ImportKind,
    /// The quarter of all rows; `None` if a column names it or none is needed.
    pub(super) quarter: Option<Quarter>,
    /// Why the rows cannot be read at all.
    pub(super) problems: Vec<RowError>,
}

impl Examined {
    /// What makes a file count once: kind, quarter and bytes.
    pub(super) fn identity(&self) -> String {
        let quarter = self.quarter.map_or_else(|| "column".to_owned(), |it| it.to_string());
        format!("{}:{quarter}:{}", self.kind, self.sha256)
    }
}
