//! The schema of BAMS, step by step, for SQLite and MySQL.
//!
//! Steps are only ever added. Each is one statement that may be repeated, because MySQL does not
//! roll DDL back: a migration that was killed in the middle is finished by the next.

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

/// How long a node waits for another one that is migrating, in seconds.
const LOCK_SECONDS: i32 = 120;

/// How long nodes of a cluster repeat their steps until they agree.
const AGREEMENT: Duration = Duration::from_mins(2);
const PAUSE: Duration = Duration::from_millis(200);

/// MySQL: there is such a table, index or row already; a deadlock, also at the commit; the server
/// does not take part in its cluster yet.
const MEETINGS: [u16; 6] = [1050, 1061, 1062, 1205, 1213, 1047];

struct Migrator;

impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        tables::steps().into_iter().map(|step| Box::new(step) as Box<dyn MigrationTrait>).collect()
    }
}

/// The name of the newest step that this program knows.
pub fn newest_step() -> &'static str {
    tables::steps().last().map_or("", |step| step.name)
}

/// Brings the schema up to date and answers how many steps that took; zero when it already was.
///
/// Safe when several nodes start at once: one migrates, the others wait for it and find nothing
/// left to do. A schema with steps that this program does not know is refused untouched, because
/// only a newer program can have made it.
pub async fn migrate(database: &DatabaseConnection) -> Result<usize, MigrationError> {
    match database.get_database_backend() {
        DbBackend::Sqlite => migrate_sqlite(database).await,
        _ => migrate_mysql(database).await,
    }
}

/// SQLite's DDL is transactional, and an immediate transaction is the lock.
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

/// Repeats while other nodes take the same steps: the lock of one server of a Galera cluster is
/// unknown to the others, and their statements meet.
async fn migrate_mysql(database: &DatabaseConnection) -> Result<usize, MigrationError> {
    let begun = Instant::now();
    let mut taken = 0;
    loop {
        match migrate_locked(database).await {
            Ok(steps) => return Ok(taken + steps),
            Err(MigrationError::Database(error))
                if meets_others(&error) && begun.elapsed() < AGREEMENT =>
            {
                taken = 1;
                sleep(PAUSE).await;
            }
            Err(error) => return Err(error),
        }
    }
}

/// Whether another node did the same at this moment.
fn meets_others(error: &DbErr) -> bool {
    let (DbErr::Exec(RuntimeErr::SqlxError(error)) | DbErr::Query(RuntimeErr::SqlxError(error))) =
        error
    else {
        return false;
    };
    let error = error.as_database_error().and_then(|it| it.try_downcast_ref::<SqlxMySqlError>());
    error.is_some_and(|it| MEETINGS.contains(&it.number()))
}

/// MySQL commits with every DDL statement, so a named lock on a connection of its own guards it.
async fn migrate_locked(database: &DatabaseConnection) -> Result<usize, MigrationError> {
    let guard = database.begin().await?;
    let answer = lock(&guard, "GET_LOCK(CONCAT('bams migration ', DATABASE()), ?)").await?;
    if answer != Some(1) {
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

async fn lock(guard: &DatabaseTransaction, function: &str) -> Result<Option<i64>, DbErr> {
    let sql = format!("SELECT CAST({function} AS SIGNED INTEGER) AS answer");
    let statement = Statement::from_sql_and_values(DbBackend::MySql, sql, [LOCK_SECONDS.into()]);
    let row = guard.query_one_raw(statement).await?;
    row.map_or(Ok(None), |row| row.try_get("", "answer"))
}

/// The number of steps not yet taken, or the refusal of a schema from the future.
async fn pending<C: ConnectionTrait>(database: &C) -> Result<usize, MigrationError> {
    let known: Vec<String> =
        Migrator::migrations().iter().map(|step| step.name().to_owned()).collect();
    let applied = Migrator::get_migration_models(database).await?;
    let unknown = applied.iter().find(|it| !known.contains(&it.version));
    match unknown {
        Some(step) => Err(MigrationError::NewerSchema { step: step.version.clone() }),
        None => Ok(known.len() - applied.len()),
    }
}
