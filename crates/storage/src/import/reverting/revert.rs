//! One revert, from its first look to the moment from which on nothing counts.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use bams_domain::CampaignId;
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::LockType;
use sea_orm::{
    ColumnTrait, ConnectionTrait, DatabaseTransaction, EntityTrait, QueryFilter, QuerySelect,
};

use super::conditions::{is_summed_up, refuse};
use super::error::RevertError;
use super::later_ones;
use super::sums::parts;
use crate::change::audit_entries::{self, AuditRecord};
use crate::change::{Actor, Subject, revision};
use crate::database::Database;
use crate::database::repetition::Repetition;
use crate::database::values::row_of;
use crate::entity::{audit_entry, import};
use crate::error::{Attempt, StorageError};
use crate::import::kind::ImportKind;
use crate::import::staging::{Beating, Pace, mark, merge_all};
use crate::performance::staged_sums::StagedSum;
use crate::performance::withdrawal::withdraw;

const ACTION: &str = "revert an import";

/// How long a transaction is repeated while another writer is in the way, or has the turn.
const PATIENCE: Duration = Duration::from_secs(20);

/// How often a revert begins again because what it takes out has changed.
const ATTEMPTS: u32 = 5;

/// What an attempt came to.
enum Attempted {
    Reverted,
    /// Something that it takes out has changed meanwhile.
    Changed,
}

/// A revert in the making.
pub(super) struct Revert<'a> {
    pub(super) database: &'a Database,
    pub(super) import: i64,
    pub(super) kind: ImportKind,
    pub(super) owner: i64,
    pub(super) by: &'a Actor,
    pub(super) now_unix_ms: i64,
}

/// The sums that were taken out.
#[derive(Default)]
struct Withdrawn {
    parts: i64,
    campaigns: BTreeSet<CampaignId>,
}

impl Revert<'_> {
    /// Takes everything out, or nothing. Returns false if another revert has done it meanwhile.
    pub(super) async fn run(&self) -> Result<bool, RevertError> {
        for _ in 0..ATTEMPTS {
            refuse(self.database, self.import).await?;
            if !self.begin().await? {
                return Ok(false);
            }
            let beating = Beating::begin(self.database, self.import, self.owner);
            let attempted = self.attempt().await;
            if let Ok(Attempted::Reverted) = attempted {
                return Ok(true);
            }
            drop(beating);
            // The import counts as before.
            merge_all(self.database, self.import).await?;
            attempted?;
        }
        Err(RevertError::Busy)
    }

    /// Marks the import, so that its sums are put back if this process ends. Returns false if it is
    /// reverted. Waits while its sums are merged, and while another process reverts it.
    async fn begin(&self) -> Result<bool, RevertError> {
        let mut repetition = Repetition::within(PATIENCE);
        loop {
            match self.begin_once().await {
                Err(error) => {
                    let waited = repetition.after(self.database, error).await;
                    waited.map_err(RevertError::busy)?;
                }
                begun => return Ok(begun?),
            }
            // Its rows may still be being removed.
            if is_reverted(self.database.reading(), self.import).await? {
                return Ok(false);
            }
        }
    }

    async fn begin_once(&self) -> Result<bool, StorageError> {
        let transaction = self.database.begin_writing().await?;
        mark::reopen(&transaction, self.import, self.owner).await?;
        // Who reverted it had the mark until its last row was removed.
        if is_reverted(&transaction, self.import).await? {
            transaction.rollback().await.attempt(ACTION)?;
            return Ok(false);
        }
        transaction.commit().await.attempt(ACTION)?;
        Ok(true)
    }

    async fn attempt(&self) -> Result<Attempted, RevertError> {
        let mut withdrawn = Withdrawn::default();
        let (mut rows, mut pace) = (0, Pace::of(self.database));
        let mut parts = parts(self.database, self.import, self.kind);
        while let Some(part) = parts.recv().await {
            let (part, begun) = (part?, Instant::now());
            let Some(stored) = self.withdraw(withdrawn.parts, &part).await? else {
                return Ok(Attempted::Changed);
            };
            withdrawn.campaigns.extend(part.iter().map(|sum| sum.0.0));
            withdrawn.parts += 1;
            rows += stored;
            pace.rest_after(begun).await;
        }
        refuse(self.database, self.import).await?;
        self.uncount(rows, &withdrawn.campaigns).await
    }

    /// Takes a part of the sums out, and returns how many rows it has now. `None` if performance has
    /// less than them.
    async fn withdraw(&self, part: i64, sums: &[StagedSum]) -> Result<Option<i64>, RevertError> {
        let mut repetition = Repetition::within(PATIENCE);
        loop {
            match self.withdraw_once(part, sums).await {
                Err(RevertError::Storage(error)) => repetition.after(self.database, error).await?,
                withdrawn => return withdrawn,
            }
        }
    }

    async fn withdraw_once(
        &self,
        part: i64,
        sums: &[StagedSum],
    ) -> Result<Option<i64>, RevertError> {
        let transaction = self.open().await?;
        if !withdraw(&transaction, (self.import, part), sums).await? {
            transaction.rollback().await.attempt(ACTION)?;
            return Ok(None);
        }
        let condition = format!("import_id = {} AND part = {part}", self.import);
        let rows = staged(&transaction, &condition).await?;
        transaction.commit().await.attempt(ACTION)?;
        Ok(Some(rows))
    }

    /// Begins a transaction in which nothing of the import changes. Fails if another process has taken
    /// it over.
    async fn open(&self) -> Result<DatabaseTransaction, RevertError> {
        let transaction = self.database.begin_writing().await?;
        // Who restates one of its conversions locks this row, too.
        let row = import::Entity::find_by_id(self.import).lock(LockType::Update);
        row.one(&transaction).await.attempt(ACTION)?;
        if mark::beat(&transaction, self.import, self.owner).await? {
            Ok(transaction)
        } else {
            Err(RevertError::Busy)
        }
    }

    /// Makes the import not count any more, if all that was taken out is still there.
    async fn uncount(
        &self,
        rows: i64,
        campaigns: &BTreeSet<CampaignId>,
    ) -> Result<Attempted, RevertError> {
        let mut repetition = Repetition::within(PATIENCE);
        loop {
            match self.uncount_once(rows, campaigns).await {
                Err(RevertError::Storage(error)) => {
                    let waited = repetition.after(self.database, error).await;
                    waited.map_err(RevertError::busy)?;
                }
                ended => return ended,
            }
        }
    }

    async fn uncount_once(
        &self,
        rows: i64,
        campaigns: &BTreeSet<CampaignId>,
    ) -> Result<Attempted, RevertError> {
        let transaction = self.open().await?;
        let condition = format!("import_id = {}", self.import);
        let has_changed = staged(&transaction, &condition).await? != rows
            || is_summed_up(&transaction, self.import).await?;
        if has_changed {
            transaction.rollback().await.attempt(ACTION)?;
            return Ok(Attempted::Changed);
        }
        if !mark::uncount(&transaction, self.import, self.owner).await? {
            return Err(RevertError::Busy);
        }
        self.record(&transaction).await?;
        revision::touch(&transaction, campaigns.iter().copied()).await?;
        transaction.commit().await.attempt(ACTION)?;
        Ok(Attempted::Reverted)
    }

    /// Forgets the file, and those of later imports that may have more rows now.
    async fn record(&self, transaction: &DatabaseTransaction) -> Result<(), StorageError> {
        let reverted = import::ActiveModel {
            id: Set(self.import),
            identity: Set(None),
            accepted_sha256: Set(None),
            reverted_at: Set(Some(self.now_unix_ms)),
            reverted_by: Set(Some(self.by.name.clone())),
            ..Default::default()
        };
        import::Entity::update(reverted).exec(transaction).await.attempt(ACTION)?;
        import::Entity::update_many()
            .set(import::ActiveModel { identity: Set(None), ..Default::default() })
            .filter(later_ones(self.import, self.kind))
            .exec(transaction)
            .await
            .attempt(ACTION)?;
        let entry: Option<(i64, Option<String>)> = audit_entry::Entity::find()
            .select_only()
            .columns([audit_entry::Column::Id, audit_entry::Column::After])
            .filter(audit_entry::Column::SubjectKind.eq(Subject::IMPORT))
            .filter(audit_entry::Column::SubjectId.eq(self.import.to_string()))
            .filter(audit_entry::Column::Action.eq("import"))
            .into_tuple()
            .one(transaction)
            .await
            .attempt(ACTION)?;
        let (reverts, before) = entry.map_or((None, None), |(id, after)| (Some(id), after));
        let before = before.and_then(|text| serde_json::from_str(&text).ok());
        let subject = Subject::import(self.import);
        let record = AuditRecord { action: "revert", subject, before, after: None };
        audit_entries::write(transaction, self.by, self.now_unix_ms, reverts, vec![record]).await
    }
}

/// Returns true if an import is reverted.
async fn is_reverted<C: ConnectionTrait>(database: &C, import: i64) -> Result<bool, StorageError> {
    let row = import::Entity::find_by_id(import).one(database).await.attempt(ACTION)?;
    Ok(row.is_some_and(|it| it.reverted_at.is_some()))
}

/// Returns how many sums are stored beside performance under a condition.
async fn staged<C: ConnectionTrait>(database: &C, condition: &str) -> Result<i64, StorageError> {
    let sql = format!("SELECT COUNT(*) FROM staged_performance WHERE {condition}");
    let row = row_of(database, &sql, Vec::new()).await.attempt(ACTION)?;
    row.map_or(Ok(0), |row| row.try_get_by_index(0)).attempt(ACTION)
}
