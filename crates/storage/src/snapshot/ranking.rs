//! The whole ladder of a campaign, and the banners that are left out with their reasons.

use bams_domain::{
    BannerId, BannerPerformance, Basis, CampaignId, LeftOut, Performance, Quarter, Rule,
};
use sea_orm::EntityTrait;

use super::served_banners::{ServedBanners, attached};
use crate::catalog::Campaign;
use crate::database::Database;
use crate::database::which_campaigns::WhichCampaigns;
use crate::entity::campaign;
use crate::error::{Attempt, StorageError};
use crate::performance::by_banner;

/// A campaign's banners as ranked in one quarter.
#[derive(Debug)]
pub struct Ranking {
    /// The campaign, whose policy ranks them.
    pub campaign: Campaign,
    /// The rule for the size of a page.
    pub rule: Rule,
    /// X: how many eligible banners converted.
    pub converting_banners: usize,
    /// The eligible banners, best first.
    pub banners: Vec<RankedBanner>,
    /// The attached banners that may not be shown, by id.
    pub left_out: Vec<(BannerId, LeftOut)>,
}

/// A banner in its place.
#[derive(Debug)]
pub struct RankedBanner {
    /// Its number.
    pub banner: BannerId,
    /// Its name.
    pub name: String,
    /// The reason for its rank.
    pub basis: Basis,
    /// Its performance in this quarter of all hours.
    pub performance: Performance,
}

/// Returns a campaign's ranking in one quarter as the database has it now, or `None` if the
/// campaign does not exist.
///
/// A campaign that is paused or over is ranked too. Banners of which `is_missing` says, by their image
/// key, that there is no such image are left out.
pub async fn ranking(
    database: &Database,
    id: CampaignId,
    quarter: Quarter,
    is_missing: impl Fn(BannerId, &str) -> bool,
) -> Result<Option<Ranking>, StorageError> {
    let transaction = database.begin_reading().await?;
    let found = campaign::Entity::find_by_id(i64::from(id.0)).one(&transaction).await;
    let Some(row) = found.attempt("load a campaign")? else {
        return Ok(None);
    };
    let mut served = ServedBanners::default();
    let rows = attached(&transaction, WhichCampaigns::These(&[id]), &mut served).await?;
    let banners = rows.into_iter().map(|it| it.banner).collect::<Result<Vec<_>, _>>()?;
    let lacks_image =
        |banner| served.get(banner).is_some_and(|it| is_missing(banner, &it.image_key));
    let attached: Vec<_> = banners
        .into_iter()
        .map(|(banner, reason)| {
            (banner, reason.or_else(|| lacks_image(banner).then_some(LeftOut::ImageMissing)))
        })
        .collect();
    let mut totals = by_banner(&transaction, id, quarter).await?;

    let eligible = || attached.iter().filter(|(_, reason)| reason.is_none());
    let campaign = Campaign::of(row, eligible().next().is_some())?;
    let prepared = campaign.settings.policy.prepare(eligible().map(|&(banner, _)| {
        BannerPerformance { banner, performance: totals.get(&banner).copied().unwrap_or_default() }
    }));
    let ranked = |(index, banner): (usize, &BannerId)| RankedBanner {
        banner: *banner,
        basis: prepared.basis_at(index),
        name: served.get(*banner).map(|it| it.name.clone()).unwrap_or_default(),
        performance: totals.remove(banner).unwrap_or_default(),
    };
    let banners = prepared.banners().iter().enumerate().map(ranked).collect();
    let mut left_out: Vec<_> =
        attached.iter().filter_map(|&(banner, reason)| Some((banner, reason?))).collect();
    left_out.sort_unstable_by_key(|it| it.0);
    let (rule, converting_banners) = (prepared.rule(), prepared.converting_banners());
    Ok(Some(Ranking { campaign, rule, converting_banners, banners, left_out }))
}
