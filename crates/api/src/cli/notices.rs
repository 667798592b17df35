//! What the sender of a file should know besides.

use bams_storage::ImportReport;

use super::{Unprinted, print};

/// Prints what a sender should know besides.
pub(super) fn tell_notices(report: &ImportReport) -> Result<(), Unprinted> {
    for notice in &report.notices {
        let place = notice.line.map(|line| format!("line {line}, ")).unwrap_or_default();
        print(&format!("  {place}{}: {}", notice.code.name(), notice.message))?;
    }
    Ok(())
}
