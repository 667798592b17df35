//! The transaction in which a small file is booked.

use std::collections::{BTreeSet, HashSet};

use bams_domain::{BannerId, CampaignId, Performance};
use sea_orm::ActiveValue::Set;
use sea_orm::{DatabaseTransaction, TransactionTrait};

use super::attach::{Pairs, attach};
use super::events::{Inserted, insert_new};
use super::file_event::FileEvent;
use super::joined::joined;
use super::note::note;
use super::rows::insert;
use super::totals::{IMPRESSIONS, counted, pairs, values};
use crate::change::revision;
use crate::entity::import;
use crate::error::{Attempt, StorageError};
use crate::import::examined::Examined;
use crate::import::job::ImportJob;
use crate::import::kind::ImportKind;
use crate::import::notice;
use crate::import::options::DefaultKey;
use crate::import::record;
use crate::import::rejected::{self, Rejection};
use crate::import::report::{ImportReport, ImportState};
use crate::import::retry::BookingError;
use crate::import::rows::Account;
use crate::import::tally::Tally;
use crate::performance::adding::{self, Addition};
use crate::performance::filtered_events::FilteredTotals;
use crate::performance::roll_ups::Writer;

/// How many accounts are attached at a time, which takes more memory than counting.
const PART: usize = 1_000;

pub(super) struct Ledger {
    pub(super) transaction: DatabaseTransaction,
    pub(super) import: i64,
    pub(super) kind: ImportKind,
    pub(super) now_unix_ms: i64,
    pub(super) default_key: DefaultKey,
    pub(super) touched: HashSet<CampaignId>,
    pub(super) changed_banners: BTreeSet<BannerId>,
    pairs: Pairs,
}

impl Ledger {
    /// Begins the transaction of a file, and takes the identity of its bytes. Another import of the same
    /// bytes waits here, and then fails.
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
            changed_banners: BTreeSet::new(),
            pairs: Pairs::default(),
        })
    }

    /// Completes the record of the import and commits, except in a dry run.
    pub(super) async fn close(
        self,
        job: &ImportJob,
        mut report: ImportReport,
        rejected: &Rejection,
    ) -> Result<ImportReport, BookingError> {
        let joined = joined(&self.transaction, self.kind, &self.touched).await?;
        notice::add(&mut report.notices, joined);
        if job.options.dry_run {
            if job.stage.is_some() {
                // The rehearsal sees it until it ends.
                self.transaction.commit().await.attempt("rehearse an import")?;
            } else {
                self.undo().await?;
            }
            return match job.record {
                Some(id) => Ok(record::conclude(&job.database, report, Some(id), rejected).await?),
                None => Ok(report),
            };
        }
        note(&self.transaction, self.import, job, &report).await?;
        let row = import::ActiveModel { id: Set(self.import), ..report.row() };
        record::update(&self.transaction, row).await?;
        rejected::keep(&self.transaction, self.import, rejected).await?;
        revision::touch(&self.transaction, self.touched).await?;
        revision::touch_banners(&self.transaction, self.changed_banners).await?;
        self.transaction.commit().await.attempt("commit an import")?;
        Ok(ImportReport { id: Some(self.import), ..report })
    }

    pub(super) async fn undo(self) -> Result<(), StorageError> {
        self.transaction.rollback().await.attempt("undo an import")
    }

    /// Books clicks, or conversions of existing clicks.
    pub(super) async fn events<'r, R: FileEvent + Sync>(
        &self,
        rows: &'r [R],
    ) -> Result<Inserted<'r, R>, BookingError> {
        insert_new(&self.transaction, self.import, rows).await
    }

    /// Adds sorted sums to performance. Creates campaigns and banners that do not exist, except for
    /// conversions, whose clicks have created them.
    pub(super) async fn add(
        &mut self,
        totals: Vec<(Account, Performance)>,
    ) -> Result<(), StorageError> {
        for part in totals.chunks(PART) {
            self.add_part(part).await?;
        }
        let account = |it: Account| (it.campaign, it.banner, it.slot);
        let sums: Vec<_> = totals.into_iter().map(|(it, sums)| (account(it), sums)).collect();
        let nothing = FilteredTotals::new();
        let addition = Addition { sums: &sums, counted: counted(self.kind), filtered: &nothing };
        adding::add(&self.transaction, &addition, Writer::Others).await.attempt("book performance")
    }

    async fn add_part(&mut self, totals: &[(Account, Performance)]) -> Result<(), StorageError> {
        let transaction = &self.transaction;
        self.touched.extend(totals.iter().map(|it| it.0.campaign));
        if self.kind != ImportKind::Conversions {
            let missing = self.pairs.missing(transaction, pairs(totals)).await?;
            attach(transaction, &missing, &self.default_key, self.now_unix_ms).await?;
        }
        if self.kind == ImportKind::Impressions {
            let values = values(totals, counted(self.kind));
            let written = insert(transaction, &IMPRESSIONS, Some(self.import), values).await;
            written.attempt("book impressions")?;
        }
        Ok(())
    }
}
