//! The use cases of images that people upload: examining and storing them.

mod bucket;
mod error;
mod ticket;

use std::sync::Arc;
use std::time::Duration;

use bams_domain::BannerId;
use bams_media::{Backend, Images, KeyPrefix, MediaError, ObjectKey, Picture, S3Images};
use bams_storage::BannerImage;
use bytes::Bytes;
use rand::Rng;
use tokio::task::spawn_blocking;

use self::bucket::{Bucket, Fetched};
pub use self::error::{ImageFlaw, ImagesError, UploadFlaw};
pub use self::ticket::{AnnouncedImage, TicketError, Tickets};

/// The largest width and height of an image, in pixels.
pub const LARGEST_SIDE: u32 = 10_000;

/// The settings of images.
#[derive(Clone, Debug)]
pub struct ImagesSettings {
    /// The beginning of the keys under which images are stored.
    pub prefix: KeyPrefix,
    /// How long an upload to S3 may take to begin.
    pub upload_ttl: Duration,
    /// The largest size of an image, in bytes.
    pub max_bytes: usize,
    /// The most pixels of an image.
    pub max_pixels: u64,
}

/// Takes in images.
pub struct Uploads {
    images: Arc<Images>,
    bucket: Bucket,
    tickets: Tickets,
    settings: ImagesSettings,
}

/// An image that a banner may show.
#[derive(Clone, Debug)]
pub struct NewImage {
    key: ObjectKey,
    /// Its kind and its size.
    pub picture: Picture,
    bytes: Bytes,
}

/// An address to which a browser may send an image.
#[derive(Clone, Debug)]
pub struct Invitation {
    /// The signed URL, which takes the bytes with PUT.
    pub upload_url: String,
    /// The moment at which it stops working, in unix seconds.
    pub expires_at: i64,
    /// The key by which the upload is completed.
    pub key: ObjectKey,
}

impl NewImage {
    /// Returns the image as it is stored with its banner.
    pub fn described(&self) -> BannerImage {
        BannerImage {
            key: self.key.to_string(),
            media_type: Some(self.picture.media_type.content_type().to_owned()),
            bytes: u64::try_from(self.bytes.len()).ok(),
        }
    }
}

impl Uploads {
    /// Makes the use cases for a backend. Fails if there can be no client for S3.
    pub fn new(
        images: Arc<Images>,
        tickets: Tickets,
        settings: ImagesSettings,
    ) -> Result<Self, reqwest::Error> {
        Ok(Self { images, bucket: Bucket::new()?, tickets, settings })
    }

    /// Returns the largest size of an image, in bytes.
    pub fn max_bytes(&self) -> usize {
        self.settings.max_bytes
    }

    /// Examines an image without decoding it. Fails with [`ImagesError::Image`] if no banner may
    /// show it.
    pub async fn examine(&self, bytes: Bytes) -> Result<NewImage, ImagesError> {
        let settings = self.settings.clone();
        let examined = spawn_blocking(move || examined(bytes, &settings)).await?;
        examined.map_err(ImagesError::Image)
    }

    /// Stores an image under its key. An existing image with that key is the same one.
    pub async fn keep(&self, image: &NewImage) -> Result<(), ImagesError> {
        let NewImage { key, picture, bytes } = image;
        if let Backend::S3(s3) = self.images.backend() {
            return self.bucket.put(s3, key, picture.media_type, bytes.clone()).await;
        }
        let (images, key, bytes) = (Arc::clone(&self.images), key.clone(), bytes.clone());
        let written = spawn_blocking(move || match images.backend() {
            Backend::Local(folder) => folder.folder().write(&key, &bytes),
            Backend::S3(_) => Ok(()),
        });
        Ok(written.await??)
    }

    /// Returns an address for an upload straight to S3, for this banner only. Fails with
    /// [`ImagesError::NotInS3`] if images are in a folder.
    pub fn invite(
        &self,
        banner: BannerId,
        announced: &AnnouncedImage,
        now: i64,
        random: &mut impl Rng,
    ) -> Result<Invitation, ImagesError> {
        let (s3, lifetime) = (self.s3(banner)?, self.settings.upload_ttl);
        let expires_at = seconds(now).saturating_add(lifetime.as_secs().try_into().unwrap_or(0));
        let ticket = self.tickets.issue(banner, announced, expires_at, random);
        let key = ticket.parse().map_err(MediaError::from)?;
        let url = s3.presign_put(&key, lifetime)?;
        Ok(Invitation { upload_url: url.url, expires_at: url.expires_at, key })
    }

    /// Fetches the upload under a key that was issued for this banner, and examines it. Fails with
    /// [`ImagesError::Upload`] if it is not acceptable, and then deletes it, as far as S3 allows.
    ///
    /// Fetches the whole object, because whoever uploaded it can replace it until its URL expires.
    pub async fn fetch(
        &self,
        banner: BannerId,
        key: &str,
        now: i64,
    ) -> Result<NewImage, ImagesError> {
        let s3 = self.s3(banner)?;
        let announced = self.tickets.check(banner, key, seconds(now)).map_err(UploadFlaw::from)?;
        let key = key.parse().map_err(MediaError::from)?;
        let image = self.fetch_announced(s3, &key, &announced).await;
        if let Err(ImagesError::Upload(_)) = image
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
        announced: &AnnouncedImage,
    ) -> Result<NewImage, ImagesError> {
        let bytes = match self.bucket.get(s3, key, announced.bytes).await? {
            Fetched::Whole(bytes) if bytes.len() == announced.bytes => bytes,
            Fetched::Nothing => return Err(ImagesError::NotUploaded),
            Fetched::Whole(_) | Fetched::TooLarge => {
                return Err(UploadFlaw::OtherLength(announced.bytes).into());
            }
        };
        if !announced.matches(&bytes) {
            return Err(UploadFlaw::OtherBytes.into());
        }
        match self.examine(bytes).await {
            Err(ImagesError::Image(flaw)) => Err(UploadFlaw::Image(flaw).into()),
            examined => examined,
        }
    }

    fn s3(&self, banner: BannerId) -> Result<&S3Images, ImagesError> {
        match self.images.backend() {
            Backend::S3(s3) => Ok(s3),
            Backend::Local(_) => Err(ImagesError::NotInS3(banner)),
        }
    }
}

fn examined(bytes: Bytes, settings: &ImagesSettings) -> Result<NewImage, ImageFlaw> {
    let ImagesSettings { prefix, max_bytes, max_pixels: most, .. } = settings;
    let (max_bytes, most) = (*max_bytes, *most);
    if bytes.len() > max_bytes {
        return Err(ImageFlaw::TooLarge(max_bytes));
    }
    let picture = Picture::of(&bytes)?;
    let Picture { media_type, width, height } = picture;
    if u64::from(width) * u64::from(height) > most || width.max(height) > LARGEST_SIDE {
        return Err(ImageFlaw::TooManyPixels { width, height, most });
    }
    Ok(NewImage { key: ObjectKey::of_content(prefix, &bytes, media_type), picture, bytes })
}

/// Returns the whole seconds of a moment in unix milliseconds.
fn seconds(unix_millis: i64) -> i64 {
    unix_millis.div_euclid(1000)
}
