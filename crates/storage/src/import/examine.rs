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
    let sha256 = String::new();
    let Some(header) = header else {
        return Ok(Examined { sha256, kind, quarter, problems: fault.into_iter().collect() });
    };
    let problems = header.problems(kind);
    let in_column = kind == ImportKind::Images || header.position(Column::Quarter).is_some();
    if problems.is_empty() && quarter.is_none() && !in_column {
        return Err(ImportError::UnknownQuarter { file_name: file_name.to_owned() });
    }
    Ok(Examined { sha256, kind, quarter: quarter.filter(|_| !in_column), problems })
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
    let sha256 = hashed.map_err(|source| ImportError::of_reading(file_name, limit, source))?;
    Ok(Examined { sha256, ..identify(file, file_name, options, limit)? })
}

fn without_kind(file_name: &str, fault: Option<RowError>) -> ImportError {
    let file_name = file_name.to_owned();
    match fault {
        Some(error) => ImportError::UnreadableHeader { file_name, error },
        None => ImportError::UnknownKind { file_name },
    }
}

fn hash(file: &File, limit: u64, progress: &ImportProgress) -> io::Result<String> {
    progress.begin(ImportPhase::Reading, file.metadata()?.len());
    let mut content = Content::of(file, limit, progress)?;
    let mut digest = Sha256::new();
    let mut buffer = vec![0; BUFFER];
    loop {
        match content.read(&mut buffer)? {
            0 => return Ok(HEXLOWER.encode(&digest.finalize())),
            count => digest.update(&buffer[..count]),
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
