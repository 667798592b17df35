//! The rejected rows of imports, kept for those who mend them.

use std::borrow::Cow;
use std::collections::HashMap;
use std::fs::File;
use std::io;

use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Value,
};

use super::content::Content;
use super::progress::ImportProgress;
use super::reader::Records;
use super::row_error::{ErrorCode, RowError};
use crate::database::Database;
use crate::database::insert::{Existing, Insert, ROWS};
use crate::database::values::{corrupt, count};
use crate::entity::rejected_row::{Column, Entity, Model};
use crate::error::{Attempt, StorageError};

/// The longest row that is kept, in characters.
const CONTENT: usize = 1_000;

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
    /// The row as CSV, at most its first thousand characters. Empty if no row could be recognized,
    /// as after an unclosed quote.
    pub content: String,
}

/// Reads the rows that have errors.
pub(super) fn with_rows(
    file: &File,
    limit: u64,
    progress: &ImportProgress,
    errors: &[RowError],
) -> io::Result<Vec<RejectedRow>> {
    let mut contents: HashMap<u64, String> =
        errors.iter().map(|error| (error.line, String::new())).collect();
    let last = errors.iter().map(|it| it.line).max().unwrap_or_default();
    let mut records = Records::new(Content::of(file, limit, progress)?);
    while let Some((line, record)) = records.next()? {
        if line > last {
            break;
        }
        if let Some(content) = contents.get_mut(&line) {
            *content = as_csv(record)?;
        }
    }
    let rejected = |error: &RowError| {
        let content = contents.get(&error.line).cloned().unwrap_or_default();
        RejectedRow { error: error.clone(), content }
    };
    Ok(errors.iter().map(rejected).collect())
}

fn as_csv(record: &csv::ByteRecord) -> io::Result<String> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_byte_record(record)?;
    let bytes = writer.into_inner().map_err(io::Error::other)?;
    let text = String::from_utf8_lossy(&bytes);
    Ok(text.trim_end_matches('\n').chars().take(CONTENT).collect())
}

/// Stores the rejected rows of an import.
pub(super) async fn keep<C: ConnectionTrait>(
    database: &C,
    import: i64,
    rows: &[RejectedRow],
) -> Result<(), StorageError> {
    let dialect = database.get_database_backend();
    let numbered: Vec<(i64, &RejectedRow)> = (0..).zip(rows).collect();
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
        database.execute_raw(statement).await.attempt("keep rejected rows")?;
    }
    Ok(())
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
