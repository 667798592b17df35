//! A SQLite file that nobody serves.

use std::path::{Path, PathBuf};
use std::time::Duration;

use sea_orm::sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous};
use sea_orm::{
    ConnectOptions, ConnectionTrait, Database as SeaOrm, DatabaseConnection, DbErr, Statement,
};

use crate::database::values::{count, row_of};
use crate::error::{Attempt, StorageError};

/// How long a lock is waited for: long enough for a command that ends at this moment.
const BUSY: Duration = Duration::from_secs(2);

/// Returns the file of a database URL, or `None` for a server and for a database in memory.
pub fn sqlite_file(database_url: &str) -> Option<PathBuf> {
    let in_memory = database_url.contains(":memory:") || database_url.contains("mode=memory");
    if in_memory || !database_url.starts_with("sqlite:") {
        return None;
    }
    let options = database_url.parse::<SqliteConnectOptions>().ok()?;
    Some(options.get_filename().to_owned())
}

/// Returns true if this program can work on a schema whose newest step is this one.
pub fn can_work_on(schema_step: &str) -> bool {
    bams_migration::is_served_by(schema_step)
}

/// What a store holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoreSummary {
    /// How many campaigns there are.
    pub campaigns: u64,
    /// How many banners there are.
    pub banners: u64,
    /// The newest step of its schema.
    pub schema_step: String,
}

/// Opens a file on one connection and without a write-ahead log, so that all of it is in the file.
/// Removes the log if there is one, which fails while somebody else has the file open.
pub(super) async fn open(file: &Path) -> Result<DatabaseConnection, DbErr> {
    let file = file.to_owned();
    let mut options = ConnectOptions::new("sqlite:");
    options.max_connections(1).sqlx_logging(false).map_sqlx_sqlite_opts(move |it| {
        it.filename(&file)
            .create_if_missing(false)
            .journal_mode(SqliteJournalMode::Delete)
            .synchronous(SqliteSynchronous::Full)
            .foreign_keys(true)
            .busy_timeout(BUSY)
            .pragma("trusted_schema", "OFF")
    });
    SeaOrm::connect(options).await
}

/// Returns what a store holds, or `None` for a database that is none.
pub(super) async fn summary<C: ConnectionTrait>(
    connection: &C,
) -> Result<Option<StoreSummary>, StorageError> {
    let action = "look at what a store holds";
    let tables = "SELECT COUNT(*) FROM sqlite_master WHERE type = 'table' \
                  AND name IN ('seaql_migrations', 'campaigns', 'banners')";
    let found = row_of(connection, tables, Vec::new()).await.attempt(action)?;
    let found = found.map(|row| row.try_get_by_index::<i64>(0)).transpose().attempt(action)?;
    if found != Some(3) {
        return Ok(None);
    }
    let sql = "SELECT (SELECT COUNT(*) FROM campaigns), (SELECT COUNT(*) FROM banners), \
               (SELECT MAX(version) FROM seaql_migrations)";
    let statement = Statement::from_string(connection.get_database_backend(), sql);
    let row = connection.query_one_raw(statement).await.attempt(action)?;
    let read = row.map(|row| row.try_get_many_by_index::<(i64, i64, Option<String>)>());
    let Some((campaigns, banners, Some(schema_step))) = read.transpose().attempt(action)? else {
        return Ok(None);
    };
    let number = |value| count("sqlite_master", "name", value);
    Ok(Some(StoreSummary { campaigns: number(campaigns)?, banners: number(banners)?, schema_step }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_names_its_file() {
        for (url, file) in [
            ("sqlite://bams.db?mode=rwc", Some("bams.db")),
            ("sqlite:///var/lib/ads%20%23/bams.db", Some("/var/lib/ads #/bams.db")),
            ("sqlite:bams.db", Some("bams.db")),
            ("sqlite::memory:", None),
            ("mysql://bams@db/bams", None),
        ] {
            assert_eq!(sqlite_file(url), file.map(PathBuf::from), "{url}");
        }
    }
}
