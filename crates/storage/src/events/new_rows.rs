//! Inserting rows that may exist already, and learning which did.

use std::collections::HashSet;
use std::hash::Hash;

use sea_orm::{ConnectionTrait, DatabaseTransaction, DbErr, Value};

use crate::database::insert::Insert;
use crate::database::statement_sizes::portions;
use crate::trouble::is_taken;

/// How often an insert is repeated without the rows that another writer has just inserted.
const ATTEMPTS: u32 = 5;

/// Rows by their keys.
pub(super) struct NewRows<'a, K, F> {
    /// The insert, which fails at a key that is taken.
    pub(super) insert: &'a Insert,
    /// The key of each row. Keys may repeat.
    pub(super) keys: Vec<K>,
    /// Finds the keys among some that are taken.
    pub(super) known: F,
}

/// Inserts the rows with free keys, the first of several with the same key, and returns for each
/// row whether it is new.
///
/// Only the unique key tells that: MySQL's counts of changed rows are unreliable, and a look-up
/// before the insert would miss what another writer inserts meanwhile. Most rows are new, so
/// nothing is looked up before an insert fails. Rows are inserted in the order of their keys, or
/// else MySQL's writers deadlock.
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
            let all = chunk.iter().flat_map(|row| values(*row)).collect();
            let statement = insert.statement(transaction.get_database_backend(), None, all);
            match transaction.execute_raw(statement).await {
                Ok(_) => break,
                Err(error) if is_taken(&error) && attempt < ATTEMPTS => {
                    let wanted: Vec<K> = chunk.iter().map(|row| keys[*row].clone()).collect();
                    let known = known(transaction, &wanted).await?;
                    chunk.retain(|row| !known.contains(&keys[*row]));
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
