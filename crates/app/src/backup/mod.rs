//! The use cases of backups: a store that lies in files becomes one file, and one file a store.
//!
//! A backup is a tar archive of the SQLite database, the signing key that is kept beside it, and the
//! images of the local folder. Its first file says what it is, its last one that it is complete.

mod archive;
mod error;
mod files;
mod making;
mod parts;
mod restoring;

use std::path::PathBuf;

pub use self::archive::BackupContents;
pub use self::error::BackupError;
pub use self::making::back_up;
pub use self::restoring::{Replaced, Restore, is_half_restored};

/// The places of the parts of a store that lies in files.
#[derive(Clone, Debug)]
pub struct StorePlaces {
    /// The SQLite file.
    pub database: PathBuf,
    /// The file of the signing key. `None` if the key is configured.
    pub key: Option<PathBuf>,
    /// The folder of images. `None` if they lie in a bucket.
    pub images: Option<PathBuf>,
}
