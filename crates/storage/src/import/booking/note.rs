//! The entry of an import in the audit log.

use bams_domain::Quarter;
use sea_orm::DatabaseTransaction;
use serde_json::json;

use crate::change::Subject;
use crate::change::audit_entries::{self, AuditRecord};
use crate::error::StorageError;
use crate::import::job::ImportJob;
use crate::import::report::ImportReport;

/// Records in the audit log who imported what.
pub(super) async fn note(
    transaction: &DatabaseTransaction,
    import: i64,
    job: &ImportJob,
    report: &ImportReport,
) -> Result<(), StorageError> {
    let after = json!({
        "kind": report.kind.name(),
        "quarter": report.quarter.map(Quarter::number),
        "file_name": report.file_name,
        "sha256": report.sha256,
        "rows": report.rows,
        "accepted": report.accepted,
        "duplicates": report.duplicates,
        "rejected": report.rejected,
    });
    let (action, subject) = ("import", Subject::import(import));
    let record = AuditRecord { action, subject, before: None, after: Some(after) };
    audit_entries::write(transaction, &job.sender, job.now_unix_ms, None, vec![record]).await
}
