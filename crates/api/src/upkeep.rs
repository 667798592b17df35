//! What a server does from time to time, whoever asks it for anything.

use std::sync::Arc;
use std::time::Duration;

use actix_web::web::Data;
use bams_app::tracking::Tracking;
use bams_domain::Slot;
use bams_storage::{
    Database, StorageError, certain_time, condense, count_differences, expire_impressions,
    links_expired_before,
};

use crate::clock;
use crate::telemetry::Metrics;

/// How often old slots are looked for. There are new ones once a day.
const EVERY: Duration = Duration::from_hours(1);

/// How often impressions whose links have expired are looked for, and how long after that they are
/// kept: an event that came in time may wait for the database, and the clocks of nodes differ.
const EXPIRY_EVERY: Duration = Duration::from_mins(10);
const EXPIRY_GRACE: Duration = Duration::from_hours(1);

/// Removes raw impressions whose links have expired, for ever. Every node does; they take turns, and
/// learn what the others removed.
pub(crate) async fn remove_expired_impressions(
    database: Database,
    tracking: Arc<Tracking>,
    link_ttl: Duration,
) {
    let kept = link_ttl.saturating_add(EXPIRY_GRACE);
    let kept = i64::try_from(kept.as_millis()).unwrap_or(i64::MAX);
    loop {
        match remove_impressions(&database, &tracking, kept).await {
            Ok(0) => {}
            Ok(removed) => tracing::info!(removed, "removed impressions whose links expired"),
            Err(error) => {
                let error = &error as &dyn std::error::Error;
                tracing::warn!(error, "could not remove expired impressions; trying again later");
            }
        }
        tokio::time::sleep(EXPIRY_EVERY).await;
    }
}

async fn remove_impressions(
    database: &Database,
    tracking: &Tracking,
    kept: i64,
) -> Result<u64, StorageError> {
    let removed = match certain_time(database, clock::unix_millis()).await? {
        Some(now) => expire_impressions(database, now.saturating_sub(kept)).await?,
        None => 0,
    };
    if let Some(expired) = links_expired_before(database).await? {
        tracking.validity.end_before(expired);
    }
    Ok(removed)
}

/// How long after its start a node compares performance for the first time: it may not live until the
/// second.
const FIRST_COMPARISON: Duration = Duration::from_mins(5);

/// Compares performance with what was counted, for ever, as `bams verify` does. Every node that is
/// asked to does.
pub(crate) async fn compare_counts(database: Database, every: Duration, metrics: Data<Metrics>) {
    let mut wait = every.min(FIRST_COMPARISON);
    loop {
        tokio::time::sleep(wait).await;
        wait = every;
        match count_differences(&database).await {
            Ok(differences) => {
                metrics.reconciled(differences);
                if differences > 0 {
                    tracing::error!(
                        differences,
                        "performance is not what was counted: see `bams verify`"
                    );
                }
            }
            Err(error) => {
                let error = &error as &dyn std::error::Error;
                tracing::warn!(error, "could not compare performance; trying again later");
            }
        }
    }
}

/// Condenses performance that is older than `keep_slots`, for ever. Every node does; they take turns.
pub(crate) async fn condense_old_slots(database: Database, keep_slots: Duration) {
    loop {
        let keep = i64::try_from(keep_slots.as_secs()).unwrap_or(i64::MAX);
        match condense_older(&database, keep).await {
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

async fn condense_older(database: &Database, keep: i64) -> Result<u64, StorageError> {
    match certain_time(database, clock::unix_millis()).await? {
        Some(now) => condense(database, Slot::at(now.div_euclid(1000).saturating_sub(keep))).await,
        None => Ok(0),
    }
}
