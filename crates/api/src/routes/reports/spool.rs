//! A report of any length on its way out.
//!
//! It is written to a file first, and the file is sent. So a slow client holds no connection to the
//! database, an error in the middle is still a problem and not half a file, and memory stays small.

use std::io::{BufWriter, Error, Seek, SeekFrom, Write};

use actix_web::web::block;
use actix_web::{HttpResponse, HttpResponseBuilder};
use bams_app::reporting;
use bams_domain::Slot;
use bams_storage::{Database, ReportQuery};
use tempfile::SpooledTempFile;

use super::csv::CsvRows;
use super::query::CsvStyle;
use crate::answer::file::pieces;
use crate::problem::ApiError;

/// Up to so many bytes stay in memory.
const IN_MEMORY: usize = 1 << 20;

/// A report that is complete.
pub(super) struct Spooled {
    file: SpooledTempFile,
    length: u64,
    /// The slot before which days are those of UTC.
    pub(super) utc_before: Option<Slot>,
}

/// Writes all rows, on a thread of its own: requests beside it do not wait for the disk.
pub(super) async fn write(
    database: &Database,
    query: &ReportQuery,
    style: CsvStyle,
) -> Result<Spooled, ApiError> {
    let (database, query) = (database.clone(), query.clone());
    let runtime = tokio::runtime::Handle::current();
    let written = block(move || runtime.block_on(write_rows(&database, &query, style))).await;
    written.unwrap_or_else(|_| Err(failed(Error::other("the server is stopping"))))
}

async fn write_rows(
    database: &Database,
    query: &ReportQuery,
    style: CsvStyle,
) -> Result<Spooled, ApiError> {
    let file = BufWriter::new(SpooledTempFile::new(IN_MEMORY));
    let mut rows = CsvRows::begin(query, style, file).map_err(failed)?;
    let written =
        reporting::all_rows(database, query, |row| rows.write(&row).map_err(failed)).await?;
    let rewound = || {
        let mut writer = rows.finish()?;
        writer.flush()?;
        let mut file = writer.into_inner().map_err(std::io::IntoInnerError::into_error)?;
        let length = file.stream_position()?;
        file.seek(SeekFrom::Start(0))?;
        Ok(Spooled { file, length, utc_before: written.utc_before })
    };
    rewound().map_err(failed)
}

impl Spooled {
    /// Sends it, a piece at a time.
    #[expect(clippy::unnecessary_wraps, reason = "a handler's answer")]
    pub(super) fn respond(
        self,
        mut response: HttpResponseBuilder,
    ) -> Result<HttpResponse, ApiError> {
        Ok(response.no_chunking(self.length).streaming(pieces(self.file)))
    }
}

fn failed(source: Error) -> ApiError {
    ApiError::Internal { action: "write a report", source }
}
