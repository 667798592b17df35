//! The slots that are no longer kept as such.

use bams_domain::Slot;
use sea_orm::{ConnectionTrait, Statement};

use crate::error::{Attempt, StorageError};

/// The slots of a day.
pub(crate) const DAY: i64 = 96;

/// Returns the slot to which a row before `before` is condensed.
pub(crate) const fn condensed_slot(slot: i64, before: i64) -> i64 {
    if slot < before { slot - slot.rem_euclid(DAY) + slot.rem_euclid(4) } else { slot }
}

/// Returns the first slot that is still kept as such, or `None` while all are.
pub(crate) async fn condensed_before<C: ConnectionTrait>(
    database: &C,
) -> Result<Option<Slot>, StorageError> {
    let sql = "SELECT before_slot FROM condensed_performance WHERE id = 1";
    let statement = Statement::from_string(database.get_database_backend(), sql);
    let row = database.query_one_raw(statement).await.attempt("look for condensed days")?;
    let slot =
        row.map(|row| row.try_get_by_index(0)).transpose().attempt("look for condensed days")?;
    Ok(slot.map(Slot::from_number))
}
