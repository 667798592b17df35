//! The secret text of a key.

use std::fmt;

use data_encoding::HEXLOWER;
use rand::Rng;
use sha2::{Digest, Sha256};

/// The text that a client sends: `bams_<id>_<secret>`. It is shown once and never stored.
#[derive(Clone, PartialEq, Eq)]
pub struct KeyText {
    id: String,
    secret: String,
}

impl KeyText {
    /// Reads the text of a client. `None` if it cannot be a key.
    pub fn parse(text: &str) -> Option<Self> {
        let (id, secret) = text.strip_prefix("bams_")?.split_once('_')?;
        let hexadecimal = |part: &str| part.bytes().all(|byte| byte.is_ascii_hexdigit());
        let whole = id.len() == 16 && secret.len() == 64 && hexadecimal(id) && hexadecimal(secret);
        whole.then(|| Self { id: id.to_owned(), secret: secret.to_owned() })
    }

    /// Makes a key from a source of randomness, which must be unpredictable.
    pub fn random(rng: &mut impl Rng) -> Self {
        let mut hexadecimal = |bytes: &mut [u8]| {
            rng.fill_bytes(bytes);
            HEXLOWER.encode(bytes)
        };
        Self { id: hexadecimal(&mut [0; 8]), secret: hexadecimal(&mut [0; 32]) }
    }

    /// Returns the public half, which names the key in lists and logs.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Returns the whole text, to be shown once.
    pub fn reveal(&self) -> String {
        format!("bams_{}_{}", self.id, self.secret)
    }

    pub(super) fn secret_sha256(&self) -> String {
        HEXLOWER.encode(&Sha256::digest(self.secret.as_bytes()))
    }
}

impl fmt::Debug for KeyText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "bams_{}_[hidden]", self.id)
    }
}
