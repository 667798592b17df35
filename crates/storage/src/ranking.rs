//! The whole ladder of a campaign, with what is left out of it and why.

use std::collections::HashMap;

use bams_domain::{
    BannerId, BannerPerformance, CampaignId, Ladder, LeftOut, Performance, Policy, Quarter,
};
use sea_orm::EntityTrait;

use crate::connect::Database;
use crate::entity::campaign;
use crate::error::{Attempt, StorageError};
use crate::load::{KnownBanners, Which, attached, performance_by_quarter};
use crate::row::corrupt;

/// A campaign's banners as ranked in one quarter.
#[derive(Debug)]
pub struct Ranking {
    /// Who ranks them.
    pub policy: Policy,
    /// The eligible banners, best first.
    pub ladder: Ladder,
    /// What each eligible banner achieved, in the ladder's order.
    pub banners: Vec<RankedBanner>,
    /// The attached banners that may not be shown, by id.
    pub left_out: Vec<(BannerId, LeftOut)>,
}

/// One rung of the ladder.
#[derive(Debug)]
pub struct RankedBanner {
    /// Its number.
    pub banner: BannerId,
    /// Its name.
    pub name: String,
    /// What it achieved in this quarter of all hours.
    pub performance: Performance,
}

/// A campaign's ranking in one quarter as the database has it now, or `None` if there is no
/// such campaign. Whether the campaign runs plays no part.
pub async fn ranking(
    database: &Database,
    id: CampaignId,
    quarter: Quarter,
) -> Result<Option<Ranking>, StorageError> {
    let transaction = database.begin_reading().await?;
    let campaign = campaign::Entity::find_by_id(i64::from(id.0)).one(&transaction).await;
    let Some(campaign) = campaign.attempt("load a campaign")? else {
        return Ok(None);
    };
    let policy = campaign.policy.parse();
    let policy = policy.map_err(|_| corrupt("campaigns", "policy", &campaign.policy))?;

    let which = Which::These(&[id]);
    let mut known = KnownBanners::default();
    let attached = attached(&transaction, which, &mut known).await?;
    let rows = performance_by_quarter(&transaction, which, Some(quarter)).await?;
    let mut achieved: HashMap<BannerId, Performance> =
        rows.into_iter().map(|row| (row.of_banner.banner, row.of_banner.performance)).collect();

    let eligible = attached.iter().filter(|it| it.left_out.is_none());
    let ladder = Ladder::rank(eligible.map(|it| BannerPerformance {
        banner: it.banner,
        performance: achieved.get(&it.banner).copied().unwrap_or_default(),
    }));
    let ranked = |banner: &BannerId| RankedBanner {
        banner: *banner,
        name: known.get(*banner).map(|it| it.name.clone()).unwrap_or_default(),
        performance: achieved.remove(banner).unwrap_or_default(),
    };
    let banners = ladder.banners().iter().map(ranked).collect();
    let left_out = attached.iter().filter_map(|it| Some((it.banner, it.left_out?)));
    let mut left_out: Vec<_> = left_out.collect();
    left_out.sort_unstable_by_key(|it| it.0);
    Ok(Some(Ranking { policy, ladder, banners, left_out }))
}
