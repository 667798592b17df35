//! How sure a ranking is, as JSON.

use bams_domain::{Evidence, EvidenceLabel, Measure};
use serde::Serialize;
use utoipa::ToSchema;

use crate::words::words;

/// Whether the first banner of a ranking is better than the others together, per impression, or
/// whether chance explains that it is first.
#[derive(Serialize, ToSchema)]
pub(crate) struct RankingEvidence {
    /// `clear`: it is better. `probable`: it may well be. `not_distinguishable`: chance explains
    /// the order, or there is too little to tell.
    #[schema(value_type = EvidenceName)]
    label: EvidenceLabel,
    /// In what it differs most from chance; null if there was nothing to compare.
    #[schema(value_type = Option<MeasureName>)]
    compared: Option<Measure>,
    /// How many banners were compared: those with an impression or a click.
    #[schema(example = 12)]
    banners: usize,
    /// The probability, at most, that the first of so many equal banners looks this good.
    #[schema(example = 0.0004, minimum = 0, maximum = 1)]
    chance: f64,
    /// Of rankings in which no banner is better than another, at most this share is `clear`.
    #[schema(example = 0.05)]
    false_discovery: f64,
    /// How it was found out.
    #[schema(example = "one-sided tests of the first banner against the others together, …")]
    method: &'static str,
}

words! {
    /// How sure a ranking is.
    EvidenceName: EvidenceLabel = EvidenceLabel::ALL.map(|it| (it.name(), it))
}

words! {
    /// What was compared.
    MeasureName: Measure = Measure::ALL.map(|it| (it.name(), it))
}

/// The short form of what `bams_domain::Evidence` documents.
const METHOD: &str = "one-sided tests of the first banner against the others together (Fisher's \
                      exact test of clicks and of conversions per impression; gamma ratio of \
                      revenue per impression), Bonferroni over banners and measures";

impl From<Evidence> for RankingEvidence {
    fn from(evidence: Evidence) -> Self {
        Self {
            label: evidence.label,
            compared: evidence.measure,
            banners: evidence.banners,
            chance: evidence.chance,
            false_discovery: Evidence::FALSE_DISCOVERY,
            method: METHOD,
        }
    }
}
