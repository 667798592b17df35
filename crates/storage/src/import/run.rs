//! Running one import from its first byte to its report.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use bams_domain::Slot;
use sea_orm::DbBackend;
use tokio::sync::{Mutex, mpsc};
use tokio::task::spawn_blocking;
use tokio::time::sleep;

use super::booking::FileBooking;
use super::content::Content;
use super::error::ImportError;
use super::examine::examine;
use super::examined::Examined;
use super::failure::ImportFailure;
use super::job::ImportJob;
use super::progress::{ImportPhase, Reading};
use super::reader::{BATCH, End, RowBatch, RowReading, read_rows};
use super::record;
use super::report::ImportReport;
use super::retry::BookingError;
use super::row_error::ErrorCode;
use super::rows::FileTime;
use super::silence::EVERY;
use super::staging::{Leftovers, remove_of};
use super::tally::Tally;
use crate::error::StorageError;
use crate::performance::raw_rows::kept_from;
use crate::trouble::Trouble;

/// How often a booking is repeated while another writer is in the way.
const ATTEMPTS: u32 = 10;

/// The most batches that wait between reading and writing.
const WAITING: usize = 4;

impl ImportJob {
    /// Runs the import to its end. What it has stored and does not count is removed before.
    pub(super) async fn run(&self, turn: &Mutex<()>) -> Result<ImportReport, ImportError> {
        let ended = self.run_to_its_end(turn).await;
        if let Err(error) = &ended {
            self.leave(&ImportFailure::of(error)).await;
        }
        ended
    }

    async fn run_to_its_end(&self, turn: &Mutex<()>) -> Result<ImportReport, ImportError> {
        let _reading = Reading::of(&self.progress);
        let mut examined = self.examine().await?;
        let _turn = match self.database.dialect() {
            DbBackend::Sqlite => Some(turn.lock().await),
            _ => None,
        };
        let mut attempt = 1;
        loop {
            if let Some(first) = self.booked_before(&examined).await? {
                return self.repeat(first).await;
            }
            self.find_mended(&mut examined).await?;
            match self.book(&examined).await {
                Ok(report) => return Ok(report),
                Err(BookingError::Import(error)) => return Err(error),
                Err(BookingError::BookedMeanwhile) => {
                    self.leave(&ImportFailure::interrupted()).await;
                }
                Err(BookingError::Staged) => self.wait_for_others().await,
                Err(BookingError::InTheWay(error)) if attempt == ATTEMPTS => {
                    return Err(error.into());
                }
                Err(BookingError::InTheWay(error)) => {
                    tracing::debug!(%error, attempt, "an import begins again");
                    sleep(self.pause(&error, attempt, &examined)).await;
                    attempt += 1;
                }
            }
        }
    }

    /// Returns how long a booking waits before it is repeated. A server that takes no writes is left.
    fn pause(&self, error: &StorageError, attempt: u32, file: &Examined) -> Duration {
        if error.trouble() == Trouble::WrongServer {
            self.database.leave();
            return EVERY;
        }
        // Different files get different pauses, so that they do not collide again.
        let jitter = u64::from(file.sha256.as_bytes()[0]);
        (Duration::from_millis(50 + jitter) * attempt).min(EVERY)
    }

    /// Waits until no import has rows that do not count yet.
    async fn wait_for_others(&self) {
        let mut leftovers = Leftovers::of(&self.database, self.owner);
        while leftovers.look().await.unwrap_or(true) {
            sleep(EVERY).await;
        }
    }

    /// Removes what this import has stored in portions, if it does not count. Otherwise another process
    /// does so when this one is silent.
    pub(super) async fn leave(&self, failure: &ImportFailure) {
        if let Err(error) = remove_of(&self.database, self.owner, failure).await {
            let error = &error as &dyn std::error::Error;
            tracing::warn!(error, "what an import stored is removed later");
        }
    }

    async fn examine(&self) -> Result<Examined, ImportError> {
        let (file, file_name) = (Arc::clone(&self.file), self.file_name.clone());
        let (options, progress) = (self.options, Arc::clone(&self.progress));
        let limit = self.limit;
        let examining =
            spawn_blocking(move || examine(&file, &file_name, options, limit, &progress));
        examining.await.unwrap_or_else(|_| Err(self.interrupted()))
    }

    /// Returns the import that booked these bytes before.
    async fn booked_before(&self, file: &Examined) -> Result<Option<ImportReport>, StorageError> {
        let row = match &self.stage {
            Some(stage) => record::with_identity(&**stage, file.identities()).await?,
            None => record::with_identity(self.database.reading(), file.identities()).await?,
        };
        let report = row.map(ImportReport::try_from).transpose()?;
        Ok(report.map(|first| ImportReport { duplicate_of: first.id, ..first }))
    }

    /// Reads the rows and books them, or books that the file was refused.
    async fn book(&self, file: &Examined) -> Result<ImportReport, BookingError> {
        if !file.problems.is_empty() {
            let errors = file.problems.iter().cloned().collect();
            let tally = Tally { errors, ..Tally::default() };
            return self.refuse(file, tally, self.record).await;
        }
        let from = match &self.stage {
            Some(stage) => kept_from(&**stage).await?,
            None => kept_from(self.database.reading()).await?,
        };
        let Some(mut booking) = FileBooking::begin(self, file).await? else {
            return Err(BookingError::BookedMeanwhile);
        };
        let (sender, mut batches) = mpsc::channel(WAITING);
        let reading = self.read(file, from, sender);
        while let Some(batch) = batches.recv().await {
            booking.take(batch).await?;
        }
        let end = reading.await.unwrap_or_else(|_| Err(io::ErrorKind::Interrupted.into()));
        let unreadable = |source| ImportError::of_reading(&self.file_name, self.limit, source);
        let End { sha256, broken, totals } = end.map_err(unreadable)?;
        let cut_off = |code| code == ErrorCode::UnterminatedLastLine;
        let read_all = broken.as_ref().is_none_or(|error| cut_off(error.code));
        if read_all && sha256 != file.sha256 {
            let file_name = self.file_name.clone();
            return Err(ImportError::FileChanged { file_name }.into());
        }
        if let Some(error) = broken {
            booking.reject(error);
        }
        if !read_all || booking.is_refused() {
            let (tally, record) = booking.abandon().await?;
            let report = self.refuse(file, tally, record).await?;
            self.leave(&ImportFailure::interrupted()).await;
            return Ok(report);
        }
        booking.notice(totals);
        let rejected = self.rejection(file, booking.errors(), true).await?;
        let report = booking.finish(&rejected).await?;
        tracing::info!(
            import.id = report.id, import.kind = %report.kind, rows = report.rows,
            accepted = report.accepted, "imported a file"
        );
        Ok(report)
    }

    fn read(
        &self,
        examined: &Examined,
        from: Option<Slot>,
        sender: mpsc::Sender<RowBatch>,
    ) -> tokio::task::JoinHandle<io::Result<End>> {
        let unix_seconds = self.now_unix_ms.div_euclid(1000);
        let how = RowReading {
            kind: examined.kind,
            time: FileTime { unix_seconds, quarter: examined.told_quarter, from },
            batch: if self.is_large(examined) { self.portion } else { BATCH },
            only: examined.mends.as_ref().and_then(|it| it.lines.clone()),
        };
        let (file, limit) = (Arc::clone(&self.file), self.limit);
        let progress = Arc::clone(&self.progress);
        spawn_blocking(move || {
            progress.begin(ImportPhase::Booking, file.metadata()?.len());
            let content = Content::of(&file, limit, &progress)?;
            read_rows(content, &how, &progress, &sender)
        })
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;
    use crate::database::Database;
    use crate::import::options::{ImportFile, ImportOptions};

    #[tokio::test]
    async fn a_file_that_changes_between_its_readings_is_not_booked() {
        let folder = tempfile::TempDir::new().unwrap();
        let url = format!("sqlite://{}/bams.db?mode=rwc", folder.path().display());
        let database = Database::connect(&url, 1).await.unwrap();
        database.migrate().await.unwrap();
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(b"click_id,banner_id,campaign_id\n1,2,3\n").unwrap();
        let mut writer = file.try_clone().unwrap();
        let file = ImportFile::new(file, "clicks_1.csv");
        let job =
            ImportJob::new(database, Arc::new(|_| String::new()), file, ImportOptions::default());
        let examined = job.examine().await.unwrap();

        writer.write_all(b"4,5,6\n").unwrap();
        let changed = job.book(&examined).await;
        assert!(matches!(changed, Err(BookingError::Import(ImportError::FileChanged { .. }))));

        let again = job.examine().await.unwrap();
        let report = job.book(&again).await.unwrap();
        assert_eq!((report.id, report.accepted), (Some(1), 2));
    }
}
