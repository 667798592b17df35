//! The queue of imports on this node, which run one after the other.

mod heartbeat;
mod runner;
mod standing;
mod submission;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc, watch};
use tokio::task::{JoinHandle, spawn_blocking};
use tokio::time::timeout;

use self::heartbeat::Heartbeat;
use self::runner::{Orders, Runner, Waiting};
pub use self::standing::ImportStanding;
use self::standing::Jobs;
pub use self::submission::Submitted;
use crate::change::Once;
use crate::error::StorageError;
use crate::import::error::ImportError;
use crate::import::examine::identify;
use crate::import::imports::Imports;
use crate::import::options::{ImportFile, ImportOptions};
use crate::import::progress::ImportProgress;
use crate::import::report::{ImportReport, ImportState};

/// How long a job that was stopped may take to undo what it wrote.
const UNDOING: Duration = Duration::from_secs(2);

/// Why a file was not queued.
#[derive(Debug, thiserror::Error)]
pub enum QueueError {
    /// The queue is full.
    #[error("too many imports are waiting")]
    Full,
    /// The node is about to stop.
    #[error("this node is stopping")]
    Closed,
    /// The file cannot be imported, or the database cannot be reached.
    #[error(transparent)]
    Import(#[from] ImportError),
}

impl From<StorageError> for QueueError {
    fn from(error: StorageError) -> Self {
        Self::Import(error.into())
    }
}

/// Takes files, returns at once, and imports them one after the other. Clones share the queue.
///
/// A job ends as completed or failed even if its node is killed: another node notices or, on
/// SQLite, the next one that starts.
#[derive(Clone)]
pub struct ImportQueue {
    shared: Arc<Shared>,
}

struct Shared {
    imports: Imports,
    jobs: Arc<Jobs>,
    places: Arc<Semaphore>,
    sender: mpsc::UnboundedSender<Waiting>,
    /// The orders to the runner.
    orders: watch::Sender<Orders>,
    tasks: Mutex<Option<(JoinHandle<()>, JoinHandle<()>)>>,
}

impl ImportQueue {
    /// Opens a queue in which at most `places` imports wait or run. Ends the jobs that a killed
    /// process left, which takes some seconds on MySQL. `booked` is called after each job that may
    /// have changed something.
    pub async fn open(
        imports: Imports,
        places: usize,
        booked: impl Fn() + Send + Sync + 'static,
    ) -> Result<Self, StorageError> {
        let jobs: Arc<Jobs> = Arc::default();
        let heartbeat = Heartbeat::start(imports.database.clone(), Arc::clone(&jobs)).await?;
        let (sender, receiver) = mpsc::unbounded_channel();
        let (orders, follow) = watch::channel(Orders::Work);
        let runner = Runner { imports: imports.clone(), jobs: Arc::clone(&jobs), follow };
        let working = imports.runtime.spawn(runner.work(receiver, booked));
        let living = imports.runtime.spawn(heartbeat.keep());
        let tasks = Mutex::new(Some((working, living)));
        let places = Arc::new(Semaphore::new(places));
        Ok(Self { shared: Arc::new(Shared { imports, jobs, places, sender, orders, tasks }) })
    }

    /// Fails if no more imports may wait.
    pub fn has_room(&self) -> Result<(), QueueError> {
        match *self.shared.orders.borrow() {
            Orders::Work if self.shared.places.available_permits() > 0 => Ok(()),
            Orders::Work => Err(QueueError::Full),
            Orders::Finish | Orders::Stop => Err(QueueError::Closed),
        }
    }

    /// Queues a file and returns its import. Rows will be booked in the UTC hour of `now_unix_ms`.
    /// Fails at once if name and header tell no kind or no quarter.
    ///
    /// With `once` the same request of the last day is not queued again, on any node. Its
    /// fingerprint covers the content and is claimed when the file has arrived, so that nothing is
    /// locked while it does.
    pub async fn submit(
        &self,
        file: ImportFile,
        options: ImportOptions,
        now_unix_ms: i64,
        once: Option<Once<ImportReport>>,
    ) -> Result<Submitted, QueueError> {
        self.has_room()?;
        let places = Arc::clone(&self.shared.places);
        let place = places.try_acquire_owned().map_err(|_| QueueError::Full)?;
        let (shared, name) = (Arc::clone(&self.shared), file.name.clone());
        // A sender who leaves now must not leave a job behind that no task runs.
        let queueing = self
            .shared
            .imports
            .runtime
            .spawn(async move { shared.queue(file, options, now_unix_ms, once, place).await });
        let interrupted = |_| Err(ImportError::Interrupted { file_name: name }.into());
        queueing.await.unwrap_or_else(interrupted)
    }

    /// Returns the progress of an import, on any node, or `None` if it neither waits nor runs.
    pub async fn standing(&self, import: i64) -> Result<Option<ImportStanding>, StorageError> {
        let here = self.shared.jobs().get(&import).cloned();
        if let Some(progress) = here {
            return Ok(Some(ImportStanding::from(progress.as_ref())));
        }
        heartbeat::standing(&self.shared.imports.database, import).await
    }

    /// Begins no more jobs, gives the running one some time to end, and stops it then. Marks jobs
    /// that did not end as failed, and returns after that. Later calls do nothing.
    pub async fn finish(&self, within: Duration) {
        let tasks = self.shared.tasks.lock().unwrap_or_else(PoisonError::into_inner).take();
        let Some((mut working, living)) = tasks else { return };
        self.shared.orders.send_replace(Orders::Finish);
        if timeout(within, &mut working).await.is_err() {
            tracing::warn!("stopping an import: what it wrote is undone");
            self.shared.orders.send_replace(Orders::Stop);
            let _ = timeout(UNDOING, working).await;
        }
        living.abort();
    }
}

impl Shared {
    fn jobs(&self) -> std::sync::MutexGuard<'_, BTreeMap<i64, Arc<ImportProgress>>> {
        self.jobs.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn queue(
        &self,
        file: ImportFile,
        options: ImportOptions,
        now_unix_ms: i64,
        once: Option<Once<ImportReport>>,
        place: OwnedSemaphorePermit,
    ) -> Result<Submitted, QueueError> {
        let (open, limit) = (Arc::new(file.file), self.imports.limit);
        let (reading, name) = (Arc::clone(&open), file.name.clone());
        let known = spawn_blocking(move || {
            let bytes = reading.metadata().map(|it| it.len());
            Ok((identify(&reading, &name, options, limit)?, bytes.unwrap_or_default()))
        });
        let interrupted = |_| Err(ImportError::Interrupted { file_name: file.name.clone() });
        let (known, bytes) = known.await.unwrap_or_else(interrupted)?;
        let report = ImportReport {
            id: None,
            state: ImportState::Queued,
            kind: known.kind,
            quarter: known.quarter,
            file_name: file.name.clone(),
            sha256: None,
            dry_run: options.dry_run,
            bytes,
            rows: 0,
            accepted: 0,
            duplicates: 0,
            rejected: 0,
            errors: Vec::new(),
            notices: known.notices,
            mends: None,
            failure: None,
            duplicate_of: None,
            created_at_ms: now_unix_ms,
            finished_at_ms: None,
            reverted_at_ms: None,
            reverted_by: None,
        };
        let database = &self.imports.database;
        let again = |source| ImportError::Read { file_name: file.name.clone(), source };
        let open = open.try_clone().map_err(again)?;
        let submitted = submission::record(database, &report, &file.sender, once.as_ref()).await?;
        if let Submitted::Queued(queued) = &submitted
            && let Some(id) = queued.id
        {
            let file = ImportFile { file: open, name: file.name, sender: file.sender };
            let progress = Arc::new(ImportProgress::default());
            self.jobs().insert(id, Arc::clone(&progress));
            let waiting = Waiting { id, file, options, now_unix_ms, progress, place };
            if self.sender.send(waiting).is_err() {
                self.jobs().remove(&id);
                heartbeat::end(database, id).await?;
                return Err(QueueError::Closed);
            }
        }
        Ok(submitted)
    }
}

impl std::fmt::Debug for ImportQueue {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("ImportQueue").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    #[tokio::test]
    async fn a_file_that_comes_as_the_queue_ends_leaves_no_job() {
        let folder = tempfile::TempDir::new().unwrap();
        let url = format!("sqlite://{}/bams.db?mode=rwc", folder.path().display());
        let database = crate::database::Database::connect(&url, 2).await.unwrap();
        database.migrate().await.unwrap();
        let imports = Imports::new(database.clone(), |_| String::new());
        let queue = ImportQueue::open(imports.clone(), 1, || ()).await.unwrap();
        queue.finish(Duration::from_secs(10)).await;

        let mut file = tempfile::tempfile().unwrap();
        file.write_all(b"click_id,banner_id,campaign_id\n1,2,3\n").unwrap();
        let (file, shared) = (ImportFile::new(file, "clicks_1.csv"), &queue.shared);
        let place = Arc::clone(&shared.places).try_acquire_owned().unwrap();
        let queued = shared.queue(file, ImportOptions::default(), 0, None, place).await;
        assert!(matches!(queued, Err(QueueError::Closed)), "{queued:?}");
        assert_eq!(imports.find(1).await.unwrap().unwrap().state, ImportState::Failed);
        assert_eq!(queue.standing(1).await.unwrap(), None);
    }
}
