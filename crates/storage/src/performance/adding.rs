//! Adding to performance, and to everything that is summed up from it.
//!
//! Whatever counts comes through [`add`]: events, files, and the merged sums of large files. Three
//! others write performance. [`adjust`](super::adjustment::adjust) counts what was counted before
//! differently, in all the same tables. [`condense`](super::condense()) moves rows within a day, which
//! no sum of days notices. A [`Repair`](super::Repair) mends one table after the other.

use bams_domain::{BannerId, CampaignId, Performance, Slot};
use sea_orm::{ConnectionTrait, DatabaseTransaction, DbErr};

use super::filtered_events::{self, FilteredTotals};
use super::quarter_totals;
use super::roll_ups::{self, Writer, join};
use super::slot_totals::{self, Counted};
use crate::database::statement_sizes::filled;

/// A banner in a campaign and slot.
pub(crate) type PerformanceKey = (CampaignId, BannerId, Slot);

/// What is added.
pub(crate) struct Addition<'a> {
    /// Sums, sorted by account.
    pub(crate) sums: &'a [(PerformanceKey, Performance)],
    /// The sums that are not zero.
    pub(crate) counted: Counted,
    /// Events that do not count.
    pub(crate) filtered: &'a FilteredTotals,
}

/// Adds to performance, to the sums of quarters, to filtered events and to roll-ups, in this order.
///
/// Whatever takes long in the same transaction comes before: those who move the mark of roll-ups wait
/// for its end.
pub(crate) async fn add(
    transaction: &DatabaseTransaction,
    addition: &Addition<'_>,
    writer: Writer<'_>,
) -> Result<(), DbErr> {
    let Addition { sums, counted, filtered } = *addition;
    if sums.is_empty() && filtered.is_empty() {
        return Ok(());
    }
    to_slots(transaction, sums, counted).await?;
    let totals = sums.iter().map(|((campaign, banner, slot), it)| (*campaign, *banner, *slot, *it));
    quarter_totals::add(transaction, totals).await?;
    filtered_events::write(transaction, filtered).await?;
    let mark = join(transaction, writer).await?;
    let is_covered = |it: &&(PerformanceKey, Performance)| mark.covers(it.0.0, it.0.2);
    let covered: Vec<_> = sums.iter().filter(is_covered).copied().collect();
    roll_ups::add(transaction, &covered).await?;
    let in_them = filtered.iter().filter(|it| mark.covers(it.0.campaign, it.0.slot));
    let events = in_them.map(|(filtered, events)| (*filtered, *events)).collect();
    roll_ups::add_filtered(transaction, &events).await
}

async fn to_slots(
    transaction: &DatabaseTransaction,
    sums: &[(PerformanceKey, Performance)],
    counted: Counted,
) -> Result<(), DbErr> {
    let Some((last, _)) = sums.last() else { return Ok(()) };
    // Pads with zero rows for the last key, so that the statement has one of few lengths.
    let filling = (*last, Performance::default());
    let insert = slot_totals::performance(counted);
    let dialect = transaction.get_database_backend();
    for portion in filled(sums, &filling) {
        let values = portion.iter().flat_map(|it| slot_totals::values(it.0, &it.1, counted));
        let statement = insert.statement(dialect, Some(0), values.collect());
        transaction.execute_raw(statement).await?;
    }
    Ok(())
}
