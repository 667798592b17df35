//! Settings that only connections to SQLite need.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use futures_util::future::BoxFuture;
use sea_orm::sqlx::sqlite::{
    SqliteConnectOptions, SqliteConnection, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous,
};
use sea_orm::sqlx::{Connection, Error};

use super::leaving::Leaving;

/// How long a writer waits for another writer of the same SQLite file.
pub(crate) const BUSY: Duration = Duration::from_secs(5);

/// How many prepared statements a connection keeps. Those that store events come in sixteen lengths
/// for each of a dozen tables, and preparing one takes as long as storing ten events.
const STATEMENTS: usize = 250;

/// How many KiB of pages each of many connections holds. What is not there comes from the system's cache
/// of the same file.
const PAGES: &str = "-512";

/// Makes one of many connections, which takes a quarter of the memory that SQLite gives it by itself.
pub(super) fn small(options: SqliteConnectOptions) -> SqliteConnectOptions {
    options.pragma("cache_size", PAGES)
}

/// Makes SQLite keep what was committed, even if the power fails.
pub(super) fn durable(options: SqliteConnectOptions) -> SqliteConnectOptions {
    options
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .foreign_keys(true)
        .busy_timeout(BUSY)
        .statement_cache_capacity(STATEMENTS)
}

/// Lets a pool keep only connections without an open transaction, and none that was given up.
///
/// SQLite rolls back by itself when a commit meets a full disk or an I/O error. The driver's own
/// rollback then fails, and the driver would take everything that follows on this connection for a
/// part of a transaction that never ends.
pub(super) fn unspoilt(options: SqlitePoolOptions, leaving: &Leaving) -> SqlitePoolOptions {
    let (acquired, released) = (leaving.clone(), leaving.clone());
    let options = options.before_acquire(move |_, connection| {
        let left = acquired.has_left(connection.age);
        Box::pin(async move { Ok(!left) })
    });
    options.after_release(move |session, connection| {
        let left = released.has_left(connection.age);
        Box::pin(async move {
            // A dropped transaction only queues its rollback; a ping waits for it.
            session.ping().await?;
            let open = session.is_in_transaction();
            if open {
                tracing::warn!("closing a connection whose transaction could not be ended");
            }
            Ok(!open && !left)
        })
    })
}

/// Counts the commits of a connection. The hook runs for whole transactions, not for savepoints.
pub(super) fn count_commits(
    session: &mut SqliteConnection,
    counter: Arc<AtomicU64>,
) -> BoxFuture<'_, Result<(), Error>> {
    Box::pin(async move {
        let commit = move || {
            counter.fetch_add(1, Ordering::Release);
            true
        };
        session.lock_handle().await?.set_commit_hook(commit);
        Ok(())
    })
}
