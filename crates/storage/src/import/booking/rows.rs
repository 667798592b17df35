//! Inserting the rows of a file.

use sea_orm::{ActiveModelTrait, ConnectionTrait, DatabaseTransaction, DbErr, Value};

use crate::database::insert::{Existing, Insert, ROWS, values_of};

/// Inserts rows of an entity, except those whose keys exist.
pub(super) async fn insert_missing<A: ActiveModelTrait>(
    transaction: &DatabaseTransaction,
    rows: impl IntoIterator<Item = A>,
) -> Result<(), DbErr> {
    let values = rows.into_iter().flat_map(|row| values_of(&row)).collect();
    insert(transaction, &Insert::of::<A::Entity>(Existing::Kept), None, values).await
}

/// Inserts rows of values, a few hundred in a statement.
pub(super) async fn insert(
    transaction: &DatabaseTransaction,
    insert: &Insert,
    same: Option<i64>,
    values: Vec<Value>,
) -> Result<(), DbErr> {
    let dialect = transaction.get_database_backend();
    let mut values = values.into_iter().peekable();
    while values.peek().is_some() {
        let chunk = values.by_ref().take(ROWS * insert.columns.len()).collect();
        transaction.execute_raw(insert.statement(dialect, same, chunk)).await?;
    }
    Ok(())
}
