//! Rows of a report, as JSON.

use bams_app::reporting::PerformanceChanges;
use bams_domain::{Performance, Revenue};
use bams_storage::{FilteredCounts, LocalTime, Measured, ReportRow, Sums};
use serde::Serialize;
use time::OffsetDateTime;
use utoipa::ToSchema;

use super::{local_start_of, start_of};

/// One row. Dimensions that are not in `group_by` are missing.
#[derive(Serialize, ToSchema)]
pub(crate) struct Row {
    /// The campaign.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 1, example = 12)]
    campaign_id: Option<u32>,
    /// Its name.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "Spring shoes")]
    campaign_name: Option<String>,
    /// The banner.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 1, example = 141)]
    banner_id: Option<u32>,
    /// Its name.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "Spring shoes, blue")]
    banner_name: Option<String>,
    /// The quarter of the UTC hour, in all hours.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 1, maximum = 4, example = 2)]
    quarter: Option<u8>,
    /// When the hour began, with the offset of the time zone.
    #[serde(skip_serializing_if = "Option::is_none", with = "time::serde::rfc3339::option")]
    #[schema(value_type = Option<String>, format = DateTime, example = "2026-01-01T10:00:00Z")]
    hour: Option<OffsetDateTime>,
    /// The day, in the time zone.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = Date, example = "2026-01-01")]
    day: Option<String>,
    #[serde(flatten)]
    measures: Measures,
}

/// What was counted, and the rates that follow from it.
#[derive(Serialize, ToSchema)]
pub(crate) struct Measures {
    #[serde(flatten)]
    period: PeriodMeasures,
    /// The same in the period directly before; with `compare=previous`.
    #[serde(skip_serializing_if = "Option::is_none")]
    previous: Option<PeriodMeasures>,
    /// How much more that is than in the period before; with `compare=previous`.
    #[serde(skip_serializing_if = "Option::is_none")]
    change: Option<Differences>,
}

/// What was counted in one period.
#[derive(Serialize, ToSchema)]
pub(crate) struct PeriodMeasures {
    #[serde(flatten)]
    rates: Rates,
    /// What came in and does not count: bots, repeats, expired links and so on.
    filtered: Filtered,
}

/// Counts and rates. A rate is null where it would be divided by nothing, an interval also where
/// there are more hits than trials.
#[derive(Clone, Copy, Serialize, ToSchema)]
pub(super) struct Rates {
    #[schema(example = 5_200)]
    pub(super) impressions: u64,
    #[schema(example = 162)]
    pub(super) clicks: u64,
    #[schema(example = 4)]
    pub(super) conversions: u64,
    /// In 10⁻⁶ of the currency.
    #[schema(example = 11_600_000)]
    pub(super) revenue_micros: i64,
    /// Clicks ÷ impressions.
    #[schema(example = 0.0312)]
    pub(super) ctr: Option<f64>,
    /// Where the true CTR lies with a confidence of 95 %, at least (Wilson's score interval).
    #[schema(example = 0.0271)]
    pub(super) ctr_low: Option<f64>,
    /// The same, at most.
    #[schema(example = 0.0359)]
    pub(super) ctr_high: Option<f64>,
    /// Conversions ÷ clicks.
    #[schema(example = 0.0247)]
    pub(super) cvr: Option<f64>,
    /// Where the true CVR lies with a confidence of 95 %, at least.
    #[schema(example = 0.0097)]
    pub(super) cvr_low: Option<f64>,
    /// The same, at most.
    #[schema(example = 0.0617)]
    pub(super) cvr_high: Option<f64>,
    /// Revenue per 1000 impressions, in micros.
    #[schema(example = 2_230_769)]
    pub(super) rpm_micros: Option<i64>,
    /// Revenue per click, in micros.
    #[schema(example = 71_605)]
    pub(super) epc_micros: Option<i64>,
}

/// How many events do not count, of each kind. Gross numbers are the sum of both.
#[derive(Serialize, ToSchema)]
pub(crate) struct Filtered {
    #[schema(example = 37)]
    impressions: u64,
    #[schema(example = 5)]
    clicks: u64,
    #[schema(example = 0)]
    conversions: u64,
}

impl From<FilteredCounts> for Filtered {
    fn from(counts: FilteredCounts) -> Self {
        let FilteredCounts { impressions, clicks, conversions } = counts;
        Self { impressions, clicks, conversions }
    }
}

/// Differences; negative where it was more before. Null where either rate is.
#[derive(Serialize, ToSchema)]
#[schema(as = Change)]
pub(crate) struct Differences {
    #[schema(example = -310)]
    impressions: i64,
    #[schema(example = 12)]
    clicks: i64,
    #[schema(example = 1)]
    conversions: i64,
    #[schema(example = 2_900_000)]
    revenue_micros: i64,
    #[schema(example = 0.0041)]
    ctr: Option<f64>,
    #[schema(example = 0.0024)]
    cvr: Option<f64>,
    #[schema(example = 651_000)]
    rpm_micros: Option<i64>,
    #[schema(example = 13_000)]
    epc_micros: Option<i64>,
}

impl Row {
    /// Makes a row whose hours are local.
    pub(super) fn of(row: ReportRow, local: &LocalTime) -> Self {
        Self {
            campaign_id: row.campaign.map(|it| it.0),
            campaign_name: row.campaign_name,
            banner_id: row.banner.map(|it| it.0),
            banner_name: row.banner_name,
            quarter: row.quarter.map(bams_domain::Quarter::number),
            hour: row.hour.map(|it| local_start_of(it, local)),
            day: row.day.map(|it| start_of(it).date().to_string()),
            measures: row.sums.into(),
        }
    }
}

impl From<Sums> for Measures {
    fn from(Sums { current, previous }: Sums) -> Self {
        let between = |before: &Measured| {
            PerformanceChanges::between(&before.performance, &current.performance).into()
        };
        let change = previous.as_ref().map(between);
        Self { period: current.into(), previous: previous.map(PeriodMeasures::from), change }
    }
}

impl From<Measured> for PeriodMeasures {
    fn from(Measured { performance, filtered }: Measured) -> Self {
        Self { rates: Rates::of(&performance), filtered: filtered.into() }
    }
}

impl Rates {
    pub(super) fn of(performance: &Performance) -> Self {
        let (ctr, cvr) = (performance.click_through_interval(), performance.conversion_interval());
        Self {
            impressions: performance.impressions,
            clicks: performance.clicks,
            conversions: performance.conversions,
            revenue_micros: performance.revenue.micros(),
            ctr: performance.click_through_rate(),
            ctr_low: ctr.map(|it| it.low),
            ctr_high: ctr.map(|it| it.high),
            cvr: performance.conversion_rate(),
            cvr_low: cvr.map(|it| it.low),
            cvr_high: cvr.map(|it| it.high),
            rpm_micros: performance.revenue_per_mille().map(Revenue::micros),
            epc_micros: performance.earnings_per_click().map(Revenue::micros),
        }
    }
}

impl From<PerformanceChanges> for Differences {
    fn from(changes: PerformanceChanges) -> Self {
        let PerformanceChanges { impressions, clicks, conversions, revenue_micros, .. } = changes;
        let PerformanceChanges { ctr, cvr, rpm_micros, epc_micros, .. } = changes;
        Self { impressions, clicks, conversions, revenue_micros, ctr, cvr, rpm_micros, epc_micros }
    }
}
