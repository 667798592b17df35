//! Decisions, counted while they are made: with additions that wait for nobody.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Duration;

use bams_domain::{EmptyReason, Rule};
use bams_storage::Distribution;

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

/// The routes that answer decisions: how their paths begin, and what they are called.
const ROUTES: [(&str, &str); 4] = [
    ("/api/v1/serve/", "/api/v1/serve/{campaign_id}"),
    ("/api/v1/decisions", "/api/v1/decisions"),
    ("/campaigns/", "/campaigns/{campaign_id}/"),
    ("/embed/", "/embed/{campaign_id}"),
];

/// Up to how many microseconds an answer takes.
const MICROS: &[u64] =
    &[50, 100, 250, 500, 1000, 2500, 5000, 10_000, 25_000, 50_000, 100_000, 250_000, 1_000_000];

/// What became of decisions since this process started.
#[derive(Debug)]
pub(crate) struct DecisionMetrics {
    by_rule: [AtomicU64; RULES.len()],
    empty: [AtomicU64; REASONS.len()],
    durations: [Distribution; ROUTES.len()],
}

impl Default for DecisionMetrics {
    fn default() -> Self {
        Self {
            by_rule: Default::default(),
            empty: Default::default(),
            durations: ROUTES.map(|_| Distribution::new(MICROS)),
        }
    }
}

impl DecisionMetrics {
    /// Counts what one spot was answered.
    pub(crate) fn decided(&self, rule: Rule, nothing: Option<EmptyReason>) {
        match nothing {
            None => self.by_rule[rule as usize].fetch_add(1, Relaxed),
            Some(reason) => self.empty[reason as usize].fetch_add(1, Relaxed),
        };
    }

    /// Notes how long a request took, if it asked for decisions.
    pub(crate) fn answered(&self, path: &str, time: Duration) {
        if let Some(route) = ROUTES.iter().position(|it| path.starts_with(it.0)) {
            self.durations[route].note(u64::try_from(time.as_micros()).unwrap_or(u64::MAX));
        }
    }

    /// Decisions that showed something, by rule.
    pub(super) fn by_rule(&self) -> impl Iterator<Item = (&'static str, u64)> {
        RULES.iter().map(|it| (it.name(), self.by_rule[*it as usize].load(Relaxed)))
    }

    /// Decisions that showed nothing, by reason.
    pub(super) fn empty(&self) -> impl Iterator<Item = (&'static str, u64)> {
        REASONS.iter().map(|it| (it.name(), self.empty[*it as usize].load(Relaxed)))
    }

    /// How long requests took, in microseconds, by route.
    pub(super) fn durations(&self) -> impl Iterator<Item = (&'static str, &Distribution)> {
        ROUTES.iter().map(|it| it.1).zip(&self.durations)
    }
}
