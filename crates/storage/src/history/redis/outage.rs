//! Outages of Redis, as all threads of this process know them together, and what the log says.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use deadpool_redis::redis::{ErrorKind, RedisError, ServerErrorKind};

/// How soon the log names another reason in the same outage.
const AGAIN: Duration = Duration::from_secs(30);

/// The outage of Redis, if there is one. The threads share it, so that the log says it once.
#[derive(Default)]
pub(crate) struct Outage {
    known: Mutex<KnownOutage>,
    /// True if Redis refuses its user or one of the commands.
    forbidden: AtomicBool,
}

#[derive(Default)]
struct KnownOutage {
    /// The open breakers of all threads.
    open: usize,
    /// The last reason that the log named, and when.
    said: Option<(Reason, Instant)>,
}

/// The kind of a failure. The log names two of one kind once.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Reason {
    /// The user or the password is wrong, or missing.
    Login,
    /// The user may not do what decisions need.
    Forbidden,
    /// The server is a part of a cluster.
    Moved,
    Other(ErrorKind),
}

/// How Redis 7.0 begins the error of a script that uses a command which its user may not use. It has
/// no code of its own.
const FORBIDDEN_INSIDE: &str = "The user executing the script can't";

impl Outage {
    /// Notes the breakers of a new thread, all of which are open, which is no failure yet.
    pub(crate) fn joined(&self, breakers: usize) {
        self.known().open += breakers;
    }

    /// Notes that open breakers are gone with their thread.
    pub(crate) fn left(&self, breakers: usize) {
        self.known().open -= breakers;
    }

    /// Opens a breaker by `open`, which returns true if it was closed.
    pub(crate) fn open(&self, open: impl FnOnce() -> bool) {
        let mut known = self.known();
        if open() {
            known.open += 1;
        }
    }

    /// Notes a failure. The log says it if it did not yet.
    pub(crate) fn failed(&self, error: &RedisError) {
        let reason = Reason::of(error);
        let refused = matches!(reason, Reason::Login | Reason::Forbidden);
        self.forbidden.store(refused, Ordering::Relaxed);
        let (mut known, now) = (self.known(), Instant::now());
        let is_said = known.said.as_ref().is_some_and(|(said, at)| {
            *said == reason || now.saturating_duration_since(*at) < AGAIN
        });
        if !is_said {
            let advice = reason.advice();
            tracing::warn!(
                "Redis cannot be used, and what visitors saw stays in this process: {error}{advice}"
            );
            known.said = Some((reason, now));
        }
    }

    /// Closes a breaker by `close`, which returns true if it was open. The last one ends the outage.
    pub(crate) fn close(&self, close: impl FnOnce() -> bool) {
        let mut known = self.known();
        if !close() {
            return;
        }
        known.open -= 1;
        if known.open == 0 {
            self.forbidden.store(false, Ordering::Relaxed);
            if known.said.take().is_some() {
                tracing::info!("Redis can be used again");
            }
        }
    }

    /// Returns true if Redis answers and refuses its user or what decisions need.
    pub(crate) fn is_refusal(&self) -> bool {
        self.forbidden.load(Ordering::Relaxed)
    }

    fn known(&self) -> MutexGuard<'_, KnownOutage> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Reason {
    fn of(error: &RedisError) -> Self {
        match error.kind() {
            ErrorKind::AuthenticationFailed => Self::Login,
            _ if error.code() == Some("NOAUTH") => Self::Login,
            ErrorKind::Server(ServerErrorKind::NoPerm) => Self::Forbidden,
            _ if error.detail().is_some_and(|it| it.starts_with(FORBIDDEN_INSIDE)) => {
                Self::Forbidden
            }
            ErrorKind::Server(ServerErrorKind::Moved) => Self::Moved,
            kind => Self::Other(kind),
        }
    }

    /// Returns what can be done, if the error does not say it.
    fn advice(self) -> &'static str {
        match self {
            Self::Login => "; user and password stand in redis.url",
            Self::Forbidden => "; docs/operating.md lists the commands that its user needs",
            Self::Moved => "; it belongs to a Redis Cluster, which redis.cluster must say",
            Self::Other(_) => "",
        }
    }
}
