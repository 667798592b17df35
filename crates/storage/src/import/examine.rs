//! The first reading of a file, which finds its hash and its kind.

use std::fs::File;
use std::io::{self, Read};

use bams_domain::Quarter;
use data_encoding::HEXLOWER;
use sha2::{Digest, Sha256};

use super::column::Column;
use super::content::Content;
use super::error::ImportError;
use super::examined::Examined;
use super::header::Header;
use super::kind::{ImportKind, quarter_of_file_name};
use super::notice::{self, ImportNotice};
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
    let (found, fault) = read_header(file, limit).map_err(unreadable)?;
    let (header, title) = found.map_or((None, None), |it| (Some(it.header), it.title));

    let named = options.kind.or_else(|| ImportKind::of_file_name(file_name));
    let kind = match (named, &header) {
        (Some(kind), _) => kind,
        (None, Some(header)) => header
            .kind()
            .ok_or_else(|| ImportError::UnknownKind { file_name: file_name.to_owned() })?,
        (None, None) => return Err(without_kind(file_name, fault)),
    };
    let quarter = told_quarter(file_name, kind, options)?;
    let mut examined = Examined {
        sha256: String::new(),
        lines: 0,
        kind,
        quarter,
        told_quarter: quarter,
        has_times: false,
        problems: fault.into_iter().collect(),
        notices: title.into_iter().collect(),
        mends: None,
    };
    let Some(header) = header else { return Ok(examined) };
    let has_quarters = header.position(Column::Quarter).is_some();
    examined.problems = header.problems(kind);
    examined.has_times = header.position(Column::OccurredAt).is_some();
    examined.quarter = quarter.filter(|_| !has_quarters);
    notice::add(&mut examined.notices, header.notices(kind));
    let is_told = quarter.is_some() || has_quarters || examined.has_times;
    if examined.problems.is_empty() && kind != ImportKind::Images && !is_told {
        return Err(ImportError::UnknownQuarter { file_name: file_name.to_owned() });
    }
    Ok(examined)
}

/// Returns the quarter that the sender or the name of the file tells. Fails if they differ.
fn told_quarter(
    file_name: &str,
    kind: ImportKind,
    options: ImportOptions,
) -> Result<Option<Quarter>, ImportError> {
    let (said, named) = (options.quarter, quarter_of_file_name(file_name));
    match said.zip(named) {
        _ if kind == ImportKind::Images => Ok(None),
        Some((said, named)) if said != named => {
            Err(ImportError::ConflictingQuarters { file_name: file_name.to_owned(), said, named })
        }
        _ => Ok(said.or(named)),
    }
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

/// The header of a file, with the notice of what stands above it.
pub(super) struct FoundHeader {
    pub(super) header: Header,
    title: Option<ImportNotice>,
}

/// Returns the header at the beginning of a file, or why there is none.
pub(super) fn read_header(
    file: &File,
    limit: u64,
) -> io::Result<(Option<FoundHeader>, Option<RowError>)> {
    let progress = ImportProgress::default();
    let mut records = Records::open(Content::of(file, limit, &progress)?)?;
    let title = records.title();
    let found = records.header()?.map(|header| FoundHeader { header, title });
    let fault = found.is_none().then(|| records.without_header());
    Ok((found, fault))
}
