//! Opening the store on which every command works.

use std::path::{Path, PathBuf};

use bams_app::backup::is_half_restored;
use bams_media::{KeyTemplate, TemplateError};
use bams_storage::{Database, Imports, StorageError, sqlite_file};

use super::places;
use crate::config::{Settings, in_full};

/// Connects to the database and brings its schema up to date.
pub(crate) async fn open(settings: &Settings) -> Result<Database, Box<dyn std::error::Error>> {
    let database = connect(settings).await?;
    let steps = database.migrate().await?;
    if steps > 0 {
        let database = places::database(settings);
        tracing::info!(steps, database, "brought the database's schema up to date");
    }
    Ok(database)
}

/// Makes the imports of the store. New banners get the configured object key.
pub(crate) fn imports(database: &Database, settings: &Settings) -> Result<Imports, TemplateError> {
    let template: KeyTemplate = settings.media.default_key.parse()?;
    let imports = Imports::new(database.clone(), move |banner| template.key_of(banner).to_string());
    Ok(imports.with_unpacked_limit(settings.imports.max_unpacked_bytes))
}

/// Connects without reading the schema.
pub(crate) async fn connect(settings: &Settings) -> Result<Database, Unopened> {
    let section = &settings.database;
    let database = match sqlite_file(section.url.expose()) {
        Some(file) if is_half_restored(&file) => Err(StorageError::Setting {
            setting: "database.url",
            problem: "names a store whose restore was interrupted: run `bams restore` again"
                .to_owned(),
        }),
        Some(file) if !folder_of(&file).exists() => Err(StorageError::Setting {
            setting: "database.url",
            problem: format!(
                "lies in a folder that does not exist: {}",
                in_full(&folder_of(&file)).display()
            ),
        }),
        _ => Database::connect(section.url.expose(), section.max_connections).await,
    };
    database.map_err(|source| Unopened { place: places::database(settings), source })
}

/// Returns the folder of a file, which is the working directory for a name alone.
fn folder_of(file: &Path) -> PathBuf {
    match file.parent() {
        Some(folder) if folder != Path::new("") => folder.to_owned(),
        _ => PathBuf::from("."),
    }
}

/// Why the store could not be opened, with its place.
#[derive(Debug, thiserror::Error)]
#[error("cannot open {place}")]
pub(crate) struct Unopened {
    place: String,
    source: StorageError,
}
