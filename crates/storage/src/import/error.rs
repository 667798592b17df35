//! Why a file could not be imported, apart from what stands in it.

use std::io::{self, ErrorKind};
use std::path::PathBuf;

use super::row_error::RowError;
use crate::error::StorageError;

/// Why a file was neither booked nor refused. What is wrong with its rows is no error but part
/// of its [`ImportReport`](super::ImportReport).
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// The database refused or could not be reached. Nothing was booked.
    #[error(transparent)]
    Storage(#[from] StorageError),
    /// The file could not be read.
    #[error("could not read `{file_name}`")]
    Read {
        /// The file.
        file_name: String,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// Somebody wrote to the file while it was read. Nothing was booked.
    #[error("`{file_name}` changed while it was read; import it again when it is complete")]
    FileChanged {
        /// The file.
        file_name: String,
    },
    /// Neither the name of the file nor its columns say what it is.
    #[error(
        "cannot tell what `{file_name}` holds: name the kind (impressions, clicks, conversions \
         or images), or begin the file's name with it"
    )]
    UnknownKind {
        /// The file.
        file_name: String,
    },
    /// The name of the file does not say what it is, and its header cannot be read.
    #[error("cannot tell what `{file_name}` holds: {} (line {}, {})", error.message, error.line, error.code.name())]
    UnreadableHeader {
        /// The file.
        file_name: String,
        /// What is wrong with its beginning.
        error: RowError,
    },
    /// Nothing says of which quarter the rows are.
    #[error(
        "cannot tell the quarter of `{file_name}`: name it (1 to 4), end the file's name with \
         it as in `clicks_2.csv`, or add a column `quarter_hour`"
    )]
    UnknownQuarter {
        /// The file.
        file_name: String,
    },
    /// A packed file is cut off or damaged.
    #[error("`{file_name}` cannot be unpacked: it is damaged or cut off")]
    Damaged {
        /// The file.
        file_name: String,
        /// What the unpacker said.
        #[source]
        source: io::Error,
    },
    /// A packed file is larger than allowed when it is unpacked.
    #[error("`{file_name}` unpacks to more than {limit} bytes")]
    UnpacksTooLarge {
        /// The file.
        file_name: String,
        /// The most that is allowed, in bytes.
        limit: u64,
    },
    /// A folder holds nothing that can be imported.
    #[error(
        "found nothing to import in `{}`: expected `1/impressions_1.csv`, `1/clicks_1.csv`, \
         `1/conversions_1.csv` and so on to 4, or CSV files", path.display()
    )]
    NothingToImport {
        /// The folder.
        path: PathBuf,
    },
    /// The import was stopped from outside, as by the end of the program. Nothing was booked.
    #[error("the import of `{file_name}` was interrupted")]
    Interrupted {
        /// The file.
        file_name: String,
    },
}

impl ImportError {
    /// What it means that the content of a file could not be read.
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
