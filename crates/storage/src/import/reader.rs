//! Reading a file record by record and in batches.

use std::collections::VecDeque;
use std::io::{self, Chain, Cursor, Read};

use csv::{ByteRecord, Reader, ReaderBuilder};
use tokio::sync::mpsc::Sender;

use super::foreign;
use super::guard::{Fault, Guard};
use super::header::Header;
use super::kind::ImportKind;
use super::layout::Layout;
use super::lines::Lines;
use super::notice::ImportNotice;
use super::progress::ImportProgress;
use super::row_error::{ErrorCode, Errors, RowError};
use super::rows::{FileTime, Record, Rows};
use super::text::FileText;

/// The records of a batch, unless batches are written one by one.
pub(super) const BATCH: u64 = 500;

const BUFFER: usize = 32 * 1024;

/// How many bytes are looked at for the format, the delimiter and the header.
const OPENING: u64 = 64 * 1024;

/// The most totals at the end of a file.
const TOTALS: usize = 20;

/// The text of a file after what comes before the header.
type FromHeader<R> = Chain<Cursor<Vec<u8>>, FileText<R>>;

/// Records with the lines in which they begin.
pub(super) struct Records<R> {
    parser: Reader<Guard<FromHeader<R>>>,
    record: ByteRecord,
    layout: Layout,
    /// Rows that look like totals, until it is known whether they are the last ones.
    held: VecDeque<(u64, ByteRecord)>,
    /// Rows that were held and are none.
    freed: VecDeque<(u64, ByteRecord)>,
    totals: Option<ImportNotice>,
}

impl<R: Read> Records<R> {
    /// Reads the opening of a file, which tells its format.
    pub(super) fn open(source: R) -> io::Result<Self> {
        let mut text = FileText::of(source)?;
        let opening = text.opening(OPENING);
        let flaw = flaw(&opening, text.is_translated());
        let layout = Layout::of(&opening);
        let mut cursor = Cursor::new(opening);
        cursor.set_position(layout.begins as u64);
        let mut guard = Guard::new(cursor.chain(text), layout.delimiter, layout.line);
        if let Some((code, message)) = flaw {
            guard.refuse(Fault { line: 1, column: 0, code, message: message.to_owned() });
        }
        let parser = ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .delimiter(layout.delimiter)
            .buffer_capacity(BUFFER)
            .from_reader(guard);
        let (held, freed) = (VecDeque::new(), VecDeque::new());
        Ok(Self { parser, record: ByteRecord::new(), layout, held, freed, totals: None })
    }

    /// Returns the next record, or `None` at the end of the file or where it becomes meaningless.
    pub(super) fn next(&mut self) -> io::Result<Option<(u64, &ByteRecord)>> {
        let line = self.advance()?;
        Ok(line.map(|line| (line, &self.record)))
    }

    /// Returns the next record after the header, without totals at the end of the file.
    pub(super) fn next_row(&mut self) -> io::Result<Option<(u64, &ByteRecord)>> {
        loop {
            if let Some((line, record)) = self.freed.pop_front() {
                self.record = record;
                return Ok(Some((line, &self.record)));
            }
            match self.advance()? {
                Some(line) if is_total(&self.record) && self.held.len() < TOTALS => {
                    self.held.push_back((line, std::mem::take(&mut self.record)));
                }
                Some(line) if self.held.is_empty() => return Ok(Some((line, &self.record))),
                Some(line) => {
                    self.freed = std::mem::take(&mut self.held);
                    self.freed.push_back((line, std::mem::take(&mut self.record)));
                }
                None if self.parser.get_ref().fault().is_some() && !self.held.is_empty() => {
                    self.freed = std::mem::take(&mut self.held);
                }
                None => {
                    if let Some((line, _)) = self.held.front() {
                        self.totals = Some(ImportNotice::totals_left_out(*line, self.held.len()));
                        self.held.clear();
                    }
                    return Ok(None);
                }
            }
        }
    }

    /// Reads the next record and returns the line in which it begins.
    fn advance(&mut self) -> io::Result<Option<u64>> {
        if !self.parser.read_byte_record(&mut self.record).map_err(into_io)? {
            return Ok(None);
        }
        Ok(self.parser.get_mut().next_start())
    }

    /// Returns the header, or `None` if there is none.
    pub(super) fn header(&mut self) -> io::Result<Option<Header>> {
        let delimiter = self.layout.delimiter;
        Ok(self.next()?.map(|(line, record)| Header::read(line, record, delimiter)))
    }

    /// Returns true if the file has commas, and nothing above its header.
    #[cfg(any(test, feature = "fuzzing"))]
    pub(super) fn is_plain(&self) -> bool {
        let Layout { delimiter, begins, .. } = self.layout;
        let is_translated = self.parser.get_ref().source().get_ref().1.is_translated();
        delimiter == b',' && begins == 0 && !is_translated
    }

    /// Returns the notice of the lines above the header, if there are any.
    pub(super) fn title(&self) -> Option<ImportNotice> {
        self.layout.titles.map(|(first, last)| ImportNotice::title_left_out(first, last))
    }

    /// Returns the SHA-256 of the bytes read, and the fault that ended the reading, if one did.
    fn finish(self) -> (String, Option<Fault>) {
        let (source, fault) = self.parser.into_inner().finish();
        (source.into_inner().1.finish(), fault)
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

/// Returns why a file with this opening cannot be read as CSV.
fn flaw(opening: &[u8], is_translated: bool) -> Option<(ErrorCode, &'static str)> {
    if !is_translated {
        if let Some(what) = foreign::named(opening) {
            return Some((ErrorCode::NotCsv, what));
        }
        if let [first, second, ..] = opening
            && (*first == 0) != (*second == 0)
        {
            let message = "the file looks like UTF-16 without a byte order mark; save it as UTF-8";
            return Some((ErrorCode::NotUtf8, message));
        }
    }
    None
}

/// Returns true for a row that begins with the word `Total`.
fn is_total(record: &ByteRecord) -> bool {
    let first = record.get(0).unwrap_or_default().trim_ascii();
    let Some((word, rest)) = first.split_at_checked(5) else { return false };
    let rest = rest.strip_prefix(b"s").unwrap_or(rest);
    word.eq_ignore_ascii_case(b"total") && matches!(rest.first(), None | Some(b' ' | b':'))
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
    /// The number of those that count already.
    pub(super) known: u64,
}

impl RowBatch {
    fn new(kind: ImportKind) -> Self {
        Self { rows: Rows::none(kind), errors: Errors::default(), read: 0, known: 0 }
    }

    fn take(&mut self, record: &Record<'_>, only: Option<&Lines>) {
        self.read += 1;
        if only.is_some_and(|lines| !lines.has(record.line)) {
            self.known += 1;
        } else if let Err(error) = self.rows.add(record) {
            self.errors.push(error);
        }
    }
}

/// How the rows of a file are read.
#[derive(Clone, Debug)]
pub(super) struct RowReading {
    pub(super) kind: ImportKind,
    pub(super) time: FileTime,
    /// The records of a batch.
    pub(super) batch: u64,
    /// The lines that count, if not all do. The others count already.
    pub(super) only: Option<Lines>,
}

/// The end of the reading of a file.
pub(super) struct End {
    /// The SHA-256 of the bytes read.
    pub(super) sha256: String,
    /// The row after which the file is meaningless, if the reading ended there.
    pub(super) broken: Option<RowError>,
    /// The notice of the totals at the end, if there are any.
    pub(super) totals: Option<ImportNotice>,
}

/// Reads a file with a good header and sends its rows in batches, until it ends or the receiver is gone. In
/// the latter case the result is meaningless.
pub(super) fn read_rows(
    source: impl Read,
    how: &RowReading,
    progress: &ImportProgress,
    sender: &Sender<RowBatch>,
) -> io::Result<End> {
    let mut records = Records::open(source)?;
    let Some(header) = records.header()? else {
        let broken = Some(records.without_header());
        return Ok(End { sha256: String::new(), broken, totals: None });
    };
    let mut read = 0;
    let mut batch = RowBatch::new(how.kind);
    while let Some((line, fields)) = records.next_row()? {
        let record = Record { line, header: &header, time: how.time, fields };
        batch.take(&record, how.only.as_ref());
        if batch.read == how.batch {
            read += how.batch;
            progress.reach(read);
            let full = std::mem::replace(&mut batch, RowBatch::new(how.kind));
            if sender.blocking_send(full).is_err() {
                break;
            }
        }
    }
    progress.reach(read + batch.read);
    // A closed channel means that the booking failed, and the booking has the reason.
    let _ = sender.blocking_send(batch);
    let totals = records.totals.take();
    let (sha256, fault) = records.finish();
    let broken = fault.map(|Fault { line, column, code, message }| RowError {
        line,
        column: header.name(column),
        code,
        message,
    });
    Ok(End { sha256, broken, totals })
}

#[cfg(test)]
mod dialects;
#[cfg(test)]
mod tests;
