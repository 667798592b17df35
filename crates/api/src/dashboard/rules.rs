//! The rules in words.

use bams_domain::Rule;

/// Returns the words of a rule.
pub(crate) const fn words(rule: Rule) -> &'static str {
    match rule {
        Rule::TopTenByRevenue => "top ten by revenue",
        Rule::AllByRevenue => "all by revenue",
        Rule::RevenueThenClicks => "revenue, then clicks",
        Rule::ClicksThenRandom => "clicks, then random",
    }
}
