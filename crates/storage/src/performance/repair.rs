//! Mending what recomputing found, while events keep coming in.
//!
//! An event adds the same to performance as to the rows it is counted from, so a difference stays
//! what it is until somebody mends it. So differences are added to what is stored by now, some
//! hundred at a time, and the database is locked for milliseconds only. Two repairs at once would
//! add the same difference twice: each draws revisions of its own, and stops when another one has.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use bams_domain::{CampaignId, Slot};
use sea_orm::{ConnectionTrait, DatabaseTransaction, Value};
use serde_json::{Value as Json, json};

use super::condense::{condensed_before, condensed_slot};
use super::locked_rows::{RowKey, locked, remove};
use super::quarter_totals::QUARTERS;
use super::slot_totals::{Counted, performance};
use super::verify::{Difference, PerformanceCounts, Place};
use crate::change::audit_entries::{self, AuditRecord};
use crate::change::revision::{Counter, newest, next, touch};
use crate::change::{Actor, Subject};
use crate::database::Database;
use crate::database::insert::Insert;
use crate::database::repetition::Repetition;
use crate::error::{Attempt, StorageError};

const ACTION: &str = "repair performance";

/// The differences mended in one transaction, and the keys of one statement, at most.
const TOGETHER: usize = 200;

/// How long a transaction is repeated while another writer is in the way.
const PATIENCE: Duration = Duration::from_secs(30);

/// The slots that a day has of each quarter, and how far apart they are.
const OF_DAY: i64 = 24;
const APART: i64 = 4;

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

    /// Mends the differences of slots or, if there are none, those of quarters, which were compared
    /// with the sums of slots. Returns the number of mended ones.
    ///
    /// Each few hundred are mended at once, with the entries of the audit log and, for quarters, the
    /// revision of their campaigns. A difference that would make a count negative is left, because
    /// another writer is moving what it belongs to. `now` is in unix milliseconds.
    pub async fn mend(&mut self, differences: &[Difference], now: i64) -> Result<u64, RepairError> {
        let of_slots = |it: &&Difference| matches!(it.place, Place::Slot(_));
        let slots: Vec<_> = differences.iter().filter(of_slots).collect();
        let (table, chosen) = if slots.is_empty() {
            (MendedTable::Quarters, differences.iter().collect())
        } else {
            (MendedTable::Slots, slots)
        };
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
        let condensed = condensed_before(&transaction).await?.map_or(0, Slot::number);
        let sums = table.sums(some, condensed);
        let mended = mended(&transaction, table, sums).await?;
        let campaigns: BTreeSet<_> = mended.iter().map(|it| it.campaign).collect();
        let records = campaigns.iter().map(|campaign| record(table, *campaign, &mended));
        audit_entries::write(&transaction, &self.by, now, None, records.collect()).await?;
        if matches!(table, MendedTable::Quarters) {
            touch(&transaction, campaigns).await?;
        }
        transaction.commit().await.attempt(ACTION)?;
        Ok(mended.len() as u64)
    }
}

/// The table that is mended.
#[derive(Clone, Copy)]
enum MendedTable {
    Slots,
    Quarters,
}

impl MendedTable {
    fn insert(self) -> Insert {
        match self {
            Self::Slots => performance(Counted::Everything),
            Self::Quarters => QUARTERS,
        }
    }

    /// Returns what is to be added where: each count of the recomputed sum without the stored one.
    fn sums(self, differences: &[&Difference], condensed: i64) -> BTreeMap<RowKey, Missing> {
        let mut sums: BTreeMap<RowKey, Missing> = BTreeMap::new();
        for Difference { campaign, banner, place, stored, recomputed } in differences {
            let place = match place {
                // Days may have been condensed since they were compared.
                Place::Slot(slot) => condensed_slot(slot.number(), condensed),
                Place::Quarter(quarter) => quarter.number().into(),
            };
            let numbers = (i64::from(campaign.0), i64::from(banner.0));
            let key = RowKey { campaign: numbers.0, banner: numbers.1, place, texts: Vec::new() };
            let counts = self.counts(recomputed).into_iter().zip(self.counts(stored));
            let counts: Vec<i128> = counts.map(|(more, less)| more - less).collect();
            let is_day = matches!(self, Self::Slots) && place < condensed;
            let missing = sums.entry(key).or_insert_with(|| Missing {
                campaign: *campaign,
                rows: if is_day { OF_DAY } else { 1 },
                counts: vec![0; counts.len()],
            });
            add(&mut missing.counts, counts);
        }
        sums
    }

    fn counts(self, of: &PerformanceCounts) -> Vec<i128> {
        let PerformanceCounts { impressions, clicks, conversions, revenue_micros } = *of;
        let counts = [impressions, clicks, conversions, revenue_micros].map(i128::from);
        match self {
            Self::Slots => counts.to_vec(),
            Self::Quarters => counts[1..].to_vec(),
        }
    }
}

/// What a row lacks.
struct Missing {
    campaign: CampaignId,
    /// How many rows may hold parts of it, [`APART`] from each other: those of a day that is being
    /// condensed are many.
    rows: i64,
    counts: Vec<i128>,
}

impl Missing {
    /// Returns the keys of the rows that may hold parts of it.
    fn parts(&self, key: &RowKey) -> impl Iterator<Item = RowKey> {
        (0..self.rows).map(|row| key.at(key.place + row * APART))
    }
}

/// A row that was mended.
struct Mended {
    campaign: CampaignId,
    key: RowKey,
    before: Vec<i64>,
    after: Vec<i64>,
}

/// Adds what is missing to the rows as they are now, and returns what was changed.
async fn mended(
    transaction: &DatabaseTransaction,
    table: MendedTable,
    sums: BTreeMap<RowKey, Missing>,
) -> Result<Vec<Mended>, StorageError> {
    let insert = table.insert();
    let keys: Vec<_> = sums.iter().flat_map(|(key, missing)| missing.parts(key)).collect();
    let mut stored = BTreeMap::new();
    for some in keys.chunks(TOGETHER) {
        stored.extend(locked(transaction, &insert, some).await.attempt(ACTION)?);
    }
    let (mut mended, mut gone) = (Vec::new(), Vec::new());
    for (key, missing) in sums {
        let parts: Vec<_> = missing.parts(&key).filter(|it| stored.contains_key(it)).collect();
        let mut before = vec![0; missing.counts.len()];
        for part in &parts {
            add(&mut before, stored[part].iter().copied());
        }
        let mut after = before.clone();
        add(&mut after, missing.counts);
        if after.iter().all(|count| *count >= 0) {
            gone.extend(parts);
            let (before, after) = (whole(&before), whole(&after));
            mended.push(Mended { campaign: missing.campaign, key, before, after });
        }
    }
    for keys in gone.chunks(TOGETHER) {
        remove(transaction, &insert, keys).await.attempt(ACTION)?;
    }
    let rows = mended.iter().filter(|it| it.after.iter().any(|count| *count > 0));
    let values: Vec<Value> = rows
        .flat_map(|it| it.key.values().chain(it.after.iter().copied().map(Value::from)))
        .collect();
    if !values.is_empty() {
        let statement = insert.statement(transaction.get_database_backend(), None, values);
        transaction.execute_raw(statement).await.attempt(ACTION)?;
    }
    Ok(mended)
}

fn add(sums: &mut [i128], counts: impl IntoIterator<Item = impl Into<i128>>) {
    for (sum, count) in sums.iter_mut().zip(counts) {
        *sum += count.into();
    }
}

/// Returns the counts, at least the smallest and at most the largest integer.
fn whole(counts: &[i128]) -> Vec<i64> {
    let limits = (i64::MIN.into(), i64::MAX.into());
    let whole = counts.iter().map(|count| i64::try_from((*count).clamp(limits.0, limits.1)));
    whole.map(Result::unwrap_or_default).collect()
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
