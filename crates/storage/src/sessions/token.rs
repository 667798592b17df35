//! Random texts that prove something to whoever keeps their hashes.

use std::fmt;

use data_encoding::HEXLOWER;
use rand::Rng;
use sha2::{Digest, Sha256};

/// A secret text, such as what a browser keeps for a session. It is never stored, only its hash.
#[derive(Clone, PartialEq, Eq)]
pub struct TokenText(String);

impl TokenText {
    /// Makes a token from a source of randomness, which must be unpredictable.
    pub fn random(rng: &mut impl Rng) -> Self {
        let mut bytes = [0; 32];
        rng.fill_bytes(&mut bytes);
        Self(HEXLOWER.encode(&bytes))
    }

    /// Reads the text of a client. `None` if it cannot be a token.
    pub fn parse(text: &str) -> Option<Self> {
        let is_hexadecimal = text.bytes().all(|it| matches!(it, b'0'..=b'9' | b'a'..=b'f'));
        (text.len() == 64 && is_hexadecimal).then(|| Self(text.to_owned()))
    }

    /// Returns the whole text.
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// Returns the hash, by which it is found again. It gives nothing away, because the text has 256
    /// random bits.
    pub fn sha256(&self) -> String {
        HEXLOWER.encode(&Sha256::digest(self.0.as_bytes()))
    }
}

impl fmt::Debug for TokenText {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("[hidden]")
    }
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng;
    use rand::rngs::StdRng;

    use super::*;

    #[test]
    fn what_is_revealed_is_read_again_and_debugging_shows_nothing() {
        let token = TokenText::random(&mut StdRng::seed_from_u64(1));
        assert_eq!(TokenText::parse(token.reveal()), Some(token.clone()));
        assert_ne!(token.sha256(), token.reveal());
        assert!(!format!("{token:?}").contains(&token.reveal()[..8]));
        for junk in ["", "abc", &"g".repeat(64), &"A".repeat(64), &"a".repeat(65)] {
            assert_eq!(TokenText::parse(junk), None, "{junk}");
        }
    }
}
