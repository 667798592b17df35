//! The overview: which campaign earns most, which banner earns it, and what changed.

use std::collections::HashMap;

use bams_domain::{
    BannerId, BannerPerformance, CampaignId, Evidence, Performance, Policy, Revenue,
};
use bams_storage::{Database, Dimension, ReportRow};

use super::ReportingError;
use super::series::{Series, Whose, found, found_of_some, place, quarters, series};
use super::span::Span;

/// A campaign in a period, beside the period before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ComparedCampaign {
    /// The campaign.
    pub campaign: CampaignId,
    /// Its name; empty if the campaign no longer exists.
    pub name: String,
    /// What it achieved in the whole period.
    pub total: Performance,
    /// What it achieved in the complete slots of the period.
    pub compared: Performance,
    /// What it achieved in as many slots before.
    pub before: Performance,
}

/// The best banner of the best campaign.
#[derive(Clone, Debug, PartialEq)]
pub struct BestBanner {
    /// The banner.
    pub banner: BannerId,
    /// Its name.
    pub name: String,
    /// Whether it is better than the campaign's others, or only luckier.
    pub evidence: Evidence,
}

/// What all campaigns achieved in a period.
#[derive(Clone, Debug, Default)]
pub struct Overview {
    /// All of it, step by step.
    pub series: Series,
    /// Each campaign with counts in the period or before it, the one that earned most first.
    pub campaigns: Vec<ComparedCampaign>,
    /// The best banner of the first of them, if it has earned or was clicked.
    pub best: Option<BestBanner>,
    /// What was achieved in each quarter of the hour.
    pub quarters: [Performance; 4],
}

/// Returns what all campaigns achieved in a period.
pub async fn overview(database: &Database, span: &Span) -> Result<Overview, ReportingError> {
    let series = series(database, Whose::default(), span).await?;
    let campaigns = compared_campaigns(database, span).await?;
    let best = match campaigns.first().filter(|it| it.total.clicks > 0) {
        Some(first) => best_banner(database, first.campaign, span).await?,
        None => None,
    };
    let quarters = quarters(database, Whose::default(), span.whole()).await?;
    Ok(Overview { series, campaigns, best, quarters })
}

/// Returns every campaign with counts in a period or the one before, by revenue, then by clicks.
pub async fn compared_campaigns(
    database: &Database,
    span: &Span,
) -> Result<Vec<ComparedCampaign>, ReportingError> {
    let by_campaign = &[Dimension::Campaign];
    let all = Whose::default();
    let mut all_campaigns: HashMap<CampaignId, ComparedCampaign> = HashMap::new();
    let mut note = |rows: Vec<ReportRow>, take: fn(&mut ComparedCampaign, Performance)| {
        for row in rows {
            let Some(campaign) = row.campaign else { continue };
            let entry = all_campaigns.entry(campaign).or_insert_with(|| ComparedCampaign {
                campaign,
                name: row.campaign_name.unwrap_or_default(),
                total: Performance::default(),
                compared: Performance::default(),
                before: Performance::default(),
            });
            take(entry, row.sums.current.performance);
        }
    };
    let rows = found(database, by_campaign, all, span.whole()).await?.rows;
    let is_whole = span.compared() == Some(span.whole());
    note(
        rows,
        if is_whole {
            |it, sum| (it.total, it.compared) = (sum, sum)
        } else {
            |it, sum| it.total = sum
        },
    );
    if let Some(period) = span.compared().filter(|_| !is_whole) {
        let rows = found(database, by_campaign, all, period).await?.rows;
        note(rows, |it, sum| it.compared = sum);
    }
    if let Some(period) = span.before() {
        let rows = found(database, by_campaign, all, period).await?.rows;
        note(rows, |it, sum| it.before = sum);
    }
    let mut campaigns: Vec<_> = all_campaigns.into_values().collect();
    campaigns.sort_unstable_by_key(|it| {
        let Performance { impressions, clicks, revenue, .. } = it.total;
        (std::cmp::Reverse((revenue, clicks, impressions)), it.campaign)
    });
    Ok(campaigns)
}

/// Returns the revenue of campaigns step by step.
pub async fn revenue_by_step(
    database: &Database,
    campaigns: Vec<CampaignId>,
    span: &Span,
) -> Result<HashMap<CampaignId, Vec<Revenue>>, ReportingError> {
    let mut all: HashMap<CampaignId, Vec<Revenue>> = HashMap::new();
    if campaigns.is_empty() {
        return Ok(all);
    }
    let by_step = &[Dimension::Campaign, span.step.dimension()];
    let found = found_of_some(database, by_step, campaigns, Vec::new(), span.whole()).await?;
    let steps = span.steps();
    for row in found.rows {
        let (Some(campaign), Some(slot)) = (row.campaign, row.day.or(row.hour)) else { continue };
        let own = all.entry(campaign).or_insert_with(|| vec![Revenue::ZERO; steps.len()]);
        if let Some(place) = place(&steps, slot) {
            own[place] = own[place].saturating_add(row.sums.current.performance.revenue);
        }
    }
    Ok(all)
}

/// Returns the first banner of the ladder that a period alone would make, and how sure that is.
async fn best_banner(
    database: &Database,
    campaign: CampaignId,
    span: &Span,
) -> Result<Option<BestBanner>, ReportingError> {
    let whose = Whose { campaign: Some(campaign), banner: None };
    let rows = found(database, &[Dimension::Banner], whose, span.whole()).await?.rows;
    let achieved = |row: &ReportRow| {
        Some(BannerPerformance { banner: row.banner?, performance: row.sums.current.performance })
    };
    let performances: HashMap<BannerId, Performance> =
        rows.iter().filter_map(achieved).map(|it| (it.banner, it.performance)).collect();
    let ladder = Policy::default().prepare(rows.iter().filter_map(achieved));
    let ranked: Vec<_> =
        ladder.banners().iter().filter_map(|it| performances.get(it).copied()).collect();
    let Some(first) = ladder.banners().first() else { return Ok(None) };
    let name = rows.into_iter().find(|it| it.banner == Some(*first));
    let name = name.and_then(|it| it.banner_name).unwrap_or_default();
    Ok(Some(BestBanner { banner: *first, name, evidence: Evidence::of(&ranked) }))
}
