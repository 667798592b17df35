//! The first reading of a file: which bytes it has, and what it is.

use std::fs::File;
use std::io::{self, Read, Seek};

use bams_domain::Quarter;
use sha2::{Digest, Sha256};

use super::error::ImportError;
use super::guard::hex;
use super::header::{Column, Header};
use super::imports::ImportOptions;
use super::kind::{Kind, quarter_of_file_name};
use super::progress::{Phase, Progress};
use super::reader::Records;
use super::row_error::RowError;

const BUFFER: usize = 32 * 1024;

/// What the first reading found.
#[derive(Debug)]
pub(super) struct Examined {
    pub(super) sha256: String,
    pub(super) kind: Kind,
    /// The quarter of all rows; `None` if a column names it or none is needed.
    pub(super) quarter: Option<Quarter>,
    /// Why the rows cannot be read at all.
    pub(super) problems: Vec<RowError>,
}

impl Examined {
    /// What makes a file count once: kind, quarter and bytes.
    pub(super) fn identity(&self) -> String {
        let quarter = self.quarter.map_or_else(|| "column".to_owned(), |it| it.to_string());
        format!("{}:{quarter}:{}", self.kind, self.sha256)
    }
}

pub(super) fn examine(
    file: &File,
    file_name: &str,
    options: ImportOptions,
    progress: &Progress,
) -> Result<Examined, ImportError> {
    let unreadable = |source| ImportError::Read { file_name: file_name.to_owned(), source };
    let sha256 = hash(file, progress).map_err(unreadable)?;
    let (header, fault) = read_header(file).map_err(unreadable)?;

    let named = options.kind.or_else(|| Kind::of_file_name(file_name));
    let kind = match (named, &header) {
        (Some(kind), _) => kind,
        (None, Some(header)) => Kind::of_header(header)
            .ok_or_else(|| ImportError::UnknownKind { file_name: file_name.to_owned() })?,
        (None, None) => return Err(without_kind(file_name, fault)),
    };
    let quarter = options.quarter.or_else(|| quarter_of_file_name(file_name));
    let quarter = quarter.filter(|_| kind != Kind::Images);
    let Some(header) = header else {
        return Ok(Examined { sha256, kind, quarter, problems: fault.into_iter().collect() });
    };
    let problems = header.problems(kind);
    let in_column = kind == Kind::Images || header.position(Column::Quarter).is_some();
    if problems.is_empty() && quarter.is_none() && !in_column {
        return Err(ImportError::UnknownQuarter { file_name: file_name.to_owned() });
    }
    Ok(Examined { sha256, kind, quarter: quarter.filter(|_| !in_column), problems })
}

fn without_kind(file_name: &str, fault: Option<RowError>) -> ImportError {
    let file_name = file_name.to_owned();
    match fault {
        Some(error) => ImportError::UnreadableHeader { file_name, error },
        None => ImportError::UnknownKind { file_name },
    }
}

fn hash(mut file: &File, progress: &Progress) -> io::Result<String> {
    progress.begin(Phase::Reading, file.metadata()?.len());
    file.rewind()?;
    let mut digest = Sha256::new();
    let mut buffer = vec![0; BUFFER];
    let mut read = 0;
    loop {
        match file.read(&mut buffer)? {
            0 => return Ok(hex(&digest.finalize())),
            count => {
                digest.update(&buffer[..count]);
                read += count as u64;
                progress.reach(read, 0);
            }
        }
    }
}

/// The header of a file from its beginning, or why there is none.
pub(super) fn read_header(mut file: &File) -> io::Result<(Option<Header>, Option<RowError>)> {
    file.rewind()?;
    let mut records = Records::new(file);
    let header = records.header()?;
    let fault = header.is_none().then(|| records.without_header());
    Ok((header, fault))
}
