//! Where the parts of a store lie that is made of files.

use std::path::{Path, PathBuf};

use bams_app::backup::StorePlaces;
use bams_storage::sqlite_file;

use crate::config::{ImageBackend, Settings};

const KEY: &str = "bams.key";

/// Returns the places of a SQLite store, or `None` if the database is a server.
pub(crate) fn of_store(settings: &Settings) -> Option<StorePlaces> {
    let database = sqlite_file(settings.database.url.expose())?;
    let media = &settings.media;
    Some(StorePlaces {
        database,
        key: settings.secrets.signing_key.expose().is_empty().then(|| key(settings)),
        images: (media.backend == ImageBackend::Local).then(|| media.local.path.clone()),
    })
}

/// Returns the file of a key that is not configured: beside a SQLite file, or else in the working
/// directory.
pub(super) fn key(settings: &Settings) -> PathBuf {
    let database = sqlite_file(settings.database.url.expose());
    database.as_deref().and_then(Path::parent).unwrap_or(Path::new("")).join(KEY)
}
