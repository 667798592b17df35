//! The errors of imports other than bad rows.

use std::io::{self, ErrorKind};
use std::path::PathBuf;

use bams_domain::Quarter;

use super::row_error::RowError;
use crate::error::StorageError;

/// Why a file was neither booked nor refused. Bad rows are no error but a part of the
/// [`ImportReport`](super::ImportReport).
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// The database refused or could not be reached. Nothing was booked.
    #[error(transparent)]
    Storage(#[from] StorageError),
    /// The file could not be read.
    #[error("could not read `{file_name}`")]
    Read {
        /// The name of the file.
        file_name: String,
        /// The answer of the system.
        #[source]
        source: io::Error,
    },
    /// The file changed while it was read. Nothing was booked.
    #[error("`{file_name}` changed while it was read; import it again when it is complete")]
    FileChanged {
        /// The name of the file.
        file_name: String,
    },
    /// Neither the name of the file nor its columns tell its kind.
    #[error(
        "cannot tell what `{file_name}` holds: name the kind (impressions, clicks, conversions \
         or images), or begin the file's name with it"
    )]
    UnknownKind {
        /// The name of the file.
        file_name: String,
    },
    /// The name of the file does not tell its kind, and its header cannot be read.
    #[error("cannot read `{file_name}`: {} (line {}, {})", error.message, error.line, error.code.name())]
    UnreadableHeader {
        /// The name of the file.
        file_name: String,
        /// The error at its beginning.
        error: RowError,
    },
    /// Nothing tells the quarter of the rows.
    #[error(
        "cannot tell the quarter of `{file_name}`: name it (1 to 4), end the file's name with \
         it as in `clicks_2.csv`, or add a column `quarter_hour` or `occurred_at`"
    )]
    UnknownQuarter {
        /// The name of the file.
        file_name: String,
    },
    /// The sender and the name of the file tell different quarters.
    #[error(
        "`{file_name}` is of quarter {named} by its name, but quarter {said} was asked for: rename \
         it, or leave the other out"
    )]
    ConflictingQuarters {
        /// The name of the file.
        file_name: String,
        /// The quarter that the sender named.
        said: Quarter,
        /// The quarter at the end of the file's name.
        named: Quarter,
    },
    /// A packed file is cut off or damaged.
    #[error("`{file_name}` cannot be unpacked: it is damaged or cut off")]
    Damaged {
        /// The name of the file.
        file_name: String,
        /// The answer of the unpacker.
        #[source]
        source: io::Error,
    },
    /// A packed file unpacks to more bytes than allowed.
    #[error("`{file_name}` unpacks to more than {limit} bytes")]
    UnpacksTooLarge {
        /// The name of the file.
        file_name: String,
        /// The largest size that is allowed, in bytes.
        limit: u64,
    },
    /// A folder has no files that can be imported.
    #[error(
        "found nothing to import in `{}`: expected `1/impressions_1.csv`, `1/clicks_1.csv`, \
         `1/conversions_1.csv` and so on to 4, or CSV files", path.display()
    )]
    NothingToImport {
        /// The folder.
        path: PathBuf,
    },
    /// The import was interrupted, as by the end of the program. Nothing was booked.
    #[error("the import of `{file_name}` was interrupted")]
    Interrupted {
        /// The name of the file.
        file_name: String,
    },
}

impl ImportError {
    /// Makes the error of content that could not be read.
    pub(super) fn of_reading(file_name: &str, limit: u64, source: io::Error) -> Self {
        let file_name = file_name.to_owned();
        match source.kind() {
            ErrorKind::FileTooLarge => Self::UnpacksTooLarge { file_name, limit },
            ErrorKind::InvalidData | ErrorKind::InvalidInput | ErrorKind::UnexpectedEof => {
                Self::Damaged { file_name, source }
            }
            _ => Self::Read { file_name, source },
        }
    }
}
