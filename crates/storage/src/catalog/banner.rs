//! A banner and its row.

use bams_domain::{BannerId, Status};
use sea_orm::ActiveValue::{NotSet, Set};
use serde::{Deserialize, Serialize};

use crate::database::values::{banner_id, corrupt, tags_of, tags_text};
use crate::entity::banner::{ActiveModel, Model};
use crate::error::StorageError;

/// The longest name of a banner or a campaign, in characters.
pub const LONGEST_NAME: usize = 200;

/// The longest text for screen readers, in characters.
pub const LONGEST_ALT: usize = 500;

/// The most tags of a thing.
pub const MOST_TAGS: usize = 20;

/// The longest tag, in characters.
pub const LONGEST_TAG: usize = 50;

/// The settings of a banner, which people decide.
///
/// The audit log keeps them under the names of these fields.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BannerSettings {
    /// The name, at most [`LONGEST_NAME`](crate::LONGEST_NAME) characters.
    pub name: String,
    /// The status.
    pub status: Status,
    /// The address that a click leads to, at most 2048 bytes. May contain `{click_id}`.
    pub landing_url: Option<String>,
    /// The text for screen readers, at most 500 characters.
    pub alt: String,
    /// The width on the page in pixels: the image's own unless decided otherwise.
    pub width: Option<u32>,
    /// The height on the page in pixels: the image's own unless decided otherwise.
    pub height: Option<u32>,
    /// The tags, for people and filters. They contain no commas.
    pub tags: Vec<String>,
}

/// The image of a banner.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BannerImage {
    /// Its object key.
    pub key: String,
    /// The kind, such as `image/png`. `None` for an image that was not uploaded through us.
    pub media_type: Option<String>,
    /// The size in bytes. `None` for an image that was not uploaded through us.
    pub bytes: Option<u64>,
}

/// A banner as it is stored. Times are unix milliseconds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Banner {
    /// Its number.
    pub id: BannerId,
    /// Its settings.
    pub settings: BannerSettings,
    /// Its image. A banner without one is not shown.
    pub image: Option<BannerImage>,
    /// The number of its changes, from 1 on.
    pub version: i64,
    /// When it was created.
    pub created_at: i64,
    /// When it was last changed.
    pub updated_at: i64,
}

impl BannerSettings {
    /// Makes the settings of a banner of which only the name is known.
    pub fn named(name: String) -> Self {
        Self {
            name,
            status: Status::Active,
            landing_url: None,
            alt: String::new(),
            width: None,
            height: None,
            tags: Vec::new(),
        }
    }
}

impl BannerImage {
    /// Makes an image of which only the object key is known.
    pub(crate) fn of_key(key: String) -> Self {
        Self { key, media_type: None, bytes: None }
    }
}

/// Makes the row of a new banner. Without a number it gets the next free one.
pub(crate) fn new_row(
    id: Option<BannerId>,
    settings: &BannerSettings,
    image: Option<&BannerImage>,
    now: i64,
) -> ActiveModel {
    ActiveModel {
        id: id.map_or(NotSet, |it| Set(it.0.into())),
        version: Set(1),
        created_at: Set(now),
        updated_at: Set(now),
        ..row_of(settings, image)
    }
}

/// Returns the columns of the settings and the image.
pub(super) fn row_of(settings: &BannerSettings, image: Option<&BannerImage>) -> ActiveModel {
    let pixels = |side: Option<u32>| side.and_then(|pixels| i32::try_from(pixels).ok());
    let bytes = image.and_then(|it| it.bytes).and_then(|it| i64::try_from(it).ok());
    ActiveModel {
        name: Set(settings.name.clone()),
        status: Set(settings.status.name().to_owned()),
        landing_url: Set(settings.landing_url.clone()),
        alt: Set(settings.alt.clone()),
        width: Set(pixels(settings.width)),
        height: Set(pixels(settings.height)),
        tags: Set(tags_text(&settings.tags)),
        image_key: Set(image.map(|it| it.key.clone())),
        image_media_type: Set(image.and_then(|it| it.media_type.clone())),
        image_bytes: Set(bytes),
        ..Default::default()
    }
}

impl TryFrom<Model> for Banner {
    type Error = StorageError;

    fn try_from(row: Model) -> Result<Self, StorageError> {
        let table = "banners";
        let pixels = |column, value: Option<i32>| {
            value
                .map(|pixels| u32::try_from(pixels).map_err(|_| corrupt(table, column, pixels)))
                .transpose()
        };
        let bytes = row.image_bytes.map(u64::try_from).transpose();
        let bytes = bytes.map_err(|_| corrupt(table, "image_bytes", "a negative number"))?;
        Ok(Self {
            id: banner_id(table, row.id)?,
            settings: BannerSettings {
                status: row.status.parse().map_err(|_| corrupt(table, "status", &row.status))?,
                width: pixels("width", row.width)?,
                height: pixels("height", row.height)?,
                tags: tags_of(table, &row.tags)?,
                name: row.name,
                landing_url: row.landing_url,
                alt: row.alt,
            },
            image: row.image_key.map(|key| BannerImage {
                key,
                media_type: row.image_media_type,
                bytes,
            }),
            version: row.version,
            created_at: row.created_at,
            updated_at: row.updated_at,
        })
    }
}
