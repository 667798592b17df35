//! The performance of banners: summed up, condensed, reported, verified and repaired.

pub(crate) mod adding;
pub(crate) mod adjustment;
pub(crate) mod certain_time;
pub(crate) mod changed_totals;
mod condense;
pub(crate) mod condensed;
mod difference;
mod event_kind;
mod filter_reason;
pub(crate) mod filtered_events;
mod locked_rows;
mod mended_rows;
pub(crate) mod merging;
pub(crate) mod quarter_totals;
pub(crate) mod raw_rows;
mod repair;
mod report;
mod roll_up;
pub(crate) mod roll_ups;
pub(crate) mod slot_totals;
pub(crate) mod staged_sums;
mod verify;
pub(crate) mod withdrawal;

pub use certain_time::certain_time;
pub use condense::condense;
pub use difference::{Difference, PerformanceCounts, Place};
pub use event_kind::EventKind;
pub use filter_reason::FilterReason;
pub use filtered_events::{FilteredEvents, filtered_events};
pub use raw_rows::{certain_day, raw_rows_from};
pub use repair::{Repair, RepairError};
pub(crate) use report::by_banner;
pub use report::{
    Dimension, FilteredCounts, LocalTime, Measured, Period, Position, Rank, Report, ReportError,
    ReportQuery, ReportRow, SortKey, Streamed, Sums, report, stream_report,
};
pub use roll_up::RollUp;
pub use roll_ups::roll_up;
pub use verify::{count_differences, verify};
