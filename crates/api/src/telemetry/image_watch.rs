//! Watching whether images can still be stored.

use std::io::ErrorKind;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::time::Duration;

use bams_media::{Backend, Images};
use tokio::task::spawn_blocking;
use tokio::time::sleep;

/// How often the folder is tested.
const EVERY: Duration = Duration::from_secs(5);

/// The result of the last attempt to write to the folder of images. Clones share it.
#[derive(Clone, Debug, Default)]
pub(crate) struct ImageWatch(Arc<AtomicU8>);

/// Whether images can be stored, as far as is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ImageStorage {
    /// The folder takes images.
    Up,
    /// Its disk is full.
    Full,
    /// It cannot be written for another reason.
    Refused,
}

impl ImageWatch {
    /// Returns the result of the last attempt.
    pub(crate) fn storage(&self) -> ImageStorage {
        match self.0.load(Ordering::Relaxed) {
            0 => ImageStorage::Up,
            1 => ImageStorage::Full,
            _ => ImageStorage::Refused,
        }
    }

    /// Tests the folder for ever. A bucket is not asked, because its URLs are signed here.
    pub(crate) async fn keep_watching(self, images: Arc<Images>) {
        while let Backend::Local(_) = images.backend() {
            let images = Arc::clone(&images);
            let tried = spawn_blocking(move || match images.backend() {
                Backend::Local(local) => local.folder().try_writing(),
                Backend::S3(_) => Ok(()),
            });
            let standing = match tried.await {
                Ok(Ok(())) => 0,
                Ok(Err(error)) if is_full(error.kind()) => 1,
                _ => 2,
            };
            self.0.store(standing, Ordering::Relaxed);
            sleep(EVERY).await;
        }
    }
}

fn is_full(kind: ErrorKind) -> bool {
    matches!(kind, ErrorKind::StorageFull | ErrorKind::QuotaExceeded)
}
