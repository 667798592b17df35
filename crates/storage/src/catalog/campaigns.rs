//! Reading, listing and changing campaigns.

use bams_domain::{BannerId, CampaignId, Status};
use sea_orm::ActiveValue::{NotSet, Set, Unchanged};
use sea_orm::sea_query::{Expr, ExprTrait, LockType, Query};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, EntityTrait, FromQueryResult, QueryFilter, QuerySelect,
    QueryTrait, Select,
};

use super::campaign::{Campaign, CampaignSettings, new_row, row_of};
use super::eligible::has_eligible_banner;
use super::recorded::described;
use super::sort::CatalogSort;
use crate::change::{Change, Subject};
use crate::database::Database;
use crate::database::list_page::{ListPage, PageRequest, SortValue, part};
use crate::database::values::{contains, has_tag};
use crate::entity::campaign::{ActiveModel, Column, Entity, Model};
use crate::entity::campaign_banner;
use crate::error::{Attempt, StorageError};

/// Which campaigns to list; what is empty does not filter.
#[derive(Clone, Debug, Default)]
pub struct CampaignFilter {
    /// Only campaigns with one of these statuses.
    pub statuses: Vec<Status>,
    /// Only campaigns with exactly this tag.
    pub tag: Option<String>,
    /// Only campaigns whose name contains this, in upper or lower case.
    pub name: Option<String>,
    /// Only campaigns to which this banner is attached.
    pub banner: Option<BannerId>,
    /// Only campaigns with, or without, a banner that may be shown.
    pub has_eligible_banner: Option<bool>,
}

impl CampaignFilter {
    /// Returns the campaigns that pass the filter.
    fn select(&self) -> Select<Entity> {
        Entity::find()
            .apply_if((!self.statuses.is_empty()).then_some(&self.statuses), |query, any| {
                query.filter(Column::Status.is_in(any.iter().map(|it| it.name())))
            })
            .apply_if(self.tag.as_deref(), |query, tag| query.filter(has_tag(Column::Tags, tag)))
            .apply_if(self.name.as_deref(), |query, text| {
                query.filter(contains(Column::Name, text))
            })
            .apply_if(self.banner, |query, banner| query.filter(with_banner(banner)))
            .apply_if(self.has_eligible_banner, |query, has| {
                query.filter(if has { has_eligible_banner() } else { has_eligible_banner().not() })
            })
    }
}

fn with_banner(banner: BannerId) -> Expr {
    let mut ids = Query::select();
    ids.column(campaign_banner::Column::CampaignId)
        .from(campaign_banner::Entity)
        .and_where(campaign_banner::Column::BannerId.eq(banner.0));
    Column::Id.in_subquery(ids)
}

/// Returns a campaign, or `None` if there is no such campaign.
pub async fn campaign(
    database: &Database,
    id: CampaignId,
) -> Result<Option<Campaign>, StorageError> {
    let query = whole(Entity::find_by_id(i64::from(id.0)));
    let row = query.into_model::<CampaignRow>().one(database.reading()).await;
    row.attempt("load a campaign")?.map(Campaign::try_from).transpose()
}

/// Returns a page of the campaigns that pass the filter.
pub async fn campaigns(
    database: &Database,
    filter: &CampaignFilter,
    page: &PageRequest<CatalogSort>,
) -> Result<ListPage<Campaign>, StorageError> {
    let query = filter.select();
    let sort = match page.sort {
        CatalogSort::Id => Column::Id,
        CatalogSort::Name => Column::Name,
        CatalogSort::CreatedAt => Column::CreatedAt,
        CatalogSort::UpdatedAt => Column::UpdatedAt,
    };
    let query = whole(part(query, (sort, Column::Id), page));
    let rows = query.into_model::<CampaignRow>().all(database.reading()).await;
    let models = rows.attempt("list campaigns")?.into_iter();
    let items = models.map(Campaign::try_from).collect::<Result<Vec<_>, _>>()?;
    Ok(ListPage::of(items, page.limit, |it| {
        (it.sorted_by(page.sort), SortValue::Number(it.id.0.into()))
    }))
}

/// Returns how many campaigns that pass the filter have each status, in the order of
/// [`Status::ALL`].
pub async fn campaign_statuses(
    database: &Database,
    filter: &CampaignFilter,
) -> Result<[u64; 4], StorageError> {
    let rows: Vec<(String, i64)> = filter
        .select()
        .select_only()
        .column(Column::Status)
        .column_as(Column::Id.count(), "campaigns")
        .group_by(Column::Status)
        .into_tuple()
        .all(database.reading())
        .await
        .attempt("count campaigns")?;
    let of = |status: Status| rows.iter().find(|it| it.0 == status.name()).map_or(0, |it| it.1);
    Ok(Status::ALL.map(|status| of(status).unsigned_abs()))
}

/// A campaign with what other tables say about it.
#[derive(FromQueryResult)]
struct CampaignRow {
    #[sea_orm(nested)]
    campaign: Model,
    has_eligible_banner: i64,
}

/// Adds to a query for campaigns what other tables say about them.
fn whole(query: Select<Entity>) -> Select<Entity> {
    query.column_as(has_eligible_banner(), "has_eligible_banner")
}

impl TryFrom<CampaignRow> for Campaign {
    type Error = StorageError;

    fn try_from(row: CampaignRow) -> Result<Self, StorageError> {
        Self::of(row.campaign, row.has_eligible_banner != 0)
    }
}

impl Campaign {
    fn sorted_by(&self, sort: CatalogSort) -> SortValue {
        match sort {
            CatalogSort::Id => SortValue::Number(self.id.0.into()),
            CatalogSort::Name => SortValue::Text(self.settings.name.clone()),
            CatalogSort::CreatedAt => SortValue::Number(self.created_at),
            CatalogSort::UpdatedAt => SortValue::Number(self.updated_at),
        }
    }
}

impl Change {
    /// Returns a campaign, or `None` if there is no such campaign, and locks it until this change
    /// ends.
    pub async fn campaign(&mut self, id: CampaignId) -> Result<Option<Campaign>, StorageError> {
        let query = whole(Entity::find_by_id(i64::from(id.0))).lock(LockType::Update);
        let row = query.into_model::<CampaignRow>().one(&self.transaction).await;
        row.attempt("load a campaign")?.map(Campaign::try_from).transpose()
    }

    /// Creates a campaign with the next free number.
    pub async fn create_campaign(
        &mut self,
        settings: CampaignSettings,
    ) -> Result<Campaign, StorageError> {
        let row = new_row(None, &settings, self.now);
        let row = row.insert(&self.transaction).await.attempt("create a campaign")?;
        let campaign = Campaign::of(row, false)?;
        let after = Some(described(&campaign.settings));
        self.record("create", Subject::campaign(campaign.id), None, after).await?;
        self.serves_differently(campaign.id);
        Ok(campaign)
    }

    /// Changes the settings of a campaign. Equal settings change nothing.
    pub async fn change_campaign(
        &mut self,
        before: Campaign,
        settings: CampaignSettings,
    ) -> Result<Campaign, StorageError> {
        if before.settings == settings {
            return Ok(before);
        }
        let row = ActiveModel {
            id: Set(before.id.0.into()),
            version: Set(before.version + 1),
            created_at: NotSet,
            updated_at: Set(self.now),
            status_since: if before.settings.status == settings.status {
                Unchanged(before.status_since)
            } else {
                Set(Some(self.now))
            },
            ..row_of(&settings)
        };
        let row = row.update(&self.transaction).await.attempt("change a campaign")?;
        let (was, is) = (Some(described(&before.settings)), Some(described(&settings)));
        self.record("change", Subject::campaign(before.id), was, is).await?;
        self.serves_differently(before.id);
        Campaign::of(row, before.has_eligible_banner)
    }
}
