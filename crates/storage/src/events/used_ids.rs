//! The ids of clicks and conversions that are summed up: an id counts once, for ever.
//!
//! Hashes of 63 bits stand for them: of a thousand million ids, one in ten million new ones is taken for a
//! used one. The id of a visitor's click needs none, because it begins with its time.

use std::borrow::Cow;
use std::collections::HashSet;

use bams_domain::Slot;
use sea_orm::{ConnectionTrait, DbErr, Statement, Value};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::database::insert::{Existing, Insert, ROWS, list};
use crate::error::{Attempt, StorageError};

/// The insert of hashes.
pub(super) const USED_IDS: Insert = Insert {
    table: "used_ids",
    columns: Cow::Borrowed(&["hash"]),
    same: &[],
    key: Cow::Borrowed(&["hash"]),
    existing: Existing::Kept,
};

/// Returns the hash of a click's id, or `None` for a visitor's click.
pub(crate) fn of_click(id: &str) -> Option<i64> {
    decision_of(id).is_none().then(|| hash(&["click", id]))
}

/// Returns the hash of a conversion's id in its campaign.
pub(crate) fn of_conversion(id: &str, campaign: i64) -> i64 {
    hash(&["conversion", &campaign.to_string(), id])
}

fn hash(parts: &[&str]) -> i64 {
    let mut digest = Sha256::new();
    for part in parts {
        digest.update(part);
        digest.update([0]);
    }
    let bytes = digest.finalize();
    let first = bytes.iter().take(8).fold(0_u64, |sum, byte| (sum << 8) | u64::from(*byte));
    i64::try_from(first >> 1).unwrap_or_default()
}

/// Returns true if a click that is not there may have been summed up: its id is a used one, or it is a
/// visitor's whose decision was made before `from`.
pub(crate) fn is_gone(click: &str, from: Slot, used: &HashSet<i64>) -> bool {
    match decision_of(click) {
        Some(decision) => Slot::at(unix_seconds(decision)) < from,
        None => used.contains(&hash(&["click", click])),
    }
}

/// Returns the decision of a visitor's click.
fn decision_of(click: &str) -> Option<Uuid> {
    let (decision, banner) = click.split_once('-')?;
    let is_id = decision.len() == 32 && banner.bytes().all(|it| it.is_ascii_digit());
    Uuid::try_parse(decision).ok().filter(|_| is_id)
}

/// Returns the time with which the id of a decision begins.
fn unix_seconds(decision: Uuid) -> i64 {
    i64::try_from(decision.as_u128() >> 80).unwrap_or(i64::MAX) / 1000
}

/// Returns those of some hashes that are used.
pub(crate) async fn among<C: ConnectionTrait>(
    database: &C,
    hashes: impl IntoIterator<Item = i64>,
) -> Result<HashSet<i64>, StorageError> {
    let hashes: Vec<i64> = hashes.into_iter().collect();
    let mut used = HashSet::new();
    for some in hashes.chunks(ROWS) {
        used.extend(among_some(database, some).await.attempt("look for used ids")?);
    }
    Ok(used)
}

async fn among_some<C: ConnectionTrait>(database: &C, hashes: &[i64]) -> Result<Vec<i64>, DbErr> {
    let sql = format!("SELECT hash FROM used_ids WHERE hash IN ({})", list("?", hashes.len()));
    let values = hashes.iter().copied().map(Value::from);
    let dialect = database.get_database_backend();
    let rows = database.query_all_raw(Statement::from_sql_and_values(dialect, sql, values)).await?;
    rows.iter().map(|row| row.try_get_by_index(0)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_visitors_click_tells_its_time_and_others_have_hashes() {
        // 2025-11-25T11:58:03Z
        let live = "019aba5f2f5e7c409d9c3f1de2a7a6d5-141";
        let made = Slot::at(unix_seconds(decision_of(live).unwrap()));
        assert_eq!(of_click(live), None);
        let none = HashSet::new();
        assert!(is_gone(live, Slot::from_number(made.number() + 1), &none));
        assert!(!is_gone(live, made, &none));
        for other in
            ["7", "019aba5f-2f5e-7c40-9d9c-3f1de2a7a6d5", "019aba5f2f5e7c409d9c3f1de2a7a6d5"]
        {
            let hash = of_click(other).unwrap();
            assert!(hash >= 0 && !is_gone(other, made, &none), "{other}");
            assert!(is_gone(other, made, &HashSet::from([hash])), "{other}");
        }
        let of = |id, campaign| of_conversion(id, campaign);
        assert_ne!(of("11", 1), of("1", 11));
        assert_ne!(of("1", 1), of("1", 2));
    }
}
