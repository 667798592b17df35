//! The secrets of the settings, or the one kept in a file.

use bams_app::{Secrets, SecretsError};

use super::places;
use crate::config::Settings;
use crate::random;

/// Returns the configured secrets, or the one kept in `bams.key`, which is made if it is missing.
pub(super) fn open(settings: &Settings) -> Result<Secrets, SecretsError> {
    let configured = settings.secrets.signing_key.expose();
    let previous = settings.secrets.previous_signing_keys.expose().split(',').map(str::trim);
    let previous = previous.filter(|secret| !secret.is_empty()).map(str::to_owned).collect();
    if !configured.is_empty() {
        return Ok(Secrets::configured(configured, previous));
    }
    let file = places::key(settings);
    if !settings.database.url.expose().starts_with("sqlite:") {
        tracing::warn!(
            file = %file.display(),
            "links and images that this node signs are void on nodes with another bams.key: set \
             secrets.signing_key to the same on all"
        );
    }
    Secrets::kept(&file, previous, &mut random::rng())
}
