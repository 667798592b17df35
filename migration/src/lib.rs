//! The schema of BAMS, step by step, for SQLite and MySQL.
//!
//! Steps are only ever added. Each is one statement that may be repeated, because MySQL does not roll
//! DDL back: the next migration finishes one that was killed.

mod error;
mod step;
mod tables;

pub use error::MigrationError;

use std::time::{Duration, Instant};

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::{
    ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbBackend, RuntimeErr,
    SqliteTransactionMode, SqlxMySqlError, Statement, TransactionOptions, TransactionTrait,
};
use tokio::time::sleep;

use self::step::oldest_served;

/// How long a node waits for another one to migrate, in seconds.
const LOCK_SECONDS: i32 = 120;

/// How long a node repeats its steps while those of a cluster collide.
const AGREEMENT: Duration = Duration::from_mins(2);
const PAUSE: Duration = Duration::from_millis(200);

/// MySQL's codes for a table, column, index or row that exists, for a table that another node has removed,
/// for a deadlock, also at the commit, and for a server that does not take part in its cluster yet.
const COLLISIONS: [u16; 8] = [1050, 1060, 1061, 1062, 1146, 1205, 1213, 1047];

struct Migrator;

impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        tables::steps().into_iter().map(|step| Box::new(step) as Box<dyn MigrationTrait>).collect()
    }
}

/// Returns the name of the newest step that this program knows.
pub fn newest_step() -> &'static str {
    tables::steps().last().map_or("", |step| step.name)
}

/// Returns true if this program can work on a schema with a step of this name: it knows the step, or
/// the step was made by a newer program and still serves this one.
pub fn is_served_by(name: &str) -> bool {
    knows(name) || oldest_served(name).is_some_and(knows)
}

fn knows(name: &str) -> bool {
    tables::steps().iter().any(|step| step.name == name)
}

/// Brings the schema up to date and returns the number of steps that were taken, which may be 0.
///
/// Several nodes may start at once: one migrates, the others wait and find no steps left. Fails with
/// [`MigrationError::NewerSchema`], and changes nothing, if the schema has steps that this program does
/// not know and that do not serve it any more, because only a newer program can have made them.
pub async fn migrate(database: &DatabaseConnection) -> Result<usize, MigrationError> {
    match database.get_database_backend() {
        DbBackend::Sqlite => migrate_sqlite(database).await,
        _ => migrate_mysql(database).await,
    }
}

/// Migrates in one immediate transaction, which is the lock, because SQLite's DDL is transactional.
async fn migrate_sqlite(database: &DatabaseConnection) -> Result<usize, MigrationError> {
    let options = TransactionOptions {
        sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
        ..Default::default()
    };
    let transaction = database.begin_with_options(options).await?;
    let pending = pending(&transaction).await?;
    if pending > 0 {
        Migrator::up(&transaction, None).await?;
    }
    transaction.commit().await?;
    Ok(pending)
}

/// Migrates like [`migrate_locked`], and repeats it while other nodes take the same steps. The lock is
/// unknown to other servers of a Galera cluster, and then the statements of their nodes collide.
async fn migrate_mysql(database: &DatabaseConnection) -> Result<usize, MigrationError> {
    let begun = Instant::now();
    let mut taken = 0;
    loop {
        match migrate_locked(database).await {
            Ok(steps) => return Ok(taken + steps),
            Err(MigrationError::Database(error))
                if collides(&error) && begun.elapsed() < AGREEMENT =>
            {
                taken = 1;
                sleep(PAUSE).await;
            }
            Err(error) => return Err(error),
        }
    }
}

/// Returns true if another node took the same step at this moment.
fn collides(error: &DbErr) -> bool {
    let (DbErr::Exec(RuntimeErr::SqlxError(inner)) | DbErr::Query(RuntimeErr::SqlxError(inner))) =
        error
    else {
        return false;
    };
    let mysql = inner.as_database_error().and_then(|it| it.try_downcast_ref::<SqlxMySqlError>());
    mysql.is_some_and(|mysql| COLLISIONS.contains(&mysql.number()))
}

/// Migrates under a named lock on a connection of its own, because MySQL commits with every DDL
/// statement.
async fn migrate_locked(database: &DatabaseConnection) -> Result<usize, MigrationError> {
    let guard = database.begin().await?;
    let acquired = lock(&guard, "GET_LOCK(CONCAT('bams migration ', DATABASE()), ?)").await?;
    if acquired != Some(1) {
        return Err(MigrationError::Locked { seconds: LOCK_SECONDS });
    }
    let migrated = async {
        let pending = pending(database).await?;
        if pending > 0 {
            Migrator::up(database, None).await?;
        }
        Ok(pending)
    }
    .await;
    let released =
        lock(&guard, "RELEASE_LOCK(CONCAT('bams migration ', DATABASE())) + 0 * ?").await;
    guard.commit().await?;
    released?;
    migrated
}

/// Calls a function of MySQL's named locks and returns its answer.
async fn lock(guard: &DatabaseTransaction, function: &str) -> Result<Option<i64>, DbErr> {
    let sql = format!("SELECT CAST({function} AS SIGNED INTEGER) AS answer");
    let statement = Statement::from_sql_and_values(DbBackend::MySql, sql, [LOCK_SECONDS.into()]);
    let row = guard.query_one_raw(statement).await?;
    row.map_or(Ok(None), |row| row.try_get("", "answer"))
}

/// Returns the number of steps that are still to be taken. Fails if the schema has steps that do not serve
/// this program, or any unknown ones before all known ones were taken.
async fn pending<C: ConnectionTrait>(database: &C) -> Result<usize, MigrationError> {
    let applied = Migrator::get_migration_models(database).await?;
    let (known, newer): (Vec<_>, Vec<_>) = applied.iter().partition(|step| knows(&step.version));
    let pending = tables::steps().len() - known.len();
    let beyond = newer.iter().find(|step| pending > 0 || !is_served_by(&step.version));
    match beyond {
        Some(step) => Err(MigrationError::NewerSchema { step: step.version.clone() }),
        None => Ok(pending),
    }
}
