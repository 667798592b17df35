//! Opening the pools of a database, with what each is for.

use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::time::{Duration, Instant};

use sea_orm::sqlx::Error;
use sea_orm::{
    ConnectOptions, ConnectionTrait, Database as SeaOrm, DatabaseConnection, DbBackend, DbErr,
    Statement,
};
use tokio::time::sleep;

use super::Database;
use super::address::{DatabaseAddress, InvalidDatabaseAddress};
use super::leaving::Leaving;
use super::login;
use super::mysql::{Isolation, exact, sessions};
use super::sqlite::{count_commits, durable, small, unspoilt};
use super::standing::WriteStanding;
use crate::error::{Attempt, StorageError};
use crate::trouble::{Trouble, sqlx_error};

/// How long a caller waits for a free connection of a pool.
const ACQUIRE: Duration = Duration::from_secs(2);

/// How long a connection for bookings may be idle before it is tested. Others are tested each time.
const STALE: Duration = Duration::from_secs(1);

/// How long a store is opened again while other processes do the same or its disk is slow, and the pause
/// between.
const OPENING: Duration = Duration::from_secs(10);
const AGAIN: Duration = Duration::from_millis(20);

/// After what time without use the connection that compares is closed.
const IDLE: Duration = Duration::from_mins(1);

impl Database {
    /// Connects to `sqlite://file?mode=rwc` or `mysql://user:password@host/database`.
    ///
    /// Bookings have one or two connections of their own, in addition to `max_connections`, from
    /// the first booking on.
    ///
    /// SQLite is opened with WAL, `synchronous = FULL` and foreign keys, and only the owner can read
    /// a file that is new; MySQL sessions use utf8mb4. The schema stays as it is, see [`Database::migrate`].
    pub async fn connect(url: &str, max_connections: u32) -> Result<Self, StorageError> {
        let address = address(url)?;
        address.make_private();
        let (booked, leaving) = (Arc::new(AtomicU64::new(0)), Leaving::new());
        let action = "connect to the database";
        let login = address.clone();
        let mut options = ConnectOptions::new(address.plain());
        options
            .max_connections(max_connections)
            .acquire_timeout(ACQUIRE)
            .connect_timeout(ACQUIRE)
            .sqlx_logging(false)
            .map_sqlx_mysql_opts(move |it| login.log_in(exact(it)));
        pools(&mut options, Isolation::RepeatableRead, &leaving, Duration::ZERO);
        // SQLite keeps what a failing statement would undo in memory, not in a file.
        options.map_sqlx_sqlite_opts(|it| small(durable(it)).pragma("temp_store", "memory"));
        let connection = opened(&options).await.map_err(|source| refused(action, source))?;
        // With two, one transaction need not wait until the pool has looked at the connection of the
        // last. SQLite forgets the pages it holds in memory when another connection writes.
        let connections = if address.is_sqlite() { 1 } else { 2 };
        options.max_connections(connections).connect_lazy(true);
        options.map_sqlx_sqlite_opts(|it| durable(it).pragma("temp_store", "memory"));
        pools(&mut options, Isolation::ReadCommitted, &leaving, STALE);
        let (counter, left) = (Arc::clone(&booked), leaving.clone());
        options.map_sqlx_sqlite_pool_opts(move |pool| {
            let counter = Arc::clone(&counter);
            unspoilt(pool, &left)
                .after_connect(move |session, _| count_commits(session, Arc::clone(&counter)))
        });
        let booking = opened(&options).await.attempt(action)?;
        options.max_connections(1).idle_timeout(IDLE);
        pools(&mut options, Isolation::RepeatableRead, &leaving, Duration::ZERO);
        options.map_sqlx_sqlite_opts(|it| durable(it).pragma("temp_store", "file"));
        let comparing = opened(&options).await.attempt(action)?;
        let database = Self {
            connection,
            booking,
            comparing,
            booked,
            leaving,
            standing: WriteStanding::default(),
        };
        database.check_durability().await?;
        Ok(database)
    }

    /// Warns if MySQL is set up to lose commits in a crash.
    async fn check_durability(&self) -> Result<(), StorageError> {
        if self.dialect() != DbBackend::MySql {
            return Ok(());
        }
        let action = "ask the database how durable it is";
        let asked = "SELECT CAST(@@innodb_flush_log_at_trx_commit AS SIGNED) AS flush";
        let statement = Statement::from_string(DbBackend::MySql, asked);
        let row = self.connection.query_one_raw(statement).await.attempt(action)?;
        let flush: Option<i64> =
            row.map(|row| row.try_get("", "flush")).transpose().attempt(action)?;
        if flush != Some(1) {
            tracing::warn!(
                "MySQL does not write each commit to disk: set innodb_flush_log_at_trx_commit = 1, \
                 or a crash loses what was acknowledged"
            );
        }
        Ok(())
    }
}

fn address(url: &str) -> Result<DatabaseAddress, StorageError> {
    url.parse().map_err(|flaw: InvalidDatabaseAddress| StorageError::Setting {
        setting: "database.url",
        problem: flaw.to_string(),
    })
}

/// Returns the error of a connection that could not be made, with advice if there is some.
fn refused(action: &'static str, source: DbErr) -> StorageError {
    match login::advice(&source) {
        Some(advice) => StorageError::Login { advice, source },
        None => StorageError::Database { action, source },
    }
}

/// Opens a pool. Processes that open a new SQLite file at once meet where it gets its journal, and
/// SQLite makes none of them wait there. A busy disk takes longer for the journal than a pool waits.
async fn opened(options: &ConnectOptions) -> Result<DatabaseConnection, DbErr> {
    let begun = Instant::now();
    let is_sqlite = options.get_url().starts_with("sqlite:");
    let comes_again = |error: &DbErr| match sqlx_error(error) {
        Some(Error::PoolTimedOut) => is_sqlite,
        _ => Trouble::of(error) == Trouble::Conflict,
    };
    loop {
        match SeaOrm::connect(options.clone()).await {
            Err(error) if comes_again(&error) && begun.elapsed() < OPENING => sleep(AGAIN).await,
            opened => return opened,
        }
    }
}

/// Prepares the connections of a pool of either kind.
fn pools(options: &mut ConnectOptions, isolation: Isolation, leaving: &Leaving, stale: Duration) {
    let (sqlite, mysql) = (leaving.clone(), leaving.clone());
    options.map_sqlx_sqlite_pool_opts(move |it| unspoilt(it, &sqlite));
    options.map_sqlx_mysql_pool_opts(move |it| sessions(it, isolation, &mysql, stale));
}

#[cfg(test)]
mod tests {
    use tokio::time::timeout;

    use super::*;

    #[tokio::test]
    async fn a_file_that_is_not_there_for_long_is_waited_for() {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite://{}?mode=rwc", folder.path().join("bams.db").display());
        let mut options = ConnectOptions::new(&url);
        let holder = SeaOrm::connect(options.max_connections(1).clone()).await.unwrap();
        holder.execute_unprepared("BEGIN EXCLUSIVE").await.unwrap();
        let mut opening = std::pin::pin!(Database::connect(&url, 1));
        let meanwhile = timeout(ACQUIRE * 2, &mut opening).await;
        assert!(meanwhile.is_err(), "it waits: {meanwhile:?}");
        holder.execute_unprepared("ROLLBACK").await.unwrap();
        opening.await.unwrap();
    }
}
