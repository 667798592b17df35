//! What campaigns and banners achieved step by step, beside the period before.

use std::collections::HashMap;

use bams_domain::{BannerId, CampaignId, Performance, Quarter, Slot};
use bams_storage::{Database, Dimension, LocalTime, Period, ReportQuery, ReportRow, SortKey};

use super::span::Span;
use super::{ReportingError, page};

/// The most rows that are read for a chart or a list.
const MOST: u64 = 10_000;

/// Whose performance is told.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Whose {
    /// Only this campaign's.
    pub campaign: Option<CampaignId>,
    /// Only this banner's.
    pub banner: Option<BannerId>,
}

/// A step of a period.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SeriesStep {
    /// Its first slot.
    pub slot: Slot,
    /// What was achieved in it.
    pub now: Performance,
    /// What was achieved in the step of the period before.
    pub before: Performance,
}

/// A period step by step.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Series {
    /// Its steps, in their order.
    pub steps: Vec<SeriesStep>,
    /// What was achieved in the whole period.
    pub total: Performance,
    /// What was achieved in its complete slots, which are compared with `before`.
    pub compared: Performance,
    /// What was achieved in as many slots of the period before.
    pub before: Performance,
}

impl Series {
    /// Returns true if nothing was counted in the period.
    pub fn is_empty(&self) -> bool {
        self.total == Performance::default()
    }
}

/// Returns a period step by step.
pub async fn series(
    database: &Database,
    whose: Whose,
    span: &Span,
) -> Result<Series, ReportingError> {
    let by_step = &[span.step.dimension()];
    let (rows, total) = rows_of(database, by_step, whose, span.whole()).await?;
    let (earlier, before_whole) = rows_of(database, by_step, whose, span.drawn_before()).await?;
    let compared = match span.compared() {
        Some(period) if period != span.whole() => sum(database, whose, period).await?,
        Some(_) => total,
        None => Performance::default(),
    };
    let before = match span.before() {
        Some(period) if period != span.drawn_before() => sum(database, whose, period).await?,
        Some(_) => before_whole,
        None => Performance::default(),
    };
    let of = |rows: Vec<ReportRow>| -> HashMap<Slot, Performance> {
        let dated = |row: ReportRow| Some((row.day.or(row.hour)?, row.sums.current.performance));
        rows.into_iter().filter_map(dated).collect()
    };
    let (now, earlier) = (of(rows), of(earlier));
    let steps = span.steps().map(|slot| SeriesStep {
        slot,
        now: now.get(&slot).copied().unwrap_or_default(),
        before: earlier
            .get(&Slot::from_number(slot.number() - span.distance))
            .copied()
            .unwrap_or_default(),
    });
    Ok(Series { steps: steps.collect(), total, compared, before })
}

/// Returns what was achieved in each quarter of the hour of a period.
pub async fn quarters(
    database: &Database,
    whose: Whose,
    period: Period,
) -> Result<[Performance; 4], ReportingError> {
    let (rows, _) = rows_of(database, &[Dimension::Quarter], whose, period).await?;
    let mut quarters = [Performance::default(); 4];
    for row in rows {
        if let Some(quarter) = row.quarter {
            quarters[Quarter::index(quarter)] = row.sums.current.performance;
        }
    }
    Ok(quarters)
}

/// Returns what each banner of a campaign achieved in a period, by revenue: number, name and sums.
pub async fn banners_of(
    database: &Database,
    campaign: CampaignId,
    period: Period,
) -> Result<Vec<(BannerId, String, Performance)>, ReportingError> {
    let whose = Whose { campaign: Some(campaign), banner: None };
    let (rows, _) = rows_of(database, &[Dimension::Banner], whose, period).await?;
    let banner = |row: ReportRow| {
        Some((row.banner?, row.banner_name.unwrap_or_default(), row.sums.current.performance))
    };
    Ok(rows.into_iter().filter_map(banner).collect())
}

/// Returns what each of some banners achieved in a period. Those without counts are missing.
pub async fn banner_sums(
    database: &Database,
    banners: Vec<BannerId>,
    period: Period,
) -> Result<HashMap<BannerId, Performance>, ReportingError> {
    if banners.is_empty() {
        return Ok(HashMap::new());
    }
    let (rows, _) = some_rows(database, &[Dimension::Banner], Vec::new(), banners, period).await?;
    let sums = rows.into_iter().filter_map(|row| Some((row.banner?, row.sums.current.performance)));
    Ok(sums.collect())
}

/// Returns what was achieved in a period.
pub async fn sum(
    database: &Database,
    whose: Whose,
    period: Period,
) -> Result<Performance, ReportingError> {
    Ok(rows_of(database, &[], whose, period).await?.1)
}

/// Returns the rows of a report with the sum of all.
pub(super) async fn rows_of(
    database: &Database,
    group_by: &[Dimension],
    whose: Whose,
    period: Period,
) -> Result<(Vec<ReportRow>, Performance), ReportingError> {
    let (campaigns, banners) = (whose.campaign.into_iter(), whose.banner.into_iter());
    some_rows(database, group_by, campaigns.collect(), banners.collect(), period).await
}

/// Returns the rows of a report of some campaigns and banners, or of all where none is named, with the
/// sum of all.
pub(super) async fn some_rows(
    database: &Database,
    group_by: &[Dimension],
    campaigns: Vec<CampaignId>,
    banners: Vec<BannerId>,
    period: Period,
) -> Result<(Vec<ReportRow>, Performance), ReportingError> {
    let query = ReportQuery {
        local: LocalTime::utc(),
        group_by: group_by.to_vec(),
        campaigns,
        banners,
        quarters: Vec::new(),
        period,
        compared: false,
        sort: SortKey::Revenue,
        descending: true,
    };
    let report = page(database, &query, None, MOST).await?;
    Ok((report.rows, report.totals.current.performance))
}
