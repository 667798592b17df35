//! The words that ask for a report.

use bams_storage::{Dimension, SortKey};

use crate::words::{orders, words};

words! {
    /// What rows are grouped by.
    DimensionName: Dimension = Dimension::ALL.map(|it| (it.name(), it))
}

words! {
    /// What rows are sorted by.
    ReportSortName: (SortKey, bool) = orders(SortKey::ALL.map(|it| (it.name(), it)))
}

words! {
    /// What a period is compared with.
    ComparedName: bool = [("previous", true)]
}

words! {
    /// How money is written.
    MoneyName: bool = [("micros", false), ("decimal", true)]
}

/// How a report is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ReportFormat {
    Json,
    Csv,
}

words! {
    /// How a report is written.
    FormatName: ReportFormat = [("json", ReportFormat::Json), ("csv", ReportFormat::Csv)]
}
