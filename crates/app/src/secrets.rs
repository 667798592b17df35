//! The secrets that sign image URLs and tracking links: configured, or made once and kept in a
//! file.

use std::fmt;
use std::fs;
use std::io::{self, ErrorKind, Write};
use std::path::Path;

use bams_media::{MediaError, SigningKey};
use data_encoding::HEXLOWER;
use rand::Rng;
use sha2::{Digest, Sha256};
use tempfile::NamedTempFile;

/// The name of the file of a secret that is made once.
pub const KEY_FILE: &str = "bams.key";

/// The current secret, and previous ones that still verify.
#[derive(Clone)]
pub struct Secrets {
    current: String,
    previous: Vec<String>,
}

/// Why the file of the secret can be neither made nor read.
#[derive(Debug, thiserror::Error)]
#[error("could not keep the signing key in {KEY_FILE}")]
pub struct SecretsError(#[from] io::Error);

impl Secrets {
    /// Makes the secrets from the configured ones.
    pub fn configured(current: &str, previous: Vec<String>) -> Self {
        Self { current: current.to_owned(), previous }
    }

    /// Reads the secret that a file keeps, and makes the file if there is none. Only its owner can
    /// read it, and nobody ever sees half of it.
    ///
    /// Blocks on the disk. Fails if the file can be neither made nor read.
    pub fn kept(
        file: &Path,
        previous: Vec<String>,
        random: &mut impl Rng,
    ) -> Result<Self, SecretsError> {
        if !file.exists() {
            make(file, random)?;
        }
        let current = fs::read_to_string(file)?.trim().to_owned();
        Ok(Self { current, previous })
    }

    /// Returns the secret that signs.
    pub fn current(&self) -> &str {
        &self.current
    }

    /// Returns the previous secrets.
    pub fn previous(&self) -> &[String] {
        &self.previous
    }

    /// Returns the key that signs image URLs. Fails if the secret is too short.
    pub fn image_key(&self) -> Result<SigningKey, MediaError> {
        signing_key(&self.current)
    }

    /// Returns the previous keys of image URLs. Fails if a secret is too short.
    pub fn previous_image_keys(&self) -> Result<Vec<SigningKey>, MediaError> {
        self.previous.iter().map(|secret| signing_key(secret)).collect()
    }
}

impl fmt::Debug for Secrets {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Secrets").finish_non_exhaustive()
    }
}

/// Makes a key that is named after its own hash, so that it has the same name on every node.
fn signing_key(secret: &str) -> Result<SigningKey, MediaError> {
    let hash = Sha256::digest(secret.as_bytes());
    SigningKey::new(&HEXLOWER.encode(&hash[..4]), secret.as_bytes())
}

/// Makes a file with a new secret, unless another process was faster.
fn make(file: &Path, random: &mut impl Rng) -> io::Result<()> {
    let mut secret = [0; 32];
    random.fill_bytes(&mut secret);
    let folder =
        file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut made = NamedTempFile::new_in(folder)?;
    made.write_all(HEXLOWER.encode(&secret).as_bytes())?;
    made.as_file().sync_all()?;
    match made.persist_noclobber(file) {
        Err(taken) if taken.error.kind() != ErrorKind::AlreadyExists => Err(taken.error),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng;
    use rand::rngs::StdRng;

    use super::*;

    #[test]
    fn a_secret_is_made_once_and_kept() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("bams.key");
        let kept = |seed| Secrets::kept(&file, Vec::new(), &mut StdRng::seed_from_u64(seed));
        let first = kept(1).unwrap();
        assert_eq!(first.current().len(), 64);
        assert_eq!(kept(2).unwrap().current(), first.current());
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "nothing else is left there");
        let nowhere = Secrets::kept(&folder.path().join("no/bams.key"), Vec::new(), &mut rng());
        assert!(nowhere.is_err());
    }

    #[test]
    fn a_secret_is_never_printed() {
        let secrets = Secrets::configured("very secret indeed", vec!["the one before".to_owned()]);
        assert_eq!(format!("{secrets:?}"), "Secrets { .. }");
    }

    #[test]
    fn a_secret_that_could_be_guessed_signs_nothing() {
        let secrets = Secrets::configured("short", Vec::new());
        assert!(matches!(secrets.image_key(), Err(MediaError::WeakSigningKey { bytes: 5, .. })));
    }

    fn rng() -> StdRng {
        StdRng::seed_from_u64(0)
    }
}
