//! The file of an import's rejected rows, which can be mended and imported.

use bams_storage::{ImportReport, RejectedColumns, RejectedRow};

/// The columns that say what is wrong. An import passes them over.
const REASONS: [&str; 4] = ["line", "column", "code", "message"];

/// The file of an import's rejected rows: the columns of the original, and then what is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RejectedFile {
    /// Its name, by which an import knows its kind and quarter.
    pub name: String,
    /// What parts its fields, as in the original.
    pub delimiter: char,
    /// The names of the original's columns. Empty if they are not known.
    originals: Vec<String>,
    /// How many columns the original has.
    width: usize,
}

impl RejectedFile {
    pub(super) fn of(import: i64, report: &ImportReport, known: Option<RejectedColumns>) -> Self {
        let quarter = report.quarter.map(|quarter| format!("_{quarter}")).unwrap_or_default();
        let (delimiter, originals) =
            known.map_or((',', Vec::new()), |columns| (columns.delimiter, columns.names));
        let width = originals.len();
        // A file that was rejected before has these columns already; they are about that file.
        let is_reason = |name: &String| REASONS.iter().any(|it| it.eq_ignore_ascii_case(name));
        let count = originals.iter().rposition(|name| !is_reason(name)).map_or(0, |last| last + 1);
        let originals = originals.into_iter().take(count).collect();
        let name = format!("{}_{import}_rejected{quarter}.csv", report.kind);
        Self { name, delimiter, originals, width }
    }

    /// Returns its header.
    pub fn header(&self) -> Vec<String> {
        self.originals.iter().cloned().chain(REASONS.map(ToOwned::to_owned)).collect()
    }

    /// Returns the fields of a row. One with too many fields cannot be told apart into columns, and so
    /// it stands in the message.
    pub fn row(&self, row: &RejectedRow) -> Vec<String> {
        let (RejectedRow { error, content }, fields) = (row, row.fields());
        let is_too_wide = fields.len() > self.width;
        let message = if is_too_wide && !content.is_empty() {
            format!("{}: {content}", error.message)
        } else {
            error.message.clone()
        };
        let fields = if is_too_wide { Vec::new() } else { fields };
        let empty = std::iter::repeat_with(String::new);
        let fields = fields.into_iter().chain(empty).take(self.originals.len());
        let reasons =
            [error.line.to_string(), error.column.clone(), error.code.name().to_owned(), message];
        fields.chain(reasons).collect()
    }
}
