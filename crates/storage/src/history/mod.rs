//! What a visitor was already shown, and the step that reads it, chooses and writes at once.
//!
//! Histories live in this process, or in Redis where all nodes share them. Redis may be slow, full
//! or gone at any time: then this process goes on by itself, from a mirror of what Redis knew.

mod generations;
mod memory;
mod redis;

use std::sync::Arc;
use std::time::{Duration, Instant};

use bams_domain::{CampaignId, History, Page, Placement, VisitorId};

pub(crate) use memory::Memory;
use redis::SharedHistory;
pub use redis::{InvalidRedisUrl, RedisSettings};

/// How histories are kept.
#[derive(Clone)]
pub struct HistorySettings {
    /// How long a history lives after the visitor's last request.
    pub lifetime: Duration,
    /// About how much memory this process spends on histories, in bytes. When it is full, visitors
    /// who were away longest are forgotten.
    pub memory_bytes: usize,
    /// Where histories are shared with other nodes; none keeps them in this process only.
    pub redis: Option<RedisSettings>,
}

/// What all visitors were shown.
///
/// Lives in this process, or in Redis with a mirror in this process. One value serves all threads.
pub struct VisitorHistory(Kept);

enum Kept {
    InProcess(Arc<Memory>),
    Shared(Box<SharedHistory>),
}

/// What one visitor was shown in one campaign.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecalledHistory {
    /// Where it was shown.
    pub campaign: CampaignId,
    /// What was shown.
    pub history: History,
    /// How long it will be remembered, unless the visitor comes back.
    pub expires_in: Duration,
}

/// The shared histories cannot be reached, so that nobody can say or change what is in them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the visitors' history cannot be reached")]
pub struct HistoryUnavailable;

/// Where histories are kept at the moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum HistoryStanding {
    /// In this process, as configured.
    InProcess,
    /// In Redis.
    Redis,
    /// In this process, wholly or for some visitors, because Redis fails.
    Degraded,
}

impl VisitorHistory {
    /// Opens the store of histories.
    ///
    /// Succeeds also when Redis cannot be reached: then it is used as soon as it can. Must be called
    /// on a tokio runtime that lives as long as the value; the connection to Redis runs there. Waits
    /// for the first connection, for a second at most.
    pub async fn open(settings: &HistorySettings) -> Result<Self, InvalidRedisUrl> {
        let HistorySettings { lifetime, memory_bytes, redis } = settings;
        let Some(redis) = redis else {
            return Ok(Self(Kept::InProcess(Arc::new(Memory::new(*lifetime, *memory_bytes)))));
        };
        let mirror = Arc::new(Memory::mirror(*lifetime, *memory_bytes));
        let shared = SharedHistory::open(redis, *lifetime, mirror).await?;
        Ok(Self(Kept::Shared(Box::new(shared))))
    }

    /// The same histories, for a thread with a tokio runtime of its own.
    ///
    /// This process's memory is the same; the connection to Redis is another one that runs on the
    /// current runtime, so that asking Redis wakes no other thread.
    pub async fn on_this_thread(&self) -> Result<Self, InvalidRedisUrl> {
        Ok(Self(match &self.0 {
            Kept::InProcess(memory) => Kept::InProcess(Arc::clone(memory)),
            Kept::Shared(shared) => Kept::Shared(Box::new(shared.reopen().await?)),
        }))
    }

    /// Chooses the banners for all placements of one request and writes down what was shown, as
    /// [`fill_pages`](bams_domain::fill_pages) does, in one atomic step.
    ///
    /// Answers one page for each placement, in the same order. `campaigns` names the campaign of each
    /// history that placements refer to by its index, each campaign once. Never fails: when Redis does
    /// not answer in time, this process chooses by what it remembers, and the next requests do not
    /// wait.
    ///
    /// # Panics
    ///
    /// When a placement's `history` is not an index of `campaigns`.
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// use bams_domain::{
    ///     BannerId, BannerPerformance, CampaignId, Ladder, Performance, Placement, VisitorId,
    /// };
    /// use bams_storage::{HistorySettings, VisitorHistory};
    /// use rand::{SeedableRng, rngs::StdRng};
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), bams_storage::InvalidRedisUrl> {
    /// let performance = Performance { clicks: 1, ..Performance::default() };
    /// let ladder = Ladder::rank(
    ///     (1..=8).map(|banner| BannerPerformance { banner: BannerId(banner), performance }),
    /// );
    /// let order = ladder.order(&mut StdRng::seed_from_u64(1));
    /// let mut placements = [Placement { history: 0, order, size: 5 }];
    ///
    /// let lifetime = Duration::from_hours(24);
    /// let settings = HistorySettings { lifetime, memory_bytes: 64 << 20, redis: None };
    /// let history = VisitorHistory::open(&settings).await?;
    /// let visitor = VisitorId::from_random_bytes([7; 16]);
    ///
    /// let pages = history.choose(visitor, &[CampaignId(12)], &mut placements).await;
    /// assert_eq!(pages[0].picks, [0, 1, 2, 3, 4]);
    /// let pages = history.choose(visitor, &[CampaignId(12)], &mut placements).await;
    /// assert_eq!(pages[0].picks, [5, 6, 7, 0, 1]);
    /// assert_eq!(pages[0].new_cycle_from, 3);
    /// # Ok(())
    /// # }
    /// ```
    pub async fn choose(
        &self,
        visitor: VisitorId,
        campaigns: &[CampaignId],
        placements: &mut [Placement],
    ) -> Vec<Page> {
        match &self.0 {
            Kept::InProcess(it) => it.choose(visitor, campaigns, placements, Instant::now()),
            Kept::Shared(it) => it.choose(visitor, campaigns, placements).await,
        }
    }

    /// The same for a visitor whose id was made for this very request, so that nobody can have met
    /// it: there is nothing to read.
    ///
    /// For any other visitor this forgets what was shown.
    ///
    /// # Panics
    ///
    /// When a placement's `history` is not an index of `campaigns`.
    pub async fn choose_first(
        &self,
        visitor: VisitorId,
        campaigns: &[CampaignId],
        placements: &mut [Placement],
    ) -> Vec<Page> {
        match &self.0 {
            Kept::InProcess(it) => it.choose_first(visitor, campaigns, placements, Instant::now()),
            Kept::Shared(it) => it.choose_first(visitor, campaigns, placements).await,
        }
    }

    /// What is remembered of a visitor in some campaigns, by campaign; where it is not shared, in all.
    pub async fn recall(
        &self,
        visitor: VisitorId,
        campaigns: &[CampaignId],
    ) -> Result<Vec<RecalledHistory>, HistoryUnavailable> {
        match &self.0 {
            Kept::InProcess(it) => Ok(it.recall(visitor, Instant::now())),
            Kept::Shared(it) => it.recall(visitor, campaigns).await,
        }
    }

    /// Forgets what a visitor was shown: in some campaigns where it is shared, and in all here.
    ///
    /// Other nodes may still remember it, see [`Visitors::forget`](crate::Visitors::forget). For ten
    /// minutes Redis keeps, without any banner, how often the visitor was here, so that they cannot
    /// bring back what they remember until they have heard of it.
    pub async fn forget(
        &self,
        visitor: VisitorId,
        campaigns: &[CampaignId],
    ) -> Result<(), HistoryUnavailable> {
        match &self.0 {
            Kept::InProcess(it) => it.forget(visitor),
            Kept::Shared(it) => it.forget(visitor, campaigns).await?,
        }
        Ok(())
    }

    /// What this process remembers.
    pub(crate) fn memory(&self) -> Arc<Memory> {
        match &self.0 {
            Kept::InProcess(it) => Arc::clone(it),
            Kept::Shared(it) => Arc::clone(&it.mirror),
        }
    }

    /// Where histories are kept at the moment.
    pub fn standing(&self) -> HistoryStanding {
        match &self.0 {
            Kept::InProcess(_) => HistoryStanding::InProcess,
            Kept::Shared(it) if it.breaker_open() => HistoryStanding::Degraded,
            Kept::Shared(_) => HistoryStanding::Redis,
        }
    }

    /// Whether requests of some visitors do not even ask Redis, because it failed lately.
    pub fn breaker_open(&self) -> bool {
        self.standing() == HistoryStanding::Degraded
    }

    /// About how many bytes of this process's memory the histories take.
    pub fn memory_in_use(&self) -> usize {
        match &self.0 {
            Kept::InProcess(it) => it.bytes(),
            Kept::Shared(it) => it.mirror().bytes(),
        }
    }
}
