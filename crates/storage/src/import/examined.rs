//! The findings of the first reading of a file.

use bams_domain::Quarter;

use super::kind::ImportKind;
use super::lines::Lines;
use super::notice::ImportNotice;
use super::row_error::RowError;

/// What a file mends.
#[derive(Clone, Debug)]
pub(super) struct Mends {
    /// The import whose rejected rows it has in another form.
    pub(super) import: i64,
    /// The lines of these rows, the only ones that are looked at. `None` if all are, because their ids
    /// say which count.
    pub(super) lines: Option<Lines>,
}

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
    /// The quarter that the file's name or its sender tells. Each row must agree.
    pub(super) told_quarter: Option<Quarter>,
    /// True if rows may tell their own time.
    pub(super) has_times: bool,
    /// Why none of the rows can be read.
    pub(super) problems: Vec<RowError>,
    pub(super) notices: Vec<ImportNotice>,
    pub(super) mends: Option<Mends>,
}

impl Examined {
    /// Returns the identity by which a file counts once: kind, quarter and bytes.
    pub(super) fn identity(&self) -> String {
        self.identity_in(self.quarter)
    }

    /// Returns every identity under which the same rows may have been booked. Rows that tell their own
    /// time need no quarter, so that a file of them may have been sent with or without one.
    pub(super) fn identities(&self) -> Vec<String> {
        let quarters: Vec<Option<Quarter>> = match self.quarter {
            _ if !self.has_times => vec![self.quarter],
            None => Quarter::ALL.into_iter().map(Some).chain([None]).collect(),
            known => vec![known, None],
        };
        quarters.into_iter().map(|quarter| self.identity_in(quarter)).collect()
    }

    fn identity_in(&self, quarter: Option<Quarter>) -> String {
        let quarter = quarter.map_or_else(|| "column".to_owned(), |it| it.to_string());
        format!("{}:{quarter}:{}", self.kind, self.sha256)
    }
}
