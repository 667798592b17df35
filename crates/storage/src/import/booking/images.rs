//! Booking banners and the object keys of their images.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use bams_domain::BannerId;
use sea_orm::ActiveValue::Set;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use super::ledger::Ledger;
use super::rows::insert_missing;
use crate::catalog::banner::new_row;
use crate::catalog::recorded::described;
use crate::catalog::{Banner, BannerImage, BannerSettings, BannerState};
use crate::change::audit_entries::{self, AuditRecord};
use crate::change::{Actor, Subject};
use crate::database::values::{banner_id, tags_text};
use crate::entity::banner;
use crate::error::{Attempt, StorageError};
use crate::import::rows::FileImage;

/// What the last row of a batch wants of a banner.
struct Wanted {
    key: String,
    name: Option<String>,
    landing_url: Option<String>,
    alt: Option<String>,
    tags: Option<Vec<String>>,
}

impl Wanted {
    /// Returns the row of a banner that does not exist yet.
    fn new_row(self, id: BannerId, now: i64) -> banner::ActiveModel {
        let settings = BannerSettings {
            landing_url: self.landing_url,
            alt: self.alt.unwrap_or_default(),
            tags: self.tags.unwrap_or_default(),
            ..BannerSettings::named(self.name.unwrap_or_else(|| format!("Banner {id}")))
        };
        new_row(Some(id), &settings, Some(&BannerImage::of_key(self.key)), now)
    }
}

impl Ledger {
    /// Creates or changes the banners of a batch on behalf of somebody.
    pub(super) async fn images(
        &mut self,
        rows: Vec<FileImage>,
        by: &Actor,
    ) -> Result<(), StorageError> {
        let action = "book images";
        let mut by_key = self.banners_of(&rows).await?;
        let (mut wanted, mut created) = (BTreeMap::new(), BTreeSet::new());
        for FileImage { banner, key, name, landing_url, alt, tags } in rows {
            let known = banner.or_else(|| by_key.get(&key).copied());
            let banner = if let Some(known) = known {
                known
            } else {
                let new = self.create_numbered(&key).await?;
                created.insert(new);
                new
            };
            by_key.insert(key.clone(), banner);
            wanted.insert(banner, Wanted { key, name, landing_url, alt, tags });
        }
        let known = banner::Entity::find()
            .filter(banner::Column::Id.is_in(wanted.keys().map(|it| it.0)))
            .all(&self.transaction)
            .await
            .attempt(action)?;
        let mut records = Vec::new();
        for row in known {
            let id = banner_id("banners", row.id)?;
            if let Some(wanted) = wanted.remove(&id)
                && let Some(change) = change(&row, wanted, self.now_unix_ms)
            {
                self.changed_banners.insert(id);
                let update = banner::Entity::update(change);
                let after = update.exec(&self.transaction).await.attempt(action)?;
                if !created.contains(&id) {
                    records.push(record(id, row, after)?);
                }
            }
        }
        let now = self.now_unix_ms;
        audit_entries::write(&self.transaction, by, now, None, records).await?;
        let new = wanted.into_iter().map(|(id, it)| it.new_row(id, now));
        insert_missing(&self.transaction, new).await.attempt(action)
    }

    /// Returns the banners that have the keys of rows without a number. Of several the oldest.
    async fn banners_of(
        &self,
        rows: &[FileImage],
    ) -> Result<HashMap<String, BannerId>, StorageError> {
        let keys: Vec<&str> =
            rows.iter().filter(|it| it.banner.is_none()).map(|it| it.key.as_str()).collect();
        if keys.is_empty() {
            return Ok(HashMap::new());
        }
        let found: Vec<(String, i64)> = banner::Entity::find()
            .select_only()
            .columns([banner::Column::ImageKey, banner::Column::Id])
            .filter(banner::Column::ImageKey.is_in(keys))
            .order_by_desc(banner::Column::Id)
            .into_tuple()
            .all(&self.transaction)
            .await
            .attempt("look for banners")?;
        found.into_iter().map(|(key, id)| Ok((key, banner_id("banners", id)?))).collect()
    }

    /// Creates a banner with the next free number.
    async fn create_numbered(&self, key: &str) -> Result<BannerId, StorageError> {
        let (settings, image) =
            (BannerSettings::named(String::new()), BannerImage::of_key(key.to_owned()));
        let row = new_row(None, &settings, Some(&image), self.now_unix_ms);
        let inserted = banner::Entity::insert(row).exec(&self.transaction).await;
        banner_id("banners", inserted.attempt("create a banner")?.last_insert_id)
    }
}

/// Returns what the audit log says of a banner that was there before, so that it can be put back.
fn record(
    id: BannerId,
    before: banner::Model,
    after: banner::Model,
) -> Result<AuditRecord, StorageError> {
    let state = |row: banner::Model| {
        let described = |it: Banner| {
            let Banner { settings, image, .. } = it;
            described(&BannerState { settings, image })
        };
        Banner::try_from(row).map(described)
    };
    let (before, after) = (Some(state(before)?), Some(state(after)?));
    Ok(AuditRecord { action: "change", subject: Subject::banner(id), before, after })
}

/// Returns the changes of a banner, if there are any. A new image drops the facts about the former
/// one.
fn change(row: &banner::Model, wanted: Wanted, now: i64) -> Option<banner::ActiveModel> {
    let named = (row.name.is_empty()).then(|| format!("Banner {}", row.id));
    let name = wanted.name.or(named).filter(|name| *name != row.name);
    let key = Some(wanted.key).filter(|key| row.image_key.as_ref() != Some(key));
    let landing_url = wanted.landing_url.filter(|url| row.landing_url.as_ref() != Some(url));
    let alt = wanted.alt.filter(|alt| row.alt != *alt);
    let tags = wanted.tags.map(|tags| tags_text(&tags)).filter(|tags| row.tags != *tags);
    let texts = [&name, &key, &landing_url, &alt, &tags];
    if texts.into_iter().all(Option::is_none) {
        return None;
    }
    let mut change = banner::ActiveModel {
        id: Set(row.id),
        version: Set(row.version + 1),
        updated_at: Set(now),
        ..Default::default()
    };
    if let Some(name) = name {
        change.name = Set(name);
    }
    if let Some(url) = landing_url {
        change.landing_url = Set(Some(url));
    }
    if let Some(alt) = alt {
        change.alt = Set(alt);
    }
    if let Some(tags) = tags {
        change.tags = Set(tags);
    }
    if let Some(key) = key {
        change.image_key = Set(Some(key));
        change.image_media_type = Set(None);
        change.image_bytes = Set(None);
        change.width = Set(None);
        change.height = Set(None);
    }
    Some(change)
}
