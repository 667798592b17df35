//! Mending what recomputing found, while events keep coming in.
//!
//! An event adds the same to performance as to the rows it is counted from, so a difference stays
//! what it is until somebody mends it. So differences are added to what is stored by now, some
//! hundred at a time, and the database is locked for milliseconds only. Two repairs at once would
//! add the same difference twice: each draws revisions of its own, and stops when another one has.

use std::collections::BTreeSet;
use std::time::Duration;

use bams_domain::{CampaignId, Slot};
use sea_orm::DatabaseTransaction;
use serde_json::{Value as Json, json};

use super::condensed::condensed_before;
use super::difference::{Difference, PerformanceCounts, Place};
use super::mended_rows::{Mended, MendedTable, TOGETHER, mended};
use super::roll_ups;
use crate::change::audit_entries::{self, AuditRecord};
use crate::change::revision::{Counter, newest, next, touch};
use crate::change::{Actor, Subject};
use crate::database::Database;
use crate::database::repetition::Repetition;
use crate::error::{Attempt, StorageError};

const ACTION: &str = "repair performance";

/// How long a transaction is repeated while another writer is in the way.
const PATIENCE: Duration = Duration::from_secs(30);

/// Why a repair stopped. What it mended before stays.
#[derive(Debug, thiserror::Error)]
pub enum RepairError {
    /// Another repair has changed the store since this one began.
    #[error("another repair is at work: let it end, and repair what is left")]
    Overtaken,
    /// The database refused or could not be reached.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

/// A repair in the making.
#[derive(Debug)]
pub struct Repair<'a> {
    database: &'a Database,
    by: Actor,
    /// The revision of the last repair.
    turn: i64,
}

impl<'a> Repair<'a> {
    /// Begins a repair of what [`verify`](super::verify()) will find afterwards.
    pub async fn begin(database: &'a Database, by: Actor) -> Result<Self, StorageError> {
        let last = newest(database.reading(), Counter::Repairs).await.attempt(ACTION)?;
        Ok(Self { database, by, turn: last.number })
    }

    /// Mends the differences of slots or, if there are none, those of quarters or of roll-ups, which
    /// were compared with the sums of slots. Returns the number of mended ones.
    ///
    /// Each few hundred are mended at once, with the entries of the audit log and, for quarters, the
    /// revision of their campaigns. A difference that would make a count negative is left, because
    /// another writer is moving what it belongs to. `now` is in unix milliseconds.
    pub async fn mend(&mut self, differences: &[Difference], now: i64) -> Result<u64, RepairError> {
        let table = MendedTable::first_of(differences);
        let chosen: Vec<_> = differences.iter().filter(|it| table.has(&it.place)).collect();
        let mut mended = 0;
        for some in chosen.chunks(TOGETHER) {
            mended += self.repeated(table, some, now).await?;
            self.turn += 1;
        }
        Ok(mended)
    }

    async fn repeated(
        &self,
        table: MendedTable,
        some: &[&Difference],
        now: i64,
    ) -> Result<u64, RepairError> {
        let mut repetition = Repetition::within(PATIENCE);
        loop {
            match self.mend_some(table, some, now).await {
                Err(RepairError::Storage(error)) => repetition.after(self.database, error).await?,
                mended => return mended,
            }
        }
    }

    async fn mend_some(
        &self,
        table: MendedTable,
        some: &[&Difference],
        now: i64,
    ) -> Result<u64, RepairError> {
        let transaction = self.database.begin_writing().await?;
        let turn = next(&transaction, Counter::Repairs).await.attempt(ACTION)?;
        if turn != self.turn + 1 {
            transaction.rollback().await.attempt(ACTION)?;
            return Err(RepairError::Overtaken);
        }
        let mended = match table {
            MendedTable::RollUps => {
                roll_ups::mend(&transaction, some).await?;
                let campaigns: BTreeSet<_> = some.iter().map(|it| it.campaign).collect();
                let records = campaigns.iter().map(|campaign| roll_up_record(*campaign, some));
                let records = records.collect();
                audit_entries::write(&transaction, &self.by, now, None, records).await?;
                some.len() as u64
            }
            _ => self.mend_rows(&transaction, table, some, now).await?,
        };
        transaction.commit().await.attempt(ACTION)?;
        Ok(mended)
    }

    async fn mend_rows(
        &self,
        transaction: &DatabaseTransaction,
        table: MendedTable,
        some: &[&Difference],
        now: i64,
    ) -> Result<u64, StorageError> {
        let condensed = condensed_before(transaction).await?.map_or(0, Slot::number);
        let sums = table.sums(some, condensed);
        let mended = mended(transaction, table, sums).await?;
        let campaigns: BTreeSet<_> = mended.iter().map(|it| it.campaign).collect();
        let records = campaigns.iter().map(|campaign| record(table, *campaign, &mended));
        audit_entries::write(transaction, &self.by, now, None, records.collect()).await?;
        if matches!(table, MendedTable::Quarters) {
            touch(transaction, campaigns).await?;
        }
        Ok(mended.len() as u64)
    }
}

/// Returns the entry of the audit log for one campaign.
fn record(table: MendedTable, campaign: CampaignId, mended: &[Mended]) -> AuditRecord {
    let insert = table.insert();
    let state = |counts: fn(&Mended) -> &[i64]| {
        let rows = mended.iter().filter(|it| it.campaign == campaign).map(|row| {
            let names = insert.columns[1..].iter().map(|it| (*it).to_owned());
            let numbers = [row.key.banner, row.key.place].into_iter().chain(counts(row).to_vec());
            names.zip(numbers.map(Json::from)).collect::<serde_json::Map<_, _>>()
        });
        json!({ "rows": rows.map(Json::from).collect::<Vec<_>>() })
    };
    AuditRecord {
        action: "repair",
        subject: Subject::performance(campaign),
        before: Some(state(|it| &it.before)),
        after: Some(state(|it| &it.after)),
    }
}

/// Returns the entry of the audit log for the roll-ups of one campaign, or of all, which is 0.
fn roll_up_record(campaign: CampaignId, differences: &[&Difference]) -> AuditRecord {
    let state = |counts: fn(&Difference) -> &PerformanceCounts| {
        let rows = differences.iter().filter(|it| it.campaign == campaign).map(|difference| {
            let Place::RollUp { roll_up, slot, filtered } = difference.place else {
                return Json::Null;
            };
            let PerformanceCounts { impressions, clicks, conversions, revenue_micros } =
                *counts(difference);
            json!({
                "roll_up": roll_up.name(),
                "banner_id": roll_up.has_banners().then_some(difference.banner.0),
                "slot": slot.number(),
                "reason": filtered.map(|it| it.1.name()),
                "impressions": impressions,
                "clicks": clicks,
                "conversions": conversions,
                "revenue_micros": revenue_micros,
            })
        });
        json!({ "rows": rows.collect::<Vec<_>>() })
    };
    AuditRecord {
        action: "repair",
        subject: Subject::performance(campaign),
        before: Some(state(|it| &it.stored)),
        after: Some(state(|it| &it.recomputed)),
    }
}
