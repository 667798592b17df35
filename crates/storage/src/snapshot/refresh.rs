//! Keeping the snapshot fresh, within seconds of a commit by any process.

use std::collections::HashMap;
use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, Instant};

use arc_swap::{ArcSwap, Guard};
use bams_domain::{BannerId, CampaignId, LandingUrl};
use sea_orm::DatabaseTransaction;
use tokio::sync::{Mutex, Notify};

use super::content::Snapshot;
use super::node_changes::NodeChanges;
use super::renewal::{self, Renewed};
use crate::change::revision::{Counter, changed_since, newest};
use crate::database::Database;
use crate::error::{Attempt, StorageError};
use crate::performance::changed_totals::changed_totals;

/// How often the database is asked for changes.
const EVERY: Duration = Duration::from_millis(400);

/// The pause after a refresh, in which changes gather, as a multiple of the time that the refresh
/// took. Events change many campaigns all the time. The longest pause keeps a change known within
/// two seconds even if a refresh takes one.
const REST: u32 = 3;
const LONGEST: Duration = Duration::from_secs(1);

/// How long the database may take to say whether anything changed.
const ANSWER: Duration = Duration::from_secs(2);

/// How long the database may take to return what changed.
const LOADING: Duration = Duration::from_mins(1);

/// How often the database is pinged while it returns what changed.
const LISTEN: Duration = Duration::from_secs(1);

/// The current [`Snapshot`] and the task that renews it.
pub struct Snapshots {
    database: Database,
    current: ArcSwap<Snapshot>,
    /// Locked by the one that refreshes.
    refreshing: Mutex<()>,
    changed: Notify,
    started: Instant,
    fresh_at: AtomicI64,
    answered_at: AtomicI64,
}

impl Snapshots {
    /// Reads everything that can be served.
    ///
    /// A campaign with rows that this program cannot read is left out and logged.
    pub async fn load(database: Database) -> Result<Arc<Self>, StorageError> {
        let transaction = database.begin_reading().await?;
        let revision =
            newest(&transaction, Counter::Campaigns).await.attempt("load the snapshot")?;
        let (snapshot, unreadable) = renewal::everything(&transaction, revision).await?;
        transaction.rollback().await.attempt("load the snapshot")?;
        complain(&unreadable, "a campaign cannot be read and is not served");
        Ok(Arc::new(Self {
            database,
            current: ArcSwap::from_pointee(snapshot),
            refreshing: Mutex::new(()),
            changed: Notify::new(),
            started: Instant::now(),
            fresh_at: AtomicI64::new(0),
            answered_at: AtomicI64::new(0),
        }))
    }

    /// Returns the current snapshot. Cheap, and never waits.
    pub fn current(&self) -> Guard<Arc<Snapshot>> {
        self.current.load()
    }

    /// Returns the address that clicks on a banner lead to, even if the banner is no longer served.
    /// `None` if there is no such banner or it has no landing URL.
    pub fn landing_url(&self, banner: BannerId) -> Option<Arc<LandingUrl>> {
        self.current.load().banners.banner(banner)?.landing_url().cloned()
    }

    /// Returns how long ago the snapshot was last known to be equal to the database.
    pub fn age(&self) -> Duration {
        self.since(&self.fresh_at)
    }

    /// Returns how long ago the database last answered, also while it takes long to return changes.
    pub fn silence(&self) -> Duration {
        self.since(&self.answered_at)
    }

    /// Returns how long ago a moment was that is given in milliseconds since the start.
    fn since(&self, moment: &AtomicI64) -> Duration {
        let moment = u64::try_from(moment.load(Ordering::Relaxed)).unwrap_or(0);
        self.started.elapsed().saturating_sub(Duration::from_millis(moment))
    }

    fn note(&self, moment: &AtomicI64) {
        let now = i64::try_from(self.started.elapsed().as_millis()).unwrap_or(i64::MAX);
        moment.store(now, Ordering::Relaxed);
    }

    /// Pings the database for ever, to know that it answers while it takes long to return changes.
    async fn listen(&self) -> Infallible {
        loop {
            tokio::time::sleep(LISTEN).await;
            if let Ok(Ok(())) = tokio::time::timeout(ANSWER, self.database.ping()).await {
                self.note(&self.answered_at);
            }
        }
    }

    /// Requests a refresh now, after a change by this process.
    pub fn hurry(&self) {
        self.changed.notify_one();
    }

    /// Refreshes for ever. While the database is gone the last snapshot stays.
    pub async fn keep_fresh(&self) {
        let (mut failing, mut pause) = (false, EVERY);
        loop {
            let _ = tokio::time::timeout(pause, self.changed.notified()).await;
            let begun = Instant::now();
            let refreshed = self.refresh().await;
            pause = (begun.elapsed() * REST).clamp(EVERY, LONGEST);
            match refreshed {
                Ok(_) if failing => {
                    failing = false;
                    tracing::info!("the database answers again");
                }
                Err(error) if !failing => {
                    failing = true;
                    let error = &error as &dyn std::error::Error;
                    tracing::error!(error, "serving from the last snapshot");
                }
                _ => {}
            }
        }
    }

    /// Takes over what changed since the last refresh, and returns true if anything did. What events
    /// changed is read row by row, so that it costs the same in campaigns of any size.
    ///
    /// A campaign with rows that this program cannot read stays as it was and is logged. Its next
    /// change is read again.
    pub async fn refresh(&self) -> Result<bool, StorageError> {
        let _one = self.refreshing.lock().await;
        let before = self.current.load_full();
        let looking = async {
            let transaction = self.database.begin_reading().await?;
            let changes = changed_since(&transaction, before.revision).await?;
            let earned = if changes.everything || changes.revision == before.revision {
                Vec::new()
            } else {
                changed_totals(&transaction, before.revision.number).await?
            };
            Ok::<_, StorageError>((transaction, NodeChanges::of(changes, earned, &before)))
        };
        let (transaction, changes) = tokio::time::timeout(ANSWER, looking)
            .await
            .map_err(|_| StorageError::TimedOut { action: "look for changes" })??;
        self.note(&self.answered_at);
        if changes.everything {
            tracing::warn!(
                known = before.revision.number,
                revision = changes.revision.number,
                "the database went back, or this node is far behind: loading everything anew"
            );
        }
        if !changes.is_empty() {
            let loading = renewed(&transaction, &changes, &before);
            let in_time = tokio::select! {
                in_time = tokio::time::timeout(LOADING, loading) => in_time,
                never = self.listen() => match never {},
            };
            let (snapshot, unreadable) =
                in_time.map_err(|_| StorageError::TimedOut { action: "load changes" })??;
            complain(&unreadable, "a campaign cannot be read and is served as it was before");
            self.current.store(Arc::new(snapshot));
        } else if changes.revision != before.revision {
            let (campaigns, banners) = (before.campaigns.clone(), Arc::clone(&before.banners));
            let revision = changes.revision;
            self.current.store(Arc::new(Snapshot { campaigns, banners, revision }));
        }
        // Dropping the transaction returns its connection; there is nothing to undo.
        self.note(&self.fresh_at);
        Ok(!changes.is_empty())
    }
}

async fn renewed(
    transaction: &DatabaseTransaction,
    changes: &NodeChanges,
    before: &Snapshot,
) -> Result<Renewed, StorageError> {
    if !changes.everything {
        return renewal::after(transaction, changes, before).await;
    }
    let (mut snapshot, unreadable) = renewal::everything(transaction, changes.revision).await?;
    let stay = unreadable.keys().filter_map(|id| Some((*id, Arc::clone(before.campaign(*id)?))));
    snapshot.campaigns.extend(stay);
    Ok((snapshot, unreadable))
}

/// Logs the campaigns that could not be read.
fn complain(unreadable: &HashMap<CampaignId, StorageError>, consequence: &'static str) {
    for (campaign, error) in unreadable {
        let error = error as &dyn std::error::Error;
        tracing::error!(campaign.id = %campaign, error, "{consequence}");
    }
}
