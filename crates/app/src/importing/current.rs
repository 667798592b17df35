//! The current state of an import.

use bams_storage::{ImportPhase, ImportReport, ImportStanding, ImportState};

/// The current state of an import: its record and, until it ends, its progress.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CurrentImport {
    /// The record.
    pub report: ImportReport,
    /// The state. A job runs a moment before its record says so.
    pub state: ImportState,
    /// The phase, or `None` unless it runs.
    pub phase: Option<ImportPhase>,
    /// How many bytes of the file were read in this phase. All of them once it has ended.
    pub bytes: u64,
    /// How many rows were read.
    pub rows: u64,
}

impl CurrentImport {
    /// Joins the record of an import and the progress of its job, if it has one.
    pub fn of(report: ImportReport, standing: Option<ImportStanding>) -> Self {
        let ended = report.finished_at_ms.is_some();
        let standing = standing.filter(|_| !ended);
        let phase = standing.and_then(|it| it.phase);
        let state = if phase.is_some() { ImportState::Running } else { report.state };
        let bytes = standing.map_or(if ended { report.bytes } else { 0 }, |it| it.bytes_read);
        let rows = standing.map_or(report.rows, |it| it.rows);
        Self { report, state, phase, bytes, rows }
    }

    /// Returns true until it has ended.
    pub fn is_under_way(&self) -> bool {
        matches!(self.state, ImportState::Queued | ImportState::Running)
    }
}
