//! Revisions, by which every node notices changes of what is served.
//!
//! A transaction that changes a campaign or attaches banners ends with [`touch`], one that changes
//! banners with [`touch_banners`], whether or not campaigns have them: links to banners that were
//! detached from all are still on pages. Changes by events are marked by
//! [`announce`](super::announcement::announce). Nodes ask for what is above the revision they know.

use std::collections::BTreeSet;

use bams_domain::{BannerId, CampaignId};
use sea_orm::sea_query::OnConflict;
use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, DatabaseTransaction, DbBackend, DbErr,
    EntityTrait, QueryFilter, QueryResult, QuerySelect, Statement, Value,
};

use crate::database::insert::ROWS;
use crate::database::values::{random_number, row_of};
use crate::entity::{banner_revision, campaign_revision};
use crate::error::{Attempt, StorageError};

/// How many revisions a node may be behind, roughly, and still find its own.
const KEPT: i64 = 1_000;

/// How often revisions that are too old are removed, in revisions.
const REMOVED_EVERY: i64 = 100;

/// A moment in the history of a store.
///
/// The number grows by one with each change. The word is random, because a database that went back
/// (a promoted replica, a restored backup) draws another one for the same number. Both are 0
/// without a change.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Revision {
    pub(crate) number: i64,
    word: i64,
}

/// Marks campaigns, given in any order, as changed. Without any it does nothing.
///
/// Must be called last in a transaction, because the row that it locks makes all writers commit one
/// after the other.
pub(crate) async fn touch(
    transaction: &DatabaseTransaction,
    campaigns: impl IntoIterator<Item = CampaignId>,
) -> Result<(), StorageError> {
    let mut campaigns: Vec<CampaignId> = campaigns.into_iter().collect();
    if campaigns.is_empty() {
        return Ok(());
    }
    campaigns.sort_unstable();
    campaigns.dedup();
    let action = "mark campaigns as changed";
    let revision = next(transaction, Counter::Campaigns).await.attempt(action)?;
    for chunk in campaigns.chunks(ROWS) {
        let rows = chunk.iter().map(|campaign| campaign_revision::ActiveModel {
            campaign_id: Set(i64::from(campaign.0)),
            revision: Set(revision),
        });
        let newer = OnConflict::column(campaign_revision::Column::CampaignId)
            .update_column(campaign_revision::Column::Revision)
            .to_owned();
        campaign_revision::Entity::insert_many(rows)
            .on_conflict(newer)
            .exec_without_returning(transaction)
            .await
            .attempt(action)?;
    }
    Ok(())
}

/// Marks banners as changed, each once for all of its campaigns. Must be called like [`touch`].
pub(crate) async fn touch_banners(
    transaction: &DatabaseTransaction,
    banners: BTreeSet<BannerId>,
) -> Result<(), StorageError> {
    if banners.is_empty() {
        return Ok(());
    }
    let action = "mark banners as changed";
    let revision = next(transaction, Counter::Campaigns).await.attempt(action)?;
    let banners: Vec<BannerId> = banners.into_iter().collect();
    for chunk in banners.chunks(ROWS) {
        let rows = chunk.iter().map(|banner| banner_revision::ActiveModel {
            banner_id: Set(banner.0.into()),
            revision: Set(revision),
        });
        let newer = OnConflict::column(banner_revision::Column::BannerId)
            .update_column(banner_revision::Column::Revision)
            .to_owned();
        let insert = banner_revision::Entity::insert_many(rows).on_conflict(newer);
        insert.exec_without_returning(transaction).await.attempt(action)?;
    }
    Ok(())
}

/// A counter of revisions, as the number of its row.
#[derive(Clone, Copy)]
pub(crate) enum Counter {
    Campaigns = 1,
    Visitors = 2,
    /// For first keys, which need only its lock.
    Keys = 3,
    /// For repairs, of which only one at a time may change performance.
    Repairs = 4,
}

/// Draws the next revision of a counter, with its word, and returns its number. Other callers wait
/// for this transaction.
pub(crate) async fn next(
    transaction: &DatabaseTransaction,
    counter: Counter,
) -> Result<i64, DbErr> {
    let dialect = transaction.get_database_backend();
    let statement =
        |sql: &str, values: Vec<Value>| Statement::from_sql_and_values(dialect, sql, values);
    let id = counter as i64;
    let number = if dialect == DbBackend::Sqlite {
        let sql = "INSERT INTO store_revision (id, revision) VALUES (?, 1) \
                   ON CONFLICT (id) DO UPDATE SET revision = revision + 1 RETURNING revision";
        let row = transaction.query_one_raw(statement(sql, vec![id.into()])).await?;
        row.ok_or(DbErr::RecordNotFound("store_revision".to_owned()))?.try_get_by_index(0)?
    } else {
        let sql = "INSERT INTO store_revision (id, revision) VALUES (?, LAST_INSERT_ID(1)) \
                   ON DUPLICATE KEY UPDATE revision = LAST_INSERT_ID(revision + 1)";
        let drawn = transaction.execute_raw(statement(sql, vec![id.into()])).await?;
        i64::try_from(drawn.last_insert_id()).unwrap_or(i64::MAX)
    };
    let word = format!(
        "INSERT INTO revision_words (counter, revision, word) VALUES (?, ?, {})",
        random_number(dialect)
    );
    transaction.execute_raw(statement(&word, vec![id.into(), number.into()])).await?;
    if number % REMOVED_EVERY == 0 {
        let sql = "DELETE FROM revision_words WHERE counter = ? AND revision <= ?";
        let values = vec![id.into(), number.saturating_sub(KEPT).into()];
        transaction.execute_raw(statement(sql, values)).await?;
    }
    Ok(number)
}

/// Returns the newest revision of a counter.
pub(crate) async fn newest<C: ConnectionTrait>(
    database: &C,
    counter: Counter,
) -> Result<Revision, DbErr> {
    let sql = "SELECT revision, word FROM revision_words WHERE counter = ? \
               ORDER BY revision DESC LIMIT 1";
    let values = vec![(counter as i64).into()];
    let row = row_of(database, sql, values).await?;
    row.map_or_else(|| Ok(Revision::default()), |row| revision(&row))
}

/// Returns true if a store that is at `newest` was at `known` before, and recently enough to tell.
pub(crate) async fn has_passed<C: ConnectionTrait>(
    database: &C,
    counter: Counter,
    known: Revision,
    newest: Revision,
) -> Result<bool, DbErr> {
    if known == newest || known == Revision::default() {
        return Ok(true);
    }
    let sql = "SELECT revision, word FROM revision_words \
               WHERE counter = ? AND revision = ? AND word = ?";
    let values = vec![(counter as i64).into(), known.number.into(), known.word.into()];
    Ok(row_of(database, sql, values).await?.is_some())
}

fn revision(row: &QueryResult) -> Result<Revision, DbErr> {
    Ok(Revision { number: row.try_get_by_index(0)?, word: row.try_get_by_index(1)? })
}

/// The changes after a revision.
pub(crate) struct ChangesSince {
    /// True if the store never was at the known revision, so that everything may have changed. The
    /// lists are empty then.
    pub(crate) everything: bool,
    /// The campaigns that changed, by id. Those of which only performance changed by events are not
    /// among them.
    pub(crate) campaigns: Vec<CampaignId>,
    /// The banners that changed.
    pub(crate) banners: Vec<BannerId>,
    /// The newest revision.
    pub(crate) revision: Revision,
}

/// Returns the changes after `known`. Skips numbers that no campaign or banner can have.
pub(crate) async fn changed_since(
    transaction: &DatabaseTransaction,
    known: Revision,
) -> Result<ChangesSince, StorageError> {
    let action = "look for changes";
    let revision = newest(transaction, Counter::Campaigns).await.attempt(action)?;
    let passed = has_passed(transaction, Counter::Campaigns, known, revision).await;
    let everything = !passed.attempt(action)?;
    let (mut campaigns, mut banners) = (BTreeSet::new(), Vec::new());
    if !everything && known != revision {
        campaigns.extend(changed_campaigns(transaction, known.number).await?);
        banners = changed_banners(transaction, known.number).await?;
    }
    let number = |id| u32::try_from(id).ok();
    let campaigns = campaigns.into_iter().filter_map(number).map(CampaignId).collect();
    let banners = banners.into_iter().filter_map(number).map(BannerId).collect();
    Ok(ChangesSince { everything, campaigns, banners, revision })
}

async fn changed_campaigns(
    transaction: &DatabaseTransaction,
    known: i64,
) -> Result<Vec<i64>, StorageError> {
    use campaign_revision::{Column, Entity};
    let changed = Entity::find().select_only().column(Column::CampaignId);
    let changed = changed.filter(Column::Revision.gt(known)).into_tuple().all(transaction);
    changed.await.attempt("look for changed campaigns")
}

async fn changed_banners(
    transaction: &DatabaseTransaction,
    known: i64,
) -> Result<Vec<i64>, StorageError> {
    use banner_revision::{Column, Entity};
    let changed = Entity::find().select_only().column(Column::BannerId);
    let changed = changed.filter(Column::Revision.gt(known)).into_tuple().all(transaction);
    changed.await.attempt("look for changed banners")
}
