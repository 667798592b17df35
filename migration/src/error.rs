//! The errors of a migration.

use sea_orm_migration::sea_orm::DbErr;

/// Why the schema could not be brought up to date.
#[derive(Debug, thiserror::Error)]
pub enum MigrationError {
    /// The database holds a step that this program does not know.
    #[error(
        "the database was migrated by a newer version of bams (it has the step `{step}`); \
         start that version, or restore a backup from before it"
    )]
    NewerSchema {
        /// The first unknown step.
        step: String,
    },
    /// Another node held the migration lock for too long.
    #[error("another node is still migrating the database after {seconds} seconds")]
    Locked {
        /// How long this node waited.
        seconds: i32,
    },
    /// The database refused or could not be reached.
    #[error("could not migrate the database")]
    Database(#[from] DbErr),
}
