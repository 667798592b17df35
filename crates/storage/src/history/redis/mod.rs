//! Histories in Redis, shared by all nodes.

mod breaker;
mod connection;
mod link;
mod script;
mod watch;

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use bams_domain::{CampaignId, Page, Placement, VisitorId};
use deadpool_redis::redis::{ErrorKind, RedisError, RedisResult};
use thiserror::Error;

use super::memory::Memory;
use breaker::Breaker;
use connection::Pools;
use link::Link;
use script::{Answer, Choose, Question};
use watch::Watch;

/// Where Redis is, and how long a decision may wait for it.
///
/// Cannot be printed: the URL may hold a password.
#[derive(Clone)]
pub struct RedisSettings {
    /// `redis://…`, `rediss://…` or `redis+unix:///…`; of a cluster, some of its nodes, comma-separated.
    pub url: String,
    /// Whether the URL names nodes of a Redis Cluster.
    pub cluster: bool,
    /// How long one decision waits for Redis before it goes on without.
    pub timeout: Duration,
    /// What every key begins with, such as `bams:`. Without braces: they would decide where a cluster
    /// keeps the keys.
    pub key_prefix: String,
}

/// What should be the URL of a Redis server is not. Does not repeat it: it may hold a password.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("this is not the URL of a Redis server")]
pub struct InvalidRedisUrl;

/// Histories in Redis, and a mirror of them in this process.
///
/// The mirror answers while Redis does not. It also guesses each choice in advance, which spares
/// Redis the work as long as a visitor stays on this node, and it brings back what Redis lost.
pub(crate) struct SharedHistory {
    settings: RedisSettings,
    lifetime: Duration,
    mirror: Arc<Memory>,
    script: Choose,
    link: Arc<Link>,
    _watch: Watch,
}

impl SharedHistory {
    /// Opens the way to Redis. Succeeds also when Redis cannot be reached yet.
    pub(crate) async fn open(
        settings: &RedisSettings,
        lifetime: Duration,
        mirror: Arc<Memory>,
    ) -> Result<Self, InvalidRedisUrl> {
        let pools = Pools::new(settings)?;
        let link = Arc::new(Link::new(Breaker::new(settings.cluster), settings.timeout));
        let watch = Watch::start(Arc::clone(&link), pools, &settings.key_prefix).await;
        let script = Choose::new(&settings.key_prefix, lifetime);
        let settings = settings.clone();
        Ok(Self { settings, lifetime, mirror, script, link, _watch: watch })
    }

    /// The same with a connection of its own, on the current runtime.
    pub(crate) async fn reopen(&self) -> Result<Self, InvalidRedisUrl> {
        Self::open(&self.settings, self.lifetime, Arc::clone(&self.mirror)).await
    }

    pub(crate) async fn choose(
        &self,
        visitor: VisitorId,
        campaigns: &[CampaignId],
        placements: &[Placement],
    ) -> Vec<Page> {
        let part = self.link.breaker.part_of(visitor);
        if !self.link.breaker.is_open(part) {
            match self.ask(visitor, campaigns, placements).await {
                Ok(pages) => return pages,
                Err(error) => {
                    self.link.open(part, &error);
                    self.link.failed.notify_one();
                }
            }
        }
        self.mirror.choose(visitor, campaigns, placements, Instant::now())
    }

    pub(crate) fn breaker_open(&self) -> bool {
        self.link.breaker.any_open()
    }

    pub(crate) fn mirror(&self) -> &Memory {
        &self.mirror
    }

    async fn ask(
        &self,
        visitor: VisitorId,
        campaigns: &[CampaignId],
        placements: &[Placement],
    ) -> RedisResult<Vec<Page>> {
        let disconnected = || RedisError::from((ErrorKind::Client, "not connected"));
        let connection = self.link.connection().ok_or_else(disconnected)?;

        let guess = self.mirror.guess(visitor, campaigns, placements, Instant::now());
        let question = Question { visitor, campaigns, placements, guess: &guess };
        let (pages, states) =
            match self.script.ask(&connection, &question, self.link.patience).await? {
                Answer::AsGuessed => (guess.pages, guess.after),
                Answer::Chosen(pages, states) => (pages, states),
            };
        let states = campaigns.iter().copied().zip(states);
        self.mirror.keep(visitor, states, Instant::now());
        Ok(pages)
    }
}
