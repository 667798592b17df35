//! The preferences of all visitors, in this process.

use std::collections::{HashMap, HashSet};
use std::hash::{BuildHasher, RandomState};
use std::sync::atomic::{AtomicI64, AtomicUsize, Ordering::Relaxed};
use std::sync::{Arc, PoisonError, RwLock};

use bams_domain::{Preferences, VisitorId};

use super::KeptPreferences;

/// The number of parts over which visitors are spread, so that a look-up seldom waits for a change.
const PARTS: usize = 64;

/// A visit is written if it prolongs a lifetime by at least this part of it.
const GRAIN: i64 = 30;

/// Preferences by visitor.
pub(super) struct PreferencesCache {
    parts: Vec<RwLock<HashMap<VisitorId, CachedPreferences>>>,
    /// Has a random key, so that nobody can choose visitor ids of one part.
    hasher: RandomState,
    count: AtomicUsize,
    lifetime: i64,
}

struct CachedPreferences {
    preferences: Arc<Preferences>,
    /// The expiry that every node knows.
    expires_at: i64,
    /// The expiry after visits to this node.
    prolonged_to: AtomicI64,
}

impl CachedPreferences {
    fn expires_at(&self) -> i64 {
        self.prolonged_to.load(Relaxed).max(self.expires_at)
    }
}

impl PreferencesCache {
    pub(super) fn new(lifetime: i64) -> Self {
        let parts = (0..PARTS).map(|_| RwLock::default()).collect();
        Self { parts, hasher: RandomState::new(), count: AtomicUsize::new(0), lifetime }
    }

    pub(super) fn len(&self) -> usize {
        self.count.load(Relaxed)
    }

    pub(super) fn visit(&self, visitor: VisitorId, now: i64) -> Option<Arc<Preferences>> {
        if self.len() == 0 {
            return None;
        }
        self.look(visitor, now, |entry| {
            entry.prolonged_to.fetch_max(now.saturating_add(self.lifetime), Relaxed);
            Arc::clone(&entry.preferences)
        })
    }

    pub(super) fn kept(&self, visitor: VisitorId, now: i64) -> Option<KeptPreferences> {
        self.look(visitor, now, |entry| KeptPreferences {
            preferences: Arc::clone(&entry.preferences),
            expires_at: entry.expires_at(),
        })
    }

    fn look<T>(
        &self,
        visitor: VisitorId,
        now: i64,
        say: impl FnOnce(&CachedPreferences) -> T,
    ) -> Option<T> {
        let part = self.part(visitor).read().unwrap_or_else(PoisonError::into_inner);
        let entry = part.get(&visitor)?;
        (entry.expires_at() > now).then(|| say(entry))
    }

    pub(super) fn keep(&self, visitor: VisitorId, preferences: Preferences, expires_at: i64) {
        let (preferences, prolonged_to) = (Arc::new(preferences), AtomicI64::new(expires_at));
        let entry = CachedPreferences { preferences, expires_at, prolonged_to };
        let mut part = self.part(visitor).write().unwrap_or_else(PoisonError::into_inner);
        if let Some(before) = part.insert(visitor, entry) {
            let visited = before.prolonged_to.load(Relaxed);
            part.entry(visitor).and_modify(|cached| *cached.prolonged_to.get_mut() = visited);
        } else {
            self.count.fetch_add(1, Relaxed);
        }
    }

    pub(super) fn remove(&self, visitor: VisitorId) {
        let mut part = self.part(visitor).write().unwrap_or_else(PoisonError::into_inner);
        if part.remove(&visitor).is_some() {
            self.count.fetch_sub(1, Relaxed);
        }
    }

    pub(super) fn keep_only(&self, visitors: &HashSet<VisitorId>) {
        self.retain(|visitor, _| visitors.contains(visitor));
    }

    pub(super) fn expire(&self, now: i64) {
        self.retain(|_, it| it.expires_at() > now);
    }

    /// Returns the visitors whose visits prolong their preferences noticeably, with the new expiry.
    pub(super) fn visits_to_write(&self, now: i64) -> Vec<(VisitorId, i64)> {
        let mut visits = Vec::new();
        for part in &self.parts {
            let part = part.read().unwrap_or_else(PoisonError::into_inner);
            visits.extend(part.iter().filter_map(|(&visitor, it)| {
                let until = it.expires_at();
                let noticeable = until - it.expires_at > self.lifetime / GRAIN;
                (noticeable && until > now).then_some((visitor, until))
            }));
        }
        visits
    }

    fn retain(&self, keep: impl Fn(&VisitorId, &CachedPreferences) -> bool) {
        for part in &self.parts {
            let mut part = part.write().unwrap_or_else(PoisonError::into_inner);
            let before = part.len();
            part.retain(|visitor, it| keep(visitor, it));
            self.count.fetch_sub(before - part.len(), Relaxed);
        }
    }

    fn part(&self, visitor: VisitorId) -> &RwLock<HashMap<VisitorId, CachedPreferences>> {
        &self.parts[usize::from(self.hasher.hash_one(visitor).to_le_bytes()[0]) % PARTS]
    }
}
