//! Booking the rows of a file: in one transaction, or a large one in portions that count together.

mod attach;
mod books;
mod clicks;
mod events;
mod file_event;
mod images;
mod joined;
mod ledger;
mod note;
mod portions;
mod rows;
mod totals;

use books::Books;
use events::Inserted;
use file_event::KnownConversion;
use totals::Totals;

use super::examined::Examined;
use super::job::ImportJob;
use super::notice::ImportNotice;
use super::reader::RowBatch;
use super::rejected::Rejection;
use super::report::{ImportReport, ImportState};
use super::retry::BookingError;
use super::row_error::{Errors, RowError};
use super::rows::{Account, FileClick, FileConversion, FileImage, FileImpressions, Rows};
use super::tally::Tally;

/// The booking of one file.
///
/// A transaction for all of it begins at the first write, because SQLite has one writer and others
/// wait for it. It ends as soon as the file is known to be refused.
pub(super) struct FileBooking<'a> {
    job: &'a ImportJob,
    file: &'a Examined,
    books: Books<'a>,
    totals: Totals,
    tally: Tally,
}

impl<'a> FileBooking<'a> {
    /// Begins to book a file. A large one waits for its turn. Returns `None` if its bytes were booked
    /// meanwhile.
    pub(super) async fn begin(
        job: &'a ImportJob,
        file: &'a Examined,
    ) -> Result<Option<Self>, BookingError> {
        let Some(books) = Books::begin(job, file).await? else { return Ok(None) };
        let (totals, tally) = (Totals::default(), Tally::default());
        Ok(Some(Self { job, file, books, totals, tally }))
    }

    pub(super) fn is_refused(&self) -> bool {
        self.job.refuses() && !self.tally.errors.is_empty()
    }

    /// Books a batch. Once the file is refused its rows are only checked.
    pub(super) async fn take(
        &mut self,
        RowBatch { rows, errors, read, known }: RowBatch,
    ) -> Result<(), BookingError> {
        self.tally.rows += read;
        self.tally.duplicates += known;
        match rows {
            Rows::Conversions(rows) => self.conversions(rows, errors).await?,
            Rows::Clicks(rows) => self.clicks(&rows, errors).await?,
            Rows::Impressions(rows) => {
                if self.goes_on(errors).await? {
                    self.impressions(&rows);
                }
            }
            Rows::Images(rows) => {
                if self.goes_on(errors).await? {
                    self.images(rows).await?;
                }
            }
        }
        if self.totals.is_full() { self.flush().await } else { Ok(()) }
    }

    /// Counts a row that could not be read.
    pub(super) fn reject(&mut self, error: RowError) {
        self.tally.rows += 1;
        self.tally.errors.push(error);
    }

    /// Adds a notice, if there is one.
    pub(super) fn notice(&mut self, notice: Option<ImportNotice>) {
        self.tally.notices.extend(notice);
    }

    pub(super) fn errors(&self) -> &Errors {
        &self.tally.errors
    }

    /// Keeps what was booked, or only seems to in a dry run.
    pub(super) async fn finish(
        mut self,
        rejected: &Rejection,
    ) -> Result<ImportReport, BookingError> {
        self.flush().await?;
        let (job, file, tally) = (self.job, self.file, self.tally);
        self.books.finish(|| job.report(file, ImportState::Completed, tally), rejected).await
    }

    /// Undoes what was booked, and returns the counts and the record of the import, if it has one. What
    /// was stored in portions is left to the caller.
    pub(super) async fn abandon(mut self) -> Result<(Tally, Option<i64>), BookingError> {
        self.undo().await?;
        Ok((self.tally, self.books.record()))
    }

    async fn undo(&mut self) -> Result<(), BookingError> {
        self.totals = Totals::default();
        self.books.undo().await
    }

    /// Returns true if the file is refused, or will be for these errors.
    fn refuses(&self, errors: &Errors) -> bool {
        self.is_refused() || (self.job.refuses() && !errors.is_empty())
    }

    /// Adds errors and returns true if there is more to book. If they refuse the file there is not,
    /// and the transaction ends.
    async fn goes_on(&mut self, errors: Errors) -> Result<bool, BookingError> {
        self.tally.errors.extend(errors);
        if self.is_refused() {
            self.undo().await?;
        }
        Ok(!self.is_refused())
    }

    async fn flush(&mut self) -> Result<(), BookingError> {
        if self.totals.is_empty() {
            return Ok(());
        }
        let totals = self.totals.take();
        self.books.add(totals).await
    }

    fn impressions(&mut self, rows: &[FileImpressions]) {
        self.tally.accepted += rows.len() as u64;
        for row in rows {
            self.totals.impressions(row.account, row.count);
        }
    }

    async fn clicks(&mut self, rows: &[FileClick], errors: Errors) -> Result<(), BookingError> {
        if self.refuses(&errors) {
            return self.goes_on(errors).await.map(drop);
        }
        let Inserted { new, conflicts } = self.books.events(rows).await?;
        for click in &new {
            self.totals.click(click.account);
        }
        self.count_events(new.len(), rows.len() - conflicts.len());
        self.goes_on(errors.merge(conflicts.into_iter().collect())).await.map(drop)
    }

    async fn conversions(
        &mut self,
        rows: Vec<FileConversion>,
        errors: Errors,
    ) -> Result<(), BookingError> {
        let clicks = self.books.clicks_of(&rows).await?;
        let (known, unknown): (Vec<_>, Vec<_>) =
            rows.into_iter().partition(|row| clicks.contains_key(&row.click));
        let missing = self.books.missing(&unknown).await?;
        let errors = errors.merge(missing.into_iter().collect());
        if self.refuses(&errors) {
            return self.goes_on(errors).await.map(drop);
        }
        let known_conversion = |conversion: FileConversion| {
            let (campaign, banner) = clicks.get(&conversion.click).copied()?;
            let account = Account { campaign, banner, slot: conversion.slot };
            Some(KnownConversion { conversion, account })
        };
        let known: Vec<_> = known.into_iter().filter_map(known_conversion).collect();
        let Inserted { new, conflicts } = self.books.events(&known).await?;
        for KnownConversion { conversion, account } in &new {
            self.totals.conversion(*account, conversion.revenue);
        }
        self.count_events(new.len(), known.len() - conflicts.len());
        self.goes_on(errors.merge(conflicts.into_iter().collect())).await.map(drop)
    }

    async fn images(&mut self, rows: Vec<FileImage>) -> Result<(), BookingError> {
        self.tally.accepted += rows.len() as u64;
        self.books.images(rows).await
    }

    fn count_events(&mut self, booked: usize, of: usize) {
        self.tally.accepted += booked as u64;
        self.tally.duplicates += (of - booked) as u64;
    }
}
