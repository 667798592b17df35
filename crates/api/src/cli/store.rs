//! Opening the store that every command works on.

use bams_media::{KeyTemplate, TemplateError};
use bams_storage::{Database, Imports};

use super::{DONE, Outcome, tell};
use crate::config::Settings;

/// Connects and brings the schema up to date.
pub(super) async fn open(settings: &Settings) -> Result<Database, Box<dyn std::error::Error>> {
    let database = connect(settings).await?;
    let steps = database.migrate().await?;
    if steps > 0 {
        tracing::info!(steps, "brought the database's schema up to date");
    }
    Ok(database)
}

/// The imports of the store. Banners that nobody knew get the configured object key.
pub(super) fn imports(database: &Database, settings: &Settings) -> Result<Imports, TemplateError> {
    let template: KeyTemplate = settings.media.default_key.parse()?;
    let imports = Imports::new(database.clone(), move |banner| template.key_of(banner).to_string());
    Ok(imports.with_unpacked_limit(settings.imports.max_unpacked_bytes))
}

/// `bams migrate`.
pub(super) async fn migrate(settings: &Settings) -> Outcome {
    let database = connect(settings).await?;
    match database.migrate().await? {
        0 => tell("The schema is up to date already."),
        1 => tell("Took 1 step; the schema is up to date."),
        steps => tell(&format!("Took {steps} steps; the schema is up to date.")),
    }
    Ok(DONE)
}

async fn connect(settings: &Settings) -> Result<Database, bams_storage::StorageError> {
    let section = &settings.database;
    Database::connect(section.url.expose(), section.max_connections).await
}
