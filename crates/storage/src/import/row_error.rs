//! The errors of rows, in words by which the sender can mend them.

use bams_domain::hidden_characters;
use serde::{Deserialize, Serialize};

/// The most errors of a file that its report lists.
const LISTED: usize = 100;

/// The most errors of a file that are kept with their rows. All are counted.
const KEPT: usize = 10_000;

/// The most characters of a value or column name that a message repeats.
const REPEATED: usize = 40;

/// An error in a file, with its place.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RowError {
    /// The line in which the row begins, from 1 on.
    pub line: u64,
    /// The column's name in the header, or its number from 1 on if it has no name.
    pub column: String,
    /// The reason for programs.
    pub code: ErrorCode,
    /// The reason for people, in one sentence.
    pub message: String,
}

/// The reasons of errors in files. JSON has the name in snake case.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ErrorCode {
    /// The file is empty and has not even a header.
    EmptyFile,
    /// The header lacks a required column.
    MissingColumn,
    /// The header has a required column twice.
    DuplicateColumn,
    /// The file is no CSV, such as a spreadsheet or a web page.
    NotCsv,
    /// The row has fewer fields than the header.
    MissingField,
    /// The row has more fields than the header.
    TooManyFields,
    /// A number has other characters than digits.
    NotANumber,
    /// A number is below zero.
    Negative,
    /// A number is outside its range.
    OutOfRange,
    /// Money with more than six decimals.
    TooPrecise,
    /// A text is longer than allowed.
    TooLong,
    /// A text that cannot be an object key.
    BadKey,
    /// A text that cannot be a landing URL.
    BadUrl,
    /// A text that is neither a day nor a moment.
    NotATime,
    /// A moment more than five minutes ahead.
    InFuture,
    /// The row happened at a time that is summed up, or its id or click is that old.
    TooOld,
    /// The row tells another quarter than its time, or than the name of the file or the request.
    ConflictingQuarter,
    /// Nothing tells the quarter of the row.
    MissingQuarter,
    /// A name with a character that nobody sees.
    HiddenCharacter,
    /// A text that cannot be the id of a conversion.
    InvalidId,
    /// No click has this id.
    UnknownClick,
    /// The id was stored with other contents.
    Conflict,
    /// Bytes that are not UTF-8.
    NotUtf8,
    /// A NUL byte.
    NulByte,
    /// A quote is opened and never closed.
    UnclosedQuote,
    /// A closing quote is followed by something other than a delimiter or the end of the line.
    StrayQuote,
    /// A field is longer than allowed.
    FieldTooLong,
    /// A row is longer than allowed.
    RecordTooLong,
    /// A large file ends in the middle of a line.
    UnterminatedLastLine,
}

impl ErrorCode {
    /// Returns the name in JSON.
    pub const fn name(self) -> &'static str {
        match self {
            Self::EmptyFile => "empty_file",
            Self::MissingColumn => "missing_column",
            Self::DuplicateColumn => "duplicate_column",
            Self::NotCsv => "not_csv",
            Self::MissingField => "missing_field",
            Self::TooManyFields => "too_many_fields",
            Self::NotANumber => "not_a_number",
            Self::Negative => "negative",
            Self::OutOfRange => "out_of_range",
            Self::TooPrecise => "too_precise",
            Self::TooLong => "too_long",
            Self::BadKey => "bad_key",
            Self::BadUrl => "bad_url",
            Self::NotATime => "not_a_time",
            Self::InFuture => "in_future",
            Self::TooOld => "too_old",
            Self::ConflictingQuarter => "conflicting_quarter",
            Self::MissingQuarter => "missing_quarter",
            Self::HiddenCharacter => "hidden_character",
            Self::InvalidId => "invalid_id",
            Self::UnknownClick => "unknown_click",
            Self::Conflict => "conflict",
            Self::NotUtf8 => "not_utf8",
            Self::NulByte => "nul_byte",
            Self::UnclosedQuote => "unclosed_quote",
            Self::StrayQuote => "stray_quote",
            Self::FieldTooLong => "field_too_long",
            Self::RecordTooLong => "record_too_long",
            Self::UnterminatedLastLine => "unterminated_last_line",
        }
    }

    /// Returns the code with a name.
    pub(super) fn named(name: &str) -> Option<Self> {
        serde_json::from_value(name.into()).ok()
    }
}

/// The errors of a file: the first ten thousand, and the number of all.
#[derive(Debug, Default)]
pub(super) struct Errors {
    first: Vec<RowError>,
    total: u64,
}

impl Errors {
    pub(super) fn push(&mut self, error: RowError) {
        self.total += 1;
        if self.first.len() < KEPT {
            self.first.push(error);
        }
    }

    /// Merges both, in the order of their lines.
    pub(super) fn merge(mut self, other: Self) -> Self {
        self.first.extend(other.first);
        self.first.sort_by_key(|it| it.line);
        self.first.truncate(KEPT);
        self.total += other.total;
        self
    }

    /// Adds errors of later lines.
    pub(super) fn extend(&mut self, mut errors: Self) {
        errors.first.truncate(KEPT - self.first.len());
        self.first.append(&mut errors.first);
        self.total += errors.total;
    }

    pub(super) fn total(&self) -> u64 {
        self.total
    }

    pub(super) fn is_empty(&self) -> bool {
        self.total == 0
    }

    /// Returns the errors that are kept, in the order of their lines.
    pub(super) fn kept(&self) -> &[RowError] {
        &self.first
    }

    /// Returns the errors that a report lists.
    pub(super) fn into_listed(mut self) -> Vec<RowError> {
        self.first.truncate(LISTED);
        self.first
    }
}

impl FromIterator<RowError> for Errors {
    fn from_iter<I: IntoIterator<Item = RowError>>(errors: I) -> Self {
        let mut all = Self::default();
        errors.into_iter().for_each(|error| all.push(error));
        all
    }
}

/// Returns a value as messages repeat it: in quotes, on one line, and cut.
pub(super) fn quoted(value: &str) -> String {
    format!("`{}`", cut(value))
}

/// Returns the beginning of a text, with control characters escaped.
pub(super) fn cut(text: &str) -> String {
    let mut short = String::new();
    for character in text.chars().take(REPEATED + 1) {
        if hidden_characters(character.encode_utf8(&mut [0; 4])).next().is_some() {
            short.extend(character.escape_default());
        } else {
            short.push(character);
        }
    }
    if let Some((end, _)) = short.char_indices().nth(REPEATED) {
        short.truncate(end);
        short.push('…');
    }
    short
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(line: u64) -> RowError {
        let (column, message) = ("id".to_owned(), String::new());
        RowError { line, column, code: ErrorCode::UnknownClick, message }
    }

    #[test]
    fn a_code_is_called_in_json_what_its_name_says() {
        for code in [
            ErrorCode::NotUtf8,
            ErrorCode::NotANumber,
            ErrorCode::NotATime,
            ErrorCode::UnterminatedLastLine,
        ] {
            assert_eq!(serde_json::to_value(code).unwrap(), code.name());
        }
    }

    #[test]
    fn the_first_hundred_are_listed_in_order_and_all_are_counted() {
        let mut errors: Errors = (1..=90).map(error).collect();
        let odd: Errors = (101..601).step_by(2).map(error).collect();
        let even: Errors = (102..602).step_by(2).map(error).collect();
        errors.extend(odd.merge(even));
        assert_eq!(errors.total(), 590);
        let lines: Vec<u64> = errors.into_listed().iter().map(|it| it.line).collect();
        assert!(lines.into_iter().eq((1..=90).chain(101..=110)));
    }

    #[test]
    fn values_are_repeated_short_and_harmless() {
        assert_eq!(quoted("12x"), "`12x`");
        assert_eq!(quoted("a\nb\u{1b}\u{202e}"), "`a\\nb\\u{1b}\\u{202e}`");
        assert_eq!(quoted(&"ä".repeat(40)), format!("`{}`", "ä".repeat(40)));
        assert_eq!(quoted(&"ä".repeat(41)), format!("`{}…`", "ä".repeat(40)));
        assert_eq!(quoted(&"\u{9f}".repeat(50)).chars().count(), 43);
    }
}
