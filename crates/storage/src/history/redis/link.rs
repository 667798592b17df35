//! The link to Redis that requests and the watch share.

use std::{sync::Arc, time::Duration};

use arc_swap::ArcSwapOption;
use deadpool_redis::redis::{ErrorKind, RedisError, RedisResult};
use tokio::sync::Notify;

use super::{breaker::Breaker, connection::Connection, outage::Outage};

/// The connection to Redis, and whether requests use it.
pub(crate) struct Link {
    pub(crate) breaker: Breaker,
    /// Wakes the watch.
    pub(crate) failed: Notify,
    /// How long one call may take.
    pub(crate) patience: Duration,
    connection: ArcSwapOption<Connection>,
    outage: Arc<Outage>,
}

impl Drop for Link {
    fn drop(&mut self) {
        self.outage.left(self.breaker.open_parts());
    }
}

impl Link {
    pub(crate) fn new(breaker: Breaker, patience: Duration, outage: Arc<Outage>) -> Self {
        outage.joined(breaker.open_parts());
        let connection = ArcSwapOption::empty();
        Self { breaker, failed: Notify::new(), patience, connection, outage }
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
        self.outage.open(|| self.breaker.open(part));
        self.outage.failed(error);
    }

    pub(crate) fn close(&self, part: usize) {
        self.outage.close(|| self.breaker.close(part));
    }

    /// Notes that there is no connection.
    pub(crate) fn unreachable(&self, error: &RedisError) {
        self.outage.failed(error);
    }

    /// Returns true if Redis refuses its user or what decisions need.
    pub(crate) fn is_refused(&self) -> bool {
        self.outage.is_refusal()
    }

    /// Returns the outage, for a link of another thread.
    pub(crate) fn outage(&self) -> Arc<Outage> {
        Arc::clone(&self.outage)
    }
}
