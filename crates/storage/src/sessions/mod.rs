//! The sessions of people who signed in to the dashboard, and the links that sign them in once.
//!
//! A session belongs to a key and ends with it. Every request asks the database, so that all nodes
//! notice at once.

mod shared_report;
mod token;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use sea_orm::ActiveValue::Set;
use sea_orm::{ActiveModelTrait, ColumnTrait, DatabaseTransaction, EntityTrait, QueryFilter};
use tokio::time::timeout;

pub use self::shared_report::{SharedReport, shared_report, shared_reports};
pub use self::token::TokenText;
use crate::database::{Database, Repetition};
use crate::entity::{session, sign_in_link};
use crate::error::{Attempt, StorageError};
use crate::keys::{ApiKey, Doorkeeper, PATIENCE, is_valid, key};

/// For how long a session that was seen here goes on while the database is away, in milliseconds.
const MEMORY: i64 = 10 * 60_000;

/// How many sessions are remembered for that.
const MOST_REMEMBERED: usize = 10_000;

/// What the token of a browser proves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SessionProof {
    /// A session of this key.
    Valid(ApiKey),
    /// A session that was valid here when the database last answered. It does not answer now.
    Recalled(ApiKey),
    /// Nothing: there is no such session, or it or its key has ended.
    Ended,
}

/// The sessions of an installation.
#[derive(Debug)]
pub struct Sessions {
    database: Database,
    doorkeeper: Arc<Doorkeeper>,
    /// The key of each session that was seen here, by the hash of its token, and when.
    seen: Mutex<HashMap<String, (i64, ApiKey)>>,
}

/// A session to open.
#[derive(Clone, Debug)]
struct NewSession {
    token: String,
    replaced: Option<String>,
    now: i64,
    until: i64,
}

impl Sessions {
    /// Makes the sessions of a store, whose keys `doorkeeper` knows.
    pub fn new(database: Database, doorkeeper: Arc<Doorkeeper>) -> Self {
        Self { database, doorkeeper, seen: Mutex::default() }
    }

    /// Opens a session of a key until a moment, and ends the one that it replaces. Moments are unix
    /// milliseconds.
    pub async fn open(
        &self,
        token: &TokenText,
        key_id: &str,
        replaced: Option<&TokenText>,
        now: i64,
        until: i64,
    ) -> Result<(), StorageError> {
        let new = new_session(token, replaced, now, until);
        self.again(async || {
            let transaction = self.database.begin_writing().await?;
            open(&transaction, key_id, &new).await?;
            transaction.commit().await.attempt("open a session")
        })
        .await
    }

    /// Opens a session by a link, which works once, and returns its key. `None` if the link or its
    /// key has ended. Of several calls at once, on any node, one gets the session.
    pub async fn open_by_link(
        &self,
        link: &TokenText,
        token: &TokenText,
        replaced: Option<&TokenText>,
        now: i64,
        until: i64,
    ) -> Result<Option<ApiKey>, StorageError> {
        let (link, new) = (link.sha256(), new_session(token, replaced, now, until));
        self.again(async || {
            let found = sign_in_link::Entity::find_by_id(&link).one(self.database.reading()).await;
            let Some(row) = found.attempt("look for a link")? else { return Ok(None) };
            let known = key(&self.database, &row.key_id).await?;
            let Some(known) = known.filter(|it| now < row.expires_at && is_valid(it, now)) else {
                return Ok(None);
            };
            let transaction = self.database.begin_writing().await?;
            let used = sign_in_link::Entity::delete_by_id(&link).exec(&transaction).await;
            if used.attempt("use a link")?.rows_affected == 0 {
                return Ok(None);
            }
            open(&transaction, &known.id, &new).await?;
            transaction.commit().await.attempt("open a session")?;
            Ok(Some(known))
        })
        .await
    }

    /// Makes a link that signs somebody in once, with a key, before a moment in unix milliseconds.
    pub async fn invite(
        &self,
        link: &TokenText,
        key_id: &str,
        until: i64,
    ) -> Result<(), StorageError> {
        let row = sign_in_link::ActiveModel {
            token_sha256: Set(link.sha256()),
            key_id: Set(key_id.to_owned()),
            expires_at: Set(until),
        };
        self.again(async || {
            let made = row.clone().insert(self.database.reading()).await;
            made.attempt("make a link").map(drop)
        })
        .await
    }

    /// Returns what a token proves at a moment in unix milliseconds.
    ///
    /// While the database does not answer, a session that was seen here within ten minutes is
    /// [`SessionProof::Recalled`]. It suits only requests that need no database.
    pub async fn recognize(
        &self,
        token: &TokenText,
        now: i64,
    ) -> Result<SessionProof, StorageError> {
        let error = match timeout(PATIENCE, self.look_up(token, now)).await {
            Ok(Ok(proof)) => return Ok(proof),
            Ok(Err(error)) => error,
            Err(_) => StorageError::TimedOut { action: "look a session up" },
        };
        self.recall(token, now).map(SessionProof::Recalled).ok_or(error)
    }

    async fn look_up(&self, token: &TokenText, now: i64) -> Result<SessionProof, StorageError> {
        let hash = token.sha256();
        let found = session::Entity::find_by_id(&hash).one(self.database.reading()).await;
        let row = found.attempt("look a session up")?.filter(|row| now < row.expires_at);
        let known = match row {
            Some(row) => key(&self.database, &row.key_id).await?,
            None => None,
        };
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(known) = known.filter(|it| is_valid(it, now)) else {
            seen.remove(&hash);
            return Ok(SessionProof::Ended);
        };
        if seen.len() >= MOST_REMEMBERED {
            seen.retain(|_, (at, _)| now - *at < MEMORY);
        }
        if seen.len() < MOST_REMEMBERED {
            seen.insert(hash, (now, known.clone()));
        }
        drop(seen);
        self.doorkeeper.note_use(&known, now);
        Ok(SessionProof::Valid(known))
    }

    fn recall(&self, token: &TokenText, now: i64) -> Option<ApiKey> {
        let seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let (at, known) = seen.get(&token.sha256())?;
        (now - at < MEMORY && is_valid(known, now)).then(|| known.clone())
    }

    /// Ends a session.
    pub async fn close(&self, token: &TokenText) -> Result<(), StorageError> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner).remove(&token.sha256());
        self.again(async || {
            let closed = session::Entity::delete_by_id(token.sha256());
            closed.exec(self.database.reading()).await.attempt("end a session").map(drop)
        })
        .await
    }

    /// Ends every session of a key, on every node.
    pub async fn close_all_of(&self, key_id: &str) -> Result<(), StorageError> {
        let seen = |_: &String, (_, key): &mut (i64, ApiKey)| key.id != key_id;
        self.seen.lock().unwrap_or_else(PoisonError::into_inner).retain(seen);
        self.again(async || {
            let these = session::Entity::delete_many().filter(session::Column::KeyId.eq(key_id));
            these.exec(self.database.reading()).await.attempt("end sessions").map(drop)
        })
        .await
    }

    /// Does work again while other writers are in its way.
    async fn again<T>(
        &self,
        work: impl AsyncFn() -> Result<T, StorageError>,
    ) -> Result<T, StorageError> {
        let mut repetition = Repetition::new();
        loop {
            match work().await {
                Err(error) => repetition.after(&self.database, error).await?,
                done => return done,
            }
        }
    }
}

fn new_session(
    token: &TokenText,
    replaced: Option<&TokenText>,
    now: i64,
    until: i64,
) -> NewSession {
    NewSession { token: token.sha256(), replaced: replaced.map(TokenText::sha256), now, until }
}

/// Writes a new session, and removes the one that it replaces and those that have expired.
async fn open(
    transaction: &DatabaseTransaction,
    key_id: &str,
    new: &NewSession,
) -> Result<(), StorageError> {
    if let Some(replaced) = &new.replaced {
        let ended = session::Entity::delete_by_id(replaced).exec(transaction).await;
        ended.attempt("end a session")?;
    }
    let expired = session::Entity::delete_many().filter(session::Column::ExpiresAt.lte(new.now));
    expired.exec(transaction).await.attempt("remove old sessions")?;
    let expired =
        sign_in_link::Entity::delete_many().filter(sign_in_link::Column::ExpiresAt.lte(new.now));
    expired.exec(transaction).await.attempt("remove old links")?;
    let row = session::ActiveModel {
        token_sha256: Set(new.token.clone()),
        key_id: Set(key_id.to_owned()),
        created_at: Set(new.now),
        expires_at: Set(new.until),
    };
    row.insert(transaction).await.attempt("open a session").map(drop)
}
