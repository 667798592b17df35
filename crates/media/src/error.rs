//! The errors of images and their URLs.

use std::io;

use crate::{KeyError, ObjectKey};

/// Why an image has no URL, or why its bytes could not be read or written.
#[derive(Debug, thiserror::Error)]
pub enum MediaError {
    /// The key breaks one of the rules of [`ObjectKey`].
    #[error(transparent)]
    Key(#[from] KeyError),

    /// No S3 credentials are configured, so nothing can be signed.
    #[error("no S3 credentials are configured, so image URLs cannot be signed")]
    MissingCredentials,

    /// The configured endpoint is not the address of an S3 server. The error does not repeat it,
    /// because it may hold a password.
    #[error("media.s3.endpoint is not the address of an S3 server: {reason}")]
    MalformedEndpoint {
        /// What is wrong with it.
        reason: &'static str,
    },

    /// The name of the configured bucket cannot be part of a URL.
    #[error("`{0}` is not the name of a bucket")]
    MalformedBucket(String),

    /// The name of the configured region cannot be part of a URL.
    #[error("`{0}` is not the name of a region")]
    MalformedRegion(String),

    /// The id of a signing key is empty, too long or has characters other than `A-Za-z0-9_-`.
    #[error("`{0}` is not the id of a signing key: up to 32 of A-Z a-z 0-9 _ - are allowed")]
    MalformedKeyId(String),

    /// A signing key is too short to be safe.
    #[error("the signing key `{key_id}` has {bytes} bytes, at least 16 are needed")]
    WeakSigningKey {
        /// The id of the short key.
        key_id: String,
        /// The length of its secret.
        bytes: usize,
    },

    /// No image has this key.
    #[error("there is no image `{0}`")]
    UnknownImage(ObjectKey),

    /// The key leads out of the image folder through a symbolic link.
    #[error("`{0}` leads out of the image folder")]
    OutsideFolder(ObjectKey),

    /// The file system refused.
    #[error("could not {action} the image `{key}`")]
    File {
        /// What was attempted, such as `read`.
        action: &'static str,
        /// The image in question.
        key: ObjectKey,
        /// The file system's answer.
        #[source]
        source: io::Error,
    },
}
