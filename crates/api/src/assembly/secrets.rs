//! The secrets of the settings, or the one kept in a file.

use std::path::{Path, PathBuf};

use bams_app::{Secrets, SecretsError};

use crate::config::Settings;
use crate::random;

const FILE: &str = "bams.key";

/// Returns the configured secrets, or the one kept in `bams.key`, which is made if it is missing.
pub(super) fn open(settings: &Settings) -> Result<Secrets, SecretsError> {
    let configured = settings.secrets.signing_key.expose();
    let previous = settings.secrets.previous_signing_keys.expose().split(',').map(str::trim);
    let previous = previous.filter(|secret| !secret.is_empty()).map(str::to_owned).collect();
    if !configured.is_empty() {
        return Ok(Secrets::configured(configured, previous));
    }
    let database = settings.database.url.expose();
    let file = file_beside(database);
    if !database.starts_with("sqlite:") {
        tracing::warn!(
            file = %file.display(),
            "links and images that this node signs are void on nodes with another bams.key: set \
             secrets.signing_key to the same on all"
        );
    }
    Secrets::kept(&file, previous, &mut random::rng())
}

/// Returns the path beside a SQLite file, or else in the working directory.
fn file_beside(database_url: &str) -> PathBuf {
    let file = database_url.strip_prefix("sqlite:").map(|rest| rest.trim_start_matches("//"));
    let file = file.and_then(|rest| rest.split('?').next()).map(Path::new);
    file.and_then(Path::parent).unwrap_or(Path::new("")).join(FILE)
}
