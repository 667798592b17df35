//! Reports: performance summed up in any grouping.
//!
//! Reports read performance, which has a row for each banner, campaign and slot, for any number of
//! events. The database sums, sorts and pages.

mod query;
mod reasons;
mod row;
mod run;
mod sql;
mod statement;

pub use query::{Dimension, Period, Position, Rank, ReportQuery, SortKey};
pub use row::{FilteredCounts, Measured, ReportRow, Sums};
pub use run::{Report, ReportError, report, stream_report};
