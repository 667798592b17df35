//! Writing campaigns, banners and attachments together.

use bams_domain::{BannerId, CampaignId, Policy, Status};
use sea_orm::sea_query::OnConflict;
use sea_orm::{DatabaseTransaction, EntityTrait, Iterable};

use super::attachments;
use super::banner::{self, BannerImage, BannerSettings};
use super::campaign::{self, CampaignSettings};
use crate::change::revision::touch;
use crate::database::Database;
use crate::database::insert::ROWS;
use crate::entity;
use crate::error::{Attempt, StorageError};

/// A campaign as it is stored. Times are unix milliseconds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CampaignRecord {
    /// Its number.
    pub id: CampaignId,
    /// The name, at most [`LONGEST_NAME`](crate::LONGEST_NAME) characters.
    pub name: String,
    /// The status.
    pub status: Status,
    /// When it begins.
    pub starts_at: Option<i64>,
    /// When it ends.
    pub ends_at: Option<i64>,
    /// The policy that ranks its banners.
    pub policy: Policy,
    /// The tags, for people and filters.
    pub tags: Vec<String>,
}

/// A banner as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BannerRecord {
    /// Its number.
    pub id: BannerId,
    /// The name, at most [`LONGEST_NAME`](crate::LONGEST_NAME) characters.
    pub name: String,
    /// The status.
    pub status: Status,
    /// The address that a click leads to, at most 2048 bytes.
    pub landing_url: Option<String>,
    /// The text for screen readers, at most 500 characters.
    pub alt: String,
    /// The width and the height in pixels.
    pub size: Option<(u32, u32)>,
    /// The tags, for people and filters.
    pub tags: Vec<String>,
    /// The object key of its image.
    pub image_key: Option<String>,
}

impl CampaignRecord {
    fn settings(&self) -> CampaignSettings {
        CampaignSettings {
            status: self.status,
            starts_at: self.starts_at,
            ends_at: self.ends_at,
            policy: self.policy,
            tags: self.tags.clone(),
            ..CampaignSettings::named(self.name.clone())
        }
    }
}

impl BannerRecord {
    fn settings(&self) -> BannerSettings {
        BannerSettings {
            name: self.name.clone(),
            status: self.status,
            landing_url: self.landing_url.clone(),
            alt: self.alt.clone(),
            width: self.size.map(|(width, _)| width),
            height: self.size.map(|(_, height)| height),
            tags: self.tags.clone(),
        }
    }
}

/// Campaigns, banners and attachments that are written together.
#[derive(Clone, Debug, Default)]
pub struct Catalog {
    /// The campaigns.
    pub campaigns: Vec<CampaignRecord>,
    /// The banners.
    pub banners: Vec<BannerRecord>,
    /// The attachments.
    pub attached: Vec<(CampaignId, BannerId)>,
}

impl Catalog {
    /// Writes everything in one transaction. Replaces what has the same numbers, but for the moment
    /// of creation. Existing attachments stay.
    pub async fn write(&self, database: &Database, now: i64) -> Result<(), StorageError> {
        let transaction = database.begin_writing().await?;
        self.write_campaigns(&transaction, now).await?;
        self.write_banners(&transaction, now).await?;
        self.attach(&transaction, now).await?;
        touch(&transaction, self.campaigns.iter().map(|it| it.id)).await?;
        transaction.commit().await.attempt("store campaigns and banners")
    }

    async fn write_campaigns(
        &self,
        transaction: &DatabaseTransaction,
        now: i64,
    ) -> Result<(), StorageError> {
        use entity::campaign::Column;
        let replaced =
            Column::iter().filter(|column| !matches!(column, Column::Id | Column::CreatedAt));
        let replace = OnConflict::column(Column::Id).update_columns(replaced).to_owned();
        for chunk in self.campaigns.chunks(ROWS) {
            let rows = chunk
                .iter()
                .map(|record| campaign::new_row(Some(record.id), &record.settings(), now));
            let insert = entity::campaign::Entity::insert_many(rows).on_conflict(replace.clone());
            insert.exec_without_returning(transaction).await.attempt("store campaigns")?;
        }
        Ok(())
    }

    async fn write_banners(
        &self,
        transaction: &DatabaseTransaction,
        now: i64,
    ) -> Result<(), StorageError> {
        use entity::banner::Column;
        let replaced =
            Column::iter().filter(|column| !matches!(column, Column::Id | Column::CreatedAt));
        let replace = OnConflict::column(Column::Id).update_columns(replaced).to_owned();
        for chunk in self.banners.chunks(ROWS) {
            let rows = chunk.iter().map(|it| {
                let image = it.image_key.clone().map(BannerImage::of_key);
                banner::new_row(Some(it.id), &it.settings(), image.as_ref(), now)
            });
            let insert = entity::banner::Entity::insert_many(rows).on_conflict(replace.clone());
            insert.exec_without_returning(transaction).await.attempt("store banners")?;
        }
        Ok(())
    }

    async fn attach(
        &self,
        transaction: &DatabaseTransaction,
        now: i64,
    ) -> Result<(), StorageError> {
        use entity::campaign_banner::Column;
        let keep = OnConflict::columns([Column::CampaignId, Column::BannerId])
            .update_column(Column::BannerId)
            .to_owned();
        for chunk in self.attached.chunks(ROWS) {
            let rows = chunk.iter();
            let rows = rows.map(|it| attachments::new_row(it.0, it.1, Status::Active, now));
            let insert =
                entity::campaign_banner::Entity::insert_many(rows).on_conflict(keep.clone());
            insert.exec_without_returning(transaction).await.attempt("attach banners")?;
        }
        Ok(())
    }
}
