//! The rejected rows of imports, kept for those who mend them.

use std::borrow::Cow;
use std::collections::HashMap;
use std::fs::File;
use std::io;

use csv::{ByteRecord, ReaderBuilder, WriterBuilder};
use sea_orm::sea_query::Expr;
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Value,
};

use super::content::Content;
use super::header::Header;
use super::kind::ImportKind;
use super::lines::Lines;
use super::mending::RowDigest;
use super::progress::ImportProgress;
use super::reader::Records;
use super::row_error::{ErrorCode, RowError};
use crate::database::Database;
use crate::database::insert::{Existing, Insert, ROWS};
use crate::database::values::{corrupt, count};
use crate::entity::import;
use crate::entity::rejected_row::{Column, Entity, Model};
use crate::error::{Attempt, StorageError};

/// The longest row that is kept, in bytes of CSV. A part of a row would be taken for the whole.
const CONTENT: usize = 16 * 1024;

/// The most bytes that the kept rows of a file have together.
const CONTENTS: usize = 16 * 1024 * 1024;

const TABLE: &str = "rejected_rows";

const REJECTED_ROWS: Insert = Insert {
    table: TABLE,
    columns: Cow::Borrowed(&["number", "line", "column_name", "code", "message", "content"]),
    same: &["import_id"],
    key: Cow::Borrowed(&["import_id", "number"]),
    existing: Existing::Refused,
};

/// A rejected row. The first ten thousand of each import are kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RejectedRow {
    /// The error, with its place.
    pub error: RowError,
    /// The row as CSV. Empty if no row could be recognized, as after an unclosed quote, and if it is too
    /// long to be kept.
    pub content: String,
}

/// The columns of a file whose rows were rejected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RejectedColumns {
    /// What parts the fields of the file.
    pub delimiter: char,
    /// The names of the columns, as the file has them.
    pub names: Vec<String>,
}

/// What is kept of a file with rejected rows.
#[derive(Debug, Default)]
pub(super) struct Rejection {
    rows: Vec<RejectedRow>,
    columns: Option<RejectedColumns>,
    /// The hash of the accepted rows, if they count, and the lines of the others.
    accepted: Option<(String, Lines)>,
}

/// Reads the rows that have errors, sorted by their lines, and hashes the others, if they count and are
/// of a kind.
pub(super) fn read(
    file: &File,
    limit: u64,
    progress: &ImportProgress,
    errors: &[RowError],
    others_of: Option<ImportKind>,
) -> io::Result<Rejection> {
    let mut contents: HashMap<u64, String> =
        errors.iter().map(|error| (error.line, String::new())).collect();
    let last = errors.iter().map(|it| it.line).max().unwrap_or_default();
    let mut records = Records::open(Content::of(file, limit, progress)?)?;
    let header = records.header()?;
    let (mut digest, mut room) = (RowDigest::default(), CONTENTS);
    if let Some(header) = &header {
        while let Some((line, record)) = records.next_row()? {
            if let Some(content) = contents.get_mut(&line) {
                *content = as_csv(record, b',')?;
                if content.len() > CONTENT.min(room) {
                    content.clear();
                }
                room -= content.len();
            } else if let Some(kind) = others_of {
                digest.add(kind, header, record);
            } else if line > last {
                break;
            }
        }
    }
    let rejected = |error: &RowError| {
        let content = contents.get(&error.line).cloned().unwrap_or_default();
        RejectedRow { error: error.clone(), content }
    };
    let lines = Lines::of(errors.iter().map(|it| it.line));
    Ok(Rejection {
        rows: errors.iter().map(rejected).collect(),
        columns: header.as_ref().map(columns),
        accepted: others_of.map(|_| (digest.finish(), lines)),
    })
}

fn columns(header: &Header) -> RejectedColumns {
    RejectedColumns { delimiter: header.delimiter().into(), names: header.names().to_vec() }
}

fn as_csv(record: &ByteRecord, delimiter: u8) -> io::Result<String> {
    let mut writer = WriterBuilder::new().delimiter(delimiter).from_writer(Vec::new());
    writer.write_byte_record(record)?;
    let bytes = writer.into_inner().map_err(io::Error::other)?;
    let text = String::from_utf8_lossy(&bytes);
    Ok(text.strip_suffix('\n').unwrap_or(&text).to_owned())
}

impl RejectedRow {
    /// Returns the fields of the row.
    pub fn fields(&self) -> Vec<String> {
        fields(&self.content, b',')
    }
}

fn fields(line: &str, delimiter: u8) -> Vec<String> {
    let mut reader = ReaderBuilder::new();
    reader.has_headers(false).flexible(true).delimiter(delimiter);
    let mut records = reader.from_reader(line.as_bytes()).into_records();
    let record = records.next().and_then(Result::ok).unwrap_or_default();
    record.iter().map(ToOwned::to_owned).collect()
}

impl RejectedColumns {
    /// Returns the text that is stored: the delimiter, and the names as a line of a file.
    fn text(&self) -> String {
        let delimiter = u8::try_from(self.delimiter).unwrap_or(b',');
        let line = as_csv(&ByteRecord::from(self.names.clone()), delimiter).unwrap_or_default();
        format!("{}{line}", self.delimiter)
    }

    fn read(text: &str) -> Option<Self> {
        let delimiter = text.chars().next()?;
        let line = text.strip_prefix(delimiter)?;
        Some(Self { delimiter, names: fields(line, u8::try_from(delimiter).ok()?) })
    }
}

/// Stores what is kept of the rejected rows of an import.
pub(super) async fn keep<C: ConnectionTrait>(
    database: &C,
    import: i64,
    rejection: &Rejection,
) -> Result<(), StorageError> {
    if rejection.rows.is_empty() {
        return Ok(());
    }
    let action = "keep rejected rows";
    let accepted = rejection.accepted.as_ref();
    import::Entity::update_many()
        .col_expr(
            import::Column::Header,
            Expr::value(rejection.columns.as_ref().map(RejectedColumns::text)),
        )
        .col_expr(import::Column::AcceptedSha256, Expr::value(accepted.map(|it| it.0.clone())))
        .col_expr(import::Column::RejectedLines, Expr::value(accepted.map(|it| it.1.to_string())))
        .filter(import::Column::Id.eq(import))
        .exec(database)
        .await
        .attempt(action)?;
    let dialect = database.get_database_backend();
    let numbered: Vec<(i64, &RejectedRow)> = (0..).zip(&rejection.rows).collect();
    for chunk in numbered.chunks(ROWS) {
        let values = chunk.iter().flat_map(|(number, row)| -> [Value; 6] {
            let RowError { line, column, code, message } = &row.error;
            [
                (*number).into(),
                i64::try_from(*line).unwrap_or(i64::MAX).into(),
                column.as_str().into(),
                code.name().into(),
                message.as_str().into(),
                row.content.as_str().into(),
            ]
        });
        let statement = REJECTED_ROWS.statement(dialect, Some(import), values.collect());
        database.execute_raw(statement).await.attempt(action)?;
    }
    Ok(())
}

/// Returns the columns of the file whose rows an import rejected, if they are known.
pub(super) async fn rejected_columns(
    database: &Database,
    import: i64,
) -> Result<Option<RejectedColumns>, StorageError> {
    let row = import::Entity::find_by_id(import).one(database.reading()).await;
    let row = row.attempt("load the columns of rejected rows")?;
    Ok(row.and_then(|it| RejectedColumns::read(&it.header?)))
}

/// Returns at most `limit` of an import's rejected rows, after skipping `from`.
pub(super) async fn rejected_rows(
    database: &Database,
    import: i64,
    from: u64,
    limit: u64,
) -> Result<Vec<RejectedRow>, StorageError> {
    let from = i64::try_from(from).unwrap_or(i64::MAX);
    let rows = Entity::find()
        .filter(Column::ImportId.eq(import))
        .filter(Column::Number.gte(from))
        .order_by_asc(Column::Number)
        .limit(limit)
        .all(database.reading())
        .await
        .attempt("load rejected rows")?;
    rows.into_iter().map(RejectedRow::try_from).collect()
}

impl TryFrom<Model> for RejectedRow {
    type Error = StorageError;

    fn try_from(row: Model) -> Result<Self, StorageError> {
        let code = ErrorCode::named(&row.code).ok_or_else(|| corrupt(TABLE, "code", &row.code))?;
        let line = count(TABLE, "line", row.line)?;
        let error = RowError { line, column: row.column_name, code, message: row.message };
        Ok(Self { error, content: row.content })
    }
}
