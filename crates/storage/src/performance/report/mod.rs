//! What was achieved, summed up in any grouping.
//!
//! Reports read performance, which has a row for each banner, campaign and slot, whatever the
//! number of events. Sums, order and paging happen in SQL.

mod query;
mod reasons;
mod row;
mod run;
mod sql;
mod statement;

pub use query::{Dimension, Period, Position, Rank, ReportQuery, SortKey};
pub use row::{FilteredCounts, Measured, ReportRow, Sums};
pub use run::{Report, ReportError, report, stream_report};
