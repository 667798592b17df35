//! Rows of counts to which differences are added.

use std::collections::BTreeMap;

use bams_domain::CampaignId;
use sea_orm::{ConnectionTrait, DatabaseTransaction, Value};

use super::condensed::condensed_slot;
use super::difference::{Difference, PerformanceCounts, Place};
use super::locked_rows::{RowKey, locked, remove};
use super::quarter_totals::QUARTERS;
use super::slot_totals::{Counted, performance};
use crate::database::insert::Insert;
use crate::error::{Attempt, StorageError};

const ACTION: &str = "repair performance";

/// The differences mended in one transaction, and the keys of one statement, at most.
pub(super) const TOGETHER: usize = 200;

/// The slots that a day has of each quarter, and how far apart they are.
const OF_DAY: i64 = 24;
const APART: i64 = 4;

/// The table that is mended.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum MendedTable {
    Slots,
    Quarters,
    /// The tables of roll-ups, which are made anew instead.
    RollUps,
}

impl MendedTable {
    /// Returns the table that is mended first, because the others are its sums.
    pub(super) fn first_of(differences: &[Difference]) -> Self {
        let first = [Self::Slots, Self::Quarters];
        let differs = |table: &Self| differences.iter().any(|it| table.has(&it.place));
        first.into_iter().find(differs).unwrap_or(Self::RollUps)
    }

    /// Returns true if a place is in this table.
    pub(super) fn has(self, place: &Place) -> bool {
        let table = match place {
            Place::Slot(_) => Self::Slots,
            Place::Quarter(_) => Self::Quarters,
            Place::RollUp { .. } => Self::RollUps,
        };
        self == table
    }

    pub(super) fn insert(self) -> Insert {
        match self {
            Self::Slots | Self::RollUps => performance(Counted::Everything),
            Self::Quarters => QUARTERS,
        }
    }

    /// Returns what is to be added where: each count of the recomputed sum without the stored one.
    pub(super) fn sums(
        self,
        differences: &[&Difference],
        condensed: i64,
    ) -> BTreeMap<RowKey, Missing> {
        let mut sums: BTreeMap<RowKey, Missing> = BTreeMap::new();
        for Difference { campaign, banner, place, stored, recomputed } in differences {
            let place = match place {
                // Days may have been condensed since they were compared.
                Place::Slot(slot) => condensed_slot(slot.number(), condensed),
                Place::Quarter(quarter) => quarter.number().into(),
                Place::RollUp { .. } => continue,
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
            Self::Slots | Self::RollUps => counts.to_vec(),
            Self::Quarters => counts[1..].to_vec(),
        }
    }
}

/// What a row lacks.
pub(super) struct Missing {
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
pub(super) struct Mended {
    pub(super) campaign: CampaignId,
    pub(super) key: RowKey,
    pub(super) before: Vec<i64>,
    pub(super) after: Vec<i64>,
}

/// Adds what is missing to the rows as they are now, and returns what was changed.
pub(super) async fn mended(
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
