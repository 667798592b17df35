//! Images that people upload: looked at, and kept where the images of banners lie.

mod bucket;
mod ticket;

use std::sync::Arc;
use std::time::Duration;

use actix_web::web::{self, Bytes};
use bams_domain::BannerId;
use bams_media::{Backend, Images, MediaError, NotAPicture, ObjectKey, Picture, S3Images};
use bams_storage::BannerImage;

use self::bucket::{Bucket, Fetched};
pub(crate) use self::ticket::{Announced, Tickets};
use crate::clock;
use crate::config::Media;
use crate::problem::ApiError;

/// The largest width and height of an image, in pixels.
pub(crate) const LARGEST_SIDE: u32 = 10_000;

/// Takes images in.
pub(crate) struct Uploads {
    images: Arc<Images>,
    bucket: Bucket,
    tickets: Tickets,
    /// How long an upload to S3 may take to begin.
    life: Duration,
    /// Of an image at most.
    pub(crate) max_bytes: usize,
    max_pixels: u64,
}

/// An image that may become a banner's.
pub(crate) struct NewImage {
    key: ObjectKey,
    pub(crate) picture: Picture,
    bytes: Bytes,
}

/// Where a browser may send an image.
pub(crate) struct Invitation {
    pub(crate) upload_url: String,
    /// When it stops working, in unix seconds.
    pub(crate) expires_at: i64,
    pub(crate) key: ObjectKey,
}

/// What is wrong with an image: a stable code, and a sentence.
pub(crate) struct Flaw {
    code: &'static str,
    detail: String,
}

impl Flaw {
    /// The request's body is that image.
    pub(crate) fn of_body(self) -> ApiError {
        match self.code {
            "not_an_image" => ApiError::Unsupported(self.detail),
            code => ApiError::invalid("", code, self.detail),
        }
    }

    fn of_upload(self) -> ApiError {
        ApiError::invalid("/key", self.code, self.detail)
    }
}

impl From<NotAPicture> for Flaw {
    fn from(reason: NotAPicture) -> Self {
        let code = match reason {
            NotAPicture::Empty => "empty",
            NotAPicture::Unknown => "not_an_image",
            NotAPicture::NoSize => "no_size",
            NotAPicture::CutOff => "cut_off",
        };
        Self { code, detail: reason.to_string() }
    }
}

impl NewImage {
    /// As it is kept with its banner.
    pub(crate) fn described(&self) -> BannerImage {
        BannerImage {
            key: self.key.to_string(),
            media_type: Some(self.picture.media_type.content_type().to_owned()),
            bytes: u64::try_from(self.bytes.len()).ok(),
        }
    }
}

impl Uploads {
    /// Takes images in for the configured backend.
    pub(crate) fn new(
        images: Arc<Images>,
        media: &Media,
        tickets: Tickets,
    ) -> Result<Self, reqwest::Error> {
        Ok(Self {
            images,
            bucket: Bucket::new()?,
            tickets,
            life: *media.upload_ttl,
            max_bytes: media.max_image_bytes,
            max_pixels: media.max_image_pixels,
        })
    }

    /// Looks at an image. Nothing is decoded.
    pub(crate) async fn examine(&self, bytes: Bytes) -> Result<Result<NewImage, Flaw>, ApiError> {
        let max_pixels = self.max_pixels;
        let examined = web::block(move || {
            let picture = Picture::of(&bytes)?;
            let Picture { media_type, width, height } = picture;
            if u64::from(width) * u64::from(height) > max_pixels || width.max(height) > LARGEST_SIDE
            {
                let detail = format!(
                    "the image has {width} × {height} pixels; at most {max_pixels} are taken, and \
                     at most {LARGEST_SIDE} on a side"
                );
                return Err(Flaw { code: "too_many_pixels", detail });
            }
            Ok(NewImage { key: ObjectKey::of_content(&bytes, media_type), picture, bytes })
        });
        examined.await.map_err(|_| ApiError::Panicked)
    }

    /// Stores an image under its key. An image that is there already is the same.
    pub(crate) async fn keep(&self, image: &NewImage) -> Result<(), ApiError> {
        let NewImage { key, picture, bytes } = image;
        if let Backend::S3(s3) = self.images.backend() {
            return self.bucket.put(s3, key, picture.media_type, bytes.clone()).await;
        }
        let (images, key, bytes) = (Arc::clone(&self.images), key.clone(), bytes.clone());
        let written = web::block(move || match images.backend() {
            Backend::Local(folder) => folder.folder().write(&key, &bytes),
            Backend::S3(_) => Ok(()),
        });
        Ok(written.await.map_err(|_| ApiError::Panicked)??)
    }

    /// Lets an image be uploaded straight to S3, for this banner only.
    pub(crate) fn invite(
        &self,
        banner: BannerId,
        announced: &Announced,
    ) -> Result<Invitation, ApiError> {
        let s3 = self.s3(banner)?;
        let expires_at =
            clock::unix_seconds().saturating_add(self.life.as_secs().try_into().unwrap_or(0));
        let key =
            self.tickets.issue(banner, announced, expires_at).parse().map_err(MediaError::from)?;
        let url = s3.presign_put(&key, self.life)?;
        Ok(Invitation { upload_url: url.url, expires_at: url.expires_at, key })
    }

    /// Fetches what was uploaded under a key that was issued for this banner, and looks at it.
    /// What is refused is deleted, as far as S3 lets us.
    ///
    /// All of it: until its URL expires, whoever uploaded it could replace what was looked at.
    pub(crate) async fn fetch(&self, banner: BannerId, key: &str) -> Result<NewImage, ApiError> {
        let s3 = self.s3(banner)?;
        let announced = self.tickets.check(banner, key, clock::unix_seconds());
        let announced =
            announced.map_err(|it| ApiError::invalid("/key", it.code(), it.to_string()))?;
        let key = key.parse().map_err(MediaError::from)?;
        let image = self.fetch_announced(s3, &key, &announced).await;
        if let Err(ApiError::Invalid(_)) = image
            && let Err(error) = self.bucket.delete(s3, &key).await
        {
            tracing::warn!(%error, key = %key, "a refused upload stays in S3");
        }
        image
    }

    async fn fetch_announced(
        &self,
        s3: &S3Images,
        key: &ObjectKey,
        announced: &Announced,
    ) -> Result<NewImage, ApiError> {
        let bytes = match self.bucket.get(s3, key, announced.bytes).await? {
            Fetched::Whole(bytes) if bytes.len() == announced.bytes => bytes,
            Fetched::Nothing => return Err(ApiError::ImageNotUploaded),
            Fetched::Whole(_) | Fetched::TooLarge => {
                let detail = format!("what was uploaded has not {} bytes", announced.bytes);
                return Err(ApiError::invalid("/key", "other_bytes", detail));
            }
        };
        if !announced.matches(&bytes) {
            let detail = "what was uploaded has another SHA-256";
            return Err(ApiError::invalid("/key", "other_bytes", detail));
        }
        self.examine(bytes).await?.map_err(Flaw::of_upload)
    }

    fn s3(&self, banner: BannerId) -> Result<&S3Images, ApiError> {
        match self.images.backend() {
            Backend::S3(s3) => Ok(s3),
            Backend::Local(_) => Err(ApiError::ImagesNotInS3(banner)),
        }
    }
}
