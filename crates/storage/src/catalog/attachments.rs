//! The banners that are attached to campaigns, with their status there.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use bams_domain::{BannerId, CampaignId, Status};
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::{LockType, OnConflict};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait};
use serde_json::Value;

use super::recorded::{AttachmentState, described};
use crate::change::audit_entries::AuditRecord;
use crate::change::{Change, Subject};
use crate::database::Database;
use crate::database::insert::ROWS;
use crate::database::list_page::{ListPage, PageRequest, SortValue, part};
use crate::database::values::{banner_id, campaign_id, corrupt};
use crate::entity::banner;
use crate::entity::campaign_banner::{ActiveModel, Column, Entity, Model};
use crate::error::{Attempt, StorageError};

/// A banner in a campaign.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attachment {
    /// The banner.
    pub banner: BannerId,
    /// Its status there: active, or paused in this campaign only.
    pub status: Status,
    /// When it was attached, in unix milliseconds.
    pub created_at: i64,
}

/// What attachments can be sorted by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AttachmentSort {
    /// By the banner's number.
    BannerId,
    /// By the moment of the attachment.
    CreatedAt,
}

/// Returns a page of a campaign's banners. Empty for an unknown campaign.
pub async fn attachments(
    database: &Database,
    campaign: CampaignId,
    status: Option<Status>,
    page: &PageRequest<AttachmentSort>,
) -> Result<ListPage<Attachment>, StorageError> {
    let query = Entity::find()
        .filter(Column::CampaignId.eq(campaign.0))
        .apply_if(status, |query, status| query.filter(Column::Status.eq(status.name())));
    let sort = match page.sort {
        AttachmentSort::BannerId => Column::BannerId,
        AttachmentSort::CreatedAt => Column::CreatedAt,
    };
    let rows = part(query, (sort, Column::BannerId), page).all(database.reading()).await;
    let models = rows.attempt("list a campaign's banners")?.into_iter();
    let items = models.map(Attachment::try_from).collect::<Result<Vec<_>, _>>()?;
    Ok(ListPage::of(items, page.limit, |it| {
        let value = match page.sort {
            AttachmentSort::BannerId => it.banner.0.into(),
            AttachmentSort::CreatedAt => it.created_at,
        };
        (SortValue::Number(value), SortValue::Number(it.banner.0.into()))
    }))
}

/// Returns how many banners are attached to each of some campaigns. A campaign without banners is
/// missing.
pub async fn attachment_counts(
    database: &Database,
    campaigns: &[CampaignId],
) -> Result<HashMap<CampaignId, u64>, StorageError> {
    let rows: Vec<(i64, i64)> = Entity::find()
        .select_only()
        .column(Column::CampaignId)
        .column_as(Column::BannerId.count(), "banners")
        .filter(Column::CampaignId.is_in(campaigns.iter().map(|it| it.0)))
        .group_by(Column::CampaignId)
        .into_tuple()
        .all(database.reading())
        .await
        .attempt("count attached banners")?;
    let table = "campaign_banners";
    rows.into_iter()
        .map(|(campaign, banners)| Ok((campaign_id(table, campaign)?, banners.unsigned_abs())))
        .collect()
}

/// Returns to how many campaigns each of some banners is attached. A banner in no campaign is missing.
pub async fn campaign_counts(
    database: &Database,
    banners: &[BannerId],
) -> Result<HashMap<BannerId, u64>, StorageError> {
    let rows: Vec<(i64, i64)> = Entity::find()
        .select_only()
        .column(Column::BannerId)
        .column_as(Column::CampaignId.count(), "campaigns")
        .filter(Column::BannerId.is_in(banners.iter().map(|it| it.0)))
        .group_by(Column::BannerId)
        .into_tuple()
        .all(database.reading())
        .await
        .attempt("count campaigns of banners")?;
    let table = "campaign_banners";
    rows.into_iter()
        .map(|(banner, campaigns)| Ok((banner_id(table, banner)?, campaigns.unsigned_abs())))
        .collect()
}

/// Returns a banner in a campaign, or `None` if it is not attached.
pub async fn attachment(
    database: &Database,
    campaign: CampaignId,
    banner: BannerId,
) -> Result<Option<Attachment>, StorageError> {
    let row = Entity::find_by_id((campaign.0.into(), banner.0.into())).one(database.reading());
    row.await.attempt("load a campaign's banner")?.map(Attachment::try_from).transpose()
}

/// Returns the banners among some that do not exist, by number.
///
/// Banners are never deleted, so one that exists now exists in any change that begins later.
pub async fn unknown_banners(
    database: &Database,
    banners: &BTreeSet<BannerId>,
) -> Result<Vec<BannerId>, StorageError> {
    let mut unknown = banners.clone();
    for chunk in banners.iter().collect::<Vec<_>>().chunks(ROWS) {
        let known: Vec<i64> = banner::Entity::find()
            .select_only()
            .column(banner::Column::Id)
            .filter(banner::Column::Id.is_in(chunk.iter().map(|it| it.0)))
            .into_tuple()
            .all(database.reading())
            .await
            .attempt("look for banners")?;
        for id in known {
            unknown.remove(&banner_id("banners", id)?);
        }
    }
    Ok(unknown.into_iter().collect())
}

impl Change {
    /// Returns a banner in a campaign, or `None` if it is not attached, and locks it until this
    /// change ends.
    pub async fn attachment(
        &self,
        campaign: CampaignId,
        banner: BannerId,
    ) -> Result<Option<Attachment>, StorageError> {
        Ok(self.attached(campaign, &BTreeSet::from([banner])).await?.remove(&banner))
    }

    /// Returns all banners of a campaign, by number.
    pub async fn attachments(&self, campaign: CampaignId) -> Result<Vec<Attachment>, StorageError> {
        let query = Entity::find().filter(Column::CampaignId.eq(campaign.0));
        let rows = query.order_by_asc(Column::BannerId).all(&self.transaction).await;
        let rows = rows.attempt("load a campaign's banners")?;
        rows.into_iter().map(Attachment::try_from).collect()
    }

    /// Attaches existing banners to an existing campaign with a status, which attached ones get
    /// too. Returns the banners that changed, by number.
    pub async fn attach(
        &mut self,
        campaign: CampaignId,
        banners: &BTreeSet<BannerId>,
        status: Status,
    ) -> Result<Vec<BannerId>, StorageError> {
        let before = self.attached(campaign, banners).await?;
        let changed: Vec<BannerId> = banners
            .iter()
            .copied()
            .filter(|it| before.get(it).is_none_or(|was| was.status != status))
            .collect();
        let action = "attach banners";
        let renewed = OnConflict::columns([Column::CampaignId, Column::BannerId])
            .update_column(Column::Status)
            .to_owned();
        for chunk in changed.chunks(ROWS) {
            let rows = chunk.iter().map(|banner| new_row(campaign, *banner, status, self.now));
            let insert = Entity::insert_many(rows).on_conflict(renewed.clone());
            insert.exec_without_returning(&self.transaction).await.attempt(action)?;
        }
        let records = changed.iter().map(|banner| {
            let was = before.get(banner).map(|it| state_of(it.status));
            let word = if was.is_some() { "change" } else { "attach" };
            let (subject, after) = (Subject::attachment(campaign, *banner), Some(state_of(status)));
            AuditRecord { action: word, subject, before: was, after }
        });
        self.record_all(records.collect()).await?;
        if !changed.is_empty() {
            self.serves_differently(campaign);
        }
        Ok(changed)
    }

    /// Detaches banners from a campaign. Their performance there stays. Returns those that were
    /// attached, by number.
    pub async fn detach(
        &mut self,
        campaign: CampaignId,
        banners: &BTreeSet<BannerId>,
    ) -> Result<Vec<BannerId>, StorageError> {
        let before = self.attached(campaign, banners).await?;
        let attached: Vec<BannerId> = before.keys().copied().collect();
        for chunk in attached.chunks(ROWS) {
            Entity::delete_many()
                .filter(Column::CampaignId.eq(campaign.0))
                .filter(Column::BannerId.is_in(chunk.iter().map(|it| it.0)))
                .exec(&self.transaction)
                .await
                .attempt("detach banners")?;
        }
        let records = before.into_iter().map(|(banner, was)| AuditRecord {
            action: "detach",
            subject: Subject::attachment(campaign, banner),
            before: Some(state_of(was.status)),
            after: None,
        });
        self.record_all(records.collect()).await?;
        if !attached.is_empty() {
            self.serves_differently(campaign);
        }
        Ok(attached)
    }

    /// Returns the banners among some that are attached to a campaign, and locks them until this
    /// change ends.
    async fn attached(
        &self,
        campaign: CampaignId,
        banners: &BTreeSet<BannerId>,
    ) -> Result<BTreeMap<BannerId, Attachment>, StorageError> {
        let mut attached = BTreeMap::new();
        for chunk in banners.iter().collect::<Vec<_>>().chunks(ROWS) {
            let rows = Entity::find()
                .filter(Column::CampaignId.eq(campaign.0))
                .filter(Column::BannerId.is_in(chunk.iter().map(|it| it.0)))
                .order_by_asc(Column::BannerId)
                .lock(LockType::Update)
                .all(&self.transaction)
                .await
                .attempt("load a campaign's banners")?;
            for row in rows {
                let attachment = Attachment::try_from(row)?;
                attached.insert(attachment.banner, attachment);
            }
        }
        Ok(attached)
    }
}

/// Makes the row of a new attachment.
pub(crate) fn new_row(
    campaign: CampaignId,
    banner: BannerId,
    status: Status,
    now: i64,
) -> ActiveModel {
    ActiveModel {
        campaign_id: Set(campaign.0.into()),
        banner_id: Set(banner.0.into()),
        status: Set(status.name().to_owned()),
        created_at: Set(now),
    }
}

/// Returns an attachment as the audit log keeps it.
fn state_of(status: Status) -> Value {
    described(&AttachmentState { status })
}

impl TryFrom<Model> for Attachment {
    type Error = StorageError;

    fn try_from(row: Model) -> Result<Self, StorageError> {
        let table = "campaign_banners";
        Ok(Self {
            banner: banner_id(table, row.banner_id)?,
            status: row.status.parse().map_err(|_| corrupt(table, "status", &row.status))?,
            created_at: row.created_at,
        })
    }
}
