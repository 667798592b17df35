//! Rejected rows, as CSV (RFC 4180).

use bams_app::importing::{Importing, RejectedFile};
use bams_storage::RejectedRow;
use csv::{Terminator, Writer, WriterBuilder};

use crate::answer::csv::safe;
use crate::problem::ApiError;

/// Returns the name and the text of the file with the rejected rows of an import, as far as they are
/// kept.
pub(crate) async fn file(
    importing: &Importing,
    import: i64,
) -> Result<(String, Vec<u8>), ApiError> {
    let unwritten = |source| ApiError::Internal { action: "write rejected rows", source };
    let file = importing.rejected_file(import).await?;
    let mut writer = writer(&file);
    let mut written = writer.write_record(file.header().iter().map(|it| safe(it)));
    let take = |row: &RejectedRow| {
        if written.is_ok() {
            written = write(&mut writer, &file, row);
        }
    };
    importing.rejected_rows(import, take).await?;
    written.map_err(|it| unwritten(it.into()))?;
    let text = writer.into_inner().map_err(|it| unwritten(it.into_error()))?;
    Ok((file.name, text))
}

/// Returns a writer with the delimiter of the original, because that decides what a comma in a number
/// means.
fn writer(file: &RejectedFile) -> Writer<Vec<u8>> {
    let delimiter = u8::try_from(file.delimiter).unwrap_or(b',');
    WriterBuilder::new().delimiter(delimiter).terminator(Terminator::CRLF).from_writer(Vec::new())
}

fn write(writer: &mut Writer<Vec<u8>>, file: &RejectedFile, row: &RejectedRow) -> csv::Result<()> {
    writer.write_record(file.row(row).iter().map(|it| safe(it)))
}
