//! Repeating work after an error that says that it did not happen.

use std::time::{Duration, Instant};

use super::Database;
use crate::error::StorageError;
use crate::trouble::Trouble;

/// How long work is repeated. Clients wait for most of it.
const PATIENCE: Duration = Duration::from_secs(8);

/// The longest pause before the first repetition. Later pauses are longer by their number.
const PAUSE: Duration = Duration::from_millis(20);
const LONGEST: u32 = 16;

/// How often a piece of work was repeated, and since when.
///
/// Only what certainly did not happen is repeated: another writer was in the way, or the server
/// takes no writes, which makes all pools leave it. A lost connection is neither: it may have broken
/// after the commit.
#[derive(Debug)]
pub struct Repetition {
    begun: Instant,
    patience: Duration,
    times: u32,
}

impl Default for Repetition {
    fn default() -> Self {
        Self::new()
    }
}

impl Repetition {
    /// Makes one for work that a client waits for.
    pub fn new() -> Self {
        Self::within(PATIENCE)
    }

    /// Makes one for work that may take longer than a client waits.
    pub(crate) fn within(patience: Duration) -> Self {
        Self { begun: Instant::now(), patience, times: 0 }
    }

    /// Waits until the work may be done again, or fails with the error when that makes no sense.
    pub async fn after(
        &mut self,
        database: &Database,
        error: StorageError,
    ) -> Result<(), StorageError> {
        let trouble = error.trouble();
        if !matches!(trouble, Trouble::Conflict | Trouble::WrongServer)
            || self.begun.elapsed() >= self.patience
        {
            return Err(error);
        }
        self.times += 1;
        tracing::debug!(error = %error, times = self.times, "doing it again");
        if trouble == Trouble::WrongServer {
            database.leave();
        }
        tokio::time::sleep(self.pause()).await;
        Ok(())
    }

    /// Returns a pause that grows with each repetition and is random, so that colliding writers do
    /// not collide again.
    fn pause(&self) -> Duration {
        let longest = PAUSE * self.times.min(LONGEST);
        let share = self.begun.elapsed().subsec_nanos() % 1_000 + 1;
        longest * share / 1_000
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn only_what_did_not_happen_is_repeated_and_not_for_ever() {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite://{}?mode=rwc", folder.path().join("bams.db").display());
        let database = Database::connect(&url, 1).await.unwrap();
        let conflict = || StorageError::NotCommitted { action: "try" };
        let lost = StorageError::TimedOut { action: "try" };
        let mut repetition = Repetition::new();
        assert!(repetition.after(&database, conflict()).await.is_ok());
        assert!(repetition.after(&database, conflict()).await.is_ok());
        assert!(repetition.after(&database, lost).await.is_err(), "it may have happened");
        let mut ended = Repetition::within(Duration::ZERO);
        assert!(ended.after(&database, conflict()).await.is_err());
    }
}
