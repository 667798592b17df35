//! What visitors asked for: their preferences, and to be forgotten.
//!
//! SQL keeps it; every node has all of it in memory, so that a decision asks no database. Each
//! change has a revision, by which nodes find what others changed.

mod cache;
mod row;
mod table;

use std::sync::Arc;
use std::time::{Duration, Instant};

use bams_domain::{Preferences, VisitorId};
use tokio::sync::Mutex;

use self::cache::PreferencesCache;
use self::row::{VisitorRow, Wish};
use crate::change::revision::Revision;
use crate::database::Database;
use crate::error::StorageError;
use crate::history::{Memory, VisitorHistory};
use crate::performance::certain_time;

/// How often the database is asked for changes.
const EVERY: Duration = Duration::from_millis(400);

/// How long the database may take to answer.
const ANSWER: Duration = Duration::from_secs(2);

/// How often visits are written down and what expired is removed.
const TIDY_EVERY: Duration = Duration::from_secs(20);

/// How long it stays known that somebody was forgotten, in milliseconds, so that all nodes learn it.
const FORGETTING: i64 = 10 * 60 * 1000;

/// A node that heard nothing for so long may have missed it, and begins anew.
const TOO_LONG: Duration = Duration::from_mins(5);

/// What is kept of one visitor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptPreferences {
    /// What the visitor asked for.
    pub preferences: Arc<Preferences>,
    /// When it is forgotten, unless the visitor comes back; in unix milliseconds.
    pub expires_at: i64,
}

/// The preferences of all visitors who have any.
pub struct Visitors {
    database: Database,
    /// How long preferences live after a visit, in milliseconds.
    lifetime: i64,
    /// How many visitors may have preferences; beyond it those away longest lose theirs.
    capacity: usize,
    cache: PreferencesCache,
    following: Mutex<Following>,
    memory: Arc<Memory>,
}

/// How far this node follows the database.
struct Following {
    revision: Revision,
    heard: Instant,
    tidied: Instant,
}

impl Visitors {
    /// Reads what visitors asked for. They are forgotten `lifetime` after their last visit, and at
    /// most about `capacity` of them have preferences; `history` forgets whom others were told to
    /// forget.
    pub async fn load(
        database: Database,
        lifetime: Duration,
        capacity: usize,
        history: &VisitorHistory,
    ) -> Result<Self, StorageError> {
        let lifetime = i64::try_from(lifetime.as_millis()).unwrap_or(i64::MAX);
        let revision = Revision::default();
        let following = Following { revision, heard: Instant::now(), tidied: Instant::now() };
        let visitors = Self {
            database,
            lifetime,
            capacity,
            cache: PreferencesCache::new(lifetime),
            following: Mutex::new(following),
            memory: history.memory(),
        };
        visitors.refresh().await?;
        Ok(visitors)
    }

    /// What a visitor who is here now (unix milliseconds) asked for, or `None`, as of nearly
    /// everybody. Costs next to nothing then.
    pub fn preferences(&self, visitor: VisitorId, now: i64) -> Option<Arc<Preferences>> {
        self.cache.visit(visitor, now)
    }

    /// What is kept of a visitor, without that being a visit.
    pub fn kept(&self, visitor: VisitorId, now: i64) -> Option<KeptPreferences> {
        self.cache.kept(visitor, now)
    }

    /// How many visitors have preferences.
    pub fn len(&self) -> usize {
        self.cache.len()
    }

    /// Whether no visitor has preferences.
    pub fn is_empty(&self) -> bool {
        self.cache.len() == 0
    }

    /// Replaces what a visitor asked for, and answers when that expires. This node obeys it from
    /// now on, the others within two seconds.
    pub async fn prefer(
        &self,
        visitor: VisitorId,
        preferences: &Preferences,
        now: i64,
    ) -> Result<i64, StorageError> {
        let expires_at = now.saturating_add(self.lifetime);
        let surplus = (self.cache.len() + 1).saturating_sub(self.capacity);
        let wish = Wish::Preferences(preferences.clone());
        let row = VisitorRow { visitor, wish, revision: 0, expires_at };
        table::store(&self.database, row, surplus, now).await?;
        self.refresh().await?;
        Ok(expires_at)
    }

    /// Forgets what a visitor asked for, and makes every node forget what it remembers of them; the
    /// shared history is [`VisitorHistory::forget`]'s. For ten minutes the bare number of the visitor
    /// stays, by which the other nodes learn of it.
    pub async fn forget(&self, visitor: VisitorId, now: i64) -> Result<(), StorageError> {
        let expires_at = now.saturating_add(FORGETTING);
        let row = VisitorRow { visitor, wish: Wish::Forgotten, revision: 0, expires_at };
        table::store(&self.database, row, 0, now).await?;
        self.refresh().await
    }

    /// Follows the database for ever; `now` answers the time in unix milliseconds. While the
    /// database is gone, what is known goes on to be obeyed.
    pub async fn keep_fresh(&self, now: impl Fn() -> i64) {
        loop {
            tokio::time::sleep(EVERY).await;
            if let Err(error) = self.refresh().await {
                tracing::debug!(%error, "visitors' preferences are not fresh");
                continue;
            }
            if let Err(error) = self.tidy(now()).await {
                tracing::debug!(%error, "could not write down visits");
            }
        }
    }

    /// Takes over what changed since the last time.
    pub async fn refresh(&self) -> Result<(), StorageError> {
        let mut following = self.following.lock().await;
        let begin = Instant::now();
        let since = if begin.duration_since(following.heard) > TOO_LONG {
            Revision::default()
        } else {
            following.revision
        };
        let wishes = tokio::time::timeout(ANSWER, table::changed_since(&self.database, since));
        let action = "look for changed preferences";
        let wishes = wishes.await.map_err(|_| StorageError::TimedOut { action })??;
        if wishes.everything {
            self.cache.keep_only(&wishes.rows.iter().map(|row| row.visitor).collect());
        }
        for row in wishes.rows {
            match row.wish {
                Wish::Preferences(preferences) if !preferences.is_empty() => {
                    self.cache.keep(row.visitor, preferences, row.expires_at);
                }
                Wish::Preferences(_) => self.cache.remove(row.visitor),
                Wish::Forgotten => {
                    self.cache.remove(row.visitor);
                    self.memory.forget(row.visitor);
                }
            }
        }
        following.revision = wishes.revision;
        following.heard = begin;
        Ok(())
    }

    /// From time to time writes down who was here, and removes who was not for long.
    async fn tidy(&self, now: i64) -> Result<(), StorageError> {
        let mut following = self.following.lock().await;
        if following.tidied.elapsed() < TIDY_EVERY {
            return Ok(());
        }
        following.tidied = Instant::now();
        drop(following);
        self.write_visits(now).await?;
        self.cache.expire(now);
        match certain_time(&self.database, now).await? {
            Some(now) => table::remove_expired(&self.database, now).await,
            None => Ok(()),
        }
    }

    /// Writes down who was here, so that nodes which they did not visit know it, too.
    pub async fn write_visits(&self, now: i64) -> Result<(), StorageError> {
        let visits = self.cache.visits_to_write(now);
        table::extend(&self.database, &visits).await
    }
}
