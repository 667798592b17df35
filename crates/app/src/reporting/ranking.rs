//! The ladder of a campaign, and how sure it is.

use bams_domain::{CampaignId, Evidence, Quarter};
use bams_storage::{Database, Ranking, StorageError, ranking};

use crate::missing_images::MissingImages;

/// A ladder with the test whether its first banner is better than the others, or only luckier.
#[derive(Debug)]
pub struct JudgedRanking {
    /// The quarter of the ladder.
    pub quarter: Quarter,
    /// The ladder.
    pub ranking: Ranking,
    /// The result of the test.
    pub evidence: Evidence,
}

/// Returns the ladder of a campaign in a quarter, by default in the one that runs at `now` (unix
/// milliseconds), without banners whose image this node misses. `None` for an unknown campaign.
pub async fn judged_ranking(
    database: &Database,
    missing: &MissingImages,
    campaign: CampaignId,
    quarter: Option<Quarter>,
    now: i64,
) -> Result<Option<JudgedRanking>, StorageError> {
    let quarter = quarter.unwrap_or_else(|| Quarter::at(now.div_euclid(1000)));
    let is_missing = |banner, image_key: &str| missing.has(campaign, banner, image_key);
    let ranking = ranking(database, campaign, quarter, is_missing).await?;
    let Some(ranking) = ranking else { return Ok(None) };
    let performances: Vec<_> = ranking.banners.iter().map(|ranked| ranked.performance).collect();
    let evidence = Evidence::of(&performances);
    Ok(Some(JudgedRanking { quarter, ranking, evidence }))
}
