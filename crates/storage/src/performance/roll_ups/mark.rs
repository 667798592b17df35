//! The mark up to which roll-ups have everything, and the locks that keep it true.
//!
//! A writer must know whether the mark is behind its slots until it commits, or else the mark could
//! pass them before they are there. One row that all writers lock would make them wait for each
//! other, and collide in a Galera cluster. So the mark is written in many rows, its stripes: a writer
//! locks any one of them, after it has written everything else, and who moves the mark locks all.
//! Each changes what it locks, because a cluster compares only changes.

use std::hash::{BuildHasher, Hasher, RandomState};
use std::sync::{Mutex, PoisonError};

use bams_domain::{CampaignId, Slot};
use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{ConnectionTrait, DatabaseTransaction, DbBackend, DbErr, Statement};

use crate::database::values::row_of;
use crate::performance::condensed::DAY;

/// The stripes of writers that may hold theirs for seconds, such as imports. They come first, so that
/// who moves the mark waits for them before it keeps events waiting.
const OF_OTHERS: u64 = 16;

/// All stripes, as the schema has made them.
const STRIPES: u64 = 64;

/// The slot of a mark before which nothing is.
const NOWHERE: i64 = -9_007_199_254_740_992;

/// Who writes performance.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Writer<'a> {
    /// The events of a node, which are stored many times a second.
    Events(&'a KnownMark),
    /// Everybody else.
    Others,
}

/// The mark as a writer saw it last. It moves some times an hour, and most transactions find it there.
#[derive(Debug, Default)]
pub(crate) struct KnownMark(Mutex<Option<Mark>>);

/// The mark up to which roll-ups have everything.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Mark {
    pub(super) slot: i64,
    /// The first campaign that is missing in the slot.
    pub(super) campaign: i64,
    /// The first slot whose hours roll-ups know. Earlier ones were condensed before there were roll-ups.
    hours_from: Option<i64>,
}

impl Mark {
    /// Returns true if roll-ups have anything.
    pub(crate) fn is_begun(&self) -> bool {
        self.slot > NOWHERE
    }

    /// Returns true if roll-ups have the counts of a campaign in a slot.
    pub(in crate::performance) fn covers(&self, campaign: CampaignId, slot: Slot) -> bool {
        (slot.number(), i64::from(campaign.0)) < (self.slot, self.campaign)
    }

    /// Returns true if roll-ups have all slots before one.
    pub(in crate::performance) fn has_passed(&self, slot: i64) -> bool {
        self.slot >= slot
    }

    /// Returns the first slot of the newest day that roll-ups do not have whole.
    pub(in crate::performance) fn day(&self) -> i64 {
        self.slot - self.slot.rem_euclid(DAY)
    }

    /// Returns the first slot whose hours are known without its banners, if there are older ones.
    /// `condensed` is the first slot that performance still has as such.
    pub(in crate::performance) fn hours_from(&self, condensed: Option<Slot>) -> Option<Slot> {
        if !self.is_begun() {
            return condensed;
        }
        self.hours_from.filter(|slot| *slot > NOWHERE).map(Slot::from_number)
    }

    /// Returns the condition that a row of counts is not in roll-ups.
    pub(in crate::performance) fn beyond(&self) -> Option<Expr> {
        let later = Expr::col("slot").gt(self.slot);
        let left = Expr::col("campaign_id").gte(self.campaign);
        self.is_begun().then(|| Expr::col("slot").gte(self.slot).and(later.or(left)))
    }

    /// Returns the same condition, or its contrary, as text.
    pub(super) fn text(&self, beyond: bool) -> String {
        let Self { slot, campaign, .. } = self;
        if beyond {
            format!("(slot >= {slot} AND (slot > {slot} OR campaign_id >= {campaign}))")
        } else {
            format!("(slot <= {slot} AND (slot < {slot} OR campaign_id < {campaign}))")
        }
    }
}

/// Returns the mark, as it is for a reader.
pub(crate) async fn mark<C: ConnectionTrait>(database: &C) -> Result<Mark, DbErr> {
    let sql = "SELECT slot, campaign_id, hours_from FROM rolled_up WHERE stripe = 0";
    let row = row_of(database, sql, Vec::new()).await?;
    let row = row.ok_or_else(|| DbErr::RecordNotFound("rolled_up".to_owned()))?;
    let (slot, campaign, hours_from) = row.try_get_many_by_index()?;
    Ok(Mark { slot, campaign, hours_from })
}

/// Returns the mark, which stays where it is until the transaction ends.
pub(crate) async fn join(
    transaction: &DatabaseTransaction,
    writer: Writer<'_>,
) -> Result<Mark, DbErr> {
    // SQLite has one writer at a time.
    if transaction.get_database_backend() == DbBackend::Sqlite {
        return mark(transaction).await;
    }
    // All have the same mark, which nobody can move after the change.
    match writer {
        // A transaction that asks again gets the same stripe: whoever moves the mark may hold another.
        Writer::Others => {
            let stripe = format!("CONNECTION_ID() % {OF_OTHERS}");
            change(transaction, "changes = changes + 1", Some(&stripe)).await?;
            mark(transaction).await
        }
        Writer::Events(known) => {
            // A random stripe, so that two servers of a cluster do not meet at one all the time.
            let any = RandomState::new().build_hasher().finish();
            let stripe = OF_OTHERS + any % (STRIPES - OF_OTHERS);
            if let Some(known) = known.get()
                && is_still(transaction, stripe, known).await?
            {
                return Ok(known);
            }
            change(transaction, "changes = changes + 1", Some(&stripe.to_string())).await?;
            let mark = mark(transaction).await?;
            known.set(mark);
            Ok(mark)
        }
    }
}

impl KnownMark {
    fn get(&self) -> Option<Mark> {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn set(&self, mark: Mark) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(mark);
    }
}

/// Changes a stripe if the mark is still where it was, and returns whether it is.
async fn is_still(
    transaction: &DatabaseTransaction,
    stripe: u64,
    mark: Mark,
) -> Result<bool, DbErr> {
    let sql = "UPDATE rolled_up SET changes = changes + 1 \
               WHERE stripe = ? AND slot = ? AND campaign_id = ?";
    let values = [stripe.into(), mark.slot.into(), mark.campaign.into()];
    let dialect = transaction.get_database_backend();
    let statement = Statement::from_sql_and_values(dialect, sql, values);
    Ok(transaction.execute_raw(statement).await?.rows_affected() > 0)
}

/// Returns the mark, and lets nobody read it to write until the transaction ends.
pub(super) async fn take(transaction: &DatabaseTransaction) -> Result<Mark, DbErr> {
    change(transaction, "changes = changes + 1", None).await?;
    mark(transaction).await
}

/// Moves the mark that this transaction has taken, and returns it. `condensed` is the first slot that
/// performance still has as such.
pub(super) async fn move_to(
    transaction: &DatabaseTransaction,
    mark: Mark,
    (slot, campaign): (i64, i64),
    condensed: Option<Slot>,
) -> Result<Mark, DbErr> {
    let now = || condensed.map_or(NOWHERE, Slot::number);
    let hours_from = mark.hours_from.unwrap_or_else(now);
    let moved = format!("slot = {slot}, campaign_id = {campaign}, hours_from = {hours_from}");
    change(transaction, &moved, None).await?;
    Ok(Mark { slot, campaign, hours_from: Some(hours_from) })
}

async fn change(
    transaction: &DatabaseTransaction,
    change: &str,
    stripe: Option<&str>,
) -> Result<(), DbErr> {
    let dialect = transaction.get_database_backend();
    let only = stripe.map_or_else(String::new, |stripe| format!(" WHERE stripe = {stripe}"));
    let sql = format!("UPDATE rolled_up SET {change}{only}");
    transaction.execute_raw(Statement::from_string(dialect, sql)).await.map(drop)
}
