//! What a server does from time to time, whoever asks it for anything.

use std::time::Duration;

use bams_domain::Slot;
use bams_storage::{Database, condense};

use crate::clock;

/// How often old slots are looked for. There are new ones once a day.
const EVERY: Duration = Duration::from_hours(1);

/// Condenses performance that is older than `keep_slots`, for ever. Every node does; they take turns.
pub(crate) async fn condense_old_slots(database: Database, keep_slots: Duration) {
    loop {
        let keep = i64::try_from(keep_slots.as_secs()).unwrap_or(i64::MAX);
        let oldest = Slot::at(clock::unix_seconds().saturating_sub(keep));
        match condense(&database, oldest).await {
            Ok(0) => {}
            Ok(rows) => tracing::info!(rows, "condensed old performance to days"),
            Err(error) => {
                let error = &error as &dyn std::error::Error;
                tracing::warn!(error, "could not condense old performance; trying again later");
            }
        }
        tokio::time::sleep(EVERY).await;
    }
}
