//! Saying that the process that works on an import lives.

use tokio::task::JoinHandle;

use super::mark;
use crate::database::Database;
use crate::import::silence::every_second;

/// Increments the beat of an import every second, until it is dropped.
pub(in crate::import) struct Beating(JoinHandle<()>);

impl Beating {
    pub(in crate::import) fn begin(database: &Database, import: i64, owner: i64) -> Self {
        let database = database.clone();
        Self(tokio::spawn(async move {
            let mut ticks = every_second();
            loop {
                ticks.tick().await;
                if let Err(error) = mark::beat(database.reading(), import, owner).await {
                    tracing::debug!(import.id = import, %error, "could not say that an import lives");
                }
            }
        }))
    }
}

impl Drop for Beating {
    fn drop(&mut self) {
        self.0.abort();
    }
}
