//! Reports: performance summed up in any grouping.
//!
//! Reports read roll-ups, and performance for what those do not have yet or do not tell apart. The
//! database sums, sorts and pages.

mod by_banner;
mod columns;
mod local_time;
mod part_rows;
mod plan;
mod query;
mod reasons;
mod row;
mod run;
mod statement;
mod stretches;

pub(crate) use by_banner::by_banner;
pub use local_time::LocalTime;
pub use query::{Dimension, Period, Position, Rank, ReportQuery, SortKey};
pub use row::{FilteredCounts, Measured, ReportRow, Sums};
pub use run::{Report, ReportError, Streamed, report, stream_report};
