//! Histories in this process: bounded, expiring, and one request of a visitor at a time.

use std::{
    hash::{BuildHasher, RandomState},
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use bams_domain::{CampaignId, History, Page, Placement, VisitorId, fill_pages};

use super::RecalledHistory;
use super::generations::Generations;

/// How many visitors may be served at the same instant; two of one stripe wait for each other. One
/// for each value of a byte.
const STRIPES: usize = 256;

/// The histories of all visitors this process remembers.
///
/// Visitors are spread over stripes, each behind a lock of its own. One request holds its visitor's
/// lock from reading to writing, so two requests of one visitor never see the same history.
pub(crate) struct Memory {
    stripes: Vec<Mutex<Generations>>,
    /// Keyed by chance, so that nobody can choose visitor ids that meet in one stripe.
    hasher: RandomState,
    lead: u32,
}

/// What a request would be answered from this memory, and what the memory would be afterwards.
pub(crate) struct Guess {
    pub(crate) pages: Vec<Page>,
    /// The history in each campaign as it is.
    pub(crate) before: Vec<History>,
    /// The history in each campaign as it would be.
    pub(crate) after: Vec<History>,
}

impl Memory {
    /// An empty memory of at most about `bytes`, which forgets a history `lifetime` after its last
    /// use.
    pub(crate) fn new(lifetime: Duration, bytes: usize) -> Self {
        let stripe = || Mutex::new(Generations::new(lifetime, bytes / STRIPES));
        let stripes = (0..STRIPES).map(|_| stripe()).collect();
        Self { stripes, hasher: RandomState::new(), lead: 0 }
    }

    /// The same, as the mirror of a store that several nodes share.
    ///
    /// A page that is chosen here alone counts twice. The store may have carried out the request
    /// although its answer did not come in time; this way the mirror is the later of the two.
    pub(crate) fn mirror(lifetime: Duration, bytes: usize) -> Self {
        Self { lead: 1, ..Self::new(lifetime, bytes) }
    }

    /// Reads, chooses and writes in one step.
    pub(crate) fn choose(
        &self,
        visitor: VisitorId,
        campaigns: &[CampaignId],
        placements: &mut [Placement],
        now: Instant,
    ) -> Vec<Page> {
        let mut stripe = self.stripe(visitor);
        let mut histories: Vec<History> =
            campaigns.iter().map(|&it| stripe.take((visitor, it), now)).collect();
        let pages = fill_pages(placements, &mut histories);
        for (&campaign, history) in campaigns.iter().zip(histories) {
            stripe.keep((visitor, campaign), self.ahead(history), now);
        }
        pages
    }

    /// Chooses and writes, for a visitor of whom there is nothing to read.
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

    /// Reads and chooses, and writes nothing.
    pub(crate) fn guess(
        &self,
        visitor: VisitorId,
        campaigns: &[CampaignId],
        placements: &mut [Placement],
        now: Instant,
    ) -> Guess {
        let stripe = self.stripe(visitor);
        let recall = |&it| stripe.recall((visitor, it), now).cloned().unwrap_or_default();
        let before: Vec<History> = campaigns.iter().map(recall).collect();
        drop(stripe);

        let mut after = before.clone();
        let pages = fill_pages(placements, &mut after);
        Guess { pages, before, after }
    }

    /// Writes what was chosen elsewhere, unless something later is known already.
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

    /// What is remembered of a visitor, by campaign.
    pub(crate) fn recall(&self, visitor: VisitorId, now: Instant) -> Vec<RecalledHistory> {
        let stripe = self.stripe(visitor);
        let own = stripe.of_visitor(visitor, now).map(|(campaign, history, expires_in)| {
            RecalledHistory { campaign, history: history.clone(), expires_in }
        });
        let mut own: Vec<RecalledHistory> = own.collect();
        own.sort_unstable_by_key(|it| it.campaign);
        own
    }

    /// Forgets a visitor. This looks at all who share the stripe, so that nobody needs a list of the
    /// campaigns that a visitor saw.
    pub(crate) fn forget(&self, visitor: VisitorId) {
        self.stripe(visitor).forget(visitor);
    }

    /// The history as this memory counts it.
    fn ahead(&self, history: History) -> History {
        match (self.lead, history.pages()) {
            (0, _) | (_, 0) => history,
            (lead, pages) => {
                let (seen, previous) = (history.seen().to_vec(), history.previous().len());
                History::from_parts(seen, previous, pages.saturating_add(lead))
            }
        }
    }

    /// About how many bytes the histories take.
    pub(crate) fn bytes(&self) -> usize {
        self.stripes.iter().map(|it| lock(it).bytes()).sum()
    }

    fn stripe(&self, visitor: VisitorId) -> MutexGuard<'_, Generations> {
        let hash = self.hasher.hash_one(visitor);
        lock(&self.stripes[usize::from(hash.to_le_bytes()[0])])
    }
}

/// A panic in another request leaves whole histories behind.
fn lock(stripe: &Mutex<Generations>) -> MutexGuard<'_, Generations> {
    stripe.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests;
