//! Whether the banner at the top of a ranking stands there for a reason.

use std::fmt;

use super::measure::{Measure, sum};
use crate::Performance;

/// The chance up to which a ranking is called clear.
const CLEAR: f64 = 0.01;

/// The chance up to which it is called probable.
const PROBABLE: f64 = 0.1;

/// How sure one can be that the first banner of a ranking is better than the others.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(rename_all = "snake_case")
)]
pub enum EvidenceLabel {
    /// It is better. Of rankings in which no banner is better than another, at most 5 % are called
    /// this, see [`Evidence::FALSE_DISCOVERY`].
    Clear,
    /// It may well be better, but one in ten rankings without a better banner looks like this.
    Probable,
    /// Chance explains the order, or there is too little to tell.
    NotDistinguishable,
}

impl EvidenceLabel {
    /// Every label, the strongest first.
    pub const ALL: [Self; 3] = [Self::Clear, Self::Probable, Self::NotDistinguishable];

    /// The label's public name.
    ///
    /// ```
    /// use bams_domain::EvidenceLabel;
    ///
    /// assert_eq!(EvidenceLabel::NotDistinguishable.name(), "not_distinguishable");
    /// ```
    pub const fn name(self) -> &'static str {
        match self {
            Self::Clear => "clear",
            Self::Probable => "probable",
            Self::NotDistinguishable => "not_distinguishable",
        }
    }
}

impl fmt::Display for EvidenceLabel {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(self.name())
    }
}

/// What a ranking's numbers say about its first banner.
///
/// The question is whether the first banner has more clicks, conversions or revenue *per
/// impression* than the campaign's other banners together. It is asked in each [`Measure`] that
/// the ranking goes by: clicks where nothing converted, all three where something did.
///
/// **The tests.** Clicks and conversions: Fisher's exact test, one-sided (R. A. Fisher, "The logic
/// of inductive inference", 1935). Given their sums it is also the exact comparison of the rates of
/// Poisson counts (Przyborowski and Wilenski, Biometrika 31, 1940), with impressions as counts of
/// their own, because imported clicks need not belong to imported impressions. Revenue, from 50
/// conversions on: its rate against that of the others, as a ratio of gamma variables (E. Paulson,
/// Annals of Mathematical Statistics 13, 1942), whose spread is learned from how much the other
/// banners' rates differ (as in an outlier test by deletion residuals: Cook and Weisberg,
/// *Residuals and Influence in Regression*, 1982). So a few large sales are not taken for a reason.
///
/// **Many banners.** The first of four hundred equal banners looks good because it was picked for
/// that. So the chance is multiplied by the number of banners and measures it was picked from
/// (Bonferroni; O. J. Dunn, JASA 56, 1961), which bounds it however it was picked.
///
/// **The bound.** `clear` needs a chance of 1 % or less. That is five times stricter than
/// [`FALSE_DISCOVERY`](Self::FALSE_DISCOVERY), which leaves room for what the tests do not know,
/// such as clicks that convert twice. On generated noise between 0 and 3.5 % of rankings are called
/// clear (2 to 400 banners; prices uniform, exponential or log-normal with σ = 1).
///
/// **Limits.** It speaks of the first banner against the others together, not against the second.
/// It compares what was counted: banners shown at other hours or places differ for other reasons.
/// It holds for one look; who looks many times until it says `clear` is wrong more often. Prices
/// with heavier tails than those above need more conversions for the bound to hold.
///
/// ```
/// use bams_domain::{Evidence, EvidenceLabel, Measure, Performance};
///
/// let clicked = |clicks| Performance { impressions: 10_000, clicks, ..Performance::default() };
/// let noise = Evidence::of(&[212, 205, 199, 190].map(clicked));
/// assert_eq!(noise.label, EvidenceLabel::NotDistinguishable);
///
/// let winner = Evidence::of(&[398, 205, 199, 190].map(clicked));
/// assert_eq!(winner.label, EvidenceLabel::Clear);
/// assert_eq!(winner.measure, Some(Measure::ClicksPerImpression));
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Evidence {
    /// What it amounts to.
    pub label: EvidenceLabel,
    /// In what the first banner differs most from chance; nothing if there was nothing to compare.
    pub measure: Option<Measure>,
    /// The probability, at most, that the first of this many equal banners looks this good in any
    /// of the measures.
    pub chance: f64,
    /// How many banners were compared: those with an impression or a click.
    pub banners: usize,
}

impl Evidence {
    /// Of rankings in which no banner is better than another, at most this share is labelled
    /// [`Clear`](EvidenceLabel::Clear).
    pub const FALSE_DISCOVERY: f64 = 0.05;

    /// The evidence in a ranking's performances, in the ladder's order.
    ///
    /// None, or only one banner with anything counted: not distinguishable, with a chance of 1.
    pub fn of(ladder: &[Performance]) -> Self {
        let banners = ladder.iter().filter(|it| it.impressions > 0 || it.clicks > 0).count();
        let undecided =
            Self { label: EvidenceLabel::NotDistinguishable, measure: None, chance: 1.0, banners };
        let Some((first, others)) = ladder.split_first() else {
            return undecided;
        };
        let measures: &[Measure] = match (first.conversions, first.clicks) {
            (0, 0) => &[],
            (0, _) => &[Measure::ClicksPerImpression],
            _ if earns_less(first, &sum(others)) => &[],
            _ => &Measure::ALL,
        };
        let chances = measures.iter().map(|it| (*it, it.chance(first, others)));
        let Some((measure, chance)) = chances.min_by(|one, other| one.1.total_cmp(&other.1)) else {
            return undecided;
        };
        #[expect(clippy::cast_precision_loss, reason = "no campaign has 2^53 banners")]
        let chance = (chance * (measures.len() * banners) as f64).min(1.0);
        let label = if chance <= CLEAR {
            EvidenceLabel::Clear
        } else if chance <= PROBABLE {
            EvidenceLabel::Probable
        } else {
            EvidenceLabel::NotDistinguishable
        };
        Self { label, measure: (banners > 1).then_some(measure), chance, banners }
    }
}

/// Whether a banner leads by what it earned only because it was shown so often.
fn earns_less(first: &Performance, rest: &Performance) -> bool {
    let earned = |one: &Performance, other: &Performance| {
        i128::from(one.revenue.micros()) * i128::from(other.impressions)
    };
    earned(first, rest) < earned(rest, first)
}
