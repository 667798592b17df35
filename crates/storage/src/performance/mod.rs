//! The performance of banners: summed up, condensed, reported, verified and repaired.

pub(crate) mod adjustment;
pub(crate) mod certain_time;
pub(crate) mod condense;
mod event_kind;
mod filter_reason;
pub(crate) mod filtered_events;
mod locked_rows;
pub(crate) mod merging;
pub(crate) mod quarter_totals;
mod repair;
mod report;
pub(crate) mod slot_totals;
pub(crate) mod staged_sums;
mod verify;

pub use certain_time::certain_time;
pub use condense::condense;
pub use event_kind::EventKind;
pub use filter_reason::FilterReason;
pub use filtered_events::{FilteredEvents, filtered_events};
pub use repair::{Repair, RepairError};
pub use report::{
    Dimension, FilteredCounts, Measured, Period, Position, Rank, Report, ReportError, ReportQuery,
    ReportRow, SortKey, Sums, report, stream_report,
};
pub use verify::{Difference, PerformanceCounts, Place, count_differences, verify};
