//! Reading campaigns, with what their banners achieved, from SQL.

use std::collections::HashMap;
use std::sync::Arc;

use bams_domain::{
    BannerId, BannerPerformance, CampaignId, Ladder, LandingUrl, LeftOut, Performance, Quarter,
    Revenue, Schedule, Status, left_out,
};
use sea_orm::sea_query::{Expr, ExprTrait, SimpleExpr};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DatabaseTransaction, EntityTrait, FromQueryResult, QueryFilter,
    QuerySelect, QueryTrait,
};

use crate::entity::{banner, campaign, campaign_banner, performance};
use crate::error::{Attempt, StorageError};
use crate::row::{banner_id, campaign_id, corrupt, count, tags_of};
use crate::snapshot::{Presentation, ServedBanner, ServedCampaign};
use crate::sum::whole_sum;

/// Which campaigns to read.
#[derive(Clone, Copy)]
pub(crate) enum Which<'a> {
    All,
    /// A few hundred at most: their ids become part of the statement.
    These(&'a [CampaignId]),
}

impl Which<'_> {
    fn limits(self, column: impl ColumnTrait) -> Option<SimpleExpr> {
        match self {
            Self::All => None,
            Self::These(ids) => Some(column.is_in(ids.iter().map(|id| i64::from(id.0)))),
        }
    }
}

/// Banners read so far, so that a banner of many campaigns is kept once.
#[derive(Default)]
pub(crate) struct KnownBanners {
    served: HashMap<BannerId, Arc<ServedBanner>>,
    /// Where clicks lead, also on banners that are not served any more: they are still on pages.
    /// Those read since this was last taken.
    pub(crate) landing_urls: Vec<(BannerId, Option<Arc<LandingUrl>>)>,
}

impl KnownBanners {
    pub(crate) fn get(&self, banner: BannerId) -> Option<&Arc<ServedBanner>> {
        self.served.get(&banner)
    }

    /// Takes a row over, and answers whether the banner has an image.
    fn read(&mut self, id: BannerId, row: banner::Model) -> Result<bool, StorageError> {
        // What somebody else wrote into the table must not become a redirect.
        let landing_url = row.landing_url.as_deref().and_then(|it| it.parse().ok()).map(Arc::new);
        self.landing_urls.push((id, landing_url.clone()));
        let Some(image_key) = row.image_key.as_deref().map(Arc::from) else { return Ok(false) };
        let banner = served_banner(id, row, landing_url, image_key)?;
        if self.served.get(&id).is_none_or(|it| **it != banner) {
            self.served.insert(id, Arc::new(banner));
        }
        Ok(true)
    }
}

/// A banner attached to a campaign, and why it is left out, if it is.
pub(crate) struct Attached {
    pub(crate) campaign: CampaignId,
    pub(crate) banner: BannerId,
    pub(crate) left_out: Option<LeftOut>,
}

/// What a banner achieved in one campaign and quarter, over all slots of that quarter.
pub(crate) struct QuarterPerformance {
    pub(crate) campaign: CampaignId,
    pub(crate) quarter: Quarter,
    pub(crate) of_banner: BannerPerformance,
}

/// The campaigns as serving needs them, in no given order. Campaigns that do not exist are
/// left out of the answer.
pub(crate) async fn served_campaigns(
    transaction: &DatabaseTransaction,
    which: Which<'_>,
    known: &mut KnownBanners,
) -> Result<Vec<ServedCampaign>, StorageError> {
    let campaigns = campaign::Entity::find()
        .apply_if(which.limits(campaign::Column::Id), QueryFilter::filter)
        .all(transaction)
        .await
        .attempt("load campaigns")?;
    let mut pools: HashMap<CampaignId, Vec<(BannerId, Arc<ServedBanner>)>> = HashMap::new();
    for attached in attached(transaction, which, known).await? {
        if attached.left_out.is_none()
            && let Some(banner) = known.get(attached.banner)
        {
            let pool = pools.entry(attached.campaign).or_default();
            pool.push((attached.banner, Arc::clone(banner)));
        }
    }
    let mut achieved: HashMap<(CampaignId, BannerId), [Performance; 4]> = HashMap::new();
    for row in performance_by_quarter(transaction, which, None).await? {
        let quarters = achieved.entry((row.campaign, row.of_banner.banner)).or_default();
        quarters[row.quarter.index()] = row.of_banner.performance;
    }
    campaigns
        .into_iter()
        .map(|row| {
            let id = campaign_id("campaigns", row.id)?;
            let mut banners = pools.remove(&id).unwrap_or_default();
            banners.sort_unstable_by_key(|it| it.0);
            let ladders = Quarter::ALL.map(|quarter| {
                Ladder::rank(banners.iter().map(|&(banner, _)| {
                    let quarters = achieved.get(&(id, banner)).copied().unwrap_or_default();
                    BannerPerformance { banner, performance: quarters[quarter.index()] }
                }))
            });
            served_campaign(id, row, ladders, banners)
        })
        .collect()
}

fn served_campaign(
    id: CampaignId,
    row: campaign::Model,
    ladders: [Ladder; 4],
    banners: Vec<(BannerId, Arc<ServedBanner>)>,
) -> Result<ServedCampaign, StorageError> {
    let table = "campaigns";
    let page_size = row.page_size.map(usize::try_from).transpose();
    Ok(ServedCampaign {
        id,
        status: status(table, &row.status)?,
        // The domain counts seconds; a start within a second has begun when the second has.
        schedule: Schedule {
            starts_at: row.starts_at.map(|it| it.div_euclid(1000)),
            ends_at: row.ends_at.map(|it| it.div_euclid(1000)),
        },
        policy: row.policy.parse().map_err(|_| corrupt(table, "policy", &row.policy))?,
        page_size: page_size.map_err(|_| corrupt(table, "page_size", "a negative number"))?,
        name: row.name,
        ladders,
        banners,
    })
}

/// The banners attached to campaigns, with the reasons of those left out. Fills `known` with
/// those that can be shown.
pub(crate) async fn attached(
    transaction: &DatabaseTransaction,
    which: Which<'_>,
    known: &mut KnownBanners,
) -> Result<Vec<Attached>, StorageError> {
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
    let mut standing: HashMap<BannerId, (Status, bool)> = HashMap::new();
    for row in banners(transaction, which).await? {
        let (id, status) = (banner_id("banners", row.id)?, status("banners", &row.status)?);
        let has_image = known.read(id, row)?;
        standing.insert(id, (status, has_image));
    }
    pairs
        .into_iter()
        .map(|(campaign, banner, in_campaign)| {
            let table = "campaign_banners";
            let banner = banner_id(table, banner)?;
            let in_campaign = status(table, &in_campaign)?;
            let (status, has_image) = standing
                .get(&banner)
                .copied()
                .ok_or_else(|| corrupt(table, "banner_id", banner))?;
            Ok(Attached {
                campaign: campaign_id(table, campaign)?,
                banner,
                left_out: left_out(status, in_campaign, has_image),
            })
        })
        .collect()
}

/// The banners attached to any of the campaigns.
async fn banners(
    transaction: &DatabaseTransaction,
    which: Which<'_>,
) -> Result<Vec<banner::Model>, StorageError> {
    let attached = which.limits(campaign_banner::Column::CampaignId).map(|limits| {
        let mut ids = sea_orm::sea_query::Query::select();
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
        value.map(|it| u32::try_from(it).map_err(|_| corrupt("banners", column, it))).transpose()
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
        presentation: Presentation::default(),
    })
}

/// What banners achieved in campaigns, per quarter of the hour: the sum over all slots of that
/// quarter. Of one quarter only, if one is given.
pub(crate) async fn performance_by_quarter(
    transaction: &DatabaseTransaction,
    which: Which<'_>,
    quarter: Option<Quarter>,
) -> Result<Vec<QuarterPerformance>, StorageError> {
    #[derive(FromQueryResult)]
    struct Row {
        campaign_id: i64,
        banner_id: i64,
        position: i64,
        impressions: i64,
        clicks: i64,
        conversions: i64,
        revenue_micros: i64,
    }
    use performance::Column;
    // Slots count quarters of hours since 1970, so slot modulo 4 is the quarter, from 0.
    // As text: with a bound 4 MySQL would not see that what is grouped is what is selected.
    let position = || Expr::cust("slot % 4");
    let dialect = transaction.get_database_backend();
    let sum = |column| Expr::cust(whole_sum(dialect, column));
    let rows = performance::Entity::find()
        .select_only()
        .column(Column::CampaignId)
        .column(Column::BannerId)
        .column_as(position(), "position")
        .column_as(sum("impressions"), "impressions")
        .column_as(sum("clicks"), "clicks")
        .column_as(sum("conversions"), "conversions")
        .column_as(sum("revenue_micros"), "revenue_micros")
        .apply_if(which.limits(Column::CampaignId), QueryFilter::filter)
        .apply_if(quarter, |query, it| query.filter(position().eq(i64::from(it.number()) - 1)))
        .group_by(Column::CampaignId)
        .group_by(Column::BannerId)
        .group_by(position())
        .into_model::<Row>()
        .all(transaction)
        .await
        .attempt("load performance")?;
    let table = "performance";
    rows.into_iter()
        .map(|row| {
            let quarter = u8::try_from(row.position + 1)
                .ok()
                .and_then(|number| Quarter::try_from(number).ok())
                .ok_or_else(|| corrupt(table, "slot", row.position))?;
            let performance = Performance {
                impressions: count(table, "impressions", row.impressions)?,
                clicks: count(table, "clicks", row.clicks)?,
                conversions: count(table, "conversions", row.conversions)?,
                revenue: Revenue::from_micros(row.revenue_micros),
            };
            Ok(QuarterPerformance {
                campaign: campaign_id(table, row.campaign_id)?,
                quarter,
                of_banner: BannerPerformance {
                    banner: banner_id(table, row.banner_id)?,
                    performance,
                },
            })
        })
        .collect()
}

fn status(table: &'static str, name: &str) -> Result<Status, StorageError> {
    name.parse().map_err(|_| corrupt(table, "status", name))
}
