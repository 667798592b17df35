//! Counters of decisions, which wait for nobody.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use bams_domain::{EmptyReason, Rule};

/// Counts of decisions since this process started.
#[derive(Debug, Default)]
pub struct DecisionCounters {
    by_rule: [AtomicU64; Rule::ALL.len()],
    empty: [AtomicU64; EmptyReason::ALL.len()],
}

impl DecisionCounters {
    /// Returns the number of decisions that showed something, by rule.
    pub fn by_rule(&self) -> impl Iterator<Item = (Rule, u64)> {
        Rule::ALL.into_iter().map(|rule| (rule, self.by_rule[rule as usize].load(Relaxed)))
    }

    /// Returns the number of decisions that showed nothing, by reason.
    pub fn empty(&self) -> impl Iterator<Item = (EmptyReason, u64)> {
        EmptyReason::ALL
            .into_iter()
            .map(|reason| (reason, self.empty[reason as usize].load(Relaxed)))
    }

    /// Counts the decision for one spot.
    pub(super) fn decided(&self, rule: Rule, nothing: Option<EmptyReason>) {
        match nothing {
            None => self.by_rule[rule as usize].fetch_add(1, Relaxed),
            Some(reason) => self.empty[reason as usize].fetch_add(1, Relaxed),
        };
    }
}
