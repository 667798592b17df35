//! The task of a node that runs its queued imports.

use std::sync::{Arc, PoisonError};
use std::time::Duration;

use sea_orm::ActiveValue::Set;
use sea_orm::EntityTrait;
use tokio::sync::{OwnedSemaphorePermit, mpsc, watch};
use tokio::time::sleep;

use super::failure::Failure;
use super::imports::{ImportFile, ImportOptions, Imports};
use super::lifeline;
use super::progress::Progress;
use super::queue::Jobs;
use super::record;
use super::report::State;
use crate::entity::{import, import_job};

/// How long the recording of a job's end waits after a failure.
const PAUSE: Duration = Duration::from_secs(1);

/// What a node does about its jobs.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Orders {
    /// Begin one after the other.
    Work,
    /// Begin no more jobs.
    Finish,
    /// Stop the one that runs, too.
    Stop,
}

/// A job that waits for its turn.
pub(super) struct Waiting {
    pub(super) id: i64,
    pub(super) file: ImportFile,
    pub(super) options: ImportOptions,
    pub(super) now_unix_ms: i64,
    pub(super) progress: Arc<Progress>,
    /// Given back when the job has ended.
    pub(super) place: OwnedSemaphorePermit,
}

/// The task that runs jobs.
pub(super) struct Runner {
    pub(super) imports: Imports,
    pub(super) jobs: Arc<Jobs>,
    pub(super) follow: watch::Receiver<Orders>,
}

impl Runner {
    /// Runs what comes from the queue until it is ordered to finish.
    pub(super) async fn work(
        mut self,
        mut queue: mpsc::UnboundedReceiver<Waiting>,
        booked: impl Fn(),
    ) {
        loop {
            let mut follow = self.follow.clone();
            let waiting = tokio::select! {
                biased;
                _ = follow.wait_for(|it| *it != Orders::Work) => break,
                waiting = queue.recv() => waiting,
            };
            let Some(waiting) = waiting else { break };
            let id = waiting.id;
            self.run(waiting).await;
            self.forget(id).await;
            booked();
        }
        queue.close();
        while let Some(Waiting { id, .. }) = queue.recv().await {
            self.fail(id, &Failure::interrupted()).await;
            self.forget(id).await;
        }
    }

    async fn run(&mut self, waiting: Waiting) {
        let Waiting { id, file, options, now_unix_ms, progress, place } = waiting;
        self.begin(id).await;
        let job = self.imports.job(file, options, now_unix_ms, progress).into_record(id);
        let turn = self.imports.turn();
        let stopped = self.follow.wait_for(|it| *it == Orders::Stop);
        let ended = tokio::select! {
            ended = job.run(&turn) => ended.map_err(|error| {
                let failure = Failure::of(&error);
                let error = &error as &dyn std::error::Error;
                tracing::warn!(import.id = id, error, "an import failed");
                failure
            }),
            _ = stopped => Err(Failure::interrupted()),
        };
        drop(place);
        if let Err(failure) = ended {
            self.fail(id, &failure).await;
        }
    }

    /// Says that a job runs; that it could not be said is no reason not to run it.
    async fn begin(&self, id: i64) {
        let row = import::ActiveModel {
            id: Set(id),
            state: Set(State::Running.name().to_owned()),
            ..Default::default()
        };
        if let Err(error) = record::update(self.imports.database.reading(), row).await {
            let error = &error as &dyn std::error::Error;
            tracing::debug!(import.id = id, error, "could not say that an import runs");
        }
    }

    /// Records that a job failed, as soon as the database takes it.
    async fn fail(&self, id: i64, failure: &Failure) {
        while !self.try_to_fail(id, failure).await {
            sleep(PAUSE).await;
        }
    }

    async fn try_to_fail(&self, id: i64, failure: &Failure) -> bool {
        let failed = lifeline::fail(&self.imports.database, id, failure).await;
        if let Err(error) = &failed {
            let error = error as &dyn std::error::Error;
            tracing::warn!(import.id = id, error, "could not record that an import failed");
        }
        failed.is_ok()
    }

    /// Lets go of a job that has ended. If the database does not take it, others will.
    async fn forget(&self, id: i64) {
        self.jobs.lock().unwrap_or_else(PoisonError::into_inner).remove(&id);
        let deleted = import_job::Entity::delete_by_id(id).exec(self.imports.database.reading());
        if let Err(error) = deleted.await {
            tracing::debug!(import.id = id, %error, "could not let go of an import's job");
        }
    }
}
