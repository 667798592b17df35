//! What holds for every CSV file that is read, for a program that makes up files.

use std::io::{self, Read};

use bams_domain::Quarter;
use csv::ReaderBuilder;
use data_encoding::HEXLOWER;
use sha2::{Digest, Sha256};

use super::kind::ImportKind;
use super::progress::ImportProgress;
use super::reader::{BATCH, Records, RowBatch, RowReading, read_rows};
use super::row_error::RowError;
use super::rows::{FileTime, Rows};

/// More characters than any message has: a sentence, and the beginning of what it is about.
const MESSAGE: usize = 300;

/// Batches of the longest file that is checked at once, or more.
const BATCHES: usize = 1_000;

const TIME: FileTime =
    FileTime { unix_seconds: 1_767_261_900, quarter: Some(Quarter::Second), from: None };

/// Reads bytes as a file of each kind, at once and some bytes at a time. Fails with the error of the
/// reader; a slice has none.
///
/// # Panics
///
/// If it matters in which pieces the bytes come, a row is neither good nor wrong, an error lacks its
/// line, column or message, or a parser without bounds finds another number of records.
pub fn check_csv(bytes: &[u8]) -> io::Result<()> {
    for kind in ImportKind::ALL {
        let whole = ReadFile::of(ByteChunks { rest: bytes, size: bytes.len() }, kind)?;
        whole.check(bytes);
        for size in [1, 7] {
            let pieces = ReadFile::of(ByteChunks { rest: bytes, size }, kind)?;
            assert_eq!(whole, pieces, "{size} bytes at a time");
        }
    }
    Ok(())
}

/// Bytes of which so many come at a time.
#[derive(Clone, Copy)]
struct ByteChunks<'a> {
    rest: &'a [u8],
    size: usize,
}

impl Read for ByteChunks<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = buffer.len().min(self.size);
        self.rest.read(&mut buffer[..count])
    }
}

/// What a file comes to.
#[derive(Debug, Default, PartialEq, Eq)]
struct ReadFile {
    /// The good rows, as programmers see them.
    rows: Vec<String>,
    errors: Vec<RowError>,
    /// Rows that were read, good or wrong; `None` where the header says that they cannot be.
    read: Option<u64>,
    broken: Option<RowError>,
    /// True if a parser that knows only commas finds the same records.
    is_plain: bool,
    /// Of all bytes; `None` of a file that was not read to its end.
    sha256: Option<String>,
}

impl ReadFile {
    fn of(source: ByteChunks<'_>, kind: ImportKind) -> io::Result<Self> {
        let mut records = Records::open(source)?;
        let is_plain = records.is_plain();
        let problems = match records.header()? {
            Some(header) => header.problems(kind),
            None => vec![records.without_header()],
        };
        if !problems.is_empty() {
            return Ok(Self { errors: problems, ..Self::default() });
        }
        let (sender, mut batches) = tokio::sync::mpsc::channel(BATCHES);
        let how = RowReading { kind, time: TIME, batch: BATCH, only: None };
        let end = read_rows(source, &how, &ImportProgress::default(), &sender)?;
        let is_plain = is_plain && end.totals.is_none();
        let sha256 = end.broken.is_none().then_some(end.sha256);
        let mut file =
            Self { broken: end.broken, sha256, is_plain, read: Some(0), ..Self::default() };
        while let Ok(RowBatch { rows, errors, read, .. }) = batches.try_recv() {
            file.rows.extend(texts(&rows));
            file.errors.extend(errors.kept().to_vec());
            file.read = file.read.map(|it| it + read);
        }
        Ok(file)
    }

    fn check(&self, bytes: &[u8]) {
        let lines = 1 + bytes.iter().filter(|it| matches!(it, b'\n' | b'\r')).count();
        for error in self.errors.iter().chain(&self.broken) {
            assert!((1..=lines as u64).contains(&error.line), "{error:?} in {lines} lines");
            assert!(!error.column.is_empty(), "{error:?}");
            assert!(error.message.chars().count() <= MESSAGE, "{error:?}");
        }
        let Some(read) = self.read else { return };
        assert!(self.errors.is_sorted_by_key(|it| it.line), "{:?}", self.errors);
        assert_eq!((self.rows.len() + self.errors.len()) as u64, read);
        if let Some(sha256) = &self.sha256 {
            assert_eq!(*sha256, HEXLOWER.encode(&Sha256::digest(bytes)));
        }
        if self.sha256.is_some() && self.is_plain {
            let parser = ReaderBuilder::new().has_headers(false).flexible(true).from_reader(bytes);
            assert_eq!(parser.into_byte_records().count() as u64, 1 + read);
        }
    }
}

fn texts(rows: &Rows) -> Vec<String> {
    match rows {
        Rows::Images(rows) => rows.iter().map(|it| format!("{it:?}")).collect(),
        Rows::Impressions(rows) => rows.iter().map(|it| format!("{it:?}")).collect(),
        Rows::Clicks(rows) => rows.iter().map(|it| format!("{it:?}")).collect(),
        Rows::Conversions(rows) => rows.iter().map(|it| format!("{it:?}")).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_holds_for_the_files_from_which_others_are_made_up() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/fuzz/seeds/csv");
        let mut files = 0;
        for entry in std::fs::read_dir(folder).unwrap() {
            check_csv(&std::fs::read(entry.unwrap().path()).unwrap()).unwrap();
            files += 1;
        }
        assert!(files > 20, "{files}");
    }
}
