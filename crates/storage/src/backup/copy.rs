//! Copying a store while it is written.

use std::path::Path;

use sea_orm::{ConnectionTrait, Statement};

use super::error::StoreFileError;
use super::store_file::{StoreSummary, open, summary};
use crate::database::Database;
use crate::error::{Attempt, StorageError};

/// Copies a SQLite store, as it is at one moment, to a path where there is no file, and returns what
/// the copy holds.
///
/// Writers go on meanwhile. Everything that was committed before the call is in the copy. Fails with
/// [`StoreFileError::NoStore`] if the database has no schema.
pub async fn copy_store(database: &Database, file: &Path) -> Result<StoreSummary, StoreFileError> {
    let action = "copy the database";
    let path = file.to_str().ok_or_else(|| StorageError::Setting {
        setting: "FILE",
        problem: "must have a path of readable characters".to_owned(),
    })?;
    let copy = Statement::from_sql_and_values(database.dialect(), "VACUUM INTO ?", [path.into()]);
    database.comparing().execute_raw(copy).await.attempt(action)?;
    let copy = open(file).await.attempt(action)?;
    let held = summary(&copy).await?;
    copy.close().await.attempt(action)?;
    held.ok_or_else(|| StoreFileError::NoStore("it has no schema yet".to_owned()))
}
