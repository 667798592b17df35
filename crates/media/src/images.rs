//! The signed URLs of all images, of which each has one a window.

use std::{sync::Arc, time::Duration};

use crate::{
    LONGEST_LIFE, LocalImages, MediaError, ObjectKey, S3Images, SignedUrl, cache::UrlCache,
};

/// Where the images are stored.
#[derive(Debug)]
pub enum Backend {
    /// In a folder, served by this program itself.
    Local(LocalImages),
    /// In a bucket, served by S3 or a server with the same API.
    S3(S3Images),
}

/// Signed image URLs, computed once per image and window and then reused.
///
/// A window is half of a URL's lifetime. So a URL that is handed out stays valid for at least half of
/// its lifetime, and one process hands out the same URL to everybody during a window, which lets
/// browsers reuse what they fetched. URLs of S3 contain the time of their signature, so there each
/// node has its own.
#[derive(Debug)]
pub struct Images {
    backend: Backend,
    lifetime: Duration,
    cache: UrlCache,
}

impl Images {
    /// Makes the images of a backend, whose URLs work for `lifetime`.
    ///
    /// The lifetime is rounded down to seconds, and clamped to one second and [`LONGEST_LIFE`].
    pub fn new(backend: Backend, lifetime: Duration) -> Self {
        let lifetime =
            Duration::from_secs(lifetime.as_secs()).clamp(Duration::from_secs(1), LONGEST_LIFE);
        Self { backend, lifetime, cache: UrlCache::default() }
    }

    /// Returns where the images are stored.
    pub fn backend(&self) -> &Backend {
        &self.backend
    }

    /// Returns true if URLs can be signed, which S3 needs credentials for.
    pub fn can_sign(&self) -> bool {
        match &self.backend {
            Backend::Local(_) => true,
            Backend::S3(bucket) => bucket.has_credentials(),
        }
    }

    /// Returns the origin of all image URLs as browsers write it: scheme, host and perhaps port.
    pub fn origin(&self) -> &str {
        let address = match &self.backend {
            Backend::Local(folder) => folder.public_url(),
            Backend::S3(bucket) => bucket.endpoint(),
        };
        let host = address.find("://").map_or(0, |scheme_end| scheme_end + 3);
        let path = address[host..].find('/').map_or(address.len(), |length| host + length);
        &address[..path]
    }

    /// Returns the URL of an image, at a moment given in unix seconds.
    ///
    /// This is the hot path: within a window it is a look-up. Fails with [`MediaError::Key`] for a text
    /// that is not an [`ObjectKey`].
    pub fn url(&self, key: &str, now: i64) -> Result<Arc<SignedUrl>, MediaError> {
        let window = self.window(now);
        if let Some(url) = self.cache.find(key, window) {
            return Ok(url);
        }
        let object_key = key.parse()?;
        let url = Arc::new(self.sign(&object_key, now)?);
        self.cache.keep(&object_key, window, Arc::clone(&url));
        Ok(url)
    }

    /// Signs a new URL, at a moment given in unix seconds.
    ///
    /// A URL of S3 begins at the system's time instead of `now`. `expires_at` is right in both cases.
    pub fn sign(&self, key: &ObjectKey, now: i64) -> Result<SignedUrl, MediaError> {
        match &self.backend {
            Backend::Local(folder) => {
                let begin = self.window(now).saturating_mul(self.window_seconds());
                Ok(folder.sign(key, begin.saturating_add(self.lifetime_seconds())))
            }
            Backend::S3(bucket) => bucket.presign_get(key, self.lifetime),
        }
    }

    /// Returns the moment, in unix seconds, from which on [`url`](Self::url) returns new URLs.
    pub fn window_end(&self, now: i64) -> i64 {
        self.window(now).saturating_add(1).saturating_mul(self.window_seconds())
    }

    /// Returns the number of the window of a moment.
    fn window(&self, now: i64) -> i64 {
        now.div_euclid(self.window_seconds())
    }

    fn window_seconds(&self) -> i64 {
        (self.lifetime_seconds() / 2).max(1)
    }

    fn lifetime_seconds(&self) -> i64 {
        self.lifetime.as_secs().cast_signed()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{S3Settings, SigningKey};

    fn local(lifetime: u64) -> Images {
        let key = SigningKey::new("k1", b"0123456789abcdef").unwrap();
        let folder = LocalImages::new("images", "https://pictures.example", key);
        Images::new(Backend::Local(folder), Duration::from_secs(lifetime))
    }

    #[test]
    fn the_url_is_the_same_throughout_a_window() {
        let images = local(600);
        let first = images.url("a.png", 900).unwrap();
        let last = images.url("a.png", 1199).unwrap();
        let next = images.url("a.png", 1200).unwrap();
        assert!(Arc::ptr_eq(&first, &last));
        assert_eq!(images.window_end(900), 1200);
        assert_eq!(images.window_end(1199), 1200);
        assert_eq!(first.expires_at, 1500);
        assert_eq!(next.expires_at, 1800);
        assert_ne!(first.url, next.url);
    }

    #[test]
    fn a_url_handed_out_works_for_at_least_half_of_its_lifetime() {
        for lifetime in [1, 2, 3, 7, 600, 3601, 604_800] {
            let images = local(lifetime);
            for now in (-601..2000).chain([1_767_225_600]) {
                let left = images.url("a.png", now).unwrap().expires_at - now;
                let whole = lifetime.cast_signed();
                assert!(left * 2 >= whole && left <= whole, "{left} of {whole} s at {now}");
            }
        }
    }

    #[test]
    fn two_programs_with_the_same_key_hand_out_the_same_url() {
        assert_eq!(local(600).url("a.png", 901).unwrap(), local(600).url("a.png", 1100).unwrap());
    }

    #[test]
    fn a_lifetime_is_between_a_second_and_a_week() {
        let left = |lifetime| local(lifetime).url("a.png", 0).unwrap().expires_at;
        assert_eq!(left(0), 1);
        assert_eq!(left(u64::MAX), 604_800);
    }

    #[test]
    fn a_text_that_is_no_key_has_no_url() {
        let refused = local(600).url("../secret", 0);
        assert!(matches!(refused, Err(MediaError::Key(crate::KeyError::DotSegment))));
    }

    #[test]
    fn the_origin_is_what_urls_begin_with_before_their_path() {
        let bucket = |endpoint: &str, path_style| {
            let settings = S3Settings {
                bucket: "b".into(),
                region: "eu-west-1".into(),
                endpoint: Some(endpoint.into()),
                path_style,
                ..<_>::default()
            };
            Images::new(Backend::S3(S3Images::new(settings).unwrap()), LONGEST_LIFE)
        };
        assert_eq!(local(600).origin(), "https://pictures.example");
        assert_eq!(bucket("", false).origin(), "https://b.s3.eu-west-1.amazonaws.com");
        assert_eq!(bucket("http://s3.example:9000/", true).origin(), "http://s3.example:9000");
        assert_eq!(bucket("s3.example/below/", true).origin(), "https://s3.example");
    }

    #[test]
    fn without_credentials_there_are_images_but_no_urls() {
        let settings =
            S3Settings { bucket: "b".into(), region: "eu-west-1".into(), ..<_>::default() };
        let images = Images::new(Backend::S3(S3Images::new(settings).unwrap()), LONGEST_LIFE);
        assert!(!images.can_sign());
        assert!(matches!(images.url("a.png", 0), Err(MediaError::MissingCredentials)));
    }
}
