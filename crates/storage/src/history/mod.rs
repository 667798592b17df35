//! The histories of visitors, and the atomic step that reads one, chooses and writes it.
//!
//! Histories are in this process, or in Redis where all nodes share them. Redis may be slow, full
//! or gone at any time. Then this process goes on with a mirror of what Redis knew.

mod generations;
mod memory;
mod redis;

use std::sync::Arc;
use std::time::{Duration, Instant};

use bams_domain::{CampaignId, History, Page, Placement, VisitorId};

pub(crate) use memory::Memory;
use redis::SharedHistory;
pub use redis::{InvalidRedisUrl, RedisSettings};

/// How long it is remembered, by the database and by Redis, that a visitor was forgotten, so that all
/// nodes notice, in milliseconds.
pub(crate) const FORGETTING: u32 = 10 * 60 * 1000;

/// The settings of histories.
#[derive(Clone)]
pub struct HistorySettings {
    /// How long a history lives after the visitor's last request.
    pub lifetime: Duration,
    /// About how many bytes of this process's memory histories may take. When it is full, the
    /// visitors who were away longest are forgotten.
    pub memory_bytes: usize,
    /// The Redis that shares histories with other nodes. `None` keeps them in this process only.
    pub redis: Option<RedisSettings>,
}

/// The histories of all visitors.
///
/// They are in this process, or in Redis with a mirror in this process. One value serves all
/// threads.
///
/// Unlike everything else a history takes no time as an argument. It ends so long after its last use by
/// a clock that only goes forward, here by that of the process, with Redis by that of Redis. The wall
/// clock, which the time of a decision comes from, may jump, and must not forget what visitors saw.
pub struct VisitorHistory(HistoryPlace);

enum HistoryPlace {
    InProcess(Arc<Memory>),
    Shared(Box<SharedHistory>),
}

/// The history of one visitor in one campaign.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecalledHistory {
    /// The campaign.
    pub campaign: CampaignId,
    /// The history.
    pub history: History,
    /// The time after which it expires unless the visitor comes back.
    pub expires_in: Duration,
}

/// The shared histories cannot be reached, so that they can be neither read nor changed.
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
    /// The same, because Redis refuses its user or what decisions need.
    Refused,
}

impl VisitorHistory {
    /// Opens the store of histories.
    ///
    /// Succeeds even if Redis cannot be reached, and uses it as soon as it can. Waits at most a
    /// second for the first connection. Must be called on a tokio runtime that lives as long as the
    /// value, because the connection to Redis runs on it.
    pub async fn open(settings: &HistorySettings) -> Result<Self, InvalidRedisUrl> {
        let HistorySettings { lifetime, memory_bytes, redis } = settings;
        let Some(redis) = redis else {
            return Ok(Self(HistoryPlace::InProcess(Arc::new(Memory::new(
                *lifetime,
                *memory_bytes,
            )))));
        };
        let mirror = Arc::new(Memory::mirror(*lifetime, *memory_bytes));
        let shared = SharedHistory::open(redis, *lifetime, mirror).await?;
        Ok(Self(HistoryPlace::Shared(Box::new(shared))))
    }

    /// Returns the same histories for a thread with a tokio runtime of its own.
    ///
    /// It shares the memory of this process, but has a connection to Redis that runs on the current
    /// runtime, so that asking Redis wakes no other thread.
    pub async fn on_this_thread(&self) -> Result<Self, InvalidRedisUrl> {
        Ok(Self(match &self.0 {
            HistoryPlace::InProcess(memory) => HistoryPlace::InProcess(Arc::clone(memory)),
            HistoryPlace::Shared(shared) => HistoryPlace::Shared(Box::new(shared.reopen().await?)),
        }))
    }

    /// Chooses the banners for all placements of one request and writes them into the histories, as
    /// [`fill_pages`](bams_domain::fill_pages) does, in one atomic step.
    ///
    /// Returns one page for each placement, in the same order. `campaigns` holds, without repeats,
    /// the campaign of each history that placements refer to by index. Never fails: if Redis does
    /// not answer in time, this process chooses by its mirror, and the next requests do not wait.
    ///
    /// # Panics
    ///
    /// Panics if a placement's `history` is not an index of `campaigns`.
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
    /// let mut placements = [Placement { history: 0, order, size: 5, is_part: false }];
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
            HistoryPlace::InProcess(it) => {
                it.choose(visitor, campaigns, placements, Instant::now())
            }
            // In a box, or each decision in process would carry the room for it along.
            HistoryPlace::Shared(it) => Box::pin(it.choose(visitor, campaigns, placements)).await,
        }
    }

    /// Chooses and writes like [`choose`](Self::choose), without reading, for a visitor whose id
    /// was made for this request.
    ///
    /// Another visitor's histories are overwritten.
    ///
    /// # Panics
    ///
    /// Panics if a placement's `history` is not an index of `campaigns`.
    pub async fn choose_first(
        &self,
        visitor: VisitorId,
        campaigns: &[CampaignId],
        placements: &mut [Placement],
    ) -> Vec<Page> {
        match &self.0 {
            HistoryPlace::InProcess(it) => {
                it.choose_first(visitor, campaigns, placements, Instant::now())
            }
            HistoryPlace::Shared(it) => {
                Box::pin(it.choose_first(visitor, campaigns, placements)).await
            }
        }
    }

    /// Returns the histories of a visitor by campaign: in some campaigns if histories are shared,
    /// else in all.
    pub async fn recall(
        &self,
        visitor: VisitorId,
        campaigns: &[CampaignId],
    ) -> Result<Vec<RecalledHistory>, HistoryUnavailable> {
        match &self.0 {
            HistoryPlace::InProcess(it) => Ok(it.recall(visitor, Instant::now())),
            HistoryPlace::Shared(it) => it.recall(visitor, campaigns).await,
        }
    }

    /// Forgets the histories of a visitor: in some campaigns in Redis, and in all in this process.
    ///
    /// Other nodes may still remember them, see [`Visitors::forget`](crate::Visitors::forget). For
    /// ten minutes Redis keeps a history without banners that is ahead of theirs, so that they
    /// cannot bring back what they remember before they have heard.
    pub async fn forget(
        &self,
        visitor: VisitorId,
        campaigns: &[CampaignId],
    ) -> Result<(), HistoryUnavailable> {
        match &self.0 {
            HistoryPlace::InProcess(it) => it.forget(visitor),
            HistoryPlace::Shared(it) => it.forget(visitor, campaigns).await?,
        }
        Ok(())
    }

    /// Returns the memory of this process.
    pub(crate) fn memory(&self) -> Arc<Memory> {
        match &self.0 {
            HistoryPlace::InProcess(it) => Arc::clone(it),
            HistoryPlace::Shared(it) => Arc::clone(&it.mirror),
        }
    }

    /// Returns where histories are kept at the moment.
    pub fn standing(&self) -> HistoryStanding {
        match &self.0 {
            HistoryPlace::InProcess(_) => HistoryStanding::InProcess,
            HistoryPlace::Shared(it) if it.breaker_open() && it.is_refused() => {
                HistoryStanding::Refused
            }
            HistoryPlace::Shared(it) if it.breaker_open() => HistoryStanding::Degraded,
            HistoryPlace::Shared(_) => HistoryStanding::Redis,
        }
    }

    /// Returns true if requests of some visitors skip Redis, because it failed lately.
    pub fn breaker_open(&self) -> bool {
        matches!(self.standing(), HistoryStanding::Degraded | HistoryStanding::Refused)
    }

    /// Returns about how many bytes of this process's memory the histories take.
    pub fn memory_in_use(&self) -> usize {
        match &self.0 {
            HistoryPlace::InProcess(it) => it.bytes(),
            HistoryPlace::Shared(it) => it.mirror().bytes(),
        }
    }
}
