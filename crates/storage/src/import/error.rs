//! Why a file could not be imported, apart from what stands in it.

use std::io;
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
