//! Booking the rows of a file in one transaction.

mod attach;
mod clicks;
mod events;
mod images;
mod ledger;
mod totals;

use ledger::Ledger;
use totals::Totals;

use super::examined::Examined;
use super::job::ImportJob;
use super::reader::RowBatch;
use super::rejected::RejectedRow;
use super::report::{ImportReport, ImportState};
use super::retry::BookingError;
use super::row_error::{Errors, RowError};
use super::rows::{Account, FileClick, FileConversion, FileImage, Rows};
use super::tally::Tally;

/// The booking of one file.
///
/// The transaction begins at the first write, because SQLite has one writer and others wait for it.
/// It ends as soon as the file is known to be refused.
pub(super) struct FileBooking<'a> {
    job: &'a ImportJob,
    file: &'a Examined,
    ledger: Option<Ledger>,
    totals: Totals,
    tally: Tally,
}

impl<'a> FileBooking<'a> {
    pub(super) fn new(job: &'a ImportJob, file: &'a Examined) -> Self {
        let (totals, tally) = (Totals::default(), Tally::default());
        Self { job, file, ledger: None, totals, tally }
    }

    pub(super) fn is_refused(&self) -> bool {
        self.job.refuses() && !self.tally.errors.is_empty()
    }

    /// Books a batch. Once the file is refused its rows are only checked.
    pub(super) async fn take(
        &mut self,
        RowBatch { rows, errors, read }: RowBatch,
    ) -> Result<(), BookingError> {
        self.tally.rows += read;
        match rows {
            Rows::Conversions(rows) => self.conversions(rows, errors).await?,
            Rows::Clicks(rows) => {
                if self.goes_on(errors).await? {
                    self.clicks(rows).await?;
                }
            }
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

    pub(super) fn errors(&self) -> &Errors {
        &self.tally.errors
    }

    /// Keeps what was booked, or only seems to in a dry run.
    pub(super) async fn finish(
        mut self,
        rejected: &[RejectedRow],
    ) -> Result<ImportReport, BookingError> {
        self.flush().await?;
        self.open().await?;
        let report = self.job.report(self.file, ImportState::Completed, self.tally);
        match self.ledger {
            Some(ledger) => ledger.close(self.job, report, rejected).await,
            None => Ok(report),
        }
    }

    /// Undoes what was booked.
    pub(super) async fn abandon(mut self) -> Result<Tally, BookingError> {
        self.undo().await?;
        Ok(self.tally)
    }

    async fn undo(&mut self) -> Result<(), BookingError> {
        self.totals = Totals::default();
        match self.ledger.take() {
            Some(ledger) => Ok(ledger.undo().await?),
            None => Ok(()),
        }
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

    async fn open(&mut self) -> Result<&mut Ledger, BookingError> {
        let ledger = match self.ledger.take() {
            Some(open) => open,
            None => Ledger::open(self.job, self.file).await?,
        };
        Ok(self.ledger.insert(ledger))
    }

    async fn flush(&mut self) -> Result<(), BookingError> {
        if self.totals.is_empty() {
            return Ok(());
        }
        let totals = self.totals.take();
        Ok(self.open().await?.add(totals).await?)
    }

    fn impressions(&mut self, rows: &[Account]) {
        self.tally.accepted += rows.len() as u64;
        for account in rows {
            self.totals.impression(*account);
        }
    }

    async fn clicks(&mut self, rows: Vec<FileClick>) -> Result<(), BookingError> {
        let count = rows.len();
        let booked = self.open().await?.clicks(rows).await?;
        self.count_events(booked.len(), count);
        for click in booked {
            self.totals.click(click.account);
        }
        Ok(())
    }

    async fn conversions(
        &mut self,
        rows: Vec<FileConversion>,
        errors: Errors,
    ) -> Result<(), BookingError> {
        let clicks = match (&self.ledger, &self.job.stage) {
            (Some(ledger), _) => clicks::clicks_of(&ledger.transaction, &rows).await?,
            (None, Some(stage)) => clicks::clicks_of(&**stage, &rows).await?,
            (None, None) => clicks::clicks_of(self.job.database.reading(), &rows).await?,
        };
        let (known, unknown): (Vec<_>, Vec<_>) =
            rows.into_iter().partition(|row| clicks.contains_key(&row.click));
        let unknown = unknown.iter().map(clicks::unknown_click);
        if !self.goes_on(errors.merge(unknown.collect())).await? {
            return Ok(());
        }
        let count = known.len();
        let booked = self.open().await?.conversions(known).await?;
        self.count_events(booked.len(), count);
        for conversion in booked {
            if let Some((campaign, banner)) = clicks.get(&conversion.click).copied() {
                let account = Account { campaign, banner, slot: conversion.slot };
                self.totals.conversion(account, conversion.revenue);
            }
        }
        Ok(())
    }

    async fn images(&mut self, rows: Vec<FileImage>) -> Result<(), BookingError> {
        self.tally.accepted += rows.len() as u64;
        Ok(self.open().await?.images(rows).await?)
    }

    fn count_events(&mut self, booked: usize, of: usize) {
        self.tally.accepted += booked as u64;
        self.tally.duplicates += (of - booked) as u64;
    }
}
