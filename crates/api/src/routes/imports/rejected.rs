//! Rejected rows, as CSV (RFC 4180).

use bams_app::importing::Importing;
use bams_storage::RejectedRow;
use csv::Writer;

use crate::answer::csv::{safe, writer};
use crate::problem::ApiError;

const COLUMNS: [&str; 5] = ["line", "column", "code", "message", "row"];

/// Returns the rejected rows of an import, as far as they are kept.
pub(super) async fn text(importing: &Importing, import: i64) -> Result<Vec<u8>, ApiError> {
    let unwritten = |source| ApiError::Internal { action: "write rejected rows", source };
    let mut writer = writer(Vec::new());
    writer.write_record(COLUMNS).map_err(|it| unwritten(it.into()))?;
    let mut written = Ok(());
    let take = |row: &RejectedRow| {
        if written.is_ok() {
            written = write(&mut writer, row);
        }
    };
    importing.rejected_rows(import, take).await?;
    written.map_err(|it| unwritten(it.into()))?;
    writer.into_inner().map_err(|it| unwritten(it.into_error()))
}

fn write(writer: &mut Writer<Vec<u8>>, row: &RejectedRow) -> csv::Result<()> {
    let RejectedRow { error, content } = row;
    let line = error.line.to_string();
    let texts = [&error.column, &error.message, content].map(|it| safe(it));
    let [column, message, content] = &texts;
    writer.write_record([line.as_str(), column, error.code.name(), message, content])
}

#[cfg(test)]
mod tests {
    use bams_storage::{ErrorCode, RowError};

    use super::*;

    #[test]
    fn rows_are_quoted_and_harmless() {
        let (code, message) = (ErrorCode::Negative, "`-1` is negative".to_owned());
        let error = RowError { line: 7, column: "@id".to_owned(), code, message };
        let mut writer = writer(Vec::new());
        for content in ["=1+1,\"2\"", "-1,2", "1,2", ""] {
            let row = RejectedRow { error: error.clone(), content: content.to_owned() };
            write(&mut writer, &row).unwrap();
        }
        let begin = "7,'@id,negative,`-1` is negative,";
        let text = String::from_utf8(writer.into_inner().unwrap()).unwrap();
        let rows = ["\"'=1+1,\"\"2\"\"\"", "\"'-1,2\"", "\"1,2\"", ""];
        assert_eq!(text, rows.map(|it| format!("{begin}{it}\r\n")).concat());
    }
}
