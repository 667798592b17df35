//! A banner in JSON, and what people may decide about it.

use bams_app::NAME_LENGTH;
use bams_app::managing::{ALT_LENGTH, BannerFields, SIDE_RANGE};
use bams_domain::Status;
use bams_media::Images;
use bams_storage::{Banner as Kept, BannerImage, BannerSettings};
use serde::Serialize;
use utoipa::ToSchema;

use super::landing;
use crate::extract::body::{BodyFields, body};
use crate::extract::conditions::etag;
use crate::extract::shape;
use crate::routes::campaigns::StatusName;
use crate::timestamp;

/// One creative image with a landing URL.
#[derive(Serialize, ToSchema)]
pub(crate) struct Banner {
    /// Its number.
    #[schema(minimum = 1, example = 141)]
    id: u32,
    /// Its name.
    #[schema(example = "Spring shoes, blue")]
    name: String,
    /// Whether it may be shown.
    #[schema(value_type = StatusName, example = "active")]
    status: Status,
    /// Where a click leads; null leads nowhere.
    #[schema(example = "https://shop.example/shoes?click={click_id}")]
    landing_url: Option<String>,
    /// What a screen reader says.
    #[schema(example = "Blue shoes for spring")]
    alt: String,
    /// In pixels, as shown on the page; null if nobody knows.
    #[schema(minimum = 1, example = 300)]
    width: Option<u32>,
    /// In pixels, as shown on the page; null if nobody knows.
    #[schema(minimum = 1, example = 250)]
    height: Option<u32>,
    /// For people and filters.
    #[schema(example = json!(["blue"]))]
    tags: Vec<String>,
    /// What it shows; null until an image is uploaded, and so long the banner is not shown.
    image: Option<Image>,
    /// When it was made.
    #[schema(format = DateTime, example = "2026-02-20T09:15:00Z")]
    created_at: String,
    /// When it was last changed.
    #[schema(format = DateTime, example = "2026-02-21T16:40:00Z")]
    updated_at: String,
}

/// The image of a banner.
#[derive(Serialize, ToSchema)]
pub(crate) struct Image {
    /// Where it lies in the bucket or folder.
    #[schema(example = "p/9f86d081884c7d659a2feaa0c55ad015.png")]
    key: String,
    /// What its bytes are; null for an image that was not uploaded here.
    #[schema(example = "image/png")]
    media_type: Option<String>,
    /// Its size; null for an image that was not uploaded here.
    #[schema(example = 18_322)]
    bytes: Option<u64>,
    /// Shows it for a while; null when URLs cannot be signed now.
    #[schema(
        example = "https://pictures.example/media/p/9f86d081884c7d659a2feaa0c55ad015.png?expires=1767263400&signature=…"
    )]
    url: Option<String>,
}

impl Image {
    fn of(image: BannerImage, images: &Images, now: i64) -> Self {
        let url = images.url(&image.key, now.div_euclid(1000)).ok();
        Self {
            key: image.key,
            media_type: image.media_type,
            bytes: image.bytes,
            url: url.map(|it| it.url.clone()),
        }
    }
}

impl Banner {
    /// Makes the resource of a stored banner, as it is shown at a moment in unix milliseconds.
    pub(crate) fn of(banner: Kept, images: &Images, now: i64) -> Self {
        let BannerSettings { name, status, landing_url, alt, width, height, tags } =
            banner.settings;
        Self {
            id: banner.id.0,
            name,
            status,
            landing_url,
            alt,
            width,
            height,
            tags,
            image: banner.image.map(|it| Image::of(it, images, now)),
            created_at: timestamp::text(banner.created_at),
            updated_at: timestamp::text(banner.updated_at),
        }
    }
}

/// The tag of a banner's version with the image URL that it shows at a moment in unix milliseconds.
pub(crate) fn tag(banner: &Kept, images: &Images, now: i64) -> String {
    let window = banner.image.as_ref().map(|_| images.window_end(now.div_euclid(1000)));
    etag(&banner.version.into(), window)
}

/// Returns the fields that a new banner, or the change of one, may have.
fn fields(new: bool) -> BodyFields<BannerFields> {
    let either = |of_new, of_change| if new { of_new } else { of_change };
    let landing_url = shape::text(landing::LONGEST, landing::PATTERN);
    BodyFields::<BannerFields>::default()
        .line("name", &NAME_LENGTH, "Its name.", |it| &mut it.name)
        .needed(new)
        .word::<StatusName>(
            "status",
            either("Whether it may be shown; active if missing.", "Whether it may be shown."),
            |it| &mut it.status,
        )
        .text_or_null(
            "landing_url",
            landing_url,
            either(
                "Where a click leads. `{click_id}` in it becomes the click's id.",
                "Where a click leads; null leads nowhere. `{click_id}` in it becomes the click's id.",
            ),
            |it| &mut it.landing_url,
        )
        .line("alt", &ALT_LENGTH, "What a screen reader says.", |it| &mut it.alt)
        .number_or_null(
            "width",
            SIDE_RANGE,
            either(
                "In pixels, as shown on the page; the image's own width if missing.",
                "In pixels, as shown on the page; null if nobody knows.",
            ),
            |it| &mut it.width,
        )
        .number_or_null(
            "height",
            SIDE_RANGE,
            either(
                "In pixels, as shown on the page; the image's own height if missing.",
                "In pixels, as shown on the page; null if nobody knows.",
            ),
            |it| &mut it.height,
        )
        .tags("tags", "For people and filters, at most 20.", |it| &mut it.tags)
}

body! {
    /// A banner to create.
    NewBanner: BannerFields = fields(true),
    example: {
        "name": "Spring shoes, blue",
        "landing_url": "https://shop.example/shoes?click={click_id}",
        "alt": "Blue shoes for spring",
        "tags": ["blue"]
    }
}

body! {
    /// What changes about a banner; what is missing stays as it is.
    BannerChange: BannerFields = fields(false),
    example: { "alt": "Blue shoes, on sale" }
}
