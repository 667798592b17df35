//! The connection to SQLite or MySQL: pools, timeouts and durability.

pub(crate) mod insert;
mod leaving;
pub(crate) mod list_page;
mod mysql;
pub(crate) mod repetition;
mod sqlite;
mod standing;
pub(crate) mod statement_sizes;
pub(crate) mod values;
pub(crate) mod which_campaigns;
pub(crate) mod whole_sum;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use sea_orm::{
    ConnectOptions, ConnectionTrait, Database as SeaOrm, DatabaseConnection, DatabaseTransaction,
    DbBackend, DbErr, IsolationLevel, SqliteTransactionMode, Statement, TransactionOptions,
    TransactionTrait,
};
use tokio::time::sleep;

use self::leaving::Leaving;
pub use self::list_page::{After, ListPage, PageRequest, SortValue};
use self::mysql::{Isolation, exact, sessions};
pub use self::repetition::Repetition;
use self::sqlite::{count_commits, durable, unspoilt};
pub use self::standing::{WriteStanding, Writes};
use crate::error::{Attempt, StorageError};
use crate::trouble::Trouble;

/// How long a caller waits for a free connection of a pool.
const ACQUIRE: Duration = Duration::from_secs(2);

/// How long a connection for bookings may be idle before it is tested. Others are tested each time.
const STALE: Duration = Duration::from_secs(1);

/// How long a store is opened again while other processes do the same, and the pause between.
const OPENING: Duration = Duration::from_secs(10);
const AGAIN: Duration = Duration::from_millis(20);

/// After what time without use the connection that compares is closed.
const IDLE: Duration = Duration::from_mins(1);

/// The pools of connections to the SQL database of an installation.
///
/// Cloning is cheap and shares the pools.
#[derive(Clone, Debug)]
pub struct Database {
    connection: DatabaseConnection,
    /// See [`begin_booking`](Self::begin_booking).
    booking: DatabaseConnection,
    /// See [`begin_comparing`](Self::begin_comparing).
    comparing: DatabaseConnection,
    /// How many transactions of `booking` SQLite has committed.
    booked: Arc<AtomicU64>,
    leaving: Leaving,
    standing: WriteStanding,
}

impl Database {
    /// Connects to `sqlite://file?mode=rwc` or `mysql://user:password@host/database`.
    ///
    /// Bookings have one or two connections of their own, in addition to `max_connections`, from
    /// the first booking on.
    ///
    /// SQLite is opened with WAL, `synchronous = FULL` and foreign keys; MySQL sessions use
    /// utf8mb4. The schema stays as it is, see [`Database::migrate`].
    pub async fn connect(url: &str, max_connections: u32) -> Result<Self, StorageError> {
        if !(url.starts_with("sqlite:") || url.starts_with("mysql:")) {
            let problem = "must begin with sqlite:// or mysql://".to_owned();
            return Err(StorageError::Setting { setting: "database.url", problem });
        }
        let (booked, leaving) = (Arc::new(AtomicU64::new(0)), Leaving::new());
        let action = "connect to the database";
        let mut options = ConnectOptions::new(url);
        options
            .max_connections(max_connections)
            .acquire_timeout(ACQUIRE)
            .connect_timeout(ACQUIRE)
            .sqlx_logging(false)
            .map_sqlx_mysql_opts(exact);
        pools(&mut options, Isolation::RepeatableRead, &leaving, Duration::ZERO);
        // A statement that may fail half-way keeps what it would undo: not in a file.
        options.map_sqlx_sqlite_opts(|it| durable(it).pragma("temp_store", "memory"));
        let connection = opened(&options).await.attempt(action)?;
        // With two, one transaction need not wait until the pool has looked at the connection of the
        // last. SQLite forgets the pages it holds in memory when another connection writes.
        let connections = if url.starts_with("sqlite:") { 1 } else { 2 };
        options.max_connections(connections).connect_lazy(true);
        pools(&mut options, Isolation::ReadCommitted, &leaving, STALE);
        let (counter, left) = (Arc::clone(&booked), leaving.clone());
        options.map_sqlx_sqlite_pool_opts(move |pool| {
            let counter = Arc::clone(&counter);
            unspoilt(pool, &left)
                .after_connect(move |session, _| count_commits(session, Arc::clone(&counter)))
        });
        let booking = opened(&options).await.attempt(action)?;
        options.max_connections(1).idle_timeout(IDLE);
        pools(&mut options, Isolation::RepeatableRead, &leaving, STALE);
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

    /// Brings the schema up to date and returns the number of steps that were taken.
    ///
    /// Several nodes may do so at once. Fails if a newer program made the schema.
    pub async fn migrate(&self) -> Result<usize, StorageError> {
        Ok(bams_migration::migrate(&self.connection).await?)
    }

    /// Fails if the database cannot be reached.
    pub async fn ping(&self) -> Result<(), StorageError> {
        self.connection.ping().await.attempt("reach the database")
    }

    /// Returns whether it takes writes.
    pub fn standing(&self) -> &WriteStanding {
        &self.standing
    }

    /// Closes every connection of today, as soon as it is free: the server takes no writes, and
    /// where the address leads now another one may.
    pub(crate) fn leave(&self) {
        tracing::warn!("the database takes no writes here; connecting anew");
        self.leaving.leave();
    }

    /// Closes the pools after the running statements.
    pub async fn close(self) -> Result<(), StorageError> {
        self.booking.close().await.attempt("close the database")?;
        self.comparing.close().await.attempt("close the database")?;
        self.connection.close().await.attempt("close the database")
    }

    /// Returns the connections for single statements that read.
    pub(crate) fn reading(&self) -> &DatabaseConnection {
        &self.connection
    }

    /// Returns the connection for work that takes long, see [`begin_comparing`](Self::begin_comparing).
    pub(crate) fn comparing(&self) -> &DatabaseConnection {
        &self.comparing
    }

    /// Returns which of the databases this is.
    pub(crate) fn dialect(&self) -> DbBackend {
        self.connection.get_database_backend()
    }

    /// Begins a transaction that writes.
    ///
    /// SQLite takes the write lock at once, because a reader that begins to write later fails with
    /// "database is locked" instead of waiting. MySQL reads what others commit meanwhile, so that a
    /// look-up after a unique violation finds the row that caused it.
    pub(crate) async fn begin_writing(&self) -> Result<DatabaseTransaction, StorageError> {
        let options = match self.dialect() {
            DbBackend::Sqlite => TransactionOptions {
                sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
                ..Default::default()
            },
            _ => TransactionOptions {
                isolation_level: Some(IsolationLevel::ReadCommitted),
                ..Default::default()
            },
        };
        self.connection.begin_with_options(options).await.attempt("begin a transaction")
    }

    /// Begins a transaction for bookings, which come one after the other. They have one or two
    /// connections of their own, which keep their statements prepared.
    ///
    /// SQLite takes the write lock at once, and MySQL reads what others commit meanwhile, as in
    /// [`begin_writing`](Self::begin_writing).
    pub(crate) async fn begin_booking(&self) -> Result<DatabaseTransaction, StorageError> {
        let options = match self.dialect() {
            DbBackend::Sqlite => TransactionOptions {
                sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
                ..Default::default()
            },
            // The session is set to READ COMMITTED.
            _ => TransactionOptions::default(),
        };
        self.booking.begin_with_options(options).await.attempt("begin a transaction")
    }

    /// Commits a transaction of [`begin_booking`](Self::begin_booking). These commits must not
    /// overlap.
    ///
    /// Fails with [`StorageError::NotCommitted`] if only a savepoint was released. On SQLite the
    /// commit hook tells, because what was not kept must not be acknowledged.
    pub(crate) async fn commit_booking(
        &self,
        transaction: DatabaseTransaction,
        action: &'static str,
    ) -> Result<(), StorageError> {
        let before = self.booked.load(Ordering::Acquire);
        transaction.commit().await.attempt(action)?;
        let kept = self.booked.load(Ordering::Acquire) != before;
        if self.dialect() == DbBackend::Sqlite && !kept {
            return Err(StorageError::NotCommitted { action });
        }
        Ok(())
    }

    /// Begins a transaction in which every read sees the same moment, on a connection of its own,
    /// on which SQLite sorts in files instead of memory.
    pub(crate) async fn begin_comparing(&self) -> Result<DatabaseTransaction, StorageError> {
        self.begin_reading_on(&self.comparing).await
    }

    /// Begins a transaction in which every read sees the same moment.
    pub(crate) async fn begin_reading(&self) -> Result<DatabaseTransaction, StorageError> {
        self.begin_reading_on(&self.connection).await
    }

    async fn begin_reading_on(
        &self,
        connection: &DatabaseConnection,
    ) -> Result<DatabaseTransaction, StorageError> {
        let options = match self.dialect() {
            DbBackend::Sqlite => TransactionOptions::default(),
            _ => TransactionOptions {
                isolation_level: Some(IsolationLevel::RepeatableRead),
                ..Default::default()
            },
        };
        connection.begin_with_options(options).await.attempt("begin a transaction")
    }
}

/// Opens a pool. Processes that open a new SQLite file at once meet where it gets its journal, and
/// SQLite makes none of them wait there.
async fn opened(options: &ConnectOptions) -> Result<DatabaseConnection, DbErr> {
    let begun = Instant::now();
    loop {
        match SeaOrm::connect(options.clone()).await {
            Err(error) if Trouble::of(&error) == Trouble::Conflict && begun.elapsed() < OPENING => {
                sleep(AGAIN).await;
            }
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
    use super::*;

    #[tokio::test]
    async fn what_only_released_a_savepoint_is_not_committed() {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite://{}?mode=rwc", folder.path().join("bams.db").display());
        let database = Database::connect(&url, 1).await.unwrap();
        let outer = database.begin_booking().await.unwrap();
        outer.execute_unprepared("CREATE TABLE visits (id INTEGER)").await.unwrap();
        let inner = outer.begin().await.unwrap();
        inner.execute_unprepared("INSERT INTO visits VALUES (1)").await.unwrap();
        let released = database.commit_booking(inner, "store a visit").await;
        assert!(matches!(released, Err(StorageError::NotCommitted { .. })), "{released:?}");
        database.commit_booking(outer, "store a visit").await.unwrap();
    }
}
