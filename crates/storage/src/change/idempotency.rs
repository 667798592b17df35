//! Requests that may be sent again: the repetition gets the same answer and changes nothing.

use std::fmt;

use sea_orm::ActiveValue::Set;
use sea_orm::{
    ActiveModelTrait, ColumnTrait, DatabaseTransaction, DbErr, EntityTrait, IntoActiveModel,
    QueryFilter, SqlErr,
};

use super::{Actor, Change};
use crate::database::Database;
use crate::database::values::{corrupt, row_of};
use crate::entity::idempotency;
use crate::error::{Attempt, StorageError};

/// How long an answer is kept, in milliseconds: a day.
const REMEMBERED: i64 = 24 * 60 * 60 * 1000;

/// The longest name of a request, in bytes.
pub const LONGEST_IDEMPOTENCY_KEY: usize = 200;

/// The identity of a request that may be sent again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claim {
    /// The key that sends it. Other keys may use the same text.
    pub key_id: String,
    /// The client's name for the request, at most [`LONGEST_IDEMPOTENCY_KEY`] bytes.
    pub idempotency_key: String,
    /// A hash of everything in which the request differs from others, at most 64 bytes.
    pub fingerprint: String,
}

/// The answer to a request, for its repetitions.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StoredAnswer {
    /// A number for the outcome, which only the caller understands.
    pub code: u16,
    /// The place of what was created.
    pub place: Option<String>,
    /// The version of what was created.
    pub version: Option<String>,
    /// The text for the client.
    pub body: String,
}

/// A request that may be sent again, with the answer to it.
pub struct Once<T> {
    /// The identity of the request.
    pub claim: Claim,
    /// Returns the answer for repetitions.
    pub answer: Box<dyn Fn(&T) -> StoredAnswer + Send + Sync>,
}

impl<T> fmt::Debug for Once<T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Once").field("claim", &self.claim).finish_non_exhaustive()
    }
}

/// The beginning of a change for a request that may be sent again.
#[derive(Debug)]
pub enum Begun {
    /// The request is new. The change ends with [`Change::commit_answered`].
    Fresh(Change),
    /// The request was answered before.
    Answered(StoredAnswer),
    /// The client used the same idempotency key for another request.
    Reused,
}

/// What an idempotency key was used for before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EarlierUse {
    /// Nothing.
    None,
    /// The same request, which was answered like this.
    Same(StoredAnswer),
    /// Another request.
    Other,
}

impl Change {
    /// Begins a change unless the same request was answered within the last day. The same request
    /// at the same time, on any node, waits for the first one.
    pub async fn begin_once(
        database: &Database,
        actor: Actor,
        now: i64,
        claim: Claim,
    ) -> Result<Begun, StorageError> {
        let action = "claim an idempotency key";
        let mut change = Self::begin(database, actor, now).await?;
        forget_old(&change.transaction, &claim, now).await.attempt(action)?;
        let row = idempotency::ActiveModel {
            key_id: Set(claim.key_id.clone()),
            idempotency_key: Set(claim.idempotency_key.clone()),
            fingerprint: Set(claim.fingerprint.clone()),
            created_at: Set(now),
            ..Default::default()
        };
        let claimed = idempotency::Entity::insert(row).exec_without_returning(&change.transaction);
        match claimed.await {
            Ok(_) => {
                change.claim = Some(claim);
                Ok(Begun::Fresh(change))
            }
            Err(error) if matches!(error.sql_err(), Some(SqlErr::UniqueConstraintViolation(_))) => {
                let id = (claim.key_id, claim.idempotency_key);
                let found = idempotency::Entity::find_by_id(id).one(&change.transaction).await;
                change.transaction.rollback().await.attempt(action)?;
                match found.attempt(action)? {
                    Some(row) if row.fingerprint == claim.fingerprint => {
                        Ok(Begun::Answered(stored(row)?))
                    }
                    _ => Ok(Begun::Reused),
                }
            }
            Err(source) => Err(StorageError::Database { action, source }),
        }
    }

    /// Commits the change together with its answer.
    pub async fn commit_answered(mut self, answer: StoredAnswer) -> Result<(), StorageError> {
        if let Some(claim) = self.claim.take() {
            let action = "keep an answer";
            let id = (claim.key_id, claim.idempotency_key);
            let row = idempotency::Entity::find_by_id(id).one(&self.transaction).await;
            if let Some(row) = row.attempt(action)? {
                let mut row = row.into_active_model();
                row.code = Set(Some(answer.code.into()));
                row.place = Set(answer.place);
                row.version = Set(answer.version);
                row.body = Set(Some(answer.body));
                row.update(&self.transaction).await.attempt(action)?;
            }
        }
        self.commit().await
    }
}

/// Removes this request if it is older than a day, and other requests if they are older than a day
/// by this clock and by the newest request. So a clock that is ahead removes nothing that is still
/// needed.
async fn forget_old(
    transaction: &DatabaseTransaction,
    claim: &Claim,
    now: i64,
) -> Result<(), DbErr> {
    let id = (claim.key_id.clone(), claim.idempotency_key.clone());
    // Reading locks nothing: the same request at the same time must not meet here.
    let row = idempotency::Entity::find_by_id(id.clone()).one(transaction).await?;
    if row.is_some_and(|row| row.created_at < now - REMEMBERED) {
        idempotency::Entity::delete_by_id(id).exec(transaction).await?;
    }
    let sql = "SELECT MAX(created_at) FROM idempotency";
    let newest: Option<i64> = match row_of(transaction, sql, Vec::new()).await? {
        Some(row) => row.try_get_by_index(0)?,
        None => None,
    };
    let Some(newest) = newest else { return Ok(()) };
    idempotency::Entity::delete_many()
        .filter(idempotency::Column::CreatedAt.lt(newest.min(now) - REMEMBERED))
        .exec(transaction)
        .await
        .map(drop)
}

/// Returns what the idempotency key was used for within the last day. Claims nothing, because some
/// requests do something slow before they change anything.
pub async fn earlier_use(
    database: &Database,
    claim: &Claim,
    now: i64,
) -> Result<EarlierUse, StorageError> {
    let id = (claim.key_id.clone(), claim.idempotency_key.clone());
    let row = idempotency::Entity::find_by_id(id)
        .filter(idempotency::Column::CreatedAt.gte(now - REMEMBERED))
        .one(database.reading())
        .await;
    Ok(match row.attempt("look for an earlier answer")? {
        None => EarlierUse::None,
        Some(row) if row.fingerprint == claim.fingerprint => EarlierUse::Same(stored(row)?),
        Some(_) => EarlierUse::Other,
    })
}

fn stored(row: idempotency::Model) -> Result<StoredAnswer, StorageError> {
    let unknown = || corrupt("idempotency", "status", "nothing");
    let code = row.code.and_then(|code| u16::try_from(code).ok()).ok_or_else(unknown)?;
    Ok(StoredAnswer {
        code,
        place: row.place,
        version: row.version,
        body: row.body.unwrap_or_default(),
    })
}
