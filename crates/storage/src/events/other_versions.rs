//! Nodes of other versions that share the database.

use std::time::Duration;

use sea_orm::{ConnectionTrait, DbErr, QueryResult, Statement, Value};

use crate::database::Database;
use crate::error::{Attempt, StorageError};
use crate::performance::certain_time::clock;

/// A version of the program, with the newest step of the schema that it knows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProgramVersion {
    /// Such as `0.1.0`.
    pub version: String,
    /// The name of the step.
    pub schema_step: String,
}

impl ProgramVersion {
    /// Returns that of this program.
    pub fn current() -> Self {
        let schema_step = bams_migration::newest_step().to_owned();
        Self { version: env!("CARGO_PKG_VERSION").to_owned(), schema_step }
    }
}

/// Returns the versions, other than this program's, of nodes that said lately that they live, by
/// the database's clock.
pub async fn other_versions(
    database: &Database,
    lately: Duration,
) -> Result<Vec<ProgramVersion>, StorageError> {
    let action = "look for nodes of other versions";
    let dialect = database.dialect();
    let sql = format!(
        "SELECT DISTINCT version, schema_step FROM nodes \
         WHERE seen_at >= {} - ? AND (version <> ? OR schema_step <> ?) ORDER BY version, schema_step",
        clock(dialect)
    );
    let lately = i64::try_from(lately.as_millis()).unwrap_or(i64::MAX);
    let ProgramVersion { version, schema_step } = ProgramVersion::current();
    let values: [Value; 3] = [lately.into(), version.into(), schema_step.into()];
    let statement = Statement::from_sql_and_values(dialect, sql, values);
    let rows = database.reading().query_all_raw(statement).await.attempt(action)?;
    let version = |row: &QueryResult| {
        let (version, schema_step) = row.try_get_many_by_index()?;
        Ok::<_, DbErr>(ProgramVersion { version, schema_step })
    };
    rows.iter().map(version).collect::<Result<_, _>>().attempt(action)
}
