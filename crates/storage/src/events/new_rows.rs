//! Inserting rows that may exist already, and learning which did.

use std::collections::HashSet;
use std::hash::Hash;

use sea_orm::{ConnectionTrait, DatabaseTransaction, DbErr, Value};

use crate::database::insert::Insert;
use crate::database::statement_sizes::portions;
use crate::trouble::is_taken;

/// How often rows are inserted again without those that another writer just inserted.
const ATTEMPTS: u32 = 5;

/// Rows by their keys.
pub(super) struct NewRows<'a, K, F> {
    /// Into which table; a key that is taken makes it fail.
    pub(super) insert: &'a Insert,
    /// The key of each row; the same may come several times.
    pub(super) keys: Vec<K>,
    /// Finds those of some keys that are taken.
    pub(super) known: F,
}

/// Inserts the rows whose key is not taken, of several with the same key the first, and answers
/// for each whether it is new.
///
/// That is learned from the unique key alone: MySQL's counts of changed rows do not tell, and
/// looking before inserting would overlook what another writer inserts meanwhile. Most rows are
/// new, so nothing is looked up before an insert fails. Rows go in by key, or else MySQL's writers
/// deadlock.
pub(super) async fn insert_new<'a, K: Clone + Eq + Hash + Ord, F>(
    transaction: &'a DatabaseTransaction,
    rows: NewRows<'_, K, F>,
    values: impl Fn(usize) -> Vec<Value>,
) -> Result<Vec<bool>, DbErr>
where
    F: AsyncFn(&'a DatabaseTransaction, &[K]) -> Result<HashSet<K>, DbErr>,
{
    let NewRows { insert, keys, known } = rows;
    let mut order: Vec<usize> = (0..keys.len()).collect();
    order.sort_by(|one, other| keys[*one].cmp(&keys[*other])); // stable: the first one stays first
    order.dedup_by(|later, first| keys[*later] == keys[*first]);
    let mut new = vec![false; keys.len()];
    for chunk in portions(&order) {
        let mut chunk = chunk.to_vec();
        let mut attempt = 1;
        while !chunk.is_empty() {
            let all = chunk.iter().flat_map(|it| values(*it)).collect();
            let statement = insert.statement(transaction.get_database_backend(), None, all);
            match transaction.execute_raw(statement).await {
                Ok(_) => break,
                Err(error) if is_taken(&error) && attempt < ATTEMPTS => {
                    let wanted: Vec<K> = chunk.iter().map(|it| keys[*it].clone()).collect();
                    let known = known(transaction, &wanted).await?;
                    chunk.retain(|it| !known.contains(&keys[*it]));
                    attempt += 1;
                }
                Err(error) => return Err(error),
            }
        }
        for index in chunk {
            new[index] = true;
        }
    }
    Ok(new)
}
