//! Giving banners their images.

use std::ops::RangeInclusive;
use std::sync::Arc;

use bams_domain::BannerId;
use bams_media::MediaType;
use bams_storage::{Actor, Banner, EarlierUse, Once, banner, earlier_use};
use bytes::Bytes;
use rand::Rng;

use super::banners::{BannerFields, NewBannerImage};
use super::version::Precondition;
use super::{Made, Managing, ManagingError};
use crate::draft::{Draft, Said};
use crate::images::{AnnouncedImage, Invitation, NewImage, Uploads};
use crate::rules::{Rules, whole_number};

/// How many characters the key of an upload has.
pub const UPLOAD_KEY_LENGTH: RangeInclusive<usize> = 1..=1024;

/// Gives banners images that people send, or upload straight to S3.
#[derive(Clone)]
pub struct BannerImages {
    managing: Managing,
    uploads: Arc<Uploads>,
}

/// What is said about an image that will be uploaded.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AnnouncedFields {
    /// What it is, as far as its name tells; needed. In the end its bytes count.
    pub media_type: Said<MediaType>,
    /// How many bytes it has; needed.
    pub bytes: Said<u32>,
    /// Its SHA-256 as 64 lower-case hex digits; otherwise any bytes will do.
    pub sha256: Said<Option<String>>,
}

/// What is said about an image that was uploaded.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UploadedFields {
    /// The key of its [`Invitation`]; needed.
    pub key: Said<String>,
}

impl BannerImages {
    /// Takes images in as `uploads` does, and lets banners show them.
    pub fn new(managing: Managing, uploads: Arc<Uploads>) -> Self {
        Self { managing, uploads }
    }

    /// Returns the most bytes of an image.
    pub fn max_bytes(&self) -> usize {
        self.uploads.max_bytes()
    }

    /// Lets a banner show the image that these bytes are, in the image's own size.
    pub async fn replace(
        &self,
        by: Actor,
        id: BannerId,
        precondition: Precondition,
        bytes: Bytes,
        now: i64,
    ) -> Result<Made<Banner>, ManagingError> {
        let image = self.uploads.examine(bytes).await?;
        // Nothing is kept for a change that will be refused.
        let seen = self.banner(id).await?;
        precondition.check(Some(seen.version.into()))?;
        self.show(by, id, precondition, image, None, now).await
    }

    /// Creates a banner that shows the image that these bytes are, in the image's own size. Creates
    /// none if the image or the fields are refused.
    pub async fn create(
        &self,
        by: Actor,
        draft: impl Into<Draft<BannerFields>>,
        bytes: Bytes,
        now: i64,
    ) -> Result<Banner, ManagingError> {
        let image = self.uploads.examine(bytes).await?;
        self.uploads.keep(&image).await?;
        let created = self.managing.create_banner(by.clone(), draft, None, now).await?;
        let Made::Now(banner) = created else { return Err(ManagingError::ClaimedByAnother) };
        match self.show(by, banner.id, Precondition::Anything, image, None, now).await? {
            Made::Now(banner) => Ok(banner),
            Made::Before(_) => Err(ManagingError::ClaimedByAnother),
        }
    }

    /// Lets an image be uploaded straight to S3, for this banner only.
    pub async fn invite(
        &self,
        by: Actor,
        id: BannerId,
        draft: impl Into<Draft<AnnouncedFields>>,
        once: Option<Once<Invitation>>,
        now: i64,
        random: &mut impl Rng,
    ) -> Result<Made<Invitation>, ManagingError> {
        let announced = announced(draft.into(), self.max_bytes())?;
        self.banner(id).await?;
        let invitation = self.uploads.invite(id, &announced, now, random)?;
        self.managing.run_once(by, once, now, |_| Box::pin(async { Ok(invitation) })).await
    }

    /// Lets a banner show an image that was uploaded, once it was looked at like any other.
    pub async fn complete(
        &self,
        by: Actor,
        id: BannerId,
        precondition: Precondition,
        draft: impl Into<Draft<UploadedFields>>,
        once: Option<Once<Banner>>,
        now: i64,
    ) -> Result<Made<Banner>, ManagingError> {
        let key = upload_key(draft.into())?;
        // What was uploaded may be gone since the same request was answered.
        if let Some(once) = &once {
            match earlier_use(&self.managing.database, &once.claim, now).await? {
                EarlierUse::None => {}
                EarlierUse::Same(answer) => return Ok(Made::Before(answer)),
                EarlierUse::Other => return Err(ManagingError::ClaimedByAnother),
            }
        }
        let image = self.uploads.fetch(id, &key, now).await?;
        self.show(by, id, precondition, image, once, now).await
    }

    async fn show(
        &self,
        by: Actor,
        id: BannerId,
        precondition: Precondition,
        image: NewImage,
        once: Option<Once<Banner>>,
        now: i64,
    ) -> Result<Made<Banner>, ManagingError> {
        self.uploads.keep(&image).await?;
        let new = NewBannerImage {
            image: image.described(),
            width: image.picture.width,
            height: image.picture.height,
        };
        self.managing.show_image(by, id, precondition, new, once, now).await
    }

    async fn banner(&self, id: BannerId) -> Result<Banner, ManagingError> {
        let known = banner(&self.managing.database, id).await?;
        known.ok_or(ManagingError::UnknownBanner(id))
    }
}

fn announced(
    draft: Draft<AnnouncedFields>,
    max_bytes: usize,
) -> Result<AnnouncedImage, ManagingError> {
    let (mut rules, said) = (Rules::after(draft.violations), draft.said);
    let media_type = rules.any("media_type", said.media_type);
    let media_type = rules.needed("media_type", media_type);
    let bytes = rules.any("bytes", said.bytes);
    let bytes = rules.needed("bytes", bytes).and_then(|bytes| match usize::try_from(bytes) {
        Ok(bytes) if (1..=max_bytes).contains(&bytes) => Ok(bytes),
        _ => {
            let most = u32::try_from(max_bytes).unwrap_or(u32::MAX);
            Err(rules.refuse("bytes", "out_of_range", whole_number("bytes", &(1..=most))))
        }
    });
    let sha256 = rules.any("sha256", said.sha256).flatten();
    if sha256.as_deref().is_some_and(|it| !is_sha256(it)) {
        rules.refuse("sha256", "invalid_value", "a SHA-256 has 64 lower-case hex digits");
    }
    let image = media_type.and_then(|_| Ok(AnnouncedImage { bytes: bytes?, sha256 }));
    Ok(rules.finish(image)?)
}

fn is_sha256(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|it| matches!(it, b'0'..=b'9' | b'a'..=b'f'))
}

fn upload_key(draft: Draft<UploadedFields>) -> Result<String, ManagingError> {
    let mut rules = Rules::after(draft.violations);
    let key = rules.line("key", draft.said.key, UPLOAD_KEY_LENGTH);
    let key = rules.needed("key", key);
    Ok(rules.finish(key)?)
}
