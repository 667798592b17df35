//! The imports of an installation, new and old ones.

use std::sync::Arc;
use std::time::Duration;

use bams_domain::BannerId;
use sea_orm::{ColumnTrait, DatabaseTransaction, EntityTrait, QueryFilter, QueryTrait};
use tokio::runtime::Handle;
use tokio::sync::Mutex;
use tracing::instrument::WithSubscriber;

use super::error::ImportError;
use super::job::{ImportJob, PORTION};
use super::options::{DefaultKey, ImportFile, ImportFilter, ImportOptions};
use super::progress::ImportProgress;
use super::rejected::{RejectedColumns, RejectedRow, rejected_columns, rejected_rows};
use super::report::ImportReport;
use crate::database::Database;
use crate::database::list_page::{ListPage, PageRequest, SortValue, part};
use crate::database::repetition::Repetition;
use crate::entity::import;
use crate::error::{Attempt, StorageError};

/// How long a rehearsal waits for another writer of SQLite's file.
const PATIENCE: Duration = Duration::from_secs(30);

/// The imports of an installation. Cloning is cheap.
#[derive(Clone)]
pub struct Imports {
    pub(super) database: Database,
    default_key: DefaultKey,
    /// The most bytes that a packed file may unpack to.
    pub(super) limit: u64,
    /// The rows of a portion.
    portion: u64,
    /// The turn of an import of this process. SQLite has one writer, so imports wait here instead
    /// of failing there.
    turn: Arc<Mutex<()>>,
    pub(super) runtime: Handle,
    stage: Option<Arc<DatabaseTransaction>>,
}

impl Imports {
    /// Makes the imports of a database.
    ///
    /// `default_key` returns the object key of the image of a banner that a file mentions and that
    /// did not exist. Imports run on the tokio runtime of this call, not on that of the callers of
    /// [`import`](Self::import), who may serve visitors.
    ///
    /// # Panics
    ///
    /// Panics outside of a tokio runtime.
    pub fn new(
        database: Database,
        default_key: impl Fn(BannerId) -> String + Send + Sync + 'static,
    ) -> Self {
        Self {
            database,
            default_key: Arc::new(default_key),
            limit: u64::MAX,
            portion: PORTION,
            turn: Arc::default(),
            runtime: Handle::current(),
            stage: None,
        }
    }

    /// Returns the database that files are imported into.
    pub fn database(&self) -> &Database {
        &self.database
    }

    /// Limits the bytes that packed files may unpack to. Memory does not grow with them, but time
    /// does.
    #[must_use]
    pub fn with_unpacked_limit(self, bytes: u64) -> Self {
        Self { limit: bytes, ..self }
    }

    /// Sets the rows of a portion, for tests with small files. A file with more rows is stored in
    /// portions.
    #[must_use]
    pub fn in_portions_of(self, rows: u64) -> Self {
        Self { portion: rows, ..self }
    }

    /// Returns imports for dry runs of several files, each of which finds what those before it
    /// would have stored.
    ///
    /// Nothing of it is ever stored. Other writers of the database may have to wait until the
    /// returned value is dropped.
    pub async fn rehearsal(&self) -> Result<Self, StorageError> {
        let mut repetition = Repetition::within(PATIENCE);
        let stage = loop {
            match self.database.begin_writing().await {
                Err(error) => repetition.after(&self.database, error).await?,
                begun => break begun?,
            }
        };
        Ok(Self { stage: Some(Arc::new(stage)), ..self.clone() })
    }

    /// Imports one file, all or nothing, and returns the report. Rows are booked in the slot of
    /// their quarter in the UTC hour of `now_unix_ms`.
    ///
    /// The report of a file that was refused for its contents has
    /// [`ImportState::Failed`](super::ImportState::Failed) and errors. The same bytes again, of the
    /// same kind and quarter, return the report of the first import and change nothing. The import
    /// goes on when this future is dropped. Needs a running tokio runtime.
    pub async fn import(
        &self,
        file: ImportFile,
        options: ImportOptions,
        now_unix_ms: i64,
        progress: Arc<ImportProgress>,
    ) -> Result<ImportReport, ImportError> {
        let file_name = file.name.clone();
        let (job, turn) = (self.job(file, options, now_unix_ms, progress), self.turn());
        let running = async move { job.run(&turn).await }.with_current_subscriber();
        let running = self.runtime.spawn(running);
        running.await.unwrap_or_else(|_| Err(ImportError::Interrupted { file_name }))
    }

    pub(super) fn job(
        &self,
        file: ImportFile,
        options: ImportOptions,
        now_unix_ms: i64,
        progress: Arc<ImportProgress>,
    ) -> ImportJob {
        ImportJob::new(self.database.clone(), Arc::clone(&self.default_key), file, options)
            .at(now_unix_ms, progress)
            .with_limit(self.limit)
            .in_portions_of(self.portion)
            .on_stage(self.stage.clone())
    }

    pub(super) fn turn(&self) -> Arc<Mutex<()>> {
        Arc::clone(&self.turn)
    }

    /// Returns at most `limit` of an import's rejected rows, after skipping `from`. The first ten
    /// thousand of each import are kept.
    pub async fn rejected_rows(
        &self,
        import: i64,
        from: u64,
        limit: u64,
    ) -> Result<Vec<RejectedRow>, StorageError> {
        rejected_rows(&self.database, import, from, limit).await
    }

    /// Returns the columns of the file whose rows an import rejected. `None` if they are not known, as
    /// for imports without rejected rows.
    pub async fn rejected_columns(
        &self,
        import: i64,
    ) -> Result<Option<RejectedColumns>, StorageError> {
        rejected_columns(&self.database, import).await
    }

    /// Returns an import, or `None` if there is no such import.
    pub async fn find(&self, id: i64) -> Result<Option<ImportReport>, StorageError> {
        let row = import::Entity::find_by_id(id).one(self.database.reading()).await;
        row.attempt("load an import")?.map(ImportReport::try_from).transpose()
    }

    /// Returns a page of the imports, sorted by number.
    pub async fn list(
        &self,
        filter: &ImportFilter,
        page: &PageRequest<()>,
    ) -> Result<ListPage<ImportReport>, StorageError> {
        let query = import::Entity::find()
            .apply_if(filter.state, |query, it| query.filter(import::Column::State.eq(it.name())))
            .apply_if(filter.kind, |query, it| query.filter(import::Column::Kind.eq(it.name())));
        let rows = part(query, (import::Column::Id, import::Column::Id), page);
        let rows = rows.all(self.database.reading()).await.attempt("list the imports")?;
        let reports = rows.into_iter().map(ImportReport::try_from).collect::<Result<_, _>>()?;
        let number = |it: &ImportReport| SortValue::Number(it.id.unwrap_or_default());
        Ok(ListPage::of(reports, page.limit, |it| (number(it), number(it))))
    }
}

impl std::fmt::Debug for Imports {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Imports").field("database", &self.database).finish_non_exhaustive()
    }
}
