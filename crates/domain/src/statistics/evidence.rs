//! Whether the first banner of a ranking is better than the others or only luckier.

use std::fmt;

use super::measure::{Measure, sum};
use crate::Performance;

/// The largest chance at which a ranking is called clear.
const CLEAR: f64 = 0.01;

/// The largest chance at which a ranking is called probable.
const PROBABLE: f64 = 0.1;

/// How sure one can be that the first banner of a ranking is better than the others.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(rename_all = "snake_case")
)]
pub enum EvidenceLabel {
    /// It is better. Of rankings in which no banner is better than another, at most 5 % get this
    /// label, see [`Evidence::FALSE_DISCOVERY`].
    Clear,
    /// It may well be better, but up to one in ten rankings without a better banner looks like this.
    Probable,
    /// Chance explains the order, or there is too little to tell.
    NotDistinguishable,
}

impl EvidenceLabel {
    /// Every label, the strongest first.
    pub const ALL: [Self; 3] = [Self::Clear, Self::Probable, Self::NotDistinguishable];

    /// Returns the label's public name.
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
/// impression* than the campaign's other banners together. It is asked for each [`Measure`] by which
/// banners are ranked: for clicks if the first banner did not convert, for all three if it did.
///
/// **The tests.** Clicks and conversions: Fisher's exact test, one-sided (R. A. Fisher, "The logic
/// of inductive inference", 1935). Given their sums it is also the exact comparison of the rates of
/// Poisson counts (Przyborowski and Wilenski, Biometrika 31, 1940), with impressions as counts of
/// their own, because imported clicks need not belong to imported impressions. Revenue, from 50
/// conversions on: its rate against that of the others, as a ratio of gamma variables (E. Paulson,
/// Annals of Mathematical Statistics 13, 1942), whose spread is learned from the differences
/// between the other banners' rates (as in an outlier test by deletion residuals: Cook and Weisberg,
/// *Residuals and Influence in Regression*, 1982). So a few large sales do not count as evidence.
///
/// **Many banners.** The first of four hundred equal banners looks good because it was picked for
/// looking good. So the chance is multiplied by the number of banners and measures that it was picked
/// from (Bonferroni; O. J. Dunn, JASA 56, 1961), which bounds it for every way of picking.
///
/// **The bound.** `clear` needs a chance of 1 % or less. That is five times stricter than
/// [`FALSE_DISCOVERY`](Self::FALSE_DISCOVERY), which leaves room for what the tests ignore, such as
/// clicks that convert twice. On generated noise between 0 and 3.5 % of rankings are called
/// clear (2 to 400 banners; prices uniform, exponential or log-normal with σ = 1).
///
/// **Limits.** It compares the first banner with the others together, not with the second one. It
/// compares counts, and banners shown at other hours or places differ for other reasons too. Its bound
/// holds for one look; whoever looks many times until it says `clear` is wrong more often. Prices with
/// heavier tails than those above need more conversions for the bound to hold.
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
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Evidence {
    /// How strong the evidence is.
    pub label: EvidenceLabel,
    /// The measure in which the first banner differs most from chance. `None` if there was nothing to
    /// compare.
    pub measure: Option<Measure>,
    /// An upper bound of the probability that the first of this many equal banners looks this good in
    /// any of the measures.
    pub chance: f64,
    /// How many banners were compared: those with an impression or a click.
    pub banners: usize,
}

impl Evidence {
    /// The largest share of rankings labelled [`Clear`](EvidenceLabel::Clear) among rankings in which no
    /// banner is better than another.
    pub const FALSE_DISCOVERY: f64 = 0.05;

    /// Returns the evidence in a ranking's performances, given in the ladder's order.
    ///
    /// With fewer than two banners that have counts the label is
    /// [`NotDistinguishable`](EvidenceLabel::NotDistinguishable) and the chance 1.
    pub fn of(ladder: &[Performance]) -> Self {
        let is_counted = |banner: &&Performance| banner.impressions > 0 || banner.clicks > 0;
        let banners = ladder.iter().filter(is_counted).count();
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
        let chances = measures.iter().map(|measure| (*measure, measure.chance(first, others)));
        let Some((measure, smallest)) = chances.min_by(|one, other| one.1.total_cmp(&other.1))
        else {
            return undecided;
        };
        #[expect(clippy::cast_precision_loss, reason = "no campaign has 2^53 banners")]
        let chance = (smallest * (measures.len() * banners) as f64).min(1.0);
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

/// Returns true if a banner earns less per impression than the rest, so that it is first only because
/// it was shown more often.
fn earns_less(first: &Performance, rest: &Performance) -> bool {
    // Compares the fractions without dividing.
    let product = |one: &Performance, other: &Performance| {
        i128::from(one.revenue.micros()) * i128::from(other.impressions)
    };
    product(first, rest) < product(rest, first)
}
