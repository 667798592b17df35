//! Reading, listing and changing banners and their images.

use bams_domain::{BannerId, CampaignId, Status};
use sea_orm::ActiveValue::{NotSet, Set};
use sea_orm::sea_query::{Expr, ExprTrait, LockType, Query};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter, QuerySelect,
    QueryTrait, Select,
};

use super::banner::{Banner, BannerImage, BannerSettings, new_row, row_of};
use super::recorded::{BannerState, described};
use super::sort::CatalogSort;
use crate::change::{Change, Subject};
use crate::database::Database;
use crate::database::list_page::{ListPage, PageRequest, SortValue, part};
use crate::database::values::{contains, has_tag};
use crate::entity::banner::{ActiveModel, Column, Entity};
use crate::entity::campaign_banner;
use crate::error::{Attempt, StorageError};

/// Which banners to list; what is empty does not filter.
#[derive(Clone, Debug, Default)]
pub struct BannerFilter {
    /// Only banners with one of these statuses.
    pub statuses: Vec<Status>,
    /// Only banners with exactly this tag.
    pub tag: Option<String>,
    /// Only banners whose name contains this, in upper or lower case.
    pub name: Option<String>,
    /// Only banners attached to this campaign.
    pub campaign: Option<CampaignId>,
    /// Only banners with, or without, an image.
    pub has_image: Option<bool>,
    /// Only banners with, or without, a landing URL.
    pub has_landing_url: Option<bool>,
    /// Only banners that are, or are not, attached to any campaign.
    pub is_attached: Option<bool>,
    /// Only these banners, if it names any.
    pub ids: Vec<BannerId>,
}

impl BannerFilter {
    /// Returns the banners that pass the filter.
    fn select(&self) -> Select<Entity> {
        Entity::find()
            .apply_if((!self.statuses.is_empty()).then_some(&self.statuses), |query, any| {
                query.filter(Column::Status.is_in(any.iter().map(|it| it.name())))
            })
            .apply_if(self.tag.as_deref(), |query, tag| query.filter(has_tag(Column::Tags, tag)))
            .apply_if(self.name.as_deref(), |query, text| {
                query.filter(contains(Column::Name, text))
            })
            .apply_if(self.campaign, |query, campaign| query.filter(attached_to(campaign)))
            .apply_if(self.has_image, |query, has| query.filter(filled(Column::ImageKey, has)))
            .apply_if(self.has_landing_url, |query, has| {
                query.filter(filled(Column::LandingUrl, has))
            })
            .apply_if(self.is_attached, |query, is| {
                query.filter(if is { attached_anywhere() } else { attached_anywhere().not() })
            })
            .apply_if((!self.ids.is_empty()).then_some(&self.ids), |query, ids| {
                query.filter(Column::Id.is_in(ids.iter().map(|it| it.0)))
            })
    }
}

fn filled(column: Column, is_filled: bool) -> Expr {
    if is_filled { column.is_not_null() } else { column.is_null() }
}

fn attached_anywhere() -> Expr {
    let mut ids = Query::select();
    ids.column(campaign_banner::Column::BannerId).from(campaign_banner::Entity);
    Column::Id.in_subquery(ids)
}

/// Returns how many banners pass the filter.
pub async fn count_banners(
    database: &Database,
    filter: &BannerFilter,
) -> Result<u64, StorageError> {
    filter.select().count(database.reading()).await.attempt("count banners")
}

/// Returns a banner, or `None` if there is no such banner.
pub async fn banner(database: &Database, id: BannerId) -> Result<Option<Banner>, StorageError> {
    let row = Entity::find_by_id(i64::from(id.0)).one(database.reading()).await;
    row.attempt("load a banner")?.map(Banner::try_from).transpose()
}

/// Returns a page of the banners that pass the filter.
pub async fn banners(
    database: &Database,
    filter: &BannerFilter,
    page: &PageRequest<CatalogSort>,
) -> Result<ListPage<Banner>, StorageError> {
    let query = filter.select();
    let sort = match page.sort {
        CatalogSort::Id => Column::Id,
        CatalogSort::Name => Column::Name,
        CatalogSort::CreatedAt => Column::CreatedAt,
        CatalogSort::UpdatedAt => Column::UpdatedAt,
    };
    let rows = part(query, (sort, Column::Id), page).all(database.reading()).await;
    let models = rows.attempt("list banners")?.into_iter();
    let items = models.map(Banner::try_from).collect::<Result<Vec<_>, _>>()?;
    Ok(ListPage::of(items, page.limit, |it| {
        (it.sorted_by(page.sort), SortValue::Number(it.id.0.into()))
    }))
}

fn attached_to(campaign: CampaignId) -> Expr {
    let mut ids = Query::select();
    ids.column(campaign_banner::Column::BannerId)
        .from(campaign_banner::Entity)
        .and_where(campaign_banner::Column::CampaignId.eq(campaign.0));
    Column::Id.in_subquery(ids)
}

impl Banner {
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
    /// Returns a banner, or `None` if there is no such banner, and locks it until this change ends.
    pub async fn banner(&mut self, id: BannerId) -> Result<Option<Banner>, StorageError> {
        let query = Entity::find_by_id(i64::from(id.0)).lock(LockType::Update);
        let row = query.one(&self.transaction).await.attempt("load a banner")?;
        row.map(Banner::try_from).transpose()
    }

    /// Creates a banner with the next free number, without an image and in no campaign.
    pub async fn create_banner(
        &mut self,
        settings: BannerSettings,
    ) -> Result<Banner, StorageError> {
        let row = new_row(None, &settings, None, self.now);
        let row = row.insert(&self.transaction).await.attempt("create a banner")?;
        let banner = Banner::try_from(row)?;
        let after = Some(described(&BannerState { settings, image: None }));
        self.record("create", Subject::banner(banner.id), None, after).await?;
        Ok(banner)
    }

    /// Changes the settings and the image of a banner. Equal ones change nothing.
    pub async fn change_banner(
        &mut self,
        before: Banner,
        settings: BannerSettings,
        image: Option<BannerImage>,
    ) -> Result<Banner, StorageError> {
        if before.settings == settings && before.image == image {
            return Ok(before);
        }
        let row = ActiveModel {
            id: Set(before.id.0.into()),
            version: Set(before.version + 1),
            created_at: NotSet,
            updated_at: Set(self.now),
            ..row_of(&settings, image.as_ref())
        };
        let row = row.update(&self.transaction).await.attempt("change a banner")?;
        self.shows_differently(before.id);
        let was = described(&BannerState { settings: before.settings, image: before.image });
        let is = described(&BannerState { settings, image });
        self.record("change", Subject::banner(before.id), Some(was), Some(is)).await?;
        Banner::try_from(row)
    }
}
