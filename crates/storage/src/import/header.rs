//! The header of a file.

use csv::ByteRecord;

use super::column::{Column, OF_REJECTED_ROWS};
use super::kind::ImportKind;
use super::notice::ImportNotice;
use super::row_error::{ErrorCode, RowError, cut, quoted};

/// The columns of a file.
#[derive(Debug)]
pub(super) struct Header {
    line: u64,
    names: Vec<String>,
    positions: [Option<usize>; Column::ALL.len()],
    repeated: Vec<(Column, usize)>,
    broken: Option<usize>,
    delimiter: u8,
}

impl Header {
    /// Reads names in any order and case, with spaces around them.
    pub(super) fn read(line: u64, record: &ByteRecord, delimiter: u8) -> Self {
        let mut header = Self {
            line,
            names: Vec::with_capacity(record.len()),
            positions: Default::default(),
            repeated: Vec::new(),
            broken: None,
            delimiter,
        };
        for (position, field) in record.iter().enumerate() {
            let name = String::from_utf8_lossy(field).trim().to_owned();
            if header.broken.is_none() && str::from_utf8(field).is_err() {
                header.broken = Some(position);
            }
            if let Some(column) = Column::named(&name) {
                match &mut header.positions[column as usize] {
                    Some(_) => header.repeated.push((column, position)),
                    place => *place = Some(position),
                }
            }
            header.names.push(name);
        }
        header
    }

    pub(super) fn position(&self, column: Column) -> Option<usize> {
        self.positions[column as usize]
    }

    /// Returns the number of fields that each row must have.
    pub(super) fn width(&self) -> usize {
        self.names.len()
    }

    /// Returns the names, as the file has them.
    pub(super) fn names(&self) -> &[String] {
        &self.names
    }

    /// Returns what parts the fields of a row.
    pub(super) fn delimiter(&self) -> u8 {
        self.delimiter
    }

    /// Returns true if a comma may be the decimal point, because it parts no fields.
    pub(super) fn has_decimal_comma(&self) -> bool {
        self.delimiter != b','
    }

    /// Returns a notice for each column that is not read in a file of a kind.
    pub(super) fn notices(&self, kind: ImportKind) -> impl Iterator<Item = ImportNotice> {
        let is_read = move |name: &&String| {
            let is = |known: &&str| known.eq_ignore_ascii_case(name);
            let of_kind = Column::named(name).is_some_and(|column| kind.may_have(column));
            of_kind || name.is_empty() || OF_REJECTED_ROWS.iter().any(is)
        };
        let unknown = self.names.iter().filter(move |name| !is_read(name));
        unknown.map(|name| ImportNotice::unknown_column(self.line, &quoted(name)))
    }

    /// Returns the name of a position in errors: the file's own name, or else the number.
    pub(super) fn name(&self, position: usize) -> String {
        match self.names.get(position) {
            Some(name) if !name.is_empty() => cut(name),
            _ => (position + 1).to_string(),
        }
    }

    /// Returns the kind of file that the columns tell.
    pub(super) fn kind(&self) -> Option<ImportKind> {
        let has = |column| self.position(column).is_some();
        if has(Column::ConversionId) {
            Some(ImportKind::Conversions)
        } else if has(Column::ClickId) {
            Some(ImportKind::Clicks)
        } else if has(Column::Url) {
            Some(ImportKind::Images)
        } else {
            (has(Column::BannerId) && has(Column::CampaignId)).then_some(ImportKind::Impressions)
        }
    }

    /// Returns why rows of a kind cannot be read under this header.
    pub(super) fn problems(&self, kind: ImportKind) -> Vec<RowError> {
        let error = |column, code, message| RowError { line: self.line, column, code, message };
        if let Some(position) = self.broken {
            let message = "the header is not UTF-8".to_owned();
            return vec![error(self.name(position), ErrorCode::NotUtf8, message)];
        }
        let columns = kind.columns().iter();
        let missing = columns.filter(|column| self.position(**column).is_none()).map(|column| {
            let name = column.names()[0];
            let message = format!("a file of {kind} needs the column {}", quoted(name));
            error(name.to_owned(), ErrorCode::MissingColumn, message)
        });
        let in_use = self.repeated.iter().filter(|(column, _)| kind.may_have(*column));
        let repeated = in_use.map(|(column, position)| {
            let message = format!("a second column for {}", quoted(column.names()[0]));
            error(self.name(*position), ErrorCode::DuplicateColumn, message)
        });
        missing.chain(repeated).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(kind: ImportKind, names: &[&str], expected: &[(&str, ErrorCode)]) {
        let header = Header::read(1, &ByteRecord::from(names.to_vec()), b',');
        let problems = header.problems(kind);
        let found: Vec<_> =
            problems.iter().map(|error| (error.column.as_str(), error.code)).collect();
        assert_eq!(found, expected, "{names:?}");
    }

    #[test]
    fn columns_are_found_by_name_in_any_order() {
        check(ImportKind::Clicks, &["campaign_id", "click_id", "banner_id"], &[]);
        check(ImportKind::Clicks, &[" Click_ID ", "BANNER_ID", "campaign_id", "", ""], &[]);
        check(ImportKind::Conversions, &["conversation_id", "click_id", "revenue", "quarter"], &[]);
        check(ImportKind::Images, &["url", "note", "note"], &[]);
    }

    #[test]
    fn columns_that_are_not_read_are_named() {
        let names = ["URL", "note", "", "revenue", "line", "Code", "alt"];
        let header = Header::read(3, &ByteRecord::from(names.to_vec()), b';');
        let notices: Vec<_> = header.notices(ImportKind::Images).collect();
        let messages: Vec<_> = notices.iter().map(|it| (it.line, it.message.as_str())).collect();
        let expected = ["column `note` is not read", "column `revenue` is not read"];
        assert_eq!(messages, expected.map(|it| (Some(3), it)));
    }

    #[test]
    fn missing_and_repeated_columns_are_named() {
        use ErrorCode::{DuplicateColumn, MissingColumn};
        check(ImportKind::Impressions, &["campaign_id"], &[("banner_id", MissingColumn)]);
        let all = [("banner_id", MissingColumn), ("campaign_id", MissingColumn)];
        check(ImportKind::Impressions, &["12", "3"], &all);
        let twice = ["url", "URL"];
        check(ImportKind::Images, &twice, &[("URL", DuplicateColumn)]);
        let both = ["conversion_id", "click_id", "revenue", "conversation_id"];
        check(ImportKind::Conversions, &both, &[("conversation_id", DuplicateColumn)]);
    }
}
