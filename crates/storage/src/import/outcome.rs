//! Recording the outcome of an import.

use std::sync::Arc;

use tokio::task::spawn_blocking;

use super::error::ImportError;
use super::examined::Examined;
use super::failure::ImportFailure;
use super::job::ImportJob;
use super::notice;
use super::record;
use super::rejected::{self, Rejection};
use super::report::{ImportReport, ImportState};
use super::retry::BookingError;
use super::row_error::Errors;
use super::tally::Tally;

impl ImportJob {
    /// Records that the file had been booked before.
    pub(super) async fn repeat(&self, first: ImportReport) -> Result<ImportReport, ImportError> {
        let Some(id) = self.record else { return Ok(first) };
        let report = ImportReport {
            id: Some(id),
            file_name: self.file_name.clone(),
            dry_run: self.options.dry_run,
            bytes: self.bytes,
            created_at_ms: self.now_unix_ms,
            finished_at_ms: Some(self.finished_at_ms()),
            ..first
        };
        Ok(record::conclude(&self.database, report, self.record, &Rejection::default()).await?)
    }

    /// Records that the file was refused, in the record of its import or a new one.
    pub(super) async fn refuse(
        &self,
        file: &Examined,
        tally: Tally,
        record: Option<i64>,
    ) -> Result<ImportReport, BookingError> {
        let rejected = self.rejection(file, &tally.errors, false).await?;
        let tally = Tally { accepted: 0, duplicates: 0, ..tally };
        let report = self.report(file, ImportState::Failed, tally);
        if record.is_none() && self.options.dry_run {
            return Ok(report);
        }
        Ok(record::conclude(&self.database, report, record, &rejected).await?)
    }

    /// Returns the rows that have errors, if they will be kept, and what the others say, if they count.
    /// Reads the file once more.
    pub(super) async fn rejection(
        &self,
        file: &Examined,
        errors: &Errors,
        counts: bool,
    ) -> Result<Rejection, ImportError> {
        let kept = self.record.is_some() || !self.options.dry_run;
        if errors.is_empty() || !kept {
            return Ok(Rejection::default());
        }
        let all_known = errors.kept().len() as u64 == errors.total();
        let others_of = (counts && all_known && !self.options.dry_run).then_some(file.kind);
        let (file, limit, errors) = (Arc::clone(&self.file), self.limit, errors.kept().to_vec());
        let progress = self.progress.unseen();
        let reading =
            spawn_blocking(move || rejected::read(&file, limit, &progress, &errors, others_of));
        let read = reading.await.map_err(|_| self.interrupted())?;
        read.map_err(|source| ImportError::of_reading(&self.file_name, limit, source))
    }

    /// Returns the report of the file.
    pub(super) fn report(
        &self,
        file: &Examined,
        state: ImportState,
        Tally { rows, accepted, duplicates, errors, notices: found }: Tally,
    ) -> ImportReport {
        let rejected = errors.total();
        let mut notices = file.notices.clone();
        notice::add(&mut notices, found);
        ImportReport {
            id: self.record,
            state,
            kind: file.kind,
            quarter: file.quarter,
            file_name: self.file_name.clone(),
            sha256: Some(file.sha256.clone()).filter(|hash| !hash.is_empty()),
            dry_run: self.options.dry_run,
            bytes: self.bytes,
            rows,
            accepted,
            duplicates,
            rejected,
            errors: errors.into_listed(),
            notices,
            mends: file.mends.as_ref().map(|it| it.import),
            failure: (state == ImportState::Failed).then(|| ImportFailure::of_rows(rejected)),
            duplicate_of: None,
            created_at_ms: self.now_unix_ms,
            finished_at_ms: Some(self.finished_at_ms()),
            reverted_at_ms: None,
            reverted_by: None,
        }
    }

    fn finished_at_ms(&self) -> i64 {
        let elapsed = i64::try_from(self.started.elapsed().as_millis()).unwrap_or(i64::MAX);
        self.now_unix_ms.saturating_add(elapsed)
    }
}
