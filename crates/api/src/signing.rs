//! The secrets that sign image URLs and tracking links: configured, or made once and kept.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use bams_app::tracking::Tokens;
use bams_media::{MediaError, SigningKey};
use sha2::{Digest, Sha256};
use tempfile::NamedTempFile;

use crate::config::Settings;
use crate::problem::ApiError;
use crate::random;
use crate::uploads::Tickets;

const FILE: &str = "bams.key";

/// The current secret, and those that still verify.
pub(crate) struct Secrets {
    current: String,
    previous: Vec<String>,
}

impl Secrets {
    /// Takes the configured secrets, or the one kept in `bams.key`, which is made when missing.
    pub(crate) fn of(settings: &Settings) -> Result<Self, ApiError> {
        let configured = settings.secrets.signing_key.expose();
        let database = settings.database.url.expose();
        let current = if configured.is_empty() {
            let file = file_beside(database);
            if !database.starts_with("sqlite:") {
                tracing::warn!(
                    file = %file.display(),
                    "links and images that this node signs are void on nodes with another \
                     bams.key: set secrets.signing_key to the same on all"
                );
            }
            kept(&file)?
        } else {
            configured.to_owned()
        };
        let previous = settings.secrets.previous_signing_keys.expose().split(',');
        let previous = previous.map(str::trim).filter(|it| !it.is_empty());
        Ok(Self { current, previous: previous.map(str::to_owned).collect() })
    }

    /// What signs tracking links.
    pub(crate) fn tokens(&self) -> Tokens {
        Tokens::new(&self.current, &self.previous)
    }

    /// What signs the keys under which images may be uploaded to S3.
    pub(crate) fn tickets(&self) -> Tickets {
        Tickets::new(&self.current, &self.previous)
    }

    /// The key that signs image URLs.
    pub(crate) fn image_key(&self) -> Result<SigningKey, MediaError> {
        signing_key(&self.current)
    }

    /// Those that signed image URLs before.
    pub(crate) fn previous_image_keys(&self) -> Result<Vec<SigningKey>, MediaError> {
        self.previous.iter().map(|it| signing_key(it)).collect()
    }
}

/// A key named after its own hash, so that every node knows it by the same name.
fn signing_key(secret: &str) -> Result<SigningKey, MediaError> {
    let hash = Sha256::digest(secret.as_bytes());
    let id = u32::from_be_bytes([hash[0], hash[1], hash[2], hash[3]]);
    SigningKey::new(&format!("{id:08x}"), secret.as_bytes())
}

/// Beside a SQLite file, else in the working directory.
fn file_beside(database_url: &str) -> PathBuf {
    let file = database_url.strip_prefix("sqlite:").map(|it| it.trim_start_matches("//"));
    let file = file.and_then(|it| it.split('?').next()).map(Path::new);
    file.and_then(Path::parent).unwrap_or(Path::new("")).join(FILE)
}

/// What the file holds, after making it if there is none. Only its owner can read it, and
/// nobody ever sees half of it.
fn kept(file: &Path) -> Result<String, ApiError> {
    let failed = |source| ApiError::Internal { action: "keep the signing key in bams.key", source };
    let (one, other) = (random::bytes(), random::bytes());
    let secret = format!("{:032x}{:032x}", u128::from_ne_bytes(one), u128::from_ne_bytes(other));
    let folder = file.parent().filter(|it| !it.as_os_str().is_empty()).unwrap_or(Path::new("."));
    if !file.exists() {
        let mut made = NamedTempFile::new_in(folder).map_err(failed)?;
        made.write_all(secret.as_bytes()).map_err(failed)?;
        made.as_file().sync_all().map_err(failed)?;
        match made.persist_noclobber(file) {
            Err(taken) if taken.error.kind() != std::io::ErrorKind::AlreadyExists => {
                return Err(failed(taken.error));
            }
            _ => {}
        }
    }
    Ok(fs::read_to_string(file).map_err(failed)?.trim().to_owned())
}
