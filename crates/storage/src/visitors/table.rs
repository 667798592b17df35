//! The table of visitors.

use bams_domain::{Preferences, VisitorId};
use sea_orm::sea_query::OnConflict;
use sea_orm::{
    ColumnTrait, DatabaseTransaction, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
};

use super::FORGETTING;
use super::row::{VisitorRow, Wish, bytes};
use crate::change::revision::{Counter, next};
use crate::database::Database;
use crate::database::insert::ROWS;
use crate::entity::visitor::{Column, Entity, Model};
use crate::error::{Attempt, StorageError};

/// Stores what a visitor asked for, and takes their preferences from about so many visitors who were
/// away longest.
pub(super) async fn store(
    database: &Database,
    mut row: VisitorRow,
    surplus: usize,
    now: i64,
) -> Result<(), StorageError> {
    let action = "store what a visitor asked for";
    let transaction = database.begin_writing().await?;
    // The counter's lock makes revisions commit in their order.
    row.revision = next(&transaction, Counter::Visitors).await.attempt(action)?;
    if surplus > 0 {
        drop_oldest(&transaction, surplus, (row.revision, now)).await?;
    }
    let replace = OnConflict::column(Column::Id)
        .update_columns([Column::Preferences, Column::Revision, Column::ExpiresAt])
        .to_owned();
    let insert = Entity::insert(row.into_model()).on_conflict(replace);
    insert.exec_without_returning(&transaction).await.attempt(action)?;
    transaction.commit().await.attempt(action)
}

async fn drop_oldest(
    transaction: &DatabaseTransaction,
    count: usize,
    (revision, now): (i64, i64),
) -> Result<(), StorageError> {
    let action = "make room for preferences";
    let oldest: Vec<Model> = Entity::find()
        .filter(Column::Preferences.ne(""))
        .order_by_asc(Column::ExpiresAt)
        .limit(count.min(ROWS) as u64)
        .all(transaction)
        .await
        .attempt(action)?;
    for model in oldest {
        let mut row = VisitorRow::try_from(model)?;
        row.wish = Wish::Preferences(Preferences::default());
        (row.revision, row.expires_at) = (revision, now.saturating_add(FORGETTING));
        Entity::update(row.into_model()).exec(transaction).await.attempt(action)?;
    }
    Ok(())
}

/// What was asked for after a revision, in any order.
pub(super) async fn changed_since(
    database: &Database,
    revision: i64,
) -> Result<Vec<VisitorRow>, StorageError> {
    let rows = Entity::find().filter(Column::Revision.gt(revision)).all(database.reading()).await;
    rows.attempt("look for changed preferences")?.into_iter().map(VisitorRow::try_from).collect()
}

/// Lets visitors' preferences live longer.
pub(super) async fn extend(
    database: &Database,
    visits: &[(VisitorId, i64)],
) -> Result<(), StorageError> {
    let action = "write down visits";
    for chunk in visits.chunks(ROWS) {
        let transaction = database.begin_writing().await?;
        let revision = next(&transaction, Counter::Visitors).await.attempt(action)?;
        let until = chunk.iter().map(|it| it.1).min().unwrap_or_default();
        Entity::update_many()
            .col_expr(Column::ExpiresAt, until.into())
            .col_expr(Column::Revision, revision.into())
            .filter(Column::Id.is_in(chunk.iter().map(|it| bytes(it.0))))
            .filter(Column::Preferences.ne(""))
            .filter(Column::ExpiresAt.lt(until))
            .exec(&transaction)
            .await
            .attempt(action)?;
        transaction.commit().await.attempt(action)?;
    }
    Ok(())
}

/// Removes what nobody needs any more. Every node drops it by itself.
pub(super) async fn remove_expired(database: &Database, now: i64) -> Result<(), StorageError> {
    let delete = Entity::delete_many().filter(Column::ExpiresAt.lte(now));
    delete.exec(database.reading()).await.attempt("remove expired preferences")?;
    Ok(())
}
