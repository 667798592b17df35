//! The transaction in which a file is booked.

use std::collections::HashSet;

use bams_domain::{BannerId, CampaignId, Quarter};
use sea_orm::ActiveValue::Set;
use sea_orm::{
    ActiveModelTrait, ConnectionTrait, DatabaseTransaction, DbErr, TransactionTrait, Value,
};
use serde_json::json;

use crate::change::Subject;
use crate::change::audit_entries::{self, AuditRecord};
use crate::change::revision;
use crate::database::insert::{Existing, Insert, ROWS, values_of};
use crate::entity::import;
use crate::error::{Attempt, StorageError};
use crate::import::examined::Examined;
use crate::import::job::ImportJob;
use crate::import::kind::ImportKind;
use crate::import::options::DefaultKey;
use crate::import::record;
use crate::import::rejected::{self, RejectedRow};
use crate::import::report::{ImportReport, ImportState};
use crate::import::retry::BookingError;
use crate::import::tally::Tally;

pub(super) struct Ledger {
    pub(super) transaction: DatabaseTransaction,
    pub(super) import: i64,
    pub(super) kind: ImportKind,
    pub(super) now_unix_ms: i64,
    pub(super) default_key: DefaultKey,
    pub(super) touched: HashSet<CampaignId>,
    /// Some of the pairs of campaign and banner that are attached.
    pub(super) attached: HashSet<(CampaignId, BannerId)>,
}

impl Ledger {
    /// Begins, and takes the identity of the file: another import of the same bytes waits here
    /// and then finds itself in the way.
    pub(super) async fn open(job: &ImportJob, file: &Examined) -> Result<Self, BookingError> {
        let transaction = match &job.stage {
            Some(stage) => stage.begin().await.attempt("begin a rehearsal")?,
            None => job.database.begin_writing().await?,
        };
        let row = import::ActiveModel {
            identity: Set(Some(file.identity())),
            finished_at: Set(None),
            ..job.report(file, ImportState::Running, Tally::default()).row()
        };
        // A dry run has its record already, and leaves the identity to others.
        let record = job.record.filter(|_| !job.options.dry_run);
        Ok(Self {
            import: record::write(&transaction, row, record).await?,
            transaction,
            kind: file.kind,
            now_unix_ms: job.now_unix_ms,
            default_key: job.default_key.clone(),
            touched: HashSet::new(),
            attached: HashSet::new(),
        })
    }

    /// Completes the record of the import and commits, except in a dry run.
    pub(super) async fn close(
        self,
        job: &ImportJob,
        report: ImportReport,
        rejected: &[RejectedRow],
    ) -> Result<ImportReport, BookingError> {
        if job.options.dry_run {
            if job.stage.is_some() {
                // Visible until the rehearsal ends.
                self.transaction.commit().await.attempt("rehearse an import")?;
            } else {
                self.undo().await?;
            }
            return match job.record {
                Some(id) => Ok(record::conclude(&job.database, report, Some(id), rejected).await?),
                None => Ok(report),
            };
        }
        self.note(job, &report).await?;
        let row = import::ActiveModel { id: Set(self.import), ..report.row() };
        record::update(&self.transaction, row).await?;
        rejected::keep(&self.transaction, self.import, rejected).await?;
        revision::touch(&self.transaction, self.touched).await?;
        self.transaction.commit().await.attempt("commit an import")?;
        Ok(ImportReport { id: Some(self.import), ..report })
    }

    /// Records in the audit log who imported what.
    async fn note(&self, job: &ImportJob, report: &ImportReport) -> Result<(), StorageError> {
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
        let (action, subject) = ("import", Subject::import(self.import));
        let record = AuditRecord { action, subject, before: None, after: Some(after) };
        let now = self.now_unix_ms;
        audit_entries::write(&self.transaction, &job.sender, now, None, vec![record]).await
    }

    pub(super) async fn undo(self) -> Result<(), StorageError> {
        self.transaction.rollback().await.attempt("undo an import")
    }

    /// Inserts rows of an entity, except those whose keys exist.
    pub(super) async fn insert_missing<A: ActiveModelTrait>(
        &self,
        rows: impl IntoIterator<Item = A>,
    ) -> Result<(), DbErr> {
        let values = rows.into_iter().flat_map(|row| values_of(&row)).collect();
        self.insert(&Insert::of::<A::Entity>(Existing::Kept), None, values).await
    }

    /// Inserts rows of values, a few hundred in a statement.
    pub(super) async fn insert(
        &self,
        insert: &Insert,
        same: Option<i64>,
        values: Vec<Value>,
    ) -> Result<(), DbErr> {
        let mut values = values.into_iter().peekable();
        while values.peek().is_some() {
            let chunk = values.by_ref().take(ROWS * insert.columns.len()).collect();
            let dialect = self.transaction.get_database_backend();
            self.transaction.execute_raw(insert.statement(dialect, same, chunk)).await?;
        }
        Ok(())
    }
}
