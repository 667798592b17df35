//! What campaigns and banners achieved step by step, beside the period before.

use std::collections::HashMap;

use bams_domain::{BannerId, CampaignId, Performance, Quarter, Slot};
use bams_storage::{Database, Dimension, ReportQuery, ReportRow, SortKey};

use super::span::{LocalPeriod, NamedStep, Span};
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
    /// The local time at which it begins, as if the clocks showed UTC.
    pub local: Slot,
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
    /// What was achieved in as many local days of the period before.
    pub before: Performance,
    /// The slot before which its days are those of UTC, because the hours are no longer known.
    pub utc_before: Option<Slot>,
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
    let now = found(database, by_step, whose, span.whole()).await?;
    let earlier = found(database, by_step, whose, span.drawn_before()).await?;
    let compared = match span.compared() {
        Some(period) if period != span.whole() => sum(database, whose, period).await?,
        Some(_) => now.sum,
        None => Performance::default(),
    };
    let before = match span.before() {
        Some(period) if period != span.drawn_before() => sum(database, whose, period).await?,
        Some(_) => earlier.sum,
        None => Performance::default(),
    };
    let utc_before = now.utc_before.or(earlier.utc_before);
    let steps = steps(&span.steps(), &now.rows, &earlier.rows);
    Ok(Series { steps, total: now.sum, compared, before, utc_before })
}

/// Puts rows into the steps in which they begin.
fn steps(named: &[NamedStep], now: &[ReportRow], earlier: &[ReportRow]) -> Vec<SeriesStep> {
    let empty = Performance::default();
    let step = |it: &NamedStep| SeriesStep { local: it.local, now: empty, before: empty };
    let mut steps: Vec<SeriesStep> = named.iter().map(step).collect();
    for (slot, row) in now.iter().filter_map(named_row) {
        if let Some(place) = place(named, slot) {
            steps[place].now += row;
        }
    }
    let earlier: HashMap<Slot, Performance> = earlier.iter().filter_map(named_row).collect();
    for (step, named) in steps.iter_mut().zip(named) {
        step.before = earlier.get(&named.before).copied().unwrap_or_default();
    }
    steps
}

/// Returns the name of a row's step with what was achieved in it.
fn named_row(row: &ReportRow) -> Option<(Slot, Performance)> {
    Some((row.day.or(row.hour)?, row.sums.current.performance))
}

/// Returns the place of the step in which a row begins. An hour that a change of the clocks cut in two is
/// named by a slot within the hour before.
pub(super) fn place(named: &[NamedStep], slot: Slot) -> Option<usize> {
    named.partition_point(|it| it.name <= slot).checked_sub(1)
}

/// Returns what was achieved in each quarter of the hour of a period.
pub async fn quarters(
    database: &Database,
    whose: Whose,
    period: LocalPeriod,
) -> Result<[Performance; 4], ReportingError> {
    let rows = found(database, &[Dimension::Quarter], whose, period).await?.rows;
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
    period: LocalPeriod,
) -> Result<Vec<(BannerId, String, Performance)>, ReportingError> {
    let whose = Whose { campaign: Some(campaign), banner: None };
    let rows = found(database, &[Dimension::Banner], whose, period).await?.rows;
    let banner = |row: ReportRow| {
        Some((row.banner?, row.banner_name.unwrap_or_default(), row.sums.current.performance))
    };
    Ok(rows.into_iter().filter_map(banner).collect())
}

/// Returns what each of some banners achieved in a period. Those without counts are missing.
pub async fn banner_sums(
    database: &Database,
    banners: Vec<BannerId>,
    period: LocalPeriod,
) -> Result<HashMap<BannerId, Performance>, ReportingError> {
    if banners.is_empty() {
        return Ok(HashMap::new());
    }
    let by_banner = &[Dimension::Banner];
    let rows = found_of_some(database, by_banner, Vec::new(), banners, period).await?.rows;
    let sums = rows.into_iter().filter_map(|row| Some((row.banner?, row.sums.current.performance)));
    Ok(sums.collect())
}

/// Returns what was achieved in a period.
pub async fn sum(
    database: &Database,
    whose: Whose,
    period: LocalPeriod,
) -> Result<Performance, ReportingError> {
    Ok(found(database, &[], whose, period).await?.sum)
}

/// What a report says.
pub(super) struct FoundRows {
    pub(super) rows: Vec<ReportRow>,
    /// The sum of all rows.
    pub(super) sum: Performance,
    utc_before: Option<Slot>,
}

/// Returns the rows of a report with the sum of all.
pub(super) async fn found(
    database: &Database,
    group_by: &[Dimension],
    whose: Whose,
    period: LocalPeriod,
) -> Result<FoundRows, ReportingError> {
    let (campaigns, banners) = (whose.campaign.into_iter(), whose.banner.into_iter());
    found_of_some(database, group_by, campaigns.collect(), banners.collect(), period).await
}

/// Returns the rows of a report of some campaigns and banners, or of all where none is named, with the
/// sum of all.
pub(super) async fn found_of_some(
    database: &Database,
    group_by: &[Dimension],
    campaigns: Vec<CampaignId>,
    banners: Vec<BannerId>,
    LocalPeriod { period, local }: LocalPeriod,
) -> Result<FoundRows, ReportingError> {
    let query = ReportQuery {
        local,
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
    let (rows, utc_before) = (report.rows, report.utc_before);
    Ok(FoundRows { rows, sum: report.totals.current.performance, utc_before })
}
