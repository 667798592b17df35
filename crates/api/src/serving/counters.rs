//! Decisions, counted while they are made: with additions that wait for nobody.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use bams_domain::{EmptyReason, Rule};

/// Every rule.
const RULES: [Rule; 4] =
    [Rule::TopTenByRevenue, Rule::AllByRevenue, Rule::RevenueThenClicks, Rule::ClicksThenRandom];

/// Every reason for showing nothing.
const REASONS: [EmptyReason; 4] = [
    EmptyReason::CampaignPaused,
    EmptyReason::NotStarted,
    EmptyReason::Ended,
    EmptyReason::NoEligibleBanner,
];

/// What became of decisions since this process started.
#[derive(Debug, Default)]
pub(crate) struct DecisionMetrics {
    by_rule: [AtomicU64; RULES.len()],
    empty: [AtomicU64; REASONS.len()],
}

impl DecisionMetrics {
    /// Counts what one spot was answered.
    pub(crate) fn decided(&self, rule: Rule, nothing: Option<EmptyReason>) {
        match nothing {
            None => self.by_rule[rule as usize].fetch_add(1, Relaxed),
            Some(reason) => self.empty[reason as usize].fetch_add(1, Relaxed),
        };
    }

    /// Decisions that showed something, by rule.
    pub(crate) fn by_rule(&self) -> impl Iterator<Item = (&'static str, u64)> {
        RULES.iter().map(|it| (it.name(), self.by_rule[*it as usize].load(Relaxed)))
    }

    /// Decisions that showed nothing, by reason.
    pub(crate) fn empty(&self) -> impl Iterator<Item = (&'static str, u64)> {
        REASONS.iter().map(|it| (it.name(), self.empty[*it as usize].load(Relaxed)))
    }
}
