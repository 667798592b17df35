//! The errors of backups.

use std::io;
use std::path::{Path, PathBuf};

use bams_media::MediaError;
use bams_storage::StoreFileError;

/// Why there is no backup, or nothing was restored.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    /// There is no database.
    #[error("there is no store at {}", .0.display())]
    NoStore(PathBuf),
    /// A file with the backup's name exists.
    #[error("{} exists: --force replaces it", .0.display())]
    Exists(PathBuf),
    /// The backup would be an image itself, and be in the next backup.
    #[error("{} lies in the folder of images: write it elsewhere", .0.display())]
    AmongImages(PathBuf),
    /// The file is no backup, or not a whole one.
    #[error("this is no backup that can be restored: {0}")]
    Unusable(String),
    /// A newer program made the backup.
    #[error("a newer version of bams made this backup (it has {0}): restore it with that version")]
    Newer(String),
    /// The backup has images, and the settings have no folder for them.
    #[error(
        "the backup has images, and media.backend is not local: with --set media.backend=local they \
         come into the folder media.local.path"
    )]
    NoFolder,
    /// A file can be neither read nor written.
    #[error("could not {action} {}", .path.display())]
    File {
        /// What was attempted.
        action: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// The answer of the system.
        source: io::Error,
    },
    /// An image can be neither read nor written.
    #[error(transparent)]
    Image(#[from] MediaError),
    /// The database cannot be copied, used or replaced.
    #[error(transparent)]
    Store(#[from] StoreFileError),
}

/// Adds the attempted action and the file to an error of the system.
pub(super) trait AtFile<T> {
    fn at(self, action: &'static str, path: &Path) -> Result<T, BackupError>;
}

impl<T> AtFile<T> for io::Result<T> {
    fn at(self, action: &'static str, path: &Path) -> Result<T, BackupError> {
        self.map_err(|source| BackupError::File { action, path: path.to_owned(), source })
    }
}
