//! The tasks of upkeep, and how often they run.

use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

use actix_web::web::Data;
use bams_app::tracking::Tracking;
use bams_app::upkeep::SummedUp;
use bams_app::{MissingImages, upkeep};
use bams_media::Images;
use bams_storage::{Database, Snapshots, count_differences};
use tokio::time::{sleep, timeout};

use crate::clock;
use crate::telemetry::Metrics;

/// How often old slots are condensed. There are new ones once a day.
const CONDENSING: Duration = Duration::from_hours(1);

/// How often old clicks and conversions are summed up. There are new ones once a day.
const SUMMING_UP: Duration = Duration::from_hours(1);

/// How often slots that have ended are summed up. There is a new one every 15 minutes, but another node
/// may have stopped in the middle.
const ROLLING_UP: Duration = Duration::from_secs(20);

/// How often images are looked for that were missing, and how long at least between two times.
const MISSING_IMAGES: Duration = Duration::from_secs(5);
const GATHERING: Duration = Duration::from_millis(500);

/// How often impressions whose links have expired are removed.
const EXPIRY: Duration = Duration::from_mins(10);

/// When a node compares performance for the first time after its start. It may not live until the
/// second time.
const FIRST_COMPARISON: Duration = Duration::from_mins(5);

/// Looks for images that somebody did not find, for ever.
pub(crate) async fn look_for_images(
    missing: Arc<MissingImages>,
    images: Arc<Images>,
    snapshots: Arc<Snapshots>,
) {
    loop {
        if let Err(error) = missing.look(&images, &snapshots).await {
            complain("could not look for missing images", &error);
        }
        // Usually many images are missed at once, and looking for all costs as much as for one.
        sleep(GATHERING).await;
        let _ = timeout(MISSING_IMAGES, missing.noted()).await;
    }
}

/// Removes raw impressions whose links have expired, for ever.
pub(crate) async fn remove_expired_impressions(
    database: Database,
    tracking: Arc<Tracking>,
    link_ttl: Duration,
) {
    loop {
        match upkeep::expire(&database, link_ttl, clock::unix_millis()).await {
            Ok(expiry) => {
                if let Some(before) = expiry.links_before {
                    tracking.validity.end_before(before);
                }
                if expiry.removed > 0 {
                    let removed = expiry.removed;
                    tracing::info!(removed, "removed impressions whose links expired");
                }
            }
            Err(error) => complain("could not remove expired impressions", &error),
        }
        sleep(EXPIRY).await;
    }
}

/// Sums up slots that have ended, for ever.
pub(crate) async fn roll_up_closed_slots(database: Database) {
    loop {
        if let Err(error) = upkeep::roll_up_closed_slots(&database, clock::unix_millis()).await {
            complain("could not sum up closed slots", &error);
        }
        sleep(ROLLING_UP).await;
    }
}

/// Condenses performance that is older than `keep_slots`, for ever.
pub(crate) async fn condense_old_slots(database: Database, keep_slots: Duration) {
    loop {
        match upkeep::condense_old_slots(&database, keep_slots, clock::unix_millis()).await {
            Ok(0) => {}
            Ok(rows) => tracing::info!(rows, "condensed old performance to days"),
            Err(error) => complain("could not condense old performance", &error),
        }
        sleep(CONDENSING).await;
    }
}

/// Sums up clicks and conversions that are older than `keep`, for ever.
pub(crate) async fn sum_up_old_clicks(database: Database, tracking: Arc<Tracking>, keep: Duration) {
    loop {
        match upkeep::sum_up_old_clicks(&database, keep, clock::unix_millis()).await {
            Ok(SummedUp { rows, kept_from }) => {
                if let Some(from) = kept_from {
                    tracking.validity.end_before(from.starts_at().saturating_mul(1000));
                }
                if rows > 0 {
                    tracing::info!(rows, "summed up old clicks and conversions");
                }
            }
            Err(error) => complain("could not sum up old clicks and conversions", &error),
        }
        sleep(SUMMING_UP).await;
    }
}

/// Compares performance with what was counted, for ever, as `bams verify` does. Every node that is
/// set up for it does so.
pub(crate) async fn compare_counts(database: Database, every: Duration, metrics: Data<Metrics>) {
    let mut wait = every.min(FIRST_COMPARISON);
    loop {
        sleep(wait).await;
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
            Err(error) => complain("could not compare performance", &error),
        }
    }
}

fn complain(what: &str, error: &(dyn Error + 'static)) {
    tracing::warn!(error, "{what}; trying again later");
}
