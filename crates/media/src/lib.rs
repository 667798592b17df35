//! Banner images in a folder or a bucket, and the signed URLs that show them.
//!
//! The folder is served by this program itself, the bucket by S3. The crate never connects to a
//! network, because signing needs none.
//!
//! ```
//! use std::time::Duration;
//!
//! use bams_media::{Backend, Images, LocalImages, SigningKey};
//!
//! let key = SigningKey::new("2026-01", b"at least sixteen secret bytes")?;
//! let folder = LocalImages::new("images", "https://pictures.example", key);
//! let images = Images::new(Backend::Local(folder), Duration::from_mins(20));
//!
//! let now = 1_767_261_600;
//! let image = images.url("image_141.png", now)?;
//! assert!(image.url.starts_with("https://pictures.example/media/image_141.png?expires="));
//! assert!(image.expires_at >= now + 600);
//! # Ok::<_, bams_media::MediaError>(())
//! ```

#![warn(clippy::unwrap_used)]

mod cache;
mod completeness;
mod endpoint;
mod error;
mod folder;
mod images;
mod key;
mod local;
mod media_type;
mod orientation;
mod picture;
mod s3;
mod secret;
mod signed_url;
mod template;

pub use bams_domain::KeyError;
pub use error::MediaError;
pub use folder::{ImageFolder, StagedImage};
pub use images::{Backend, Images};
pub use key::{KeyPrefix, ObjectKey};
pub use local::{LocalImages, Refusal, SigningKey};
pub use media_type::{MediaType, dimensions, sniff};
pub use picture::{NotAPicture, Picture};
pub use s3::{S3Images, S3Settings};
pub use secret::Secret;
pub use signed_url::{LONGEST_LIFE, SignedUrl};
pub use template::{KeyTemplate, TemplateError};
