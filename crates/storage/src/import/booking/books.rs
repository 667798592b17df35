//! Where the rows of a file are written.

use std::collections::HashMap;

use bams_domain::{BannerId, CampaignId, Performance};

use super::clicks::{clicks_of, missing};
use super::events::Inserted;
use super::file_event::FileEvent;
use super::ledger::Ledger;
use super::portions::Portions;
use crate::error::StorageError;
use crate::import::examined::Examined;
use crate::import::job::ImportJob;
use crate::import::rejected::Rejection;
use crate::import::report::ImportReport;
use crate::import::retry::BookingError;
use crate::import::row_error::RowError;
use crate::import::rows::{Account, FileConversion, FileImage};

/// Where the rows of a file are written.
pub(super) enum Books<'a> {
    /// In one transaction, once it has begun.
    Whole { job: &'a ImportJob, file: &'a Examined, ledger: Option<Ledger> },
    /// In many, of which the last one makes all of them count.
    InPortions(Box<Portions<'a>>),
}

impl<'a> Books<'a> {
    pub(super) async fn begin(
        job: &'a ImportJob,
        file: &'a Examined,
    ) -> Result<Option<Self>, BookingError> {
        if !job.is_large(file) {
            return Ok(Some(Self::Whole { job, file, ledger: None }));
        }
        let portions = Portions::begin(job, file).await?;
        Ok(portions.map(|portions| Self::InPortions(Box::new(portions))))
    }

    /// Returns the number of the import, if it is known outside.
    pub(super) fn record(&self) -> Option<i64> {
        match self {
            Self::Whole { job, .. } => job.record,
            Self::InPortions(portions) => Some(portions.import),
        }
    }

    /// Returns the clicks that conversions name, as far as they exist and count.
    pub(super) async fn clicks_of(
        &self,
        rows: &[FileConversion],
    ) -> Result<HashMap<String, (CampaignId, BannerId)>, StorageError> {
        match self {
            Self::Whole { ledger: Some(ledger), .. } => clicks_of(&ledger.transaction, rows).await,
            Self::Whole { job, .. } => match &job.stage {
                Some(stage) => clicks_of(&**stage, rows).await,
                None => clicks_of(job.database.reading(), rows).await,
            },
            Self::InPortions(portions) => portions.clicks_of(rows).await,
        }
    }

    /// Returns the errors of conversions whose clicks are not there. Asks with the connection that the
    /// import holds, because imports that wait for one more while they hold one wait for each other.
    pub(super) async fn missing(
        &self,
        rows: &[FileConversion],
    ) -> Result<Vec<RowError>, StorageError> {
        if rows.is_empty() {
            return Ok(Vec::new());
        }
        match self {
            Self::Whole { ledger: Some(ledger), .. } => missing(&ledger.transaction, rows).await,
            Self::Whole { job, .. } => match &job.stage {
                Some(stage) => missing(&**stage, rows).await,
                None => missing(job.database.reading(), rows).await,
            },
            Self::InPortions(portions) => portions.missing(rows).await,
        }
    }

    /// Books clicks, or conversions of existing clicks.
    pub(super) async fn events<'r, R: FileEvent + Sync>(
        &mut self,
        rows: &'r [R],
    ) -> Result<Inserted<'r, R>, BookingError> {
        match self {
            Self::Whole { job, file, ledger } => open(job, file, ledger).await?.events(rows).await,
            Self::InPortions(portions) => portions.events(rows).await,
        }
    }

    /// Adds sorted sums to performance.
    pub(super) async fn add(
        &mut self,
        totals: Vec<(Account, Performance)>,
    ) -> Result<(), BookingError> {
        match self {
            Self::Whole { job, file, ledger } => {
                Ok(open(job, file, ledger).await?.add(totals).await?)
            }
            Self::InPortions(portions) => portions.add(totals).await,
        }
    }

    /// Books banners and their images, of which no file is large.
    pub(super) async fn images(&mut self, rows: Vec<FileImage>) -> Result<(), BookingError> {
        match self {
            Self::Whole { job, file, ledger } => {
                Ok(open(job, file, ledger).await?.images(rows, &job.sender).await?)
            }
            Self::InPortions(_) => Ok(()),
        }
    }

    /// Makes everything count.
    pub(super) async fn finish(
        self,
        report: impl FnOnce() -> ImportReport,
        rejected: &Rejection,
    ) -> Result<ImportReport, BookingError> {
        match self {
            Self::Whole { job, file, ledger } => {
                let ledger = match ledger {
                    Some(ledger) => ledger,
                    None => Ledger::open(job, file).await?,
                };
                ledger.close(job, report(), rejected).await
            }
            Self::InPortions(portions) => portions.finish(report(), rejected).await,
        }
    }

    /// Ends the transaction, if it is one for all.
    pub(super) async fn undo(&mut self) -> Result<(), BookingError> {
        match self {
            Self::Whole { ledger, .. } => match ledger.take() {
                Some(ledger) => Ok(ledger.undo().await?),
                None => Ok(()),
            },
            Self::InPortions(_) => Ok(()),
        }
    }
}

/// Returns the transaction for all rows, which begins at the first call.
async fn open<'b>(
    job: &ImportJob,
    file: &Examined,
    ledger: &'b mut Option<Ledger>,
) -> Result<&'b mut Ledger, BookingError> {
    let open = match ledger.take() {
        Some(open) => open,
        None => Ledger::open(job, file).await?,
    };
    Ok(ledger.insert(open))
}
