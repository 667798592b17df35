//! An import as it stands at this moment.

use bams_storage::{ImportPhase, ImportReport, ImportStanding, ImportState};

/// An import as it stands: what is recorded of it and, until it ends, how far it has come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CurrentImport {
    /// What is recorded of it.
    pub report: ImportReport,
    /// How far it is. A job says that it runs a moment before its record does.
    pub state: ImportState,
    /// What it does; `None` unless it runs.
    pub phase: Option<ImportPhase>,
    /// How many bytes of the file were read in this phase; all of them once it has ended.
    pub bytes: u64,
    /// How many rows were read.
    pub rows: u64,
}

impl CurrentImport {
    /// Joins what is recorded of an import and what its job says, if there is one.
    pub fn of(report: ImportReport, standing: Option<ImportStanding>) -> Self {
        let ended = report.finished_at_ms.is_some();
        let standing = standing.filter(|_| !ended);
        let phase = standing.and_then(|it| it.phase);
        let state = if phase.is_some() { ImportState::Running } else { report.state };
        let bytes = standing.map_or(if ended { report.bytes } else { 0 }, |it| it.bytes_read);
        let rows = standing.map_or(report.rows, |it| it.rows);
        Self { report, state, phase, bytes, rows }
    }
}
