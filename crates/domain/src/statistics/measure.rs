//! The rates that are compared between one banner and the others, each with its test.

use std::fmt;

use super::tail::{hypergeometric, student};
use crate::Performance;

/// The fewest conversions for a test of revenue. A sum of fewer is too far from a normal distribution.
const ENOUGH_CONVERSIONS: u64 = 50;

/// A rate in which one banner may be better than the others.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(rename_all = "snake_case")
)]
pub enum Measure {
    /// Clicks ÷ impressions.
    ClicksPerImpression,
    /// Conversions ÷ impressions.
    ConversionsPerImpression,
    /// Revenue ÷ impressions.
    RevenuePerImpression,
}

impl Measure {
    /// Every measure.
    pub const ALL: [Self; 3] =
        [Self::ClicksPerImpression, Self::ConversionsPerImpression, Self::RevenuePerImpression];

    /// Returns the measure's public name.
    ///
    /// ```
    /// use bams_domain::Measure;
    ///
    /// assert_eq!(Measure::ClicksPerImpression.name(), "clicks_per_impression");
    /// ```
    pub const fn name(self) -> &'static str {
        match self {
            Self::ClicksPerImpression => "clicks_per_impression",
            Self::ConversionsPerImpression => "conversions_per_impression",
            Self::RevenuePerImpression => "revenue_per_impression",
        }
    }

    /// Returns the probability that one banner is this much better than the others together by chance
    /// alone.
    ///
    /// 1 if it is not better, or if there is too little to tell.
    pub(super) fn chance(self, one: &Performance, others: &[Performance]) -> f64 {
        let rest = sum(others);
        match self {
            Self::ClicksPerImpression => more_often(one, &rest, |it| it.clicks),
            Self::ConversionsPerImpression => more_often(one, &rest, |it| it.conversions),
            Self::RevenuePerImpression => earns_more(one, others, &rest),
        }
    }
}

impl fmt::Display for Measure {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(self.name())
    }
}

/// Returns the sum of performances.
pub(super) fn sum(performances: &[Performance]) -> Performance {
    performances.iter().fold(Performance::default(), |mut sum, performance| {
        sum += *performance;
        sum
    })
}

/// Returns the p-value of Fisher's exact test of the table {one, rest} × {events, impressions}.
///
/// Impressions are counted beside the events, not as the whole of which events are a part. Given all
/// sums this is exact for events and impressions that occur independently (as in imported files), and
/// cautious for events that are a part of the impressions.
fn more_often(one: &Performance, rest: &Performance, events: impl Fn(&Performance) -> u64) -> f64 {
    if one.impressions == 0 || rest.impressions == 0 {
        return 1.0;
    }
    let [hits, shown] = [events(one), one.impressions].map(real);
    let [other_hits, other_shown] = [events(rest), rest.impressions].map(real);
    hypergeometric(hits, hits + shown, hits + other_hits, shown + other_shown)
}

/// Returns the p-value of the ratio of one banner's revenue per impression to that of the others, as a
/// ratio of gamma variables, which are skewed like sums of random amounts. How much such rates differ
/// by chance is learned from the other banners.
fn earns_more(one: &Performance, others: &[Performance], rest: &Performance) -> f64 {
    let shown: Vec<&Performance> = others.iter().filter(|it| it.impressions > 0).collect();
    let too_few =
        |group: &Performance| group.conversions < ENOUGH_CONVERSIONS || group.impressions == 0;
    if too_few(one) || too_few(rest) || shown.len() < 2 {
        return 1.0;
    }
    let rate = |banner: &Performance| micros(banner) / real(banner.impressions);
    let usual = shown.iter().map(|it| micros(it)).sum::<f64>() / real(rest.impressions);
    let spread =
        shown.iter().map(|banner| real(banner.impressions) * (rate(banner) - usual).powi(2));
    let freedom = real(shown.len() as u64 - 1);
    let variance = spread.sum::<f64>() / freedom;
    // Rates that are equal to the micro are not random, so they say nothing about chance.
    if variance <= 0.0 || usual <= 0.0 {
        return 1.0;
    }
    // The cube root of a gamma variable over its mean is nearly normal: its mean is 1 less this much,
    // which is also its variance (E. B. Wilson and M. M. Hilferty, PNAS 17, 1931).
    let correction =
        |group: &Performance| variance / (9.0 * real(group.impressions) * usual.powi(2));
    let (of_one, of_rest) = (correction(one), correction(rest));
    let root = (rate(one) / usual).max(0.0).cbrt();
    let deviate =
        ((1.0 - of_rest) * root - (1.0 - of_one)) / (of_rest * root * root + of_one).sqrt();
    student(deviate, freedom)
}

#[expect(clippy::cast_precision_loss, reason = "a test needs no more than 53 bits")]
pub(super) fn real(count: u64) -> f64 {
    count as f64
}

#[expect(clippy::cast_precision_loss, reason = "a test needs no more than 53 bits")]
pub(super) fn micros(performance: &Performance) -> f64 {
    performance.revenue.micros() as f64
}
