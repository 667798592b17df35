//! The JSON of banners in decisions, prepared once per banner and URL window.

use std::sync::Arc;

use bams_media::{Images, MediaError, SignedUrl};
use bams_storage::{CachedTextGuard, ServedBanner};
use serde::Serialize;
use time::OffsetDateTime;

use crate::answer::tracking_links::Links;

/// Draws banners with signed image URLs. Each serving thread has its own, because decisions of
/// several threads would share the counts of references.
#[derive(Clone)]
pub(crate) struct PreparedBanners {
    images: Arc<Images>,
    /// The tracking links, which follow each banner in a decision.
    pub(crate) links: Links,
}

impl PreparedBanners {
    pub(crate) fn new(images: Arc<Images>, links: Links) -> Self {
        Self { images, links }
    }

    /// Returns the signed URL of a banner's image at a moment (unix seconds).
    pub(crate) fn image(
        &self,
        banner: ServedBanner<'_>,
        now: i64,
    ) -> Result<Arc<SignedUrl>, MediaError> {
        self.images.url(banner.image_key(), now)
    }

    /// Returns a banner at a moment (unix seconds): a JSON object up to the value of `click_url`,
    /// after which the fields of one decision follow.
    ///
    /// The text is kept beside the banner, and made again when the banner changed or its image URL
    /// has spent half of its lifetime.
    pub(crate) fn draw(
        &self,
        banner: ServedBanner<'_>,
        now: i64,
    ) -> Result<CachedTextGuard, MediaError> {
        let until = self.images.window_end(now);
        banner.prepared().read(until, || self.prepare(banner, now))
    }

    fn prepare(&self, banner: ServedBanner<'_>, now: i64) -> Result<String, MediaError> {
        let image = self.image(banner, now)?;
        let text = serde_json::to_string(&BannerJson {
            banner_id: banner.id().0,
            name: banner.name(),
            image_url: &image.url,
            image_expires_at: OffsetDateTime::from_unix_timestamp(image.expires_at)
                .unwrap_or(OffsetDateTime::UNIX_EPOCH),
            width: banner.width(),
            height: banner.height(),
            alt: banner.alt(),
        });
        // Serializing numbers and texts cannot fail.
        let mut prepared = text.unwrap_or_default();
        prepared.pop();
        prepared.push_str(r#","click_url":"#);
        Ok(prepared)
    }
}

/// The fields of a banner in a decision that do not depend on the decision.
#[derive(Serialize)]
struct BannerJson<'a> {
    banner_id: u32,
    name: &'a str,
    image_url: &'a str,
    #[serde(with = "time::serde::rfc3339")]
    image_expires_at: OffsetDateTime,
    width: Option<u32>,
    height: Option<u32>,
    alt: &'a str,
}
