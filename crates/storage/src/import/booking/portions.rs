//! The portions in which a large file is booked, and the transaction that makes them count.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::time::{Duration, Instant};

use bams_domain::{BannerId, CampaignId, Performance};
use sea_orm::ActiveValue::Set;
use sea_orm::{DatabaseTransaction, Value};
use tokio::time::sleep;

use super::attach::{Pair, Pairs, attach};
use super::clicks::{clicks_of, missing};
use super::events::{Inserted, insert_new};
use super::file_event::FileEvent;
use super::joined::joined;
use super::note::note;
use super::rows::insert;
use super::totals::{IMPRESSIONS, counted, pairs, values};
use crate::change::revision;
use crate::database::Database;
use crate::database::repetition::Repetition;
use crate::entity::import;
use crate::error::{Attempt, StorageError};
use crate::import::examined::Examined;
use crate::import::job::ImportJob;
use crate::import::kind::ImportKind;
use crate::import::notice;
use crate::import::record;
use crate::import::rejected::{self, Rejection};
use crate::import::report::{ImportReport, ImportState};
use crate::import::retry::BookingError;
use crate::import::row_error::RowError;
use crate::import::rows::{Account, FileConversion};
use crate::import::silence::EVERY;
use crate::import::staging::{Beating, Leftovers, Pace, mark, merge_all};
use crate::import::tally::Tally;
use crate::performance::slot_totals::{self, Counted};
use crate::performance::staged_sums::STAGED_SUMS;
use crate::trouble::Trouble;

/// How long a portion is repeated while another writer is in the way.
const PATIENCE: Duration = Duration::from_mins(5);

/// The most sums that are merged in one transaction. Events that change one of them wait for it.
const MERGED: usize = 1_000;

/// How many parts of the sums, each of which is merged alone, are stored in one transaction.
const TOGETHER: usize = 10;

/// The portions of one file.
pub(super) struct Portions<'a> {
    job: &'a ImportJob,
    file: &'a Examined,
    pub(super) import: i64,
    touched: HashSet<CampaignId>,
    pairs: Pairs,
    /// The pairs that will be attached.
    missing: BTreeSet<Pair>,
    /// The number of the next portion of sums.
    next: i64,
    pace: Pace,
    _beating: Beating,
}

impl<'a> Portions<'a> {
    /// Waits until no other import has the turn, and takes it. Returns `None` if the same bytes were
    /// booked meanwhile.
    pub(super) async fn begin(
        job: &'a ImportJob,
        file: &'a Examined,
    ) -> Result<Option<Self>, BookingError> {
        let mut leftovers = Leftovers::of(&job.database, job.owner);
        loop {
            if !leftovers.look().await? {
                match Self::take_turn(job, file).await {
                    Err(BookingError::InTheWay(error)) if error.trouble() == Trouble::Conflict => {
                        tracing::debug!(%error, "another import was quicker");
                    }
                    begun => return begun,
                }
            }
            sleep(EVERY).await;
        }
    }

    async fn take_turn(
        job: &'a ImportJob,
        file: &'a Examined,
    ) -> Result<Option<Self>, BookingError> {
        let transaction = job.database.begin_writing().await?;
        let running = job.report(file, ImportState::Running, Tally::default());
        let row = import::ActiveModel { finished_at: Set(None), ..running.row() };
        let import = record::write(&transaction, row, job.record).await?;
        mark::take_turn(&transaction, import, job.owner).await?;
        if record::with_identity(&transaction, file.identities()).await?.is_some() {
            return Ok(None);
        }
        transaction.commit().await.attempt("begin an import")?;
        Ok(Some(Self {
            job,
            file,
            import,
            touched: HashSet::new(),
            pairs: Pairs::default(),
            missing: BTreeSet::new(),
            next: 0,
            pace: Pace::of(&job.database),
            _beating: Beating::begin(&job.database, import, job.owner),
        }))
    }

    /// Returns the clicks that conversions name, as far as they exist and count.
    pub(super) async fn clicks_of(
        &self,
        rows: &[FileConversion],
    ) -> Result<HashMap<String, (CampaignId, BannerId)>, StorageError> {
        clicks_of(self.job.database.reading(), rows).await
    }

    /// Returns the errors of conversions whose clicks are not there.
    pub(super) async fn missing(
        &self,
        rows: &[FileConversion],
    ) -> Result<Vec<RowError>, StorageError> {
        missing(self.job.database.reading(), rows).await
    }

    /// Stores clicks or conversions, which do not count yet.
    pub(super) async fn events<'r, R: FileEvent + Sync>(
        &mut self,
        rows: &'r [R],
    ) -> Result<Inserted<'r, R>, BookingError> {
        let mut again = Again::of(&self.job.database);
        loop {
            match self.events_once(rows).await {
                Err(BookingError::InTheWay(error)) => again.after(error).await?,
                stored => return stored,
            }
        }
    }

    async fn events_once<'r, R: FileEvent + Sync>(
        &mut self,
        rows: &'r [R],
    ) -> Result<Inserted<'r, R>, BookingError> {
        let (transaction, begun) = self.open().await?;
        let inserted = insert_new(&transaction, self.import, rows).await?;
        self.close(transaction, begun).await?;
        Ok(inserted)
    }

    /// Stores sorted sums, which do not count yet.
    pub(super) async fn add(
        &mut self,
        totals: Vec<(Account, Performance)>,
    ) -> Result<(), BookingError> {
        let size = self.size();
        for group in totals.chunks(size * TOGETHER) {
            self.touched.extend(group.iter().map(|it| it.0.campaign));
            if self.file.kind != ImportKind::Conversions {
                let reading = self.job.database.reading();
                self.missing.extend(self.pairs.missing(reading, pairs(group)).await?);
            }
            let mut again = Again::of(&self.job.database);
            while let Err(error) = self.add_once(group).await {
                match error {
                    BookingError::InTheWay(error) => again.after(error).await?,
                    other => return Err(other),
                }
            }
            self.next += i64::try_from(group.len().div_ceil(size)).unwrap_or(i64::MAX);
        }
        Ok(())
    }

    async fn add_once(&mut self, group: &[(Account, Performance)]) -> Result<(), BookingError> {
        let (transaction, begun) = self.open().await?;
        if self.file.kind == ImportKind::Impressions {
            let values = values(group, counted(self.file.kind));
            let written = insert(&transaction, &IMPRESSIONS, Some(self.import), values).await;
            written.attempt("store impressions")?;
        }
        for (number, portion) in (self.next..).zip(group.chunks(self.size())) {
            let values = self.staged_values(number, portion);
            insert(&transaction, &STAGED_SUMS, None, values).await.attempt("store sums")?;
        }
        self.close(transaction, begun).await
    }

    fn staged_values(&self, number: i64, portion: &[(Account, Performance)]) -> Vec<Value> {
        let of_row = |(account, sums): &(Account, Performance)| {
            let Account { campaign, banner, slot } = *account;
            let values = slot_totals::values((campaign, banner, slot), sums, Counted::Everything);
            [self.import.into(), number.into()].into_iter().chain(values).collect::<Vec<Value>>()
        };
        portion.iter().flat_map(of_row).collect()
    }

    /// Makes everything count, in one short transaction, and merges the sums then.
    pub(super) async fn finish(
        self,
        mut report: ImportReport,
        rejected: &Rejection,
    ) -> Result<ImportReport, BookingError> {
        let (reading, identities) = (self.job.database.reading(), self.file.identities());
        notice::add(&mut report.notices, joined(reading, self.file.kind, &self.touched).await?);
        let mut again = Again::of(&self.job.database);
        while let Err(error) = self.count(&report, rejected).await {
            match error {
                BookingError::InTheWay(error) => {
                    if record::with_identity(reading, identities.clone()).await?.is_some() {
                        return Err(BookingError::BookedMeanwhile);
                    }
                    again.after(error).await?;
                }
                other => return Err(other),
            }
        }
        if let Err(error) = merge_all(&self.job.database, self.import).await {
            tracing::warn!(import.id = self.import, %error, "sums of an import are merged later");
        }
        Ok(ImportReport { id: Some(self.import), ..report })
    }

    async fn count(&self, report: &ImportReport, rejected: &Rejection) -> Result<(), BookingError> {
        let job = self.job;
        let transaction = job.database.begin_writing().await?;
        if !mark::count(&transaction, self.import, job.owner).await? {
            return Err(job.interrupted().into());
        }
        let identity = Set(Some(self.file.identity()));
        let row = import::ActiveModel { id: Set(self.import), identity, ..report.row() };
        record::update(&transaction, row).await?;
        note(&transaction, self.import, job, report).await?;
        rejected::keep(&transaction, self.import, rejected).await?;
        let missing: Vec<Pair> = self.missing.iter().copied().collect();
        attach(&transaction, &missing, &job.default_key, job.now_unix_ms).await?;
        revision::touch(&transaction, self.touched.iter().copied()).await?;
        Ok(transaction.commit().await.attempt("commit an import")?)
    }

    /// Begins the transaction of a portion. Fails if another process has taken the import over.
    async fn open(&self) -> Result<(DatabaseTransaction, Instant), BookingError> {
        let transaction = self.job.database.begin_writing().await?;
        let begun = Instant::now();
        if mark::beat(&transaction, self.import, self.job.owner).await? {
            Ok((transaction, begun))
        } else {
            Err(self.job.interrupted().into())
        }
    }

    async fn close(
        &mut self,
        transaction: DatabaseTransaction,
        begun: Instant,
    ) -> Result<(), BookingError> {
        transaction.commit().await.attempt("store a portion of an import")?;
        self.pace.rest_after(begun).await;
        Ok(())
    }

    /// Returns how many sums are merged together.
    fn size(&self) -> usize {
        usize::try_from(self.job.portion).unwrap_or(MERGED).clamp(1, MERGED)
    }
}

/// Repeats a portion while another writer is in the way.
struct Again<'a> {
    database: &'a Database,
    repetition: Repetition,
}

impl<'a> Again<'a> {
    fn of(database: &'a Database) -> Self {
        Self { database, repetition: Repetition::within(PATIENCE) }
    }

    /// Waits before another attempt. Fails after the last one.
    async fn after(&mut self, error: StorageError) -> Result<(), BookingError> {
        let waited = self.repetition.after(self.database, error).await;
        waited.map_err(|error| BookingError::Import(error.into()))
    }
}
