//! The task of a node that runs its queued imports.

use std::sync::{Arc, PoisonError};
use std::time::Duration;

use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use tokio::sync::{OwnedSemaphorePermit, mpsc, watch};
use tokio::time::sleep;

use super::standing::Jobs;
use crate::entity::{import, import_job};
use crate::import::failure::ImportFailure;
use crate::import::imports::Imports;
use crate::import::job::ImportJob;
use crate::import::options::{ImportFile, ImportOptions};
use crate::import::progress::ImportProgress;
use crate::import::record;
use crate::import::report::ImportState;

/// The pause after a failure to record the end of a job.
const PAUSE: Duration = Duration::from_secs(1);

/// What a node does about its jobs.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Orders {
    /// Begins one after the other.
    Work,
    /// Begins no more jobs.
    Finish,
    /// Stops the running job as well.
    Stop,
}

/// A job that waits for its turn.
pub(super) struct Waiting {
    pub(super) id: i64,
    pub(super) file: ImportFile,
    pub(super) options: ImportOptions,
    pub(super) now_unix_ms: i64,
    pub(super) progress: Arc<ImportProgress>,
    /// Its place in the queue, which becomes free when the job has ended.
    pub(super) place: OwnedSemaphorePermit,
}

/// The task that runs jobs.
pub(super) struct Runner {
    pub(super) imports: Imports,
    pub(super) jobs: Arc<Jobs>,
    pub(super) follow: watch::Receiver<Orders>,
}

impl Runner {
    /// Runs what arrives in the queue until it is ordered to finish.
    pub(super) async fn work(
        mut self,
        mut queue: mpsc::UnboundedReceiver<Waiting>,
        booked: impl Fn(),
    ) {
        let mut stopped = None;
        loop {
            let mut follow = self.follow.clone();
            let waiting = tokio::select! {
                biased;
                _ = follow.wait_for(|orders| *orders != Orders::Work) => break,
                waiting = queue.recv() => waiting,
            };
            let Some(waiting) = waiting else { break };
            let id = waiting.id;
            stopped = self.run(waiting).await;
            self.forget(id).await;
            booked();
        }
        queue.close();
        while let Some(Waiting { id, .. }) = queue.recv().await {
            self.fail(id, &ImportFailure::interrupted()).await;
            self.forget(id).await;
        }
        // This comes last, because the process may end before all of it is removed.
        if let Some(job) = stopped {
            job.leave(&ImportFailure::interrupted()).await;
        }
    }

    /// Runs a job, and returns it if it was stopped.
    async fn run(&mut self, waiting: Waiting) -> Option<ImportJob> {
        let Waiting { id, file, options, now_unix_ms, progress, place } = waiting;
        if !self.begin(id).await {
            tracing::warn!(import.id = id, "an import was ended before it began");
            return None;
        }
        let job = self.imports.job(file, options, now_unix_ms, progress).into_record(id);
        let turn = self.imports.turn();
        let stopped = self.follow.wait_for(|orders| *orders == Orders::Stop);
        let ended = tokio::select! {
            ended = job.run(&turn) => Some(ended),
            _ = stopped => None,
        };
        drop(place);
        match ended {
            Some(Ok(_)) => None,
            Some(Err(error)) => {
                self.fail(id, &ImportFailure::of(&error)).await;
                let error = &error as &dyn std::error::Error;
                tracing::warn!(import.id = id, error, "an import failed");
                None
            }
            None => {
                self.fail(id, &ImportFailure::interrupted()).await;
                Some(job)
            }
        }
    }

    /// Records that a job runs, and returns false if another node took this one for dead and ended
    /// it. A failure to record is no reason not to run: the booking asks again.
    async fn begin(&self, id: i64) -> bool {
        let running = Expr::value(ImportState::Running.name());
        let begun = import::Entity::update_many()
            .col_expr(import::Column::State, running)
            .filter(import::Column::Id.eq(id))
            .filter(import::Column::State.eq(ImportState::Queued.name()))
            .exec(self.imports.database.reading())
            .await;
        begun.map_or_else(
            |error| {
                tracing::debug!(import.id = id, %error, "could not say that an import runs");
                true
            },
            |updated| updated.rows_affected == 1,
        )
    }

    /// Records that a job failed, as soon as the database takes it.
    async fn fail(&self, id: i64, failure: &ImportFailure) {
        while !self.try_to_fail(id, failure).await {
            sleep(PAUSE).await;
        }
    }

    async fn try_to_fail(&self, id: i64, failure: &ImportFailure) -> bool {
        let failed = record::fail(self.imports.database.reading(), id, failure).await;
        if let Err(error) = &failed {
            let error = error as &dyn std::error::Error;
            tracing::warn!(import.id = id, error, "could not record that an import failed");
        }
        failed.is_ok()
    }

    /// Removes a job that has ended. If the database fails, another node will remove it.
    async fn forget(&self, id: i64) {
        self.jobs.lock().unwrap_or_else(PoisonError::into_inner).remove(&id);
        let deleted = import_job::Entity::delete_by_id(id).exec(self.imports.database.reading());
        if let Err(error) = deleted.await {
            tracing::debug!(import.id = id, %error, "could not let go of an import's job");
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use bams_tests::{MariaDb, patiently};
    use tempfile::TempDir;
    use tokio::sync::Semaphore;

    use super::*;
    use crate::change::Actor;
    use crate::database::Database;
    use crate::entity::campaign;
    use crate::import::examine::identify;
    use crate::import::queue::heartbeat;
    use crate::import::queue::submission::{self, Submitted};
    use crate::import::report::ImportReport;
    use crate::import::tally::Tally;

    const NAME: &str = "clicks_1.csv";

    fn file() -> ImportFile {
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(b"click_id,banner_id,campaign_id\n1,2,3\n").unwrap();
        ImportFile::new(file, NAME)
    }

    async fn each() -> [(TempDir, Imports); 2] {
        let folders = [TempDir::new().unwrap(), TempDir::new().unwrap()];
        let sqlite = format!("sqlite://{}/bams.db?mode=rwc", folders[0].path().display());
        let mariadb = MariaDb::shared().database();
        let [one, other] = folders;
        [(one, imports(&sqlite).await), (other, imports(&mariadb).await)]
    }

    async fn imports(url: &str) -> Imports {
        let database = patiently("connect", || Database::connect(url, 4)).await;
        database.migrate().await.unwrap();
        Imports::new(database, |banner| format!("image_{banner}.png"))
    }

    /// Returns the number of the import of a file, which waits.
    async fn queued(imports: &Imports) -> i64 {
        let options = ImportOptions::default();
        let job = imports.job(file(), options, 0, Arc::default());
        let known = identify(&job.file, NAME, options, u64::MAX).unwrap();
        let report = job.report(&known, ImportState::Queued, Tally::default());
        let report = ImportReport { finished_at_ms: None, ..report };
        let sender = Actor::command_line();
        match submission::record(&imports.database, &report, &sender, None).await {
            Ok(Submitted::Queued(report)) => report.id.unwrap(),
            other => panic!("{other:?}"),
        }
    }

    async fn state(imports: &Imports, id: i64) -> (ImportState, bool) {
        let database = imports.database.reading();
        let booked = !campaign::Entity::find().all(database).await.unwrap().is_empty();
        (imports.find(id).await.unwrap().unwrap().state, booked)
    }

    #[tokio::test]
    async fn a_job_that_others_ended_does_not_begin() {
        for (_folder, imports) in each().await {
            let (_orders, follow) = watch::channel(Orders::Work);
            let mut runner = Runner { imports: imports.clone(), jobs: Arc::default(), follow };
            let places = Arc::new(Semaphore::new(1));
            for (end, expected) in
                [(true, (ImportState::Failed, false)), (false, (ImportState::Completed, true))]
            {
                let id = queued(&imports).await;
                if end {
                    heartbeat::end(&imports.database, id).await.unwrap();
                    assert!(!runner.begin(id).await);
                }
                let waiting = Waiting {
                    id,
                    file: file(),
                    options: ImportOptions::default(),
                    now_unix_ms: 0,
                    progress: Arc::default(),
                    place: Arc::clone(&places).try_acquire_owned().unwrap(),
                };
                runner.run(waiting).await;
                assert_eq!(state(&imports, id).await, expected);
            }
        }
    }

    #[tokio::test]
    async fn a_job_that_others_ended_while_it_ran_books_nothing() {
        for (_folder, imports) in each().await {
            for dry_run in [false, true] {
                let options = ImportOptions { dry_run, ..ImportOptions::default() };
                let id = queued(&imports).await;
                let job = imports.job(file(), options, 0, Arc::default()).into_record(id);
                heartbeat::end(&imports.database, id).await.unwrap();
                job.run(&imports.turn()).await.unwrap_err();
                assert_eq!(state(&imports, id).await, (ImportState::Failed, false));
            }
        }
    }
}
