//! Settings that only connections to MySQL need.

use std::time::Duration;

use futures_util::TryFutureExt;
use sea_orm::sqlx::Executor;
use sea_orm::sqlx::mysql::{MySqlConnectOptions, MySqlPoolOptions};

use super::leaving::Leaving;

/// The settings of every session, for any defaults of the server.
///
/// Strict modes refuse values that do not fit instead of changing them. `ONLY_FULL_GROUP_BY` is
/// left out, because with it MariaDB fails the second execution of a prepared sum over a derived
/// table. A limit of rows would cut results short without an error, and one of packed rows too.
const SESSION: &str = "SET SESSION \
    sql_mode = 'STRICT_TRANS_TABLES,NO_ZERO_IN_DATE,NO_ZERO_DATE,ERROR_FOR_DIVISION_BY_ZERO,\
    NO_ENGINE_SUBSTITUTION', \
    autocommit = 1, time_zone = '+00:00', sql_big_selects = 1, sql_safe_updates = 0, \
    sql_select_limit = 18446744073709551615, group_concat_max_len = 4294967295, \
    foreign_key_checks = 1, unique_checks = 1";

const READ_COMMITTED: &str = "SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED, READ WRITE";
const REPEATABLE_READ: &str = "SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ WRITE";

/// The isolation of a pool's transactions that do not set their own.
#[derive(Clone, Copy)]
pub(super) enum Isolation {
    ReadCommitted,
    RepeatableRead,
}

/// Sets text to UTF-8 that compares by its bytes. [`sessions`] sets the modes.
pub(super) fn exact(options: MySqlConnectOptions) -> MySqlConnectOptions {
    options
        .charset("utf8mb4")
        .collation("utf8mb4_bin")
        .pipes_as_concat(false)
        .no_engine_substitution(false)
        .timezone(None)
}

/// Sets up every session, tests one that was idle for `stale`, and closes those to a server that
/// was left.
///
/// The test is a rollback, which asks the server as a ping does. When a caller goes away while its
/// transaction begins, the server may have begun it and the driver does not know.
pub(super) fn sessions(
    options: MySqlPoolOptions,
    isolation: Isolation,
    leaving: &Leaving,
    stale: Duration,
) -> MySqlPoolOptions {
    let (acquired, released) = (leaving.clone(), leaving.clone());
    let isolation = match isolation {
        Isolation::ReadCommitted => READ_COMMITTED,
        Isolation::RepeatableRead => REPEATABLE_READ,
    };
    options
        .test_before_acquire(false)
        .after_connect(move |session, _| {
            Box::pin(async move {
                session.execute(SESSION).await?;
                session.execute(isolation).map_ok(drop).await
            })
        })
        .before_acquire(move |session, connection| {
            let left = acquired.has_left(connection.age);
            Box::pin(async move {
                if !left && connection.idle_for >= stale {
                    session.execute("ROLLBACK").await?;
                }
                Ok(!left)
            })
        })
        .after_release(move |_, connection| {
            let left = released.has_left(connection.age);
            Box::pin(async move { Ok(!left) })
        })
}
