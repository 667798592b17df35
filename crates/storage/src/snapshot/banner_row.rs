//! A banner as its row in SQL says.

use std::collections::HashMap;
use std::sync::Arc;

use bams_domain::{BannerId, LandingUrl, LeftOut, Status, left_out};
use sea_orm::{EntityTrait, QuerySelect, Select};

use crate::database::values::{banner_id, corrupt, tags_of};
use crate::entity::banner;
use crate::error::StorageError;

/// The columns of [`BannerColumns`], in their order.
const COLUMNS: [banner::Column; 9] = [
    banner::Column::Id,
    banner::Column::Status,
    banner::Column::Name,
    banner::Column::Alt,
    banner::Column::Width,
    banner::Column::Height,
    banner::Column::Tags,
    banner::Column::LandingUrl,
    banner::Column::ImageKey,
];

/// What serving reads of a row.
pub(super) type BannerColumns<T = String> =
    (i64, T, T, T, Option<i32>, Option<i32>, T, Option<T>, Option<T>);

/// A banner of the store, whether or not it can be shown.
#[derive(Debug)]
pub(super) struct BannerRow {
    pub(super) id: BannerId,
    pub(super) status: Status,
    pub(super) name: String,
    pub(super) alt: String,
    pub(super) width: Option<u32>,
    pub(super) height: Option<u32>,
    pub(super) tags: Vec<String>,
    pub(super) landing_url: Option<Arc<LandingUrl>>,
    pub(super) image_key: Option<String>,
}

impl BannerRow {
    /// Returns true if campaigns that have it may show it.
    pub(super) fn is_ready(&self) -> bool {
        self.left_out(Status::Active).is_none()
    }

    /// Returns why a campaign that has it may not show it, or `None` if it may.
    pub(super) fn left_out(&self, in_campaign: Status) -> Option<LeftOut> {
        left_out(self.status, in_campaign, self.image_key.is_some())
    }
}

/// Returns the query of all banners, for [`BannerReader::read`].
pub(super) fn select() -> Select<banner::Entity> {
    banner::Entity::find().select_only().columns(COLUMNS)
}

/// How many landing URLs are kept to find equal ones.
const KEPT: usize = 4_096;

/// Reads rows one after the other. Banners that lead to the same address share it.
#[derive(Default)]
pub(super) struct BannerReader {
    landing_urls: HashMap<String, Option<Arc<LandingUrl>>>,
}

/// What a row that cannot be read is: the banner, what still leads somewhere, and the reason.
pub(super) struct BannerFlaw {
    pub(super) leads: BannerRow,
    pub(super) error: StorageError,
}

impl BannerReader {
    /// Reads a row, or returns `None` if no banner can have its number.
    pub(super) fn read<T: AsRef<str> + Into<String>>(
        &mut self,
        row: BannerColumns<T>,
    ) -> Option<Result<BannerRow, Box<BannerFlaw>>> {
        let (id, status, name, alt, width, height, tags, landing_url, image_key) = row;
        let id = banner_id("banners", id).ok()?;
        let landing_url = self.landing_url(landing_url.as_ref().map(T::as_ref));
        let (name, alt, image_key) = (name.into(), alt.into(), image_key.map(T::into));
        let tags = tags.as_ref();
        let read = || -> Result<_, StorageError> {
            Ok((
                self::status("banners", status.as_ref())?,
                pixels("width", width)?,
                pixels("height", height)?,
                if tags == "[]" { Vec::new() } else { tags_of("banners", tags)? },
            ))
        };
        Some(match read() {
            Ok((status, width, height, tags)) => {
                Ok(BannerRow { id, status, name, alt, width, height, tags, landing_url, image_key })
            }
            Err(error) => Err(Box::new(BannerFlaw {
                leads: BannerRow {
                    id,
                    status: Status::Draft,
                    name,
                    alt,
                    width: None,
                    height: None,
                    tags: Vec::new(),
                    landing_url,
                    image_key: None,
                },
                error,
            })),
        })
    }

    /// Parses a landing URL again, because one that another program wrote into the table must not
    /// become a redirect.
    fn landing_url(&mut self, text: Option<&str>) -> Option<Arc<LandingUrl>> {
        let text = text?;
        if let Some(known) = self.landing_urls.get(text) {
            return known.clone();
        }
        if self.landing_urls.len() == KEPT {
            self.landing_urls.clear();
        }
        let parsed = LandingUrl::of_saved(text).ok().map(Arc::new);
        self.landing_urls.entry(text.to_owned()).or_insert(parsed).clone()
    }
}

fn pixels(column: &'static str, value: Option<i32>) -> Result<Option<u32>, StorageError> {
    let number = |it| u32::try_from(it).map_err(|_| corrupt("banners", column, it));
    value.map(number).transpose()
}

/// Reads a status.
pub(super) fn status(table: &'static str, name: &str) -> Result<Status, StorageError> {
    name.parse().map_err(|_| corrupt(table, "status", name))
}
