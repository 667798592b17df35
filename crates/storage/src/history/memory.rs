//! Histories in this process: bounded in bytes and time, with one request of a visitor at a time.

use std::{
    hash::BuildHasher,
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use bams_domain::{CampaignId, History, Page, Placement, VisitorId, fill_pages};
use foldhash::fast::RandomState;

use super::RecalledHistory;
use super::generations::Generations;

/// The number of stripes, one for each value of a byte. Visitors of one stripe wait for each other.
const STRIPES: usize = 256;

/// The histories of all visitors that this process remembers.
///
/// Visitors are spread over stripes with a lock each. A request holds its visitor's lock from
/// reading to writing, so that two requests of one visitor never see the same history.
pub(crate) struct Memory {
    stripes: Vec<Mutex<Generations>>,
    /// Has a random key, so that nobody can choose visitor ids of one stripe.
    hasher: RandomState,
    lead: u32,
}

/// The pages that this memory would choose for a request, and the histories before and after.
pub(crate) struct Guess {
    pub(crate) pages: Vec<Page>,
    /// The history in each campaign before.
    pub(crate) before: Vec<History>,
    /// The history in each campaign after.
    pub(crate) after: Vec<History>,
}

impl Memory {
    /// Makes an empty memory of at most about `bytes`, in which a history expires `lifetime` after
    /// its last use.
    pub(crate) fn new(lifetime: Duration, bytes: usize) -> Self {
        let stripe = || Mutex::new(Generations::new(lifetime, bytes / STRIPES));
        let stripes = (0..STRIPES).map(|_| stripe()).collect();
        Self { stripes, hasher: RandomState::default(), lead: 0 }
    }

    /// Makes such a memory as the mirror of a store that several nodes share.
    ///
    /// A page that is chosen by the mirror alone counts twice. The store may have chosen for the
    /// same request, although its answer came too late, and so the mirror stays ahead of it.
    pub(crate) fn mirror(lifetime: Duration, bytes: usize) -> Self {
        Self { lead: 1, ..Self::new(lifetime, bytes) }
    }

    /// Chooses a page for each placement: reads the histories, and writes them, in one step.
    pub(crate) fn choose(
        &self,
        visitor: VisitorId,
        campaigns: &[CampaignId],
        placements: &mut [Placement],
        now: Instant,
    ) -> Vec<Page> {
        let mut stripe = self.stripe(visitor);
        let mut histories: Vec<History> =
            campaigns.iter().map(|&campaign| stripe.take((visitor, campaign), now)).collect();
        let pages = fill_pages(placements, &mut histories);
        for (&campaign, history) in campaigns.iter().zip(histories) {
            stripe.keep((visitor, campaign), self.ahead(history), now);
        }
        pages
    }

    /// Chooses and writes without reading, for a new visitor.
    pub(crate) fn choose_first(
        &self,
        visitor: VisitorId,
        campaigns: &[CampaignId],
        placements: &mut [Placement],
        now: Instant,
    ) -> Vec<Page> {
        let mut histories = vec![History::default(); campaigns.len()];
        let pages = fill_pages(placements, &mut histories);
        let mut stripe = self.stripe(visitor);
        for (&campaign, history) in campaigns.iter().zip(histories) {
            stripe.keep((visitor, campaign), self.ahead(history), now);
        }
        pages
    }

    /// Reads and chooses without writing.
    pub(crate) fn guess(
        &self,
        visitor: VisitorId,
        campaigns: &[CampaignId],
        placements: &mut [Placement],
        now: Instant,
    ) -> Guess {
        let stripe = self.stripe(visitor);
        let recall =
            |&campaign| stripe.recall((visitor, campaign), now).cloned().unwrap_or_default();
        let before: Vec<History> = campaigns.iter().map(recall).collect();
        drop(stripe);

        let mut after = before.clone();
        let pages = fill_pages(placements, &mut after);
        Guess { pages, before, after }
    }

    /// Writes what was chosen elsewhere, unless a later history is known.
    pub(crate) fn keep(
        &self,
        visitor: VisitorId,
        histories: impl Iterator<Item = (CampaignId, History)>,
        now: Instant,
    ) {
        let mut stripe = self.stripe(visitor);
        for (campaign, history) in histories {
            let key = (visitor, campaign);
            if stripe.recall(key, now).is_none_or(|known| known.pages() <= history.pages()) {
                stripe.keep(key, history, now);
            }
        }
    }

    /// Returns what is remembered of a visitor, by campaign.
    pub(crate) fn recall(&self, visitor: VisitorId, now: Instant) -> Vec<RecalledHistory> {
        let stripe = self.stripe(visitor);
        let histories = stripe.of_visitor(visitor, now);
        let mut recalled: Vec<RecalledHistory> = histories
            .map(|(campaign, history, expires_in)| RecalledHistory {
                campaign,
                history: history.clone(),
                expires_in,
            })
            .collect();
        recalled.sort_unstable_by_key(|it| it.campaign);
        recalled
    }

    /// Forgets a visitor. This searches all visitors of the stripe, which spares a list of each
    /// visitor's campaigns.
    pub(crate) fn forget(&self, visitor: VisitorId) {
        self.stripe(visitor).forget(visitor);
    }

    /// Returns the history with the page count of this memory.
    fn ahead(&self, history: History) -> History {
        match (self.lead, history.pages()) {
            (0, _) | (_, 0) => history,
            (lead, pages) => {
                let (seen, previous) = (history.seen().to_vec(), history.previous().len());
                History::from_parts(seen, previous, pages.saturating_add(lead))
            }
        }
    }

    /// Returns about how many bytes the histories take.
    pub(crate) fn bytes(&self) -> usize {
        self.stripes.iter().map(|stripe| lock(stripe).bytes()).sum()
    }

    fn stripe(&self, visitor: VisitorId) -> MutexGuard<'_, Generations> {
        let hash = self.hasher.hash_one(visitor);
        lock(&self.stripes[usize::from(hash.to_le_bytes()[0])])
    }
}

/// Locks a stripe. A panic of another request leaves only whole histories behind.
fn lock(stripe: &Mutex<Generations>) -> MutexGuard<'_, Generations> {
    stripe.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests;
