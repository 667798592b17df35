//! What a banner achieved, and the rates that follow from it.

use std::ops::AddAssign;

use crate::{BannerId, Interval, Revenue};

/// The counts of one banner in one campaign, over one quarter or any other stretch of time.
///
/// Addition saturates, so that a sum neither wraps nor panics.
///
/// ```
/// use bams_domain::{Performance, Revenue};
///
/// let mut total = Performance { impressions: 1000, clicks: 30, ..Performance::default() };
/// total += Performance { conversions: 1, revenue: Revenue::from_micros(2_500_000), ..total };
/// assert_eq!(total.impressions, 2000);
/// assert_eq!(total.clicks, 60);
/// assert_eq!(total.revenue.to_string(), "2.5");
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Performance {
    /// How often the banner was shown.
    pub impressions: u64,
    /// How often a visitor followed it.
    pub clicks: u64,
    /// How many clicks led to a sale.
    pub conversions: u64,
    /// What those sales earned. Serde calls it `revenue_micros`.
    #[cfg_attr(feature = "serde", serde(rename = "revenue_micros"))]
    pub revenue: Revenue,
}

impl Performance {
    /// Returns the CTR: clicks ÷ impressions, where 1 means that every impression was clicked.
    ///
    /// `None` without impressions. More than 1 with more clicks than impressions, as after an import of
    /// clicks without their impressions.
    ///
    /// ```
    /// use bams_domain::Performance;
    ///
    /// let performance = Performance { impressions: 200, clicks: 3, ..Performance::default() };
    /// assert_eq!(performance.click_through_rate(), Some(0.015));
    /// assert_eq!(Performance::default().click_through_rate(), None);
    /// ```
    pub fn click_through_rate(&self) -> Option<f64> {
        ratio(self.clicks, self.impressions)
    }

    /// Returns the CVR: conversions ÷ clicks, where 1 means that every click led to a sale.
    ///
    /// `None` without clicks. More than 1 if clicks led to several sales each.
    ///
    /// ```
    /// use bams_domain::Performance;
    ///
    /// let performance = Performance { clicks: 4, conversions: 1, ..Performance::default() };
    /// assert_eq!(performance.conversion_rate(), Some(0.25));
    /// assert_eq!(Performance::default().conversion_rate(), None);
    /// ```
    pub fn conversion_rate(&self) -> Option<f64> {
        ratio(self.conversions, self.clicks)
    }

    /// Returns the CTR's 95 % interval, see [`Interval::wilson`].
    ///
    /// `None` without impressions, or with more clicks than impressions.
    ///
    /// ```
    /// use bams_domain::Performance;
    ///
    /// let performance = Performance { impressions: 200, clicks: 3, ..Performance::default() };
    /// let interval = performance.click_through_interval().unwrap();
    /// assert!(interval.low < 0.015 && 0.015 < interval.high);
    /// ```
    pub fn click_through_interval(&self) -> Option<Interval> {
        Interval::wilson(self.clicks, self.impressions)
    }

    /// Returns the CVR's 95 % interval, see [`Interval::wilson`].
    ///
    /// `None` without clicks, or with more conversions than clicks.
    ///
    /// ```
    /// use bams_domain::Performance;
    ///
    /// let performance = Performance { clicks: 4, conversions: 1, ..Performance::default() };
    /// let interval = performance.conversion_interval().unwrap();
    /// assert!(interval.low < 0.25 && 0.25 < interval.high);
    /// ```
    pub fn conversion_interval(&self) -> Option<Interval> {
        Interval::wilson(self.conversions, self.clicks)
    }

    /// Returns the RPM: revenue ÷ impressions × 1000, to the nearest micro (halves away from zero).
    ///
    /// `None` without impressions. Saturates if the result is too large.
    ///
    /// ```
    /// use bams_domain::{Performance, Revenue};
    ///
    /// let revenue = Revenue::from_micros(3_000_000);
    /// let performance = Performance { impressions: 2000, revenue, ..Performance::default() };
    /// assert_eq!(performance.revenue_per_mille(), Some(Revenue::from_micros(1_500_000)));
    /// assert_eq!(Performance::default().revenue_per_mille(), None);
    /// ```
    pub fn revenue_per_mille(&self) -> Option<Revenue> {
        quotient(i128::from(self.revenue.micros()) * 1000, self.impressions)
    }

    /// Returns the EPC: revenue ÷ clicks, to the nearest micro (halves away from zero).
    ///
    /// `None` without clicks.
    ///
    /// ```
    /// use bams_domain::{Performance, Revenue};
    ///
    /// let revenue = Revenue::from_micros(1_000_000);
    /// let performance = Performance { clicks: 3, revenue, ..Performance::default() };
    /// assert_eq!(performance.earnings_per_click(), Some(Revenue::from_micros(333_333)));
    /// assert_eq!(Performance::default().earnings_per_click(), None);
    /// ```
    pub fn earnings_per_click(&self) -> Option<Revenue> {
        quotient(i128::from(self.revenue.micros()), self.clicks)
    }
}

impl AddAssign for Performance {
    fn add_assign(&mut self, other: Self) {
        self.impressions = self.impressions.saturating_add(other.impressions);
        self.clicks = self.clicks.saturating_add(other.clicks);
        self.conversions = self.conversions.saturating_add(other.conversions);
        self.revenue = self.revenue.saturating_add(other.revenue);
    }
}

/// A banner together with what it achieved.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct BannerPerformance {
    /// Whose performance it is.
    pub banner: BannerId,
    /// What the banner achieved.
    pub performance: Performance,
}

#[expect(clippy::cast_precision_loss, reason = "a rate needs no more than 53 bits")]
fn ratio(part: u64, whole: u64) -> Option<f64> {
    (whole > 0).then(|| part as f64 / whole as f64)
}

fn quotient(micros: i128, count: u64) -> Option<Revenue> {
    let divisor = i128::from(count);
    if divisor == 0 {
        return None;
    }
    let half = divisor / 2 * micros.signum();
    let rounded = (micros + half) / divisor;
    let fitting = rounded.clamp(i64::MIN.into(), i64::MAX.into());
    i64::try_from(fitting).ok().map(Revenue::from_micros)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn halves_are_rounded_away_from_zero() {
        for (micros, clicks, expected) in
            [(1, 2, 1), (-1, 2, -1), (1, 3, 0), (2, 3, 1), (4, 3, 1), (5, 3, 2), (3, 2, 2)]
        {
            let revenue = Revenue::from_micros(micros);
            let performance = Performance { clicks, revenue, ..Performance::default() };
            let expected = Some(Revenue::from_micros(expected));
            assert_eq!(performance.earnings_per_click(), expected, "{micros} / {clicks}");
        }
    }

    #[test]
    fn large_counts_saturate() {
        let revenue = Revenue::from_micros(i64::MAX);
        let mut most = Performance { impressions: 1, clicks: u64::MAX, conversions: 7, revenue };
        assert_eq!(most.revenue_per_mille(), Some(revenue));

        most += most;
        let expected = Performance { impressions: 2, clicks: u64::MAX, conversions: 14, revenue };
        assert_eq!(most, expected);
    }

    #[test]
    fn more_clicks_than_impressions_are_a_rate_above_one() {
        let performance = Performance { impressions: 2, clicks: 3, ..Performance::default() };
        assert_eq!(performance.click_through_rate(), Some(1.5));
    }
}
