//! Counting the rows of a file.

use super::row_error::Errors;

/// What the reading of a file came to, for the report.
#[derive(Debug, Default)]
pub(super) struct Tally {
    pub(super) rows: u64,
    pub(super) accepted: u64,
    pub(super) duplicates: u64,
    pub(super) errors: Errors,
}
