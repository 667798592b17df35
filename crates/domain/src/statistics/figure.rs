//! Whether a figure of a period differs from that of the period before by more than chance explains.

use super::Interval;
use super::measure::{micros, real};
use crate::Performance;

/// How many standard errors apart two sums are that differ by more than chance.
const ERRORS: f64 = 2.0;

/// How much the revenue of single conversions varies, as its variance over its squared mean. That of
/// an exponential distribution, which is more than most shops' prices do.
const SPREAD: f64 = 1.0;

/// A figure that people compare between two periods of the same length.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Figure {
    /// How often banners were shown.
    Impressions,
    /// How often visitors followed them.
    Clicks,
    /// Clicks ÷ impressions.
    Ctr,
    /// How many clicks led to a sale.
    Conversions,
    /// What those earned.
    Revenue,
    /// Revenue ÷ impressions × 1000.
    Rpm,
}

impl Figure {
    /// Every figure, in the order from cause to effect.
    pub const ALL: [Self; 6] =
        [Self::Impressions, Self::Clicks, Self::Ctr, Self::Conversions, Self::Revenue, Self::Rpm];

    /// Returns the figure's public name.
    ///
    /// ```
    /// assert_eq!(bams_domain::Figure::Rpm.name(), "rpm");
    /// ```
    pub const fn name(self) -> &'static str {
        match self {
            Self::Impressions => "impressions",
            Self::Clicks => "clicks",
            Self::Ctr => "ctr",
            Self::Conversions => "conversions",
            Self::Revenue => "revenue",
            Self::Rpm => "rpm",
        }
    }

    /// Returns the figure's value: a count, a share of one, or micros. `None` for a rate of nothing.
    ///
    /// ```
    /// use bams_domain::{Figure, Performance};
    ///
    /// let performance = Performance { impressions: 200, clicks: 3, ..Performance::default() };
    /// assert_eq!(Figure::Clicks.of(&performance), Some(3.0));
    /// assert_eq!(Figure::Ctr.of(&Performance::default()), None);
    /// ```
    pub fn of(self, performance: &Performance) -> Option<f64> {
        match self {
            Self::Impressions => Some(real(performance.impressions)),
            Self::Clicks => Some(real(performance.clicks)),
            Self::Ctr => performance.click_through_rate(),
            Self::Conversions => Some(real(performance.conversions)),
            Self::Revenue => Some(micros(performance)),
            Self::Rpm => {
                let impressions = real(performance.impressions);
                (performance.impressions > 0).then(|| micros(performance) * 1000.0 / impressions)
            }
        }
    }

    /// Returns true if the figure of a period differs from that of the period before by more than
    /// chance explains.
    ///
    /// Counts differ by more than two standard errors of their difference, as independent events
    /// have it. The CTR differs when the two 95 % [intervals](Interval) are apart. Revenue is a sum of
    /// as many random amounts as there are conversions, which vary like exponential ones; RPM is that
    /// over the impressions.
    ///
    /// ```
    /// use bams_domain::{Figure, Performance};
    ///
    /// let clicked = |clicks| Performance { impressions: 50_000, clicks, ..Performance::default() };
    /// assert!(!Figure::Clicks.differs(&clicked(1_000), &clicked(1_050)));
    /// assert!(Figure::Clicks.differs(&clicked(1_000), &clicked(1_100)));
    /// ```
    pub fn differs(self, before: &Performance, now: &Performance) -> bool {
        match self {
            Self::Impressions => counts_differ(before.impressions, now.impressions),
            Self::Clicks => counts_differ(before.clicks, now.clicks),
            Self::Conversions => counts_differ(before.conversions, now.conversions),
            Self::Ctr => {
                let intervals = before.click_through_interval().zip(now.click_through_interval());
                intervals.is_some_and(|(before, now)| apart(before, now))
            }
            Self::Revenue => self.sums_differ(before, now, false),
            Self::Rpm => self.sums_differ(before, now, true),
        }
    }

    /// Compares sums of random amounts, or their rates per impression.
    fn sums_differ(self, before: &Performance, now: &Performance, per_impression: bool) -> bool {
        let (Some(was), Some(is)) = (self.of(before), self.of(now)) else { return false };
        let variance = |value: f64, performance: &Performance| {
            let shown = if per_impression { 1.0 / real(performance.impressions) } else { 0.0 };
            let sold = (1.0 + SPREAD) / real(performance.conversions.max(1));
            value * value * (sold + shown)
        };
        let error = (variance(was, before) + variance(is, now)).sqrt();
        (is - was).abs() > ERRORS * error
    }
}

fn counts_differ(before: u64, now: u64) -> bool {
    let (before, now) = (real(before), real(now));
    (now - before).abs() > ERRORS * (before + now).sqrt()
}

fn apart(one: Interval, other: Interval) -> bool {
    one.high < other.low || other.high < one.low
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Revenue;

    fn sold(impressions: u64, conversions: u64, units: i64) -> Performance {
        let revenue = Revenue::from_micros(units * 1_000_000);
        Performance { impressions, clicks: conversions * 20, conversions, revenue }
    }

    #[test]
    fn a_difference_counts_only_beyond_chance() {
        let before = sold(400_000, 650, 23_000);
        for (now, expected) in [
            (sold(401_000, 660, 23_500), [false; 6]),
            (sold(520_000, 845, 29_900), [true, true, false, true, true, false]),
            (sold(400_000, 2_000, 80_000), [false, true, true, true, true, true]),
        ] {
            assert_eq!(Figure::ALL.map(|it| it.differs(&before, &now)), expected, "{now:?}");
            assert_eq!(Figure::ALL.map(|it| it.differs(&now, &before)), expected, "{now:?}");
        }
    }

    #[test]
    fn nothing_differs_from_nothing_and_a_few_sales_from_none() {
        let nothing = Performance::default();
        assert!(Figure::ALL.iter().all(|it| !it.differs(&nothing, &nothing)));
        assert!(!Figure::Conversions.differs(&nothing, &sold(100, 3, 30)));
        assert!(Figure::Conversions.differs(&nothing, &sold(100, 9, 90)));
    }
}
