//! The beats by which jobs end even if their node is killed.
//!
//! On MySQL a node increments the beat of its jobs, and ends the jobs of other nodes whose beat
//! stands still. It uses its own clock only, because clocks differ. On SQLite a running import
//! would keep beats from being written. There one server uses the file, and ends at its start what
//! its predecessor left.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, PoisonError};
use std::time::Duration;

use sea_orm::sea_query::{Expr, ExprTrait, SimpleExpr};
use sea_orm::{ColumnTrait, DbBackend, EntityTrait, QueryFilter};
use tokio::time::{Interval, MissedTickBehavior, interval};

use super::standing::{ImportStanding, Jobs};
use crate::database::Database;
use crate::database::values::count;
use crate::entity::{import, import_job};
use crate::error::{Attempt, StorageError};
use crate::import::failure::ImportFailure;
use crate::import::progress::{ImportPhase, ImportProgress};
use crate::import::record;
use crate::import::report::ImportState;

/// How often beats are incremented and read.
const EVERY: Duration = Duration::from_secs(1);

/// How many times a beat may be read unchanged before its node counts as lost.
const LOST: u32 = 10;

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
            return;
        }
        tokio::join!(self.keep_beating(), self.keep_watching());
    }

    async fn keep_beating(&self) {
        let mut ticks = every_second();
        loop {
            ticks.tick().await;
            passed_over(self.beat().await);
        }
    }

    async fn keep_watching(&self) {
        let (mut ticks, mut seen) = (every_second(), Seen::new());
        loop {
            ticks.tick().await;
            passed_over(self.watch(&mut seen).await);
        }
    }

    async fn beat(&self) -> Result<(), StorageError> {
        for (id, progress) in self.own() {
            self.count_up(id, &progress).await?;
        }
        Ok(())
    }

    async fn watch(&self, seen: &mut Seen) -> Result<(), StorageError> {
        let jobs = all(&self.database).await?;
        for id in lost(seen, &jobs, &self.own()) {
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

/// The last beat of other nodes' jobs, and how often it was read.
type Seen = HashMap<i64, (i64, u32)>;

/// Returns the jobs of other nodes whose beat has stood still for too long.
fn lost(
    seen: &mut Seen,
    jobs: &[import_job::Model],
    own: &BTreeMap<i64, Arc<ImportProgress>>,
) -> Vec<i64> {
    let others = jobs.iter().filter(|job| !own.contains_key(&job.import_id));
    *seen = others
        .map(|it| {
            let times = match seen.get(&it.import_id) {
                Some((beat, times)) if *beat == it.beat => times + 1,
                _ => 1,
            };
            (it.import_id, (it.beat, times))
        })
        .collect();
    seen.iter().filter(|it| it.1.1 > LOST).map(|it| *it.0).collect()
}

fn every_second() -> Interval {
    let mut ticks = interval(EVERY);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    ticks
}

/// Logs a failure. A second later comes the next attempt.
fn passed_over(looked: Result<(), StorageError>) {
    if let Err(error) = looked {
        let error = &error as &dyn std::error::Error;
        tracing::debug!(error, "could not look after imports");
    }
}

/// Records that a job failed, unless it has ended.
pub(super) async fn fail(
    database: &Database,
    id: i64,
    failure: &ImportFailure,
) -> Result<(), StorageError> {
    let text = |text: &str| Expr::value(text.to_owned());
    import::Entity::update_many()
        .col_expr(import::Column::State, text(ImportState::Failed.name()))
        .col_expr(import::Column::Failure, text(failure.code.name()))
        .col_expr(import::Column::FailureMessage, text(&failure.message))
        .col_expr(import::Column::FinishedAt, now(database))
        .filter(import::Column::Id.eq(id))
        .filter(record::has_not_ended())
        .exec(database.reading())
        .await
        .attempt("record that an import failed")?;
    Ok(())
}

/// Returns the database's time in milliseconds since 1970, because a node that ends the job of
/// another one has not seen it begin.
fn now(database: &Database) -> SimpleExpr {
    Expr::cust(match database.dialect() {
        DbBackend::Sqlite => "CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER)",
        _ => "CAST(UNIX_TIMESTAMP(NOW(3)) * 1000 AS SIGNED)",
    })
}

async fn all(database: &Database) -> Result<Vec<import_job::Model>, StorageError> {
    import_job::Entity::find().all(database.reading()).await.attempt("look after imports")
}

/// Records that a job was interrupted, unless it has ended, and removes it.
pub(super) async fn end(database: &Database, id: i64) -> Result<(), StorageError> {
    fail(database, id, &ImportFailure::interrupted()).await?;
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
