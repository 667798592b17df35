//! Reading the banners that are attached to campaigns.

use std::collections::HashMap;
use std::sync::Arc;

use bams_domain::{BannerId, CampaignId, LandingUrl, LeftOut, Status, left_out};
use sea_orm::sea_query::Query;
use sea_orm::{
    ColumnTrait, DatabaseTransaction, EntityTrait, QueryFilter, QuerySelect, QueryTrait,
};

use super::{CachedText, ServedBanner};
use crate::database::values::{banner_id, campaign_id, corrupt, tags_of};
use crate::database::which_campaigns::WhichCampaigns;
use crate::entity::{banner, campaign_banner};
use crate::error::{Attempt, StorageError};

/// The banners read so far. A banner of many campaigns is kept once.
#[derive(Default)]
pub(crate) struct ServedBanners {
    served: HashMap<BannerId, Arc<ServedBanner>>,
    /// The landing URLs read since this was last taken, also of banners that are no longer served
    /// but may still be on pages.
    pub(crate) landing_urls: Vec<(BannerId, Option<Arc<LandingUrl>>)>,
}

impl ServedBanners {
    pub(crate) fn get(&self, banner: BannerId) -> Option<&Arc<ServedBanner>> {
        self.served.get(&banner)
    }

    /// Reads the landing URLs of some banners, whether or not a campaign has them.
    pub(crate) async fn read_landing_urls(
        &mut self,
        transaction: &DatabaseTransaction,
        banners: &[BannerId],
    ) -> Result<(), StorageError> {
        use banner::{Column, Entity};
        let query = Entity::find().select_only().columns([Column::Id, Column::LandingUrl]);
        let these = query.filter(Column::Id.is_in(banners.iter().map(|it| it.0)));
        let rows: Vec<(i64, Option<String>)> =
            these.into_tuple().all(transaction).await.attempt("load landing URLs")?;
        for (id, text) in rows {
            self.landing_urls.push((banner_id("banners", id)?, landing_url(text.as_deref())));
        }
        Ok(())
    }

    /// Takes over a row, and returns true if the banner has an image.
    fn read(&mut self, id: BannerId, row: banner::Model) -> Result<bool, StorageError> {
        let landing_url = landing_url(row.landing_url.as_deref());
        self.landing_urls.push((id, landing_url.clone()));
        let Some(image_key) = row.image_key.as_deref().map(Arc::from) else { return Ok(false) };
        let banner = served_banner(id, row, landing_url, image_key)?;
        if self.served.get(&id).is_none_or(|known| !known.same_as(&banner)) {
            self.served.insert(id, Arc::new(banner));
        }
        Ok(true)
    }
}

/// Parses a landing URL again, because one that another program wrote into the table must not
/// become a redirect.
fn landing_url(text: Option<&str>) -> Option<Arc<LandingUrl>> {
    text.and_then(|it| LandingUrl::of_saved(it).ok()).map(Arc::new)
}

/// A banner attached to a campaign.
pub(crate) struct AttachedBanner {
    pub(crate) campaign: CampaignId,
    /// The banner, with the reason if it is left out, or why it cannot be read.
    pub(crate) banner: Result<(BannerId, Option<LeftOut>), StorageError>,
}

/// What a banner's own row says about whether it may be shown.
struct BannerReadiness {
    status: Status,
    has_image: bool,
}

/// Returns the banners attached to campaigns, with the reasons of those left out. Fills `served` with
/// those that can be shown.
///
/// A row that cannot be read is an error of its campaigns only.
pub(crate) async fn attached(
    transaction: &DatabaseTransaction,
    which: WhichCampaigns<'_>,
    served: &mut ServedBanners,
) -> Result<Vec<AttachedBanner>, StorageError> {
    let pairs: Vec<(i64, i64, String)> = campaign_banner::Entity::find()
        .select_only()
        .column(campaign_banner::Column::CampaignId)
        .column(campaign_banner::Column::BannerId)
        .column(campaign_banner::Column::Status)
        .apply_if(which.limits(campaign_banner::Column::CampaignId), QueryFilter::filter)
        .into_tuple()
        .all(transaction)
        .await
        .attempt("load attached banners")?;
    let mut ready: HashMap<i64, Result<BannerReadiness, StorageError>> = HashMap::new();
    for row in banners(transaction, which).await? {
        ready.insert(row.id, readiness(row, served));
    }
    let table = "campaign_banners";
    let attached = pairs.into_iter().filter_map(|(campaign, banner, in_campaign)| {
        // A row with an impossible number is skipped: there is no campaign to report the error of.
        let campaign = campaign_id(table, campaign).ok()?;
        let read = || {
            let id = banner_id(table, banner)?;
            let in_campaign = status(table, &in_campaign)?;
            match ready.get(&banner) {
                Some(Ok(BannerReadiness { status, has_image })) => {
                    Ok((id, left_out(*status, in_campaign, *has_image)))
                }
                Some(Err(error)) => Err(again(error)),
                None => Err(corrupt(table, "banner_id", banner)),
            }
        };
        Some(AttachedBanner { campaign, banner: read() })
    });
    Ok(attached.collect())
}

/// Copies the error of a banner for another one of its campaigns.
fn again(error: &StorageError) -> StorageError {
    match error {
        StorageError::Corrupt { table, column, value } => corrupt(table, column, value),
        other => corrupt("banners", "id", other),
    }
}

fn readiness(
    row: banner::Model,
    served: &mut ServedBanners,
) -> Result<BannerReadiness, StorageError> {
    let (id, status) = (banner_id("banners", row.id)?, status("banners", &row.status)?);
    Ok(BannerReadiness { status, has_image: served.read(id, row)? })
}

/// Returns the banners attached to any of the campaigns.
async fn banners(
    transaction: &DatabaseTransaction,
    which: WhichCampaigns<'_>,
) -> Result<Vec<banner::Model>, StorageError> {
    let attached = which.limits(campaign_banner::Column::CampaignId).map(|limits| {
        let mut ids = Query::select();
        ids.column(campaign_banner::Column::BannerId).from(campaign_banner::Entity);
        ids.and_where(limits);
        banner::Column::Id.in_subquery(ids)
    });
    banner::Entity::find()
        .apply_if(attached, QueryFilter::filter)
        .all(transaction)
        .await
        .attempt("load banners")
}

fn served_banner(
    id: BannerId,
    row: banner::Model,
    landing_url: Option<Arc<LandingUrl>>,
    image_key: Arc<str>,
) -> Result<ServedBanner, StorageError> {
    let pixels = |column, value: Option<i32>| {
        value
            .map(|pixels| u32::try_from(pixels).map_err(|_| corrupt("banners", column, pixels)))
            .transpose()
    };
    Ok(ServedBanner {
        id,
        width: pixels("width", row.width)?,
        height: pixels("height", row.height)?,
        name: row.name,
        alt: row.alt,
        tags: tags_of("banners", &row.tags)?.into(),
        landing_url,
        image_key,
        prepared: CachedText::default(),
    })
}

pub(crate) fn status(table: &'static str, name: &str) -> Result<Status, StorageError> {
    name.parse().map_err(|_| corrupt(table, "status", name))
}
