//! The beats by which jobs end even if their node is killed.
//!
//! On MySQL a node increments the beat of its jobs, and ends the jobs of other nodes whose beat
//! stands still. It uses its own clock only, because clocks differ. On SQLite one server uses the
//! file, and ends at its start what its predecessor left. What a killed process stored in portions,
//! each node removes or merges.

use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError};
use std::time::Duration;

use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{ColumnTrait, DbBackend, EntityTrait, QueryFilter};

use super::standing::{ImportStanding, Jobs};
use crate::database::Database;
use crate::database::repetition::Repetition;
use crate::database::values::count;
use crate::entity::import_job;
use crate::error::{Attempt, StorageError};
use crate::import::failure::ImportFailure;
use crate::import::job::new_owner;
use crate::import::progress::{ImportPhase, ImportProgress};
use crate::import::record;
use crate::import::silence::{Silence, every_second};
use crate::import::staging::Leftovers;

/// How long the end of a job is recorded again while another writer is in the way.
const PATIENCE: Duration = Duration::from_secs(30);

/// The beats of the jobs of all nodes.
pub(super) struct Heartbeat {
    database: Database,
    jobs: Arc<Jobs>,
}

impl Heartbeat {
    /// Ends what a predecessor left, where that is certain.
    pub(super) async fn start(database: Database, jobs: Arc<Jobs>) -> Result<Self, StorageError> {
        if database.dialect() == DbBackend::Sqlite {
            for job in all(&database).await? {
                end(&database, job.import_id).await?;
            }
        }
        Ok(Self { database, jobs })
    }

    /// Beats and watches for ever. They run apart, because ending a job may wait for the locks of
    /// its node, and own beats must not wait with it.
    pub(super) async fn keep(self) {
        if self.database.dialect() == DbBackend::Sqlite {
            self.keep_going_on().await;
        } else {
            tokio::join!(self.keep_beating(), self.keep_watching(), self.keep_going_on());
        }
    }

    async fn keep_beating(&self) {
        let mut ticks = every_second();
        loop {
            ticks.tick().await;
            passed_over(self.beat().await);
        }
    }

    async fn keep_watching(&self) {
        let (mut ticks, mut silence) = (every_second(), Silence::default());
        loop {
            ticks.tick().await;
            passed_over(self.watch(&mut silence).await);
        }
    }

    /// Goes on with what processes left that had stored a file in portions, also those of the command
    /// line, which have no jobs.
    async fn keep_going_on(&self) {
        let mut ticks = every_second();
        let mut leftovers = Leftovers::of(&self.database, new_owner());
        loop {
            ticks.tick().await;
            passed_over(leftovers.look().await.map(drop));
        }
    }

    async fn beat(&self) -> Result<(), StorageError> {
        for (id, progress) in self.own() {
            self.count_up(id, &progress).await?;
        }
        Ok(())
    }

    async fn watch(&self, silence: &mut Silence) -> Result<(), StorageError> {
        let (jobs, own) = (all(&self.database).await?, self.own());
        let others = jobs.iter().filter(|job| !own.contains_key(&job.import_id));
        for id in silence.lost(others.map(|job| (job.import_id, job.beat))) {
            tracing::warn!(import.id = id, "an import has lost its node");
            end(&self.database, id).await?;
        }
        Ok(())
    }

    fn own(&self) -> BTreeMap<i64, Arc<ImportProgress>> {
        self.jobs.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    async fn count_up(&self, id: i64, progress: &ImportProgress) -> Result<(), StorageError> {
        let number = |count: u64| Expr::value(i64::try_from(count).unwrap_or(i64::MAX));
        let phase = progress.phase().map(|it| it.name().to_owned());
        import_job::Entity::update_many()
            .col_expr(import_job::Column::Beat, Expr::col(import_job::Column::Beat).add(1))
            .col_expr(import_job::Column::Phase, Expr::value(phase))
            .col_expr(import_job::Column::BytesRead, number(progress.bytes_read()))
            .col_expr(import_job::Column::Rows, number(progress.rows()))
            .filter(import_job::Column::ImportId.eq(id))
            .exec(self.database.reading())
            .await
            .attempt("say that an import lives")?;
        Ok(())
    }
}

/// Logs a failure. A second later comes the next attempt.
fn passed_over(looked: Result<(), StorageError>) {
    if let Err(error) = looked {
        let error = &error as &dyn std::error::Error;
        tracing::debug!(error, "could not look after imports");
    }
}

async fn all(database: &Database) -> Result<Vec<import_job::Model>, StorageError> {
    import_job::Entity::find().all(database.reading()).await.attempt("look after imports")
}

/// Records that a job was interrupted, unless it has ended, and removes it.
pub(super) async fn end(database: &Database, id: i64) -> Result<(), StorageError> {
    let mut repetition = Repetition::within(PATIENCE);
    while let Err(error) = end_once(database, id).await {
        repetition.after(database, error).await?;
    }
    Ok(())
}

async fn end_once(database: &Database, id: i64) -> Result<(), StorageError> {
    record::fail(database.reading(), id, &ImportFailure::interrupted()).await?;
    let deleted = import_job::Entity::delete_by_id(id).exec(database.reading()).await;
    deleted.attempt("end an import").map(|_| ())
}

/// Returns the progress of a job of any node, as of its last beat.
pub(super) async fn standing(
    database: &Database,
    import: i64,
) -> Result<Option<ImportStanding>, StorageError> {
    let row = import_job::Entity::find_by_id(import).one(database.reading()).await;
    let row = row.attempt("look after an import")?;
    let standing = row.map(|it| {
        Ok(ImportStanding {
            phase: it.phase.as_deref().and_then(ImportPhase::named),
            bytes_read: count("import_jobs", "bytes_read", it.bytes_read)?,
            rows: count("import_jobs", "rows", it.rows)?,
        })
    });
    standing.transpose()
}
