//! The counts of a file's rows.

use super::notice::ImportNotice;
use super::row_error::Errors;

/// The counts of a file's rows, for its report.
#[derive(Debug, Default)]
pub(super) struct Tally {
    pub(super) rows: u64,
    pub(super) accepted: u64,
    pub(super) duplicates: u64,
    pub(super) errors: Errors,
    pub(super) notices: Vec<ImportNotice>,
}
