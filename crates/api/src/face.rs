//! What a banner looks like in answers, prepared once per banner and URL window.

use std::sync::Arc;

use bams_domain::BannerId;
use bams_media::{Images, MediaError, SignedUrl};
use bams_storage::ServedBanner;
use papaya::HashMap;
use serde::Serialize;
use time::OffsetDateTime;

/// A banner with its signed image URL.
pub(crate) struct Face {
    /// The banner.
    pub(crate) banner: Arc<ServedBanner>,
    /// Where its image is.
    pub(crate) image: Arc<SignedUrl>,
    /// The banner as a JSON object whose last brace is missing, so that more can be said of it.
    pub(crate) json: Box<str>,
    window_end: i64,
}

/// The faces shown lately, at most one for each banner. Reading takes no lock.
pub(crate) struct Faces {
    images: Arc<Images>,
    known: HashMap<BannerId, Arc<Face>>,
}

impl Faces {
    pub(crate) fn new(images: Arc<Images>) -> Self {
        Self { images, known: HashMap::new() }
    }

    /// Whether image URLs can be signed at all.
    pub(crate) fn can_sign(&self) -> bool {
        self.images.can_sign()
    }

    /// The face of a banner at a moment (unix seconds). It is made anew when the banner changed,
    /// and when its image URL has spent half of its life.
    pub(crate) fn of(&self, banner: &Arc<ServedBanner>, now: i64) -> Result<Arc<Face>, MediaError> {
        let known = self.known.pin();
        if let Some(face) = known.get(&banner.id)
            && face.window_end == self.images.window_end(now)
            && Arc::ptr_eq(&face.banner, banner)
        {
            return Ok(Arc::clone(face));
        }
        let face = Arc::new(self.draw(banner, now)?);
        known.insert(banner.id, Arc::clone(&face));
        Ok(face)
    }

    fn draw(&self, banner: &Arc<ServedBanner>, now: i64) -> Result<Face, MediaError> {
        let image = self.images.url(&banner.image_key, now)?;
        let text = serde_json::to_string(&JsonFace {
            banner_id: banner.id.0,
            name: &banner.name,
            image_url: &image.url,
            image_expires_at: OffsetDateTime::from_unix_timestamp(image.expires_at)
                .unwrap_or(OffsetDateTime::UNIX_EPOCH),
            width: banner.width,
            height: banner.height,
            alt: &banner.alt,
            click_url: None,
            impression_url: None,
        });
        // Numbers and texts become JSON without fail.
        let mut json = text.unwrap_or_default();
        json.pop();
        Ok(Face {
            banner: Arc::clone(banner),
            image,
            json: json.into_boxed_str(),
            window_end: self.images.window_end(now),
        })
    }
}

/// The fields of a banner in a decision that do not depend on the decision.
#[derive(Serialize)]
struct JsonFace<'a> {
    banner_id: u32,
    name: &'a str,
    image_url: &'a str,
    #[serde(with = "time::serde::rfc3339")]
    image_expires_at: OffsetDateTime,
    width: Option<u32>,
    height: Option<u32>,
    alt: &'a str,
    click_url: Option<&'a str>,
    impression_url: Option<&'a str>,
}
