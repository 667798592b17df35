//! A map in two generations, which forgets entries that were not used for long.

use std::{
    collections::HashMap,
    mem::{size_of, size_of_val, swap, take},
    time::{Duration, Instant},
};

use bams_domain::{CampaignId, History, VisitorId};
use foldhash::fast::RandomState;

/// The visitor and the campaign of a history.
pub(crate) type HistoryKey = (VisitorId, CampaignId);

/// The bytes of an entry besides its banners, roughly: its place in a table with room to grow, and
/// what the allocator adds.
const OVERHEAD: usize = 2 * size_of::<(HistoryKey, AgedHistory)>() + 16;

/// Histories by visitor and campaign, bounded in bytes and in time.
///
/// Entries are written to the young generation. When that is full, or as old as a history may
/// become, it becomes the old one, and the old one is dropped as a whole. So a history stays while
/// its visitor comes back, and forgetting costs no list, no thread and no search.
pub(crate) struct Generations {
    young: Generation,
    old: Generation,
    born: Option<Instant>,
    lifetime: Duration,
    capacity: usize,
}

#[derive(Default)]
struct Generation {
    entries: HashMap<HistoryKey, AgedHistory, RandomState>,
    bytes: usize,
}

struct AgedHistory {
    history: History,
    used: Instant,
}

impl Generations {
    pub(crate) fn new(lifetime: Duration, bytes: usize) -> Self {
        Self {
            young: Generation::default(),
            old: Generation::default(),
            born: None,
            lifetime,
            capacity: bytes / 2,
        }
    }

    /// Returns the history under a key, unless it has expired.
    pub(crate) fn recall(&self, key: HistoryKey, now: Instant) -> Option<&History> {
        let entry = self.young.entries.get(&key).or_else(|| self.old.entries.get(&key))?;
        entry.fresh(self.lifetime, now).then_some(&entry.history)
    }

    /// Takes the history under a key out, for a caller who will soon keep it again. Returns an
    /// empty history if there is none.
    pub(crate) fn take(&mut self, key: HistoryKey, now: Instant) -> History {
        let entry = self.young.empty(&key).or_else(|| self.old.remove(&key));
        let fresh = entry.filter(|entry| entry.fresh(self.lifetime, now));
        fresh.map(|it| it.history).unwrap_or_default()
    }

    /// Returns the histories of a visitor: campaign, history and remaining lifetime.
    pub(crate) fn of_visitor(
        &self,
        visitor: VisitorId,
        now: Instant,
    ) -> impl Iterator<Item = (CampaignId, &History, Duration)> {
        let entries = self.young.entries.iter().chain(&self.old.entries);
        let own = entries.filter(move |(key, it)| {
            key.0 == visitor && it.history.pages() > 0 && it.fresh(self.lifetime, now)
        });
        own.map(move |(key, it)| {
            let age = now.saturating_duration_since(it.used);
            (key.1, &it.history, self.lifetime.saturating_sub(age))
        })
    }

    /// Forgets a visitor.
    pub(crate) fn forget(&mut self, visitor: VisitorId) {
        for generation in [&mut self.young, &mut self.old] {
            let Generation { entries, bytes } = generation;
            entries.retain(|key, it| {
                let keep = key.0 != visitor;
                *bytes -= if keep { 0 } else { cost(&it.history) };
                keep
            });
        }
    }

    /// Keeps a history, unless it is empty.
    pub(crate) fn keep(&mut self, key: HistoryKey, history: History, now: Instant) {
        if history.pages() == 0 {
            return;
        }
        let born = *self.born.get_or_insert(now);
        let full = self.young.bytes + cost(&history) > self.capacity;
        if full || now.saturating_duration_since(born) >= self.lifetime {
            swap(&mut self.young, &mut self.old);
            self.young.clear();
            self.born = Some(now);
        }
        let replaced = self.young.insert(key, AgedHistory { history, used: now });
        if !replaced {
            self.old.remove(&key);
        }
    }

    /// Returns about how many bytes the map takes.
    pub(crate) fn bytes(&self) -> usize {
        self.young.bytes + self.old.bytes
    }
}

impl Generation {
    /// Inserts an entry and returns true if it replaced another one.
    fn insert(&mut self, key: HistoryKey, entry: AgedHistory) -> bool {
        self.bytes += cost(&entry.history);
        let replaced = self.entries.insert(key, entry);
        self.bytes -= replaced.as_ref().map_or(0, |entry| cost(&entry.history));
        replaced.is_some()
    }

    /// Takes the history out of an entry, which keeps its place.
    fn empty(&mut self, key: &HistoryKey) -> Option<AgedHistory> {
        let AgedHistory { history, used } = self.entries.get_mut(key)?;
        self.bytes -= cost(history) - cost(&History::default());
        Some(AgedHistory { history: take(history), used: *used })
    }

    fn remove(&mut self, key: &HistoryKey) -> Option<AgedHistory> {
        let removed = self.entries.remove(key)?;
        self.bytes -= cost(&removed.history);
        Some(removed)
    }

    fn clear(&mut self) {
        self.entries.clear(); // keeps its room: the next generation needs as much
        self.bytes = 0;
    }
}

impl AgedHistory {
    fn fresh(&self, lifetime: Duration, now: Instant) -> bool {
        now.saturating_duration_since(self.used) < lifetime
    }
}

/// Returns the bytes of an entry, roughly.
fn cost(history: &History) -> usize {
    OVERHEAD + size_of_val(history.seen())
}
