//! All measurements of one moment.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Duration;

use bams_app::serving::{DecisionCounters, Serving};
use bams_app::tracking::Tracking;
use bams_storage::{EventKind, FilterReason, HistoryStanding, ImportState};

use super::durations::Durations;
use super::exposition::{Exposition, float};

/// The silence after which the database counts as unreachable.
pub(crate) const SILENT: Duration = Duration::from_secs(4);

/// The value before the first comparison has ended.
const UNKNOWN: u64 = u64::MAX;

/// The measurements of this process.
#[derive(Debug)]
pub(crate) struct Metrics {
    decisions: Arc<DecisionCounters>,
    pub(crate) durations: Durations,
    differences: AtomicU64,
}

impl Metrics {
    pub(crate) fn new(decisions: Arc<DecisionCounters>) -> Self {
        Self { decisions, durations: Durations::default(), differences: AtomicU64::new(UNKNOWN) }
    }

    /// Notes how many rows of performance differ from what was counted.
    pub(crate) fn reconciled(&self, differences: u64) {
        self.differences.store(differences, Relaxed);
    }

    /// Returns how many rows differed when last compared, or `None` before the first comparison.
    pub(crate) fn differences(&self) -> Option<u64> {
        let differences = self.differences.load(Relaxed);
        (differences != UNKNOWN).then_some(differences)
    }

    /// Returns all measurements as Prometheus reads them. `imports` are the numbers of imports by
    /// state, or `None` if they are unknown.
    pub(crate) fn text(
        &self,
        serving: &Serving,
        tracking: &Tracking,
        imports: &[(ImportState, u64)],
    ) -> Result<String, fmt::Error> {
        let mut all = Exposition::default();
        self.decided(&mut all);
        happened(&mut all, tracking);
        let imports = imports.iter().map(|(state, count)| (state.name(), float(*count)));
        all.gauges("imports", "Imports of this installation, by state", "state", imports);
        depends(&mut all, serving);
        if let Some(differences) = self.differences() {
            let help = "Rows of performance that are not what was counted, when last compared";
            all.gauge("reconcile_differences", help, float(differences));
        }
        let version = [(env!("CARGO_PKG_VERSION"), 1.0)];
        all.gauges("build_info", "The version that runs", "version", version);
        all.text()
    }

    fn decided(&self, all: &mut Exposition) {
        let decisions = &self.decisions;
        let help = "Decisions that showed banners, by rule";
        let by_rule = decisions.by_rule().map(|(rule, count)| (rule.name(), count));
        all.counters("decisions", help, "rule", by_rule);
        let help = "Decisions that showed nothing, by reason";
        let empty = decisions.empty().map(|(reason, count)| (reason.name(), count));
        all.counters("empty_decisions", help, "reason", empty);
        let durations = self.durations.by_route().map(|(route, it)| (Some(("route", route)), it));
        let help = "Time from the request's head to its answer, of requests for decisions";
        all.histograms("decision_duration_seconds", help, 1e6, durations);
    }
}

fn happened(all: &mut Exposition, tracking: &Tracking) {
    let counters = tracking.events.counters();
    let accepted = EventKind::ALL.map(|kind| (kind.name(), counters.accepted(kind)));
    all.counters("events_accepted", "Events stored and counted", "kind", accepted);
    let filtered = FilterReason::ALL.map(|reason| (reason.name(), counters.filtered(reason)));
    let help = "Events that do not count, duplicates among them";
    all.counters("events_filtered", help, "reason", filtered);
    let help = "Events not stored: the queue was full or the database was gone. A list of \
                conversions counts as one if not even its sender's key could be checked";
    let refused = counters.refused().saturating_add(tracking.counters.unread_conversions());
    all.counter("events_refused", help, refused);
    let help = "Tracking links that this installation did not sign";
    all.counter("links_forged", help, tracking.counters.forged());
    let help = "Clicks that led on before they were recorded";
    all.counter("clicks_unrecorded", help, tracking.counters.unrecorded_clicks());
    let help = "Events in one transaction";
    all.histograms("event_batch_size", help, 1.0, [(None, counters.batch_sizes())]);
    let help = "Time of a transaction that stores events, from begin to commit";
    all.histograms("event_commit_seconds", help, 1e6, [(None, counters.commit_micros())]);
}

fn depends(all: &mut Exposition, serving: &Serving) {
    let up = |is_up: bool| f64::from(u8::from(is_up));
    let age = serving.snapshots.age();
    let help = "How long ago the snapshot was last known to show what the database holds";
    all.gauge("snapshot_age_seconds", help, age.as_secs_f64());
    let campaigns = serving.snapshots.current().campaigns().count();
    all.gauge("snapshot_campaigns", "Campaigns in the snapshot", float(campaigns as u64));
    let standing = serving.history.standing();
    let redis = (standing != HistoryStanding::InProcess)
        .then(|| ("redis", up(standing == HistoryStanding::Redis)));
    let database = [("database", up(serving.snapshots.silence() < SILENT))];
    let help = "Whether a dependency answers; Redis only where it is used";
    all.gauges("dependency_up", help, "dependency", database.into_iter().chain(redis));
    let help =
        "Whether decisions do not even ask Redis for some visitors, because it failed lately";
    all.gauge("breaker_open", help, up(serving.history.breaker_open()));
    let help = "Memory of this process for histories, about";
    all.gauge("history_bytes", help, float(serving.history.memory_in_use() as u64));
    let visitors = serving.visitors.len() as u64;
    all.gauge("visitors_with_preferences", "Visitors with preferences", float(visitors));
}
