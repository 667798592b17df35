//! The rule in force as a scale of X, and how sure the order is.

use bams_app::reporting::JudgedRanking;
use bams_domain::{EvidenceLabel, Measure, Performance, Rule};

use crate::dashboard::numbers::{NONE, money_or_none, percent, rate};
use crate::dashboard::rules::words;

/// Why a page shows what it shows.
pub(super) struct Why {
    pub(super) rule: &'static str,
    pub(super) rule_name: &'static str,
    pub(super) x: usize,
    pub(super) steps: Vec<ScaleStep>,
    pub(super) next: String,
    pub(super) evidence: &'static str,
    pub(super) chance: String,
    pub(super) labels: Vec<Label>,
    pub(super) compared: String,
}

/// A rule on the scale.
pub(super) struct ScaleStep {
    pub(super) x: &'static str,
    pub(super) text: &'static str,
    pub(super) is_on: bool,
}

/// A word for how sure the order is.
pub(super) struct Label {
    pub(super) word: &'static str,
    pub(super) class: &'static str,
}

const SCALE: [(Rule, &str, &str); 4] = [
    (Rule::ClicksThenRandom, "X = 0", "clicks, then random: 5 banners"),
    (Rule::RevenueThenClicks, "1 – 4", "revenue, then clicks: 5 banners"),
    (Rule::AllByRevenue, "5 – 9", "all by revenue: X banners"),
    (Rule::TopTenByRevenue, "10 or more", "top ten by revenue: 10 banners"),
];

/// The words, the weakest first.
const LABELS: [(EvidenceLabel, &str); 3] = [
    (EvidenceLabel::NotDistinguishable, "not distinguishable"),
    (EvidenceLabel::Probable, "probable"),
    (EvidenceLabel::Clear, "clear"),
];

pub(super) fn of(judged: &JudgedRanking) -> Why {
    let (rule, x) = (judged.ranking.rule, judged.ranking.converting_banners);
    let evidence = &judged.evidence;
    let place = LABELS.iter().position(|it| it.0 == evidence.label).unwrap_or(0);
    let class = |index: usize| match index.cmp(&place) {
        std::cmp::Ordering::Less => "past",
        std::cmp::Ordering::Equal => "on",
        std::cmp::Ordering::Greater => "",
    };
    Why {
        rule: words(rule),
        rule_name: rule.name(),
        x,
        steps: SCALE.map(|(it, x, text)| ScaleStep { x, text, is_on: it == rule }).into(),
        next: next(rule, x),
        evidence: LABELS[place].1,
        chance: chance(judged),
        labels: LABELS
            .iter()
            .enumerate()
            .map(|(index, it)| Label { word: it.1, class: class(index) })
            .collect(),
        compared: compared(judged),
    }
}

/// Says what was compared with what: the first banner with all others together, not with each of them.
fn compared(judged: &JudgedRanking) -> String {
    let mut all = judged.ranking.banners.iter().map(|it| &it.performance);
    let (Some(measure), Some(first)) = (judged.evidence.measure, all.next()) else {
        return "There is nothing to compare yet.".to_owned();
    };
    let mut others = Performance::default();
    for other in all {
        others += *other;
    }
    let what = match measure {
        Measure::ClicksPerImpression => "clicks per impression",
        Measure::ConversionsPerImpression => "conversions per impression",
        Measure::RevenuePerImpression => "revenue per 1,000 impressions",
    };
    let [first, others] = [first, &others].map(|it| told(measure, it));
    format!(
        "Compared: {what}, {first} of rank 1 with {others} of all others together. One of them alone may have more."
    )
}

fn told(measure: Measure, it: &Performance) -> String {
    match measure {
        Measure::ClicksPerImpression => rate(it.click_through_rate()),
        Measure::RevenuePerImpression => money_or_none(it.revenue_per_mille()),
        Measure::ConversionsPerImpression if it.impressions == 0 => NONE.to_owned(),
        #[expect(clippy::cast_precision_loss, reason = "three decimals are told")]
        Measure::ConversionsPerImpression => {
            percent(it.conversions as f64 / it.impressions as f64, 3)
        }
    }
}

fn next(rule: Rule, x: usize) -> String {
    let banners = |number: usize| match number {
        1 => "One converting banner".to_owned(),
        many => format!("{many} converting banners"),
    };
    let (number, direction, other) = match rule {
        Rule::TopTenByRevenue => (x.saturating_sub(9), "fewer", Rule::AllByRevenue),
        Rule::AllByRevenue => (10_usize.saturating_sub(x), "more", Rule::TopTenByRevenue),
        Rule::RevenueThenClicks => (5_usize.saturating_sub(x), "more", Rule::AllByRevenue),
        Rule::ClicksThenRandom => (1, "more", Rule::RevenueThenClicks),
    };
    format!("{} {direction} and the rule becomes {}.", banners(number), words(other))
}

fn chance(judged: &JudgedRanking) -> String {
    let evidence = &judged.evidence;
    match (evidence.measure, evidence.label) {
        (None, _) => "Too few banners have counts to tell which one is better.".to_owned(),
        (_, EvidenceLabel::NotDistinguishable) => {
            "Chance explains the order. Do not stop a banner for it.".to_owned()
        }
        (_, label) => {
            let chance = percent(evidence.chance.max(0.001), 1);
            let banners = evidence.banners;
            let begin = if label == EvidenceLabel::Probable {
                "The first may well be better. "
            } else {
                ""
            };
            format!(
                "{begin}Chance alone makes the first of {banners} equal banners look this good in at most {chance} of rankings."
            )
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_scale_says_how_far_the_next_rule_is() {
        for (x, expected) in [
            (12, "3 converting banners fewer and the rule becomes all by revenue."),
            (10, "One converting banner fewer and the rule becomes all by revenue."),
            (9, "One converting banner more and the rule becomes top ten by revenue."),
            (1, "4 converting banners more and the rule becomes all by revenue."),
            (0, "One converting banner more and the rule becomes revenue, then clicks."),
        ] {
            assert_eq!(next(Rule::of(x), x), expected);
        }
    }
}
