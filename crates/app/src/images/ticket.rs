//! The keys of uploads. They are signed, so that nobody else can make one, and contain everything
//! that has to be known, so that nothing need be stored.

use bams_domain::BannerId;
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use data_encoding::HEXLOWER;
use hmac::{Hmac, KeyInit, Mac};
use rand::Rng;
use sha2::{Digest, Sha256};
use uuid::Builder;

/// Keeps these signatures apart from others by the same secret.
const PURPOSE: &[u8] = b"bams image upload 1\n";

/// The length of a signature in bytes.
const SIGNATURE: usize = 16;

/// How long an upload can be completed after its URL has expired, in seconds: as long as the
/// answers to an `Idempotency-Key` are kept.
const COMPLETION: i64 = 24 * 60 * 60;

/// Issues keys such as `uploads/141/1767263400.18322.<random>.<sha256>.<signature>`.
pub struct Tickets {
    /// The secrets, of which the first one signs.
    secrets: Vec<Hmac<Sha256>>,
}

/// The image that somebody announces.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AnnouncedImage {
    /// Its size in bytes.
    pub bytes: usize,
    /// Its SHA-256 as 64 lower-case hex digits. `None` accepts any bytes.
    pub sha256: Option<String>,
}

/// Why a key is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TicketError {
    /// The key was not issued for this banner.
    #[error("this key was not issued for this banner")]
    NotIssued,
    /// The key is too old.
    #[error("this upload has expired: ask for a new one")]
    Expired,
}

impl TicketError {
    /// Returns the stable word for programs.
    pub fn code(self) -> &'static str {
        match self {
            Self::NotIssued => "not_issued",
            Self::Expired => "expired",
        }
    }
}

impl AnnouncedImage {
    /// Returns true if bytes have the announced SHA-256, if one was announced.
    pub(super) fn matches(&self, bytes: &[u8]) -> bool {
        let expected = self.sha256.as_deref();
        expected.is_none_or(|hash| HEXLOWER.encode(&Sha256::digest(bytes)) == hash)
    }
}

impl Tickets {
    /// Makes tickets that one secret signs and that also the previous ones verify.
    pub fn new(current: &str, previous: &[String]) -> Self {
        let texts = std::iter::once(current).chain(previous.iter().map(String::as_str));
        let secrets = texts.filter_map(|secret| Hmac::new_from_slice(secret.as_bytes()).ok());
        Self { secrets: secrets.collect() }
    }

    /// Returns a key for an upload that begins before a moment in unix seconds.
    pub(super) fn issue(
        &self,
        banner: BannerId,
        announced: &AnnouncedImage,
        expires: i64,
        random: &mut impl Rng,
    ) -> String {
        let AnnouncedImage { bytes, sha256 } = announced;
        let sha256 = sha256.as_deref().unwrap_or("any");
        let mut drawn = [0; 16];
        random.fill_bytes(&mut drawn);
        let unique = Builder::from_random_bytes(drawn).into_uuid().simple();
        let named = format!("uploads/{banner}/{expires}.{bytes}.{unique}.{sha256}");
        let signature =
            self.secrets.first().map(|secret| signed(secret, &named).finalize().into_bytes());
        let signature = signature.unwrap_or_default();
        format!("{named}.{}", BASE64_URL_SAFE_NO_PAD.encode(&signature[..SIGNATURE]))
    }

    /// Returns the announcement of a key that was issued for this banner and is not too old at
    /// `now`, in unix seconds.
    pub(super) fn check(
        &self,
        banner: BannerId,
        key: &str,
        now: i64,
    ) -> Result<AnnouncedImage, TicketError> {
        let (expires, announced) = self.read(banner, key).ok_or(TicketError::NotIssued)?;
        if now > expires.saturating_add(COMPLETION) {
            return Err(TicketError::Expired);
        }
        Ok(announced)
    }

    fn read(&self, banner: BannerId, key: &str) -> Option<(i64, AnnouncedImage)> {
        let (named, signature) = key.rsplit_once('.')?;
        let signature = BASE64_URL_SAFE_NO_PAD.decode(signature).ok()?;
        // A shorter signature would be easier to guess.
        if signature.len() != SIGNATURE {
            return None;
        }
        let ours = |secret: &&Hmac<Sha256>| {
            signed(secret, named).verify_truncated_left(&signature).is_ok()
        };
        self.secrets.iter().find(ours)?;
        let mut parts = named.strip_prefix(&format!("uploads/{banner}/"))?.split('.');
        let (expires, bytes) = (parts.next()?.parse().ok()?, parts.next()?.parse().ok()?);
        let hash = parts.nth(1)?;
        let sha256 = (hash != "any").then(|| hash.to_owned());
        Some((expires, AnnouncedImage { bytes, sha256 }))
    }
}

fn signed(secret: &Hmac<Sha256>, named: &str) -> Hmac<Sha256> {
    secret.clone().chain_update(PURPOSE).chain_update(named)
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng;
    use rand::rngs::StdRng;

    use super::*;

    const BANNER: BannerId = BannerId(7);

    fn tickets() -> Tickets {
        Tickets::new("the secret that signs", &["the one before".to_owned()])
    }

    fn announced() -> AnnouncedImage {
        AnnouncedImage { bytes: 18_322, sha256: Some("0f".repeat(32)) }
    }

    fn rng() -> StdRng {
        StdRng::seed_from_u64(7)
    }

    #[test]
    fn a_key_says_what_was_announced() {
        for announced in [announced(), AnnouncedImage { sha256: None, ..announced() }] {
            let key = tickets().issue(BANNER, &announced, 1000, &mut rng());
            assert_eq!(tickets().check(BANNER, &key, 1000), Ok(announced));
            assert!(key.len() < 200, "{key}");
        }
    }

    #[test]
    fn a_key_of_the_previous_secret_is_accepted() {
        let key = Tickets::new("the one before", &[]).issue(BANNER, &announced(), 1000, &mut rng());
        assert_eq!(tickets().check(BANNER, &key, 1000), Ok(announced()));
        let key = Tickets::new("another one", &[]).issue(BANNER, &announced(), 1000, &mut rng());
        assert_eq!(tickets().check(BANNER, &key, 1000), Err(TicketError::NotIssued));
    }

    #[test]
    fn a_key_of_another_banner_is_not_accepted() {
        let key = tickets().issue(BANNER, &announced(), 1000, &mut rng());
        for banner in [BannerId(8), BannerId(77)] {
            assert_eq!(tickets().check(banner, &key, 1000), Err(TicketError::NotIssued));
        }
        let moved = key.replacen("/7/", "/8/", 1);
        assert_eq!(tickets().check(BannerId(8), &moved, 1000), Err(TicketError::NotIssued));
    }

    #[test]
    fn nothing_in_a_key_can_be_changed() {
        let key = tickets().issue(BANNER, &announced(), 1000, &mut rng());
        for place in 0..key.len() {
            let mut forged = key.clone().into_bytes();
            forged[place] = if forged[place] == b'1' { b'2' } else { b'1' };
            let forged = String::from_utf8(forged).unwrap();
            assert_eq!(
                tickets().check(BANNER, &forged, 1000),
                Err(TicketError::NotIssued),
                "{forged}"
            );
        }
        for forged in ["", ".", "uploads/7/", "banners/x.png", &key[..key.len() - 1]] {
            assert_eq!(
                tickets().check(BANNER, forged, 1000),
                Err(TicketError::NotIssued),
                "{forged}"
            );
        }
        let unsigned = key.rsplit_once('.').unwrap().0;
        assert_eq!(
            tickets().check(BANNER, &format!("{unsigned}."), 1000),
            Err(TicketError::NotIssued)
        );
    }

    #[test]
    fn a_key_is_good_for_a_day() {
        let key = tickets().issue(BANNER, &announced(), 1000, &mut rng());
        assert!(tickets().check(BANNER, &key, 1000 + COMPLETION).is_ok());
        assert_eq!(tickets().check(BANNER, &key, 1001 + COMPLETION), Err(TicketError::Expired));
    }
}
