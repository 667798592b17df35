//! The first reading of a file, which finds its hash and its kind.

use std::fs::File;
use std::io::{self, Read};

use data_encoding::HEXLOWER;
use sha2::{Digest, Sha256};

use super::column::Column;
use super::content::Content;
use super::error::ImportError;
use super::examined::Examined;
use super::header::Header;
use super::kind::{ImportKind, quarter_of_file_name};
use super::options::ImportOptions;
use super::progress::{ImportPhase, ImportProgress};
use super::reader::Records;
use super::row_error::RowError;

const BUFFER: usize = 32 * 1024;

/// Returns what options, name and header tell about a file.
pub(super) fn identify(
    file: &File,
    file_name: &str,
    options: ImportOptions,
    limit: u64,
) -> Result<Examined, ImportError> {
    let unreadable = |source| ImportError::of_reading(file_name, limit, source);
    let (header, fault) = read_header(file, limit).map_err(unreadable)?;

    let named = options.kind.or_else(|| ImportKind::of_file_name(file_name));
    let kind = match (named, &header) {
        (Some(kind), _) => kind,
        (None, Some(header)) => header
            .kind()
            .ok_or_else(|| ImportError::UnknownKind { file_name: file_name.to_owned() })?,
        (None, None) => return Err(without_kind(file_name, fault)),
    };
    let quarter = options.quarter.or_else(|| quarter_of_file_name(file_name));
    let quarter = quarter.filter(|_| kind != ImportKind::Images);
    let (sha256, lines) = (String::new(), 0);
    let Some(header) = header else {
        let problems = fault.into_iter().collect();
        return Ok(Examined { sha256, lines, kind, quarter, problems });
    };
    let problems = header.problems(kind);
    let in_column = kind == ImportKind::Images || header.position(Column::Quarter).is_some();
    if problems.is_empty() && quarter.is_none() && !in_column {
        return Err(ImportError::UnknownQuarter { file_name: file_name.to_owned() });
    }
    Ok(Examined { sha256, lines, kind, quarter: quarter.filter(|_| !in_column), problems })
}

/// Returns the same after reading all of it once.
pub(super) fn examine(
    file: &File,
    file_name: &str,
    options: ImportOptions,
    limit: u64,
    progress: &ImportProgress,
) -> Result<Examined, ImportError> {
    let hashed = hash(file, limit, progress);
    let (sha256, lines) =
        hashed.map_err(|source| ImportError::of_reading(file_name, limit, source))?;
    Ok(Examined { sha256, lines, ..identify(file, file_name, options, limit)? })
}

fn without_kind(file_name: &str, fault: Option<RowError>) -> ImportError {
    let file_name = file_name.to_owned();
    match fault {
        Some(error) => ImportError::UnreadableHeader { file_name, error },
        None => ImportError::UnknownKind { file_name },
    }
}

/// Returns the hash of all content, and how many lines it has.
fn hash(file: &File, limit: u64, progress: &ImportProgress) -> io::Result<(String, u64)> {
    progress.begin(ImportPhase::Reading, file.metadata()?.len());
    let mut content = Content::of(file, limit, progress)?;
    let mut digest = Sha256::new();
    let mut buffer = vec![0; BUFFER];
    let mut lines = 0;
    loop {
        match content.read(&mut buffer)? {
            0 => return Ok((HEXLOWER.encode(&digest.finalize()), lines)),
            count => {
                digest.update(&buffer[..count]);
                lines += buffer[..count].iter().map(|byte| u64::from(*byte == b'\n')).sum::<u64>();
            }
        }
    }
}

/// Returns the header at the beginning of a file, or why there is none.
pub(super) fn read_header(
    file: &File,
    limit: u64,
) -> io::Result<(Option<Header>, Option<RowError>)> {
    let progress = ImportProgress::default();
    let mut records = Records::new(Content::of(file, limit, &progress)?);
    let header = records.header()?;
    let fault = header.is_none().then(|| records.without_header());
    Ok((header, fault))
}
