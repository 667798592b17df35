//! One import with everything it needs.

use std::fs::File;
use std::sync::Arc;
use std::time::Instant;

use sea_orm::DatabaseTransaction;
use uuid::Uuid;

use super::error::ImportError;
use super::examined::Examined;
use super::kind::ImportKind;
use super::options::{DefaultKey, ImportFile, ImportOptions, OnError};
use super::progress::ImportProgress;
use crate::change::Actor;
use crate::database::Database;

/// The rows of a portion, unless a test wants fewer. Nobody waits long for a transaction with so many.
pub(super) const PORTION: u64 = 10_000;

/// Draws a number under which a process stores files in portions.
pub(super) fn new_owner() -> i64 {
    i64::try_from(Uuid::new_v4().as_u64_pair().0 >> 1).unwrap_or(i64::MAX)
}

/// One import with everything it needs.
pub(super) struct ImportJob {
    pub(super) database: Database,
    /// The transaction of a rehearsal, in which this file's own transaction runs.
    pub(super) stage: Option<Arc<DatabaseTransaction>>,
    pub(super) default_key: DefaultKey,
    pub(super) options: ImportOptions,
    pub(super) file_name: String,
    pub(super) sender: Actor,
    /// The row in `imports` that waits for this import. Without one the row is made at the end.
    pub(super) record: Option<i64>,
    /// The most bytes that a packed file may unpack to.
    pub(super) limit: u64,
    /// The rows of a portion. A file with more is stored in portions.
    pub(super) portion: u64,
    /// The number of this job among all that store files in portions.
    pub(super) owner: i64,
    pub(super) bytes: u64,
    pub(super) file: Arc<File>,
    pub(super) progress: Arc<ImportProgress>,
    pub(super) now_unix_ms: i64,
    pub(super) started: Instant,
}

impl ImportJob {
    pub(super) fn new(
        database: Database,
        default_key: DefaultKey,
        ImportFile { file, name, sender }: ImportFile,
        options: ImportOptions,
    ) -> Self {
        Self {
            database,
            stage: None,
            default_key,
            options,
            file_name: name,
            sender,
            record: None,
            limit: u64::MAX,
            portion: PORTION,
            owner: new_owner(),
            bytes: file.metadata().map(|it| it.len()).unwrap_or_default(),
            file: Arc::new(file),
            progress: Arc::default(),
            now_unix_ms: 0,
            started: Instant::now(),
        }
    }

    pub(super) fn at(self, now_unix_ms: i64, progress: Arc<ImportProgress>) -> Self {
        Self { progress, now_unix_ms, ..self }
    }

    /// Limits the bytes that a packed file may unpack to.
    pub(super) fn with_limit(self, limit: u64) -> Self {
        Self { limit, ..self }
    }

    /// Sets the rows of a portion.
    pub(super) fn in_portions_of(self, rows: u64) -> Self {
        Self { portion: rows.max(1), ..self }
    }

    /// Makes the import a part of a rehearsal, if there is one.
    pub(super) fn on_stage(self, stage: Option<Arc<DatabaseTransaction>>) -> Self {
        Self { stage, ..self }
    }

    /// Makes the import write into an existing row of `imports`.
    pub(super) fn into_record(self, record: i64) -> Self {
        Self { record: Some(record), ..self }
    }

    /// Returns true if a file is stored in portions.
    pub(super) fn is_large(&self, file: &Examined) -> bool {
        let stores_rows = file.kind != ImportKind::Images && !self.options.dry_run;
        stores_rows && self.stage.is_none() && file.lines > self.portion
    }

    /// Returns true if one bad row refuses the file.
    pub(super) fn refuses(&self) -> bool {
        self.options.on_error == OnError::Refuse
    }

    pub(super) fn interrupted(&self) -> ImportError {
        ImportError::Interrupted { file_name: self.file_name.clone() }
    }
}
