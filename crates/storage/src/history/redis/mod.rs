//! Histories in Redis, shared by all nodes.

mod breaker;
mod connection;
mod forget;
mod link;
mod outage;
mod script;
mod state;
mod watch;

use std::{
    iter, slice,
    sync::Arc,
    time::{Duration, Instant},
};

use bams_domain::{CampaignId, History, Page, Placement, VisitorId, fill_pages};
use deadpool_redis::redis::RedisResult;
use thiserror::Error;

use super::memory::Memory;
use crate::server_url::ENCODE;
use breaker::Breaker;
use connection::Pools;
use link::Link;
use outage::Outage;
use script::{Choose, Question, ScriptAnswer};
use watch::Watch;

/// The address of Redis, and how long a decision may wait for it.
///
/// Has no `Debug`, because the URL may hold a password.
#[derive(Clone)]
pub struct RedisSettings {
    /// `redis://…`, `rediss://…` or `redis+unix:///…`. For a cluster some of its nodes, separated
    /// by commas.
    pub url: String,
    /// True if the URL names nodes of a Redis Cluster.
    pub cluster: bool,
    /// How long one decision waits for Redis before it goes on without it.
    pub timeout: Duration,
    /// The beginning of every key, such as `bams:`. It has no braces, which would decide where a
    /// cluster keeps the keys.
    pub key_prefix: String,
}

impl RedisSettings {
    /// Checks the form of the URL, without asking a server.
    pub fn check(&self) -> Result<(), InvalidRedisUrl> {
        Pools::new(self).map(drop)
    }
}

/// Why a URL of Redis cannot be used. The error does not repeat it, because it may hold a password.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum InvalidRedisUrl {
    /// It is malformed, or the address of something else.
    #[error(
        "is not the URL of a Redis server, such as redis://127.0.0.1:6379; several, parted by commas, \
         are for redis.cluster = true; {ENCODE}"
    )]
    Malformed,
    /// The user or the password ends early.
    #[error("cannot be read: {ENCODE}")]
    Unencoded,
}

/// Histories in Redis, and a mirror of them in this process.
///
/// The mirror is used while Redis does not answer. It also guesses each choice in advance, which
/// spares Redis the work while a visitor stays on this node, and it restores what Redis lost.
pub(crate) struct SharedHistory {
    settings: RedisSettings,
    lifetime: Duration,
    pub(crate) mirror: Arc<Memory>,
    script: Choose,
    link: Arc<Link>,
    _watch: Watch,
}

impl SharedHistory {
    /// Opens the link to Redis. Succeeds even if Redis cannot be reached yet.
    pub(crate) async fn open(
        settings: &RedisSettings,
        lifetime: Duration,
        mirror: Arc<Memory>,
    ) -> Result<Self, InvalidRedisUrl> {
        Self::open_in(settings, lifetime, mirror, Arc::default()).await
    }

    async fn open_in(
        settings: &RedisSettings,
        lifetime: Duration,
        mirror: Arc<Memory>,
        outage: Arc<Outage>,
    ) -> Result<Self, InvalidRedisUrl> {
        let pools = Pools::new(settings)?;
        let link = Arc::new(Link::new(Breaker::new(settings.cluster), settings.timeout, outage));
        let watch = Watch::start(Arc::clone(&link), pools, &settings.key_prefix).await;
        let script = Choose::new(&settings.key_prefix, lifetime);
        let settings = settings.clone();
        Ok(Self { settings, lifetime, mirror, script, link, _watch: watch })
    }

    /// Returns the same histories with a connection on the current runtime.
    pub(crate) async fn reopen(&self) -> Result<Self, InvalidRedisUrl> {
        let mirror = Arc::clone(&self.mirror);
        Self::open_in(&self.settings, self.lifetime, mirror, self.link.outage()).await
    }

    pub(crate) async fn choose(
        &self,
        visitor: VisitorId,
        campaigns: &[CampaignId],
        placements: &mut [Placement],
    ) -> Vec<Page> {
        let part = self.link.breaker.part_of(visitor);
        if !self.link.breaker.is_open(part) {
            match self.ask(visitor, campaigns, placements).await {
                Ok(pages) => return pages,
                Err(error) => self.link.fail(part, &error),
            }
        }
        self.mirror.choose(visitor, campaigns, placements, Instant::now())
    }

    /// Writes the histories of a new visitor, for whom Redis need not choose.
    pub(crate) async fn choose_first(
        &self,
        visitor: VisitorId,
        campaigns: &[CampaignId],
        placements: &mut [Placement],
    ) -> Vec<Page> {
        let &[campaign] = campaigns else {
            return self.choose(visitor, campaigns, placements).await;
        };
        let part = self.link.breaker.part_of(visitor);
        if !self.link.breaker.is_open(part) {
            match self.write(visitor, campaign, placements).await {
                Ok(pages) => return pages,
                Err(error) => self.link.fail(part, &error),
            }
        }
        self.mirror.choose_first(visitor, campaigns, placements, Instant::now())
    }

    pub(crate) fn breaker_open(&self) -> bool {
        self.link.breaker.any_open()
    }

    /// Returns true if Redis answers and refuses its user or what decisions need.
    pub(crate) fn is_refused(&self) -> bool {
        self.link.is_refused()
    }

    pub(crate) fn mirror(&self) -> &Memory {
        &self.mirror
    }

    async fn ask(
        &self,
        visitor: VisitorId,
        campaigns: &[CampaignId],
        placements: &mut [Placement],
    ) -> RedisResult<Vec<Page>> {
        let connection = self.link.connection()?;
        let guess = self.mirror.guess(visitor, campaigns, placements, Instant::now());
        let mut question = Question { visitor, campaigns, placements, guess: &guess };
        let (pages, histories) =
            match self.script.ask(&connection, &mut question, self.link.patience).await? {
                ScriptAnswer::AsGuessed => (guess.pages, guess.after),
                ScriptAnswer::Chosen(pages, histories) => (pages, histories),
            };
        let histories = campaigns.iter().copied().zip(histories);
        self.mirror.keep(visitor, histories, Instant::now());
        Ok(pages)
    }

    async fn write(
        &self,
        visitor: VisitorId,
        campaign: CampaignId,
        placements: &mut [Placement],
    ) -> RedisResult<Vec<Page>> {
        let connection = self.link.connection()?;
        let mut history = History::default();
        let pages = fill_pages(placements, slice::from_mut(&mut history));
        if history.pages() > 0 {
            let command = self.script.first_page(visitor, campaign, &history);
            connection.send(&command, self.link.patience).await?;
        }
        self.mirror.keep(visitor, iter::once((campaign, history)), Instant::now());
        Ok(pages)
    }
}
