//! The table of visitors.

use bams_domain::{Preferences, VisitorId};
use sea_orm::sea_query::OnConflict;
use sea_orm::{
    ColumnTrait, DatabaseTransaction, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
};

use super::row::{VisitorRow, Wish, bytes};
use crate::change::revision::{Counter, Revision, has_passed, newest, next};
use crate::database::Database;
use crate::database::insert::ROWS;
use crate::database::repetition::Repetition;
use crate::entity::visitor::{Column, Entity, Model};
use crate::error::{Attempt, StorageError};
use crate::history::FORGETTING;

/// Stores preferences, and removes those of about `surplus` visitors who were away longest.
pub(super) async fn store(
    database: &Database,
    row: VisitorRow,
    surplus: usize,
    now: i64,
) -> Result<(), StorageError> {
    let mut repetition = Repetition::new();
    loop {
        match store_once(database, row.clone(), surplus, now).await {
            Err(error) => repetition.after(database, error).await?,
            stored => return stored,
        }
    }
}

async fn store_once(
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
        (row.revision, row.expires_at) = (revision, now.saturating_add(FORGETTING.into()));
        Entity::update(row.into_model()).exec(transaction).await.attempt(action)?;
    }
    Ok(())
}

/// The preferences that changed after a revision.
pub(super) struct Wishes {
    /// True if these are all preferences, because the store never was at that revision.
    pub(super) everything: bool,
    /// The rows, in any order.
    pub(super) rows: Vec<VisitorRow>,
    /// The newest revision.
    pub(super) revision: Revision,
}

/// Returns the preferences that changed after a revision.
pub(super) async fn changed_since(
    database: &Database,
    known: Revision,
) -> Result<Wishes, StorageError> {
    let action = "look for changed preferences";
    let revision = newest(database.reading(), Counter::Visitors).await.attempt(action)?;
    if known == revision && known != Revision::default() {
        return Ok(Wishes { everything: false, rows: Vec::new(), revision });
    }
    let transaction = database.begin_reading().await?;
    let revision = newest(&transaction, Counter::Visitors).await.attempt(action)?;
    let passed = has_passed(&transaction, Counter::Visitors, known, revision).await;
    let everything = known == Revision::default() || !passed.attempt(action)?;
    let since = if everything { i64::MIN } else { known.number };
    let changed = Entity::find().filter(Column::Revision.gt(since)).all(&transaction).await;
    let rows =
        changed.attempt(action)?.into_iter().map(VisitorRow::try_from).collect::<Result<_, _>>()?;
    Ok(Wishes { everything, rows, revision })
}

/// Prolongs visitors' preferences.
pub(super) async fn extend(
    database: &Database,
    visits: &[(VisitorId, i64)],
) -> Result<(), StorageError> {
    for visits in visits.chunks(ROWS) {
        let mut repetition = Repetition::new();
        while let Err(error) = extend_some(database, visits).await {
            repetition.after(database, error).await?;
        }
    }
    Ok(())
}

async fn extend_some(database: &Database, visits: &[(VisitorId, i64)]) -> Result<(), StorageError> {
    let action = "write down visits";
    let transaction = database.begin_writing().await?;
    let revision = next(&transaction, Counter::Visitors).await.attempt(action)?;
    let until = visits.iter().map(|visit| visit.1).min().unwrap_or_default();
    Entity::update_many()
        .col_expr(Column::ExpiresAt, until.into())
        .col_expr(Column::Revision, revision.into())
        .filter(Column::Id.is_in(visits.iter().map(|visit| bytes(visit.0))))
        .filter(Column::Preferences.ne(""))
        .filter(Column::ExpiresAt.lt(until))
        .exec(&transaction)
        .await
        .attempt(action)?;
    transaction.commit().await.attempt(action)
}

/// Removes expired rows. Every node drops them from its memory by itself.
pub(super) async fn remove_expired(database: &Database, now: i64) -> Result<(), StorageError> {
    let delete = Entity::delete_many().filter(Column::ExpiresAt.lte(now));
    delete.exec(database.reading()).await.attempt("remove expired preferences")?;
    Ok(())
}
