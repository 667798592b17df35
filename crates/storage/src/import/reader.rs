//! Reading a file record by record and in batches.

use std::io::{self, Read};

use csv::{ByteRecord, Reader, ReaderBuilder};
use tokio::sync::mpsc::Sender;

use super::guard::{Fault, Guard};
use super::header::Header;
use super::kind::ImportKind;
use super::progress::ImportProgress;
use super::row_error::{ErrorCode, Errors, RowError};
use super::rows::{Hour, Record, Rows};

/// The records of a batch, unless batches are written one by one.
pub(super) const BATCH: u64 = 500;

const BUFFER: usize = 32 * 1024;

/// Records with the lines in which they begin.
pub(super) struct Records<R> {
    parser: Reader<Guard<R>>,
    record: ByteRecord,
}

impl<R: Read> Records<R> {
    pub(super) fn new(source: R) -> Self {
        let parser = ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .buffer_capacity(BUFFER)
            .from_reader(Guard::new(source));
        Self { parser, record: ByteRecord::new() }
    }

    /// Returns the next record, or `None` at the end of the file or where it becomes meaningless.
    pub(super) fn next(&mut self) -> io::Result<Option<(u64, &ByteRecord)>> {
        let read = self.parser.read_byte_record(&mut self.record);
        if !read.map_err(into_io)? {
            return Ok(None);
        }
        Ok(self.parser.get_mut().next_start().map(|line| (line, &self.record)))
    }

    /// Returns the header, or `None` if there is none.
    pub(super) fn header(&mut self) -> io::Result<Option<Header>> {
        Ok(self.next()?.map(|(line, record)| Header::read(line, record)))
    }

    /// Returns the SHA-256 of the bytes read, and the fault that ended the reading, if one did.
    fn finish(self) -> (String, Option<Fault>) {
        self.parser.into_inner().finish()
    }

    /// Returns why the file has no header.
    pub(super) fn without_header(self) -> RowError {
        let fault = self.finish().1.unwrap_or_else(|| Fault {
            line: 1,
            column: 0,
            code: ErrorCode::EmptyFile,
            message: "the file is empty; it needs a line with the names of its columns".to_owned(),
        });
        let column = (fault.column + 1).to_string();
        RowError { line: fault.line, column, code: fault.code, message: fault.message }
    }
}

/// Returns the error of the system, which the parser's own conversion would hide.
fn into_io(error: csv::Error) -> io::Error {
    match error.into_kind() {
        csv::ErrorKind::Io(error) => error,
        other => io::Error::other(format!("{other:?}")),
    }
}

/// Some rows of a file, and the errors of others between them.
pub(super) struct RowBatch {
    pub(super) rows: Rows,
    pub(super) errors: Errors,
    /// The number of records read, good or bad.
    pub(super) read: u64,
}

impl RowBatch {
    fn new(kind: ImportKind) -> Self {
        Self { rows: Rows::none(kind), errors: Errors::default(), read: 0 }
    }
}

/// The end of the reading of a file.
pub(super) struct End {
    /// The SHA-256 of the bytes read.
    pub(super) sha256: String,
    /// The row after which the file is meaningless, if the reading ended there.
    pub(super) broken: Option<RowError>,
}

/// Reads a file with a good header and sends its rows in batches, until it ends or the receiver is gone. In
/// the latter case the result is meaningless.
pub(super) fn read_rows(
    source: impl Read,
    kind: ImportKind,
    hour: Hour,
    batch_size: u64,
    progress: &ImportProgress,
    sender: &Sender<RowBatch>,
) -> io::Result<End> {
    let mut records = Records::new(source);
    let Some(header) = records.header()? else {
        return Ok(End { sha256: String::new(), broken: Some(records.without_header()) });
    };
    let mut read = 0;
    let mut batch = RowBatch::new(kind);
    while let Some((line, fields)) = records.next()? {
        let record = Record { line, header: &header, hour, fields };
        if let Err(error) = batch.rows.add(&record) {
            batch.errors.push(error);
        }
        batch.read += 1;
        if batch.read == batch_size {
            read += batch_size;
            progress.reach(read);
            let full = std::mem::replace(&mut batch, RowBatch::new(kind));
            if sender.blocking_send(full).is_err() {
                break;
            }
        }
    }
    progress.reach(read + batch.read);
    // A closed channel means that the booking failed, and the booking has the reason.
    let _ = sender.blocking_send(batch);
    let (sha256, fault) = records.finish();
    let broken = fault.map(|Fault { line, column, code, message }| RowError {
        line,
        column: header.name(column),
        code,
        message,
    });
    Ok(End { sha256, broken })
}

#[cfg(test)]
mod tests;
