//! The whole ladder of a campaign, and the banners that are left out with their reasons.

use std::collections::HashMap;

use bams_domain::{
    BannerId, BannerPerformance, Basis, CampaignId, LeftOut, Performance, Quarter, Rule, Size,
};
use sea_orm::EntityTrait;

use super::attached::{AttachedBanner, attached};
use crate::catalog::Campaign;
use crate::database::Database;
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
    /// Its width and height, if both are known.
    pub size: Option<Size>,
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
    let mut rows = attached(&transaction, id).await?;
    for it in &mut rows {
        let lacks_image =
            || it.banner.image_key.as_deref().is_some_and(|key| is_missing(it.banner.id, key));
        if it.left_out.is_none() && lacks_image() {
            it.left_out = Some(LeftOut::ImageMissing);
        }
    }
    let mut totals = by_banner(&transaction, id, quarter).await?;

    let eligible = || rows.iter().filter(|it| it.left_out.is_none()).map(|it| it.banner.id);
    let campaign = Campaign::of(row, eligible().next().is_some())?;
    let prepared = campaign.settings.policy.prepare(eligible().map(|banner| BannerPerformance {
        banner,
        performance: totals.get(&banner).copied().unwrap_or_default(),
    }));
    let (mut faces, mut left_out) = (HashMap::new(), Vec::new());
    for AttachedBanner { banner, left_out: reason } in rows {
        if let Some(reason) = reason {
            left_out.push((banner.id, reason));
        } else {
            let sides = banner.width.zip(banner.height);
            let size = sides.map(|(width, height)| Size { width, height });
            faces.insert(banner.id, (banner.name, size));
        }
    }
    left_out.sort_unstable_by_key(|it| it.0);
    let ranked = |(index, banner): (usize, &BannerId)| {
        let (name, size) = faces.remove(banner).unwrap_or_default();
        RankedBanner {
            banner: *banner,
            basis: prepared.basis_at(index),
            name,
            size,
            performance: totals.remove(banner).unwrap_or_default(),
        }
    };
    let banners = prepared.banners().iter().enumerate().map(ranked).collect();
    let (rule, converting_banners) = (prepared.rule(), prepared.converting_banners());
    Ok(Some(Ranking { campaign, rule, converting_banners, banners, left_out }))
}
