//! Images in a folder, at URLs that this program signs and serves itself.

use std::{fmt, path::PathBuf};

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use hmac::{Hmac, KeyInit, Mac};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use sha2::Sha256;
use subtle::ConstantTimeEq;

use crate::{MediaError, ObjectKey, SignedUrl, folder::ImageFolder};

/// All characters but RFC 3986's unreserved ones and the slash between segments.
const ENCODED: &AsciiSet =
    &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~').remove(b'/');

/// The purpose, part of what is signed, so that signatures which share a key cannot stand for each
/// other.
const PURPOSE: &[u8] = b"bams image\n";

/// A named key that signs URLs.
///
/// Its name makes it replaceable: a new key signs while the old one still verifies the URLs that are
/// alive.
#[derive(Clone)]
pub struct SigningKey {
    id: String,
    mac: Hmac<Sha256>,
}

impl SigningKey {
    /// Makes a key from a secret of at least 16 bytes and an id of 1 to 32 characters of `A-Za-z0-9_-`.
    pub fn new(id: &str, secret: &[u8]) -> Result<Self, MediaError> {
        let is_allowed = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-';
        if !(1..=32).contains(&id.len()) || !id.bytes().all(is_allowed) {
            return Err(MediaError::MalformedKeyId(id.to_owned()));
        }
        match Hmac::new_from_slice(secret) {
            Ok(mac) if secret.len() >= 16 => Ok(Self { id: id.to_owned(), mac }),
            _ => Err(MediaError::WeakSigningKey { key_id: id.to_owned(), bytes: secret.len() }),
        }
    }

    /// Returns `<key id>.<base64url of the HMAC>`.
    fn signature(&self, key: &str, expires: i64) -> String {
        let mut mac = self.mac.clone();
        mac.update(PURPOSE);
        mac.update(key.as_bytes());
        mac.update(format!("\n{expires}").as_bytes());
        format!("{}.{}", self.id, BASE64_URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes()))
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "SigningKey({})", self.id)
    }
}

/// Why a signed URL is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Its signature is valid, but it has expired.
    #[error("this image URL has expired")]
    Expired,
    /// Its signature is missing, changed or that of another key.
    #[error("this image URL is not signed by us")]
    BadSignature,
}

/// Images in a folder, with signed URLs.
#[derive(Debug)]
pub struct LocalImages {
    folder: ImageFolder,
    public_url: String,
    signing: SigningKey,
    retired: Vec<SigningKey>,
}

impl LocalImages {
    /// Makes the images of a folder, whose URLs begin with `{public_url}/media/`.
    pub fn new(folder: impl Into<PathBuf>, public_url: &str, signing: SigningKey) -> Self {
        let public_url = public_url.trim_end_matches('/').to_owned();
        Self { folder: ImageFolder::new(folder.into()), public_url, signing, retired: Vec::new() }
    }

    /// Accepts URLs that an earlier key signed as well.
    #[must_use]
    pub fn with_retired_keys(mut self, keys: impl IntoIterator<Item = SigningKey>) -> Self {
        self.retired.extend(keys);
        self
    }

    /// Returns the beginning of all URLs, without a slash at the end.
    pub(crate) fn public_url(&self) -> &str {
        &self.public_url
    }

    /// Returns the folder, to read and write images.
    pub fn folder(&self) -> &ImageFolder {
        &self.folder
    }

    /// Returns a URL that works until `expires`, in unix seconds.
    pub fn sign(&self, key: &ObjectKey, expires: i64) -> SignedUrl {
        let signature = self.signing.signature(key.as_str(), expires);
        let path = utf8_percent_encode(key.as_str(), ENCODED);
        let url =
            format!("{}/media/{path}?expires={expires}&signature={signature}", self.public_url);
        SignedUrl { url, expires_at: expires }
    }

    /// Returns the key of a requested image if its URL has a valid signature and has not expired.
    ///
    /// `key` is the path behind `/media/`, percent-decoded once; `expires` and `signature` are the values
    /// of the query. Takes the same time for any signature. Fails with [`Refusal::Expired`] only for a
    /// valid signature, so that a forged one learns nothing.
    pub fn verify(
        &self,
        key: &str,
        expires: i64,
        signature: &str,
        now: i64,
    ) -> Result<ObjectKey, Refusal> {
        let is_signed = std::iter::once(&self.signing).chain(&self.retired).any(|signing| {
            let expected = signing.signature(key, expires);
            bool::from(expected.as_bytes().ct_eq(signature.as_bytes()))
        });
        let object_key = key.parse().map_err(|_| Refusal::BadSignature)?;
        match (is_signed, now < expires) {
            (false, _) => Err(Refusal::BadSignature),
            (true, false) => Err(Refusal::Expired),
            (true, true) => Ok(object_key),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str = "spring/été 50% +&=?#.png";

    fn signing(id: &str) -> SigningKey {
        SigningKey::new(id, format!("the secret of {id:>16}").as_bytes()).unwrap()
    }

    fn images(id: &str) -> LocalImages {
        LocalImages::new("images", "https://pictures.example/", signing(id))
    }

    /// Returns what a server reads from the URL: key, expiry and signature.
    fn read(signed: &SignedUrl) -> (String, i64, String) {
        let rest = signed.url.strip_prefix("https://pictures.example/media/").unwrap();
        let (path, query) = rest.split_once("?expires=").unwrap();
        let (expires, signature) = query.split_once("&signature=").unwrap();
        let key = percent_encoding::percent_decode_str(path).decode_utf8().unwrap();
        (key.into_owned(), expires.parse().unwrap(), signature.to_owned())
    }

    #[test]
    fn a_signed_url_works_until_it_expires() {
        let images = images("k1");
        let (key, expires, signature) = read(&images.sign(&KEY.parse().unwrap(), 1000));
        let verify = |now| images.verify(&key, expires, &signature, now);
        assert_eq!(verify(0).unwrap().as_str(), KEY);
        assert_eq!(verify(999).unwrap().as_str(), KEY);
        assert_eq!(verify(1000), Err(Refusal::Expired));
    }

    #[test]
    fn special_characters_are_encoded() {
        let url = images("k1").sign(&KEY.parse().unwrap(), 1000).url;
        let path =
            "https://pictures.example/media/spring/%C3%A9t%C3%A9%2050%25%20%2B%26%3D%3F%23.png?";
        assert!(url.starts_with(path), "{url}");
    }

    #[test]
    fn a_signature_fits_nothing_that_was_changed() {
        let images = images("k1");
        let (key, expires, signature) = read(&images.sign(&"a1.png".parse().unwrap(), 1000));
        let refused = |key: &str, expires, signature: &str| {
            assert_eq!(images.verify(key, expires, signature, 0), Err(Refusal::BadSignature));
        };
        refused("a2.png", expires, &signature);
        refused(&key, expires + 1, &signature);
        refused(&key, -expires, &signature);
        refused(&key, expires, "");
        refused(&key, expires, &signature.replace("k1.", "k2."));
        refused(&key, expires, signature.strip_prefix("k1.").unwrap());
        refused(&key, expires, &format!("{signature}="));
        for place in 3..signature.len() {
            let mut changed = signature.clone().into_bytes();
            changed[place] = if changed[place] == b'A' { b'B' } else { b'A' };
            refused(&key, expires, std::str::from_utf8(&changed).unwrap());
        }
        // Characters cannot be shifted between the key and the expiry.
        refused("a1.png\n1", 0, &signature);
    }

    #[test]
    fn an_expired_url_with_a_false_signature_learns_nothing() {
        let refused = images("k1").verify("a.png", 1000, "k1.AAAA", 2000);
        assert_eq!(refused, Err(Refusal::BadSignature));
    }

    #[test]
    fn a_retired_key_verifies_and_the_new_one_signs() {
        let (key, expires, signature) = read(&images("old").sign(&"a.png".parse().unwrap(), 1000));
        assert_eq!(images("new").verify(&key, expires, &signature, 0), Err(Refusal::BadSignature));

        let rotated = images("new").with_retired_keys([signing("old")]);
        assert!(rotated.verify(&key, expires, &signature, 0).is_ok());
        let (_, _, signature) = read(&rotated.sign(&"a.png".parse().unwrap(), 1000));
        assert!(signature.starts_with("new."));
    }

    #[test]
    fn a_key_with_the_same_id_and_another_secret_signs_otherwise() {
        let (key, expires, signature) = read(&images("k1").sign(&"a.png".parse().unwrap(), 1000));
        let secret = SigningKey::new("k1", b"another secret altogether").unwrap();
        let other = LocalImages::new("images", "https://pictures.example", secret);
        assert_eq!(other.verify(&key, expires, &signature, 0), Err(Refusal::BadSignature));
    }

    #[test]
    fn weak_keys_and_odd_ids_are_refused() {
        let refused = SigningKey::new("k1", b"fifteen bytes !").unwrap_err();
        assert!(matches!(refused, MediaError::WeakSigningKey { bytes: 15, .. }));
        for id in ["", "a.b", "ü", &"x".repeat(33)] {
            let refused = SigningKey::new(id, &[7; 32]).unwrap_err();
            assert!(matches!(refused, MediaError::MalformedKeyId(_)), "{id}");
        }
    }

    #[test]
    fn a_signing_key_is_not_printed() {
        assert_eq!(format!("{:?}", signing("k1")), "SigningKey(k1)");
    }
}
