//! A map that forgets what was not used for long, in two generations.

use std::{
    collections::HashMap,
    mem::{size_of, swap},
    time::{Duration, Instant},
};

use bams_domain::{CampaignId, VisitorId};

use super::state::State;

/// Whose history, and in which campaign.
pub(crate) type Key = (VisitorId, CampaignId);

/// About what one entry costs besides its bytes: its place in a table with room to grow, and what
/// the allocator adds.
const OVERHEAD: usize = 2 * size_of::<(Key, Entry)>() + 16;

/// Histories by visitor and campaign, bounded in bytes and in time.
///
/// What is written goes to the young generation. When that is full, or as old as a history may
/// become, it turns into the old one, and the old one is forgotten as a whole. So a history stays
/// while its visitor comes back, and forgetting costs no list, no thread and no search.
pub(crate) struct Generations {
    young: Generation,
    old: Generation,
    born: Option<Instant>,
    lifetime: Duration,
    capacity: usize,
}

#[derive(Default)]
struct Generation {
    entries: HashMap<Key, Entry>,
    bytes: usize,
}

struct Entry {
    state: State,
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

    /// The state under a key, unless it was last used too long ago.
    pub(crate) fn recall(&self, key: Key, now: Instant) -> Option<&State> {
        let entry = self.young.entries.get(&key).or_else(|| self.old.entries.get(&key))?;
        let idle = now.saturating_duration_since(entry.used);
        (idle < self.lifetime).then_some(&entry.state)
    }

    /// Writes a state, unless it is that of a visitor who was shown nothing.
    pub(crate) fn keep(&mut self, key: Key, state: State, now: Instant) {
        if state == State::default() {
            return;
        }
        let born = *self.born.get_or_insert(now);
        let full = self.young.bytes + cost(&state) > self.capacity;
        if full || now.saturating_duration_since(born) >= self.lifetime {
            swap(&mut self.young, &mut self.old);
            self.young.clear();
            self.born = Some(now);
        }
        self.old.remove(&key);
        self.young.insert(key, Entry { state, used: now });
    }

    /// About how many bytes all this takes.
    pub(crate) fn bytes(&self) -> usize {
        self.young.bytes + self.old.bytes
    }
}

impl Generation {
    fn insert(&mut self, key: Key, entry: Entry) {
        self.bytes += cost(&entry.state);
        if let Some(replaced) = self.entries.insert(key, entry) {
            self.bytes -= cost(&replaced.state);
        }
    }

    fn remove(&mut self, key: &Key) {
        if let Some(removed) = self.entries.remove(key) {
            self.bytes -= cost(&removed.state);
        }
    }

    fn clear(&mut self) {
        self.entries.clear(); // keeps its room: the next generation needs as much
        self.bytes = 0;
    }
}

fn cost(state: &State) -> usize {
    OVERHEAD + state.bytes().len()
}
