//! What a banner looks like in answers, prepared once per banner and URL window.

use std::sync::Arc;

use bams_media::{Images, MediaError, SignedUrl};
use bams_storage::{CachedTextGuard, ServedBanner};
use serde::Serialize;
use time::OffsetDateTime;

use crate::answer::tracking_links::Links;

/// Draws banners with signed image URLs. Each serving thread has its own, so that no decision counts
/// references that others count.
#[derive(Clone)]
pub(crate) struct PreparedBanners {
    images: Arc<Images>,
    /// What follows each banner that a decision draws.
    pub(crate) links: Links,
}

impl PreparedBanners {
    pub(crate) fn new(images: Arc<Images>, links: Links) -> Self {
        Self { images, links }
    }

    /// Where a banner's image is, at a moment (unix seconds).
    pub(crate) fn image(
        &self,
        banner: &ServedBanner,
        now: i64,
    ) -> Result<Arc<SignedUrl>, MediaError> {
        self.images.url(&banner.image_key, now)
    }

    /// A banner as it looks at a moment (unix seconds): a JSON object that breaks off where the value
    /// of `click_url` comes next, so that what belongs to one decision can follow.
    ///
    /// It stands ready beside the banner, and is drawn anew when the banner changed or its image URL
    /// has spent half of its life.
    pub(crate) fn draw(
        &self,
        banner: &ServedBanner,
        now: i64,
    ) -> Result<CachedTextGuard, MediaError> {
        let until = self.images.window_end(now);
        banner.prepared.read(until, || self.prepare(banner, now))
    }

    fn prepare(&self, banner: &ServedBanner, now: i64) -> Result<String, MediaError> {
        let image = self.image(banner, now)?;
        let text = serde_json::to_string(&Prepared {
            banner_id: banner.id.0,
            name: &banner.name,
            image_url: &image.url,
            image_expires_at: OffsetDateTime::from_unix_timestamp(image.expires_at)
                .unwrap_or(OffsetDateTime::UNIX_EPOCH),
            width: banner.width,
            height: banner.height,
            alt: &banner.alt,
        });
        // Numbers and texts become JSON without fail.
        let mut prepared = text.unwrap_or_default();
        prepared.pop();
        prepared.push_str(r#","click_url":"#);
        Ok(prepared)
    }
}

/// The fields of a banner in a decision that do not depend on the decision.
#[derive(Serialize)]
struct Prepared<'a> {
    banner_id: u32,
    name: &'a str,
    image_url: &'a str,
    #[serde(with = "time::serde::rfc3339")]
    image_expires_at: OffsetDateTime,
    width: Option<u32>,
    height: Option<u32>,
    alt: &'a str,
}
