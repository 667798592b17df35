//! The findings of the first reading of a file.

use bams_domain::Quarter;

use super::kind::ImportKind;
use super::row_error::RowError;

/// The findings of the first reading.
#[derive(Debug)]
pub(super) struct Examined {
    /// The hash of its content, unpacked. Empty before it was read.
    pub(super) sha256: String,
    /// The number of line endings in its content, which is about that of its rows. 0 before it was
    /// read.
    pub(super) lines: u64,
    pub(super) kind: ImportKind,
    /// The quarter of all rows. `None` if a column has it or none is needed.
    pub(super) quarter: Option<Quarter>,
    /// Why none of the rows can be read.
    pub(super) problems: Vec<RowError>,
}

impl Examined {
    /// Returns the identity by which a file counts once: kind, quarter and bytes.
    pub(super) fn identity(&self) -> String {
        let quarter = self.quarter.map_or_else(|| "column".to_owned(), |it| it.to_string());
        format!("{}:{quarter}:{}", self.kind, self.sha256)
    }
}
