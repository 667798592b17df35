//! Presigned S3 URLs, in the only file that names rusoto.
//!
//! rusoto is no longer maintained, so it only computes here and never uses the network. It reads the
//! clock itself while signing, which is why no function here takes the time, and it logs what it signs
//! at `debug`.

use std::time::Duration;

use rusoto_core::{Region, credential::AwsCredentials, signature::SignedRequest};
use rusoto_s3::{
    DeleteObjectRequest, GetObjectRequest, PutObjectRequest,
    util::{PreSignedRequest, PreSignedRequestOption},
};
use time::{PrimitiveDateTime, macros::format_description};

use crate::{LONGEST_LIFE, MediaError, ObjectKey, Secret, SignedUrl, endpoint::BucketAddress};

/// A bucket, its server, and the credentials to sign for it.
#[derive(Debug, Clone, Default)]
pub struct S3Settings {
    /// The bucket that holds the images.
    pub bucket: String,
    /// The name of the region, which is part of each signature.
    pub region: String,
    /// The address of a server other than AWS, by `https` unless it says otherwise.
    pub endpoint: Option<String>,
    /// Puts the bucket into the path instead of the host. It goes there anyway if the host is a number
    /// or the bucket no host name.
    pub path_style: bool,
    /// The id of the access key. If it is empty, nothing can be signed.
    pub access_key_id: String,
    /// The access key. If it is empty, nothing can be signed.
    pub secret_access_key: Secret,
    /// The token of temporary credentials.
    pub session_token: Option<Secret>,
}

/// Images in a bucket of S3, or of a server with the same API.
#[derive(Debug)]
pub struct S3Images {
    bucket: String,
    endpoint: String,
    bucket_in_path: bool,
    region: Region,
    /// Their `Debug` hides secret and token.
    credentials: Option<AwsCredentials>,
}

#[derive(Clone, Copy)]
enum Method {
    Delete,
    Get,
    Put,
}

impl S3Images {
    /// Makes the images of a bucket. Without credentials they have no URLs.
    pub fn new(settings: S3Settings) -> Result<Self, MediaError> {
        let S3Settings { bucket, region, endpoint, path_style, .. } = settings;
        if !is_name(&bucket) {
            return Err(MediaError::MalformedBucket(bucket));
        }
        if !is_name(&region) {
            return Err(MediaError::MalformedRegion(region));
        }
        let address = BucketAddress::new(&bucket, &region, endpoint.as_deref(), path_style)?;
        let token = settings.session_token.filter(|token| !token.is_empty());
        let is_complete =
            !settings.access_key_id.is_empty() && !settings.secret_access_key.is_empty();
        let credentials = is_complete.then(|| {
            AwsCredentials::new(
                settings.access_key_id,
                settings.secret_access_key.expose(),
                token.map(|token| token.expose().to_owned()),
                None,
            )
        });
        Ok(Self {
            bucket,
            endpoint: address.endpoint.clone(),
            bucket_in_path: address.bucket_in_path,
            region: Region::Custom { name: region, endpoint: address.endpoint },
            credentials,
        })
    }

    /// Returns true if URLs can be signed.
    pub fn has_credentials(&self) -> bool {
        self.credentials.is_some()
    }

    /// Returns the beginning of all URLs: scheme and host, and perhaps a path.
    pub(crate) fn endpoint(&self) -> &str {
        &self.endpoint
    }

    /// Returns a URL that fetches an image with GET, for `lifetime` from now (one second to seven days).
    pub fn presign_get(
        &self,
        key: &ObjectKey,
        lifetime: Duration,
    ) -> Result<SignedUrl, MediaError> {
        self.presign(Method::Get, key, lifetime)
    }

    /// Returns a URL that stores an image with PUT, for `lifetime` from now (one second to seven days).
    ///
    /// The signature covers neither length nor type of what is stored.
    pub fn presign_put(
        &self,
        key: &ObjectKey,
        lifetime: Duration,
    ) -> Result<SignedUrl, MediaError> {
        self.presign(Method::Put, key, lifetime)
    }

    /// Returns a URL that deletes an image with DELETE, for `lifetime` from now (one second to seven
    /// days).
    pub fn presign_delete(
        &self,
        key: &ObjectKey,
        lifetime: Duration,
    ) -> Result<SignedUrl, MediaError> {
        self.presign(Method::Delete, key, lifetime)
    }

    fn presign(
        &self,
        method: Method,
        key: &ObjectKey,
        lifetime: Duration,
    ) -> Result<SignedUrl, MediaError> {
        let credentials = self.credentials.as_ref().ok_or(MediaError::MissingCredentials)?;
        let expires_in =
            Duration::from_secs(lifetime.as_secs()).clamp(Duration::from_secs(1), LONGEST_LIFE);
        let url =
            if self.bucket_in_path {
                let (bucket, key) = (self.bucket.clone(), key.to_string());
                let option = PreSignedRequestOption { expires_in };
                match method {
                    Method::Delete => DeleteObjectRequest { bucket, key, ..<_>::default() }
                        .get_presigned_url(&self.region, credentials, &option),
                    Method::Get => GetObjectRequest { bucket, key, ..<_>::default() }
                        .get_presigned_url(&self.region, credentials, &option),
                    Method::Put => PutObjectRequest { bucket, key, ..<_>::default() }
                        .get_presigned_url(&self.region, credentials, &option),
                }
            } else {
                // The calls above always write the bucket into the path, so this makes the request that they
                // make, without them.
                let verb = match method {
                    Method::Delete => "DELETE",
                    Method::Get => "GET",
                    Method::Put => "PUT",
                };
                SignedRequest::new(verb, "s3", &self.region, &format!("/{key}"))
                    .generate_presigned_url(credentials, &expires_in, false)
            };
        let expires_at = signed_at(&url).saturating_add(expires_in.as_secs().cast_signed());
        Ok(SignedUrl { url, expires_at })
    }
}

/// Returns when rusoto signed a URL, in unix seconds, as the URL says.
fn signed_at(url: &str) -> i64 {
    let format = format_description!("[year][month][day]T[hour][minute][second]Z");
    url.split_once("X-Amz-Date=")
        .and_then(|(_, rest)| rest.split('&').next())
        .and_then(|date| PrimitiveDateTime::parse(date, format).ok())
        .map_or(0, |moment| moment.assume_utc().unix_timestamp())
}

/// Returns true if a text can be part of a URL as it is.
fn is_name(text: &str) -> bool {
    let is_allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_');
    !text.is_empty() && text.bytes().all(is_allowed)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings() -> S3Settings {
        S3Settings {
            bucket: "ads".into(),
            region: "eu-west-1".into(),
            access_key_id: "the-id".into(),
            secret_access_key: "the-secret".into(),
            session_token: Some("the/token".into()),
            ..S3Settings::default()
        }
    }

    fn url(settings: S3Settings, seconds: u64) -> String {
        let key = "a b.png".parse().unwrap();
        S3Images::new(settings)
            .unwrap()
            .presign_get(&key, Duration::from_secs(seconds))
            .unwrap()
            .url
    }

    #[test]
    fn the_bucket_is_in_the_host_or_in_the_path() {
        let host = url(settings(), 60);
        assert!(host.starts_with("https://ads.s3.eu-west-1.amazonaws.com/a%20b.png?"), "{host}");
        let path = url(S3Settings { path_style: true, ..settings() }, 60);
        assert!(path.starts_with("https://s3.eu-west-1.amazonaws.com/ads/a%20b.png?"), "{path}");
    }

    #[test]
    fn a_lifetime_is_between_a_second_and_a_week() {
        for path_style in [true, false] {
            let signed = |seconds| url(S3Settings { path_style, ..settings() }, seconds);
            assert!(signed(0).contains("X-Amz-Expires=1&"));
            assert!(signed(604_801).contains("X-Amz-Expires=604800&"));
        }
    }

    #[test]
    fn the_session_token_is_in_the_url_when_there_is_one() {
        assert!(url(settings(), 60).contains("&X-Amz-Security-Token=the%2Ftoken&"));
        for session_token in [None, Some("".into())] {
            let without = S3Settings { session_token, ..settings() };
            assert!(!url(without, 60).contains("Security-Token"));
        }
    }

    #[test]
    fn the_end_is_counted_from_the_signing_time() {
        assert_eq!(signed_at("https://x/?X-Amz-Date=20260101T100500Z&b"), 1_767_261_900);
        let key = "a".parse().unwrap();
        let images = S3Images::new(settings()).unwrap();
        let signed = images.presign_get(&key, Duration::from_mins(1)).unwrap();
        assert_eq!(signed.expires_at, signed_at(&signed.url) + 60);
        assert!(signed.expires_at > 1_767_261_900);
    }

    #[test]
    fn half_of_the_credentials_are_none() {
        for half in [
            S3Settings { access_key_id: String::new(), ..settings() },
            S3Settings { secret_access_key: Secret::default(), ..settings() },
        ] {
            let images = S3Images::new(half).unwrap();
            let refused = images.presign_put(&"a".parse().unwrap(), LONGEST_LIFE);
            assert!(matches!(refused, Err(MediaError::MissingCredentials)));
        }
    }

    #[test]
    fn names_that_change_the_url_are_refused() {
        for name in ["", "a/b", "a b", "a?", "ü"] {
            let bucket = S3Images::new(S3Settings { bucket: name.into(), ..settings() });
            assert!(matches!(bucket, Err(MediaError::MalformedBucket(_))), "{name}");
            let region = S3Images::new(S3Settings { region: name.into(), ..settings() });
            assert!(matches!(region, Err(MediaError::MalformedRegion(_))), "{name}");
        }
    }

    #[test]
    fn credentials_are_not_printed() {
        let printed = format!("{:?} {:?}", settings(), S3Images::new(settings()).unwrap());
        assert!(!printed.contains("the-secret") && !printed.contains("the/token"), "{printed}");
    }
}
