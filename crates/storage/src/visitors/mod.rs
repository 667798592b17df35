//! The preferences of visitors, and their wish to be forgotten.
//!
//! SQL keeps them, and every node has all of them in memory, so that a decision asks no database.
//! Each change has a revision, by which the other nodes notice it.

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
use crate::history::{FORGETTING, Memory, VisitorHistory};
use crate::performance::certain_time;

/// How often the database is asked for changes.
const EVERY: Duration = Duration::from_millis(400);

/// How long the database may take to answer.
const ANSWER: Duration = Duration::from_secs(2);

/// How often visits are written and expired preferences removed.
const TIDY_EVERY: Duration = Duration::from_secs(20);

/// A node that could not ask for so long may have missed changes, and reads everything again.
const TOO_LONG: Duration = Duration::from_mins(5);

/// What is kept of one visitor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptPreferences {
    /// The preferences.
    pub preferences: Arc<Preferences>,
    /// When they expire unless the visitor comes back, in unix milliseconds.
    pub expires_at: i64,
}

/// The preferences of all visitors who have any.
pub struct Visitors {
    database: Database,
    /// How long preferences live after a visit, in milliseconds.
    lifetime: i64,
    /// How many visitors may have preferences. Beyond it those who were away longest lose theirs.
    capacity: usize,
    cache: PreferencesCache,
    following: Mutex<Following>,
    memory: Arc<Memory>,
}

/// How far this node has followed the database.
struct Following {
    revision: Revision,
    heard: Instant,
    tidied: Instant,
}

impl Visitors {
    /// Reads all preferences. They expire `lifetime` after the visitor's last visit, and at most
    /// about `capacity` visitors have any. `history` forgets visitors whom other nodes were told to
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

    /// Returns the preferences of a visitor who is here now (unix milliseconds), or `None` for a
    /// visitor without any. That is nearly everybody, and costs next to nothing.
    pub fn preferences(&self, visitor: VisitorId, now: i64) -> Option<Arc<Preferences>> {
        self.cache.visit(visitor, now)
    }

    /// Returns what is kept of a visitor, without counting a visit.
    pub fn kept(&self, visitor: VisitorId, now: i64) -> Option<KeptPreferences> {
        self.cache.kept(visitor, now)
    }

    /// Returns how many visitors have preferences.
    pub fn len(&self) -> usize {
        self.cache.len()
    }

    /// Returns true if no visitor has preferences.
    pub fn is_empty(&self) -> bool {
        self.cache.len() == 0
    }

    /// Replaces a visitor's preferences and returns when they expire. They hold on this node at
    /// once, on the others within two seconds.
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

    /// Forgets a visitor's preferences, and makes every node forget what it remembers of the
    /// visitor. [`VisitorHistory::forget`] does so for the shared history.
    ///
    /// The bare number of the visitor stays for ten minutes, so that the other nodes notice.
    pub async fn forget(&self, visitor: VisitorId, now: i64) -> Result<(), StorageError> {
        let expires_at = now.saturating_add(FORGETTING.into());
        let row = VisitorRow { visitor, wish: Wish::Forgotten, revision: 0, expires_at };
        table::store(&self.database, row, 0, now).await?;
        self.refresh().await
    }

    /// Follows the database for ever. `now` returns the time in unix milliseconds. While the
    /// database is gone, the known preferences hold.
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

    /// Takes over the changes since the last call.
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

    /// Writes visits and removes expired preferences, if it is time.
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

    /// Writes visits, so that they prolong preferences on nodes that were not visited as well.
    pub async fn write_visits(&self, now: i64) -> Result<(), StorageError> {
        let visits = self.cache.visits_to_write(now);
        table::extend(&self.database, &visits).await
    }
}
