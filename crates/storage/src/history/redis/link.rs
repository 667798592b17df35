//! The link to Redis that requests and the watch share.

use std::{sync::Arc, time::Duration};

use arc_swap::ArcSwapOption;
use deadpool_redis::redis::{ErrorKind, RedisError, RedisResult};
use tokio::sync::Notify;

use super::{breaker::Breaker, connection::Connection};

/// The connection to Redis, and whether requests use it.
pub(crate) struct Link {
    pub(crate) breaker: Breaker,
    /// Wakes the watch.
    pub(crate) failed: Notify,
    /// How long one call may take.
    pub(crate) patience: Duration,
    connection: ArcSwapOption<Connection>,
}

impl Link {
    pub(crate) fn new(breaker: Breaker, patience: Duration) -> Self {
        Self { breaker, failed: Notify::new(), patience, connection: ArcSwapOption::empty() }
    }

    pub(crate) fn connection(&self) -> RedisResult<Arc<Connection>> {
        let disconnected = || RedisError::from((ErrorKind::Client, "not connected"));
        self.connection.load_full().ok_or_else(disconnected)
    }

    pub(crate) fn connect(&self, connection: Connection) -> Arc<Connection> {
        let connection = Arc::new(connection);
        self.connection.store(Some(Arc::clone(&connection)));
        connection
    }

    pub(crate) fn disconnect(&self) {
        self.connection.store(None);
    }

    /// Notes that a request failed: opens the breaker of its part, and wakes the watch to look at
    /// the others.
    pub(crate) fn fail(&self, part: usize, error: &RedisError) {
        self.open(part, error);
        self.failed.notify_one();
    }

    /// Opens the breaker of a part.
    pub(crate) fn open(&self, part: usize, error: &RedisError) {
        if !self.breaker.open(part) {
            return;
        }
        tracing::warn!(%error, part, "Redis failed: histories are kept in this process");
        if error.code() == Some("MOVED") {
            tracing::warn!("this server belongs to a Redis Cluster, which redis.cluster must say");
        }
    }

    pub(crate) fn close(&self, part: usize) {
        if self.breaker.close(part) {
            tracing::info!(part, "Redis answers");
        }
    }
}
