//! How much more something achieved than before.

use bams_domain::{Performance, Revenue};

/// The differences between two performances; negative where it was more before. Null where either rate is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PerformanceChanges {
    /// Of impressions, between the smallest and the largest integer.
    pub impressions: i64,
    /// Of clicks, likewise.
    pub clicks: i64,
    /// Of conversions, likewise.
    pub conversions: i64,
    /// Of revenue, in micros, likewise.
    pub revenue_micros: i64,
    /// Of clicks per impression.
    pub ctr: Option<f64>,
    /// Of conversions per click.
    pub cvr: Option<f64>,
    /// Of revenue per thousand impressions, in micros.
    pub rpm_micros: Option<i64>,
    /// Of revenue per click, in micros.
    pub epc_micros: Option<i64>,
}

impl PerformanceChanges {
    /// Returns the differences between a performance and the one before.
    pub fn between(before: &Performance, now: &Performance) -> Self {
        let rates = |before: Option<f64>, now: Option<f64>| Some(now? - before?);
        let micros = |before: Option<Revenue>, now: Option<Revenue>| {
            Some(now?.micros().saturating_sub(before?.micros()))
        };
        Self {
            impressions: difference(before.impressions, now.impressions),
            clicks: difference(before.clicks, now.clicks),
            conversions: difference(before.conversions, now.conversions),
            revenue_micros: now.revenue.micros().saturating_sub(before.revenue.micros()),
            ctr: rates(before.click_through_rate(), now.click_through_rate()),
            cvr: rates(before.conversion_rate(), now.conversion_rate()),
            rpm_micros: micros(before.revenue_per_mille(), now.revenue_per_mille()),
            epc_micros: micros(before.earnings_per_click(), now.earnings_per_click()),
        }
    }
}

fn difference(before: u64, now: u64) -> i64 {
    let difference = i128::from(now) - i128::from(before);
    let fallback = if difference < 0 { i64::MIN } else { i64::MAX };
    i64::try_from(difference).unwrap_or(fallback)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_is_negative_where_it_was_more_before_and_null_without_a_rate() {
        let before = Performance { impressions: 10, clicks: 4, ..Performance::default() };
        let revenue = Revenue::from_micros(3_000_000);
        let now = Performance { impressions: 20, clicks: 2, conversions: 1, revenue };
        let changes = PerformanceChanges::between(&before, &now);
        assert_eq!((changes.impressions, changes.clicks, changes.conversions), (10, -2, 1));
        assert_eq!(changes.revenue_micros, 3_000_000);
        assert!((changes.ctr.unwrap() + 0.3).abs() < 1e-9);
        assert_eq!(changes.epc_micros, Some(1_500_000));
        let nothing = Performance::default();
        assert_eq!(PerformanceChanges::between(&nothing, &now).ctr, None);
        let most = Performance { impressions: u64::MAX, ..nothing };
        assert_eq!(PerformanceChanges::between(&nothing, &most).impressions, i64::MAX);
        assert_eq!(PerformanceChanges::between(&most, &nothing).impressions, i64::MIN);
    }
}
