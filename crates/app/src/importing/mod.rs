//! The use cases of CSV files: importing them at once or in a queue, and reading the results.

mod at_once;
mod current;
mod error;
mod rejected_file;
mod reverting;

use std::sync::Arc;
use std::time::Duration;

use bams_storage::{
    ImportFile, ImportFilter, ImportOptions, ImportProgress, ImportQueue, ImportReport, Imports,
    ListPage, Once, PageRequest, RejectedRow, Snapshots, Submitted,
};

pub use self::at_once::{FilePlan, ImportEnding, ImportSeries, Imported};
pub use self::current::CurrentImport;
pub use self::error::ImportingError;
pub use self::rejected_file::RejectedFile;
pub use self::reverting::revert;
use crate::managing::idempotency_key;

/// How many rejected rows are loaded together.
const TOGETHER: u64 = 1_000;

/// Imports files while visitors are served, and returns the results. Cloning is cheap.
#[derive(Clone)]
pub struct Importing {
    imports: Imports,
    queue: ImportQueue,
    snapshots: Arc<Snapshots>,
}

impl Importing {
    /// Opens the queue, in which at most `places` imports wait or run. `snapshots` serve soon what
    /// they store.
    pub async fn open(
        imports: Imports,
        places: usize,
        snapshots: Arc<Snapshots>,
    ) -> Result<Self, ImportingError> {
        let served = Arc::clone(&snapshots);
        let queue = ImportQueue::open(imports.clone(), places, move || served.hurry()).await?;
        Ok(Self { imports, queue, snapshots })
    }

    /// Fails if no more imports may wait, so that a file is not worth receiving.
    pub fn has_room(&self) -> Result<(), ImportingError> {
        Ok(self.queue.has_room()?)
    }

    /// Queues a file. Rows will be booked in the UTC hour of `now`. Fails if neither name nor
    /// header tell the kind or the quarter.
    ///
    /// With `once` the same request of the last day is not queued again, on any node.
    pub async fn submit(
        &self,
        file: ImportFile,
        options: ImportOptions,
        now: i64,
        once: Option<Once<ImportReport>>,
    ) -> Result<Submitted, ImportingError> {
        expect_name_of(once.as_ref())?;
        Ok(self.queue.submit(file, options, now, once).await?)
    }

    /// Imports a file and returns the result. Goes on when nobody waits any more.
    pub async fn import(
        &self,
        file: ImportFile,
        options: ImportOptions,
        now: i64,
    ) -> Result<Imported, ImportingError> {
        let progress = Arc::new(ImportProgress::default());
        let imported = at_once::import(&self.imports, file, options, now, progress).await?;
        self.snapshots.hurry();
        Ok(imported)
    }

    /// Returns the current state of an import. Fails with [`ImportingError::Unknown`] if there is
    /// none.
    pub async fn read(&self, import: i64) -> Result<CurrentImport, ImportingError> {
        // The progress is read first, so that an import that ends in between has an end.
        let standing = self.queue.standing(import).await?;
        let report = self.known(import).await?;
        Ok(CurrentImport::of(report, standing))
    }

    /// Returns a page of the imports with their current states.
    pub async fn list(
        &self,
        filter: &ImportFilter,
        page: &PageRequest<()>,
    ) -> Result<ListPage<CurrentImport>, ImportingError> {
        let found = self.imports.list(filter, page).await?;
        let mut items = Vec::with_capacity(found.items.len());
        for report in found.items {
            let standing = match report.id.filter(|_| report.finished_at_ms.is_none()) {
                Some(id) => self.queue.standing(id).await?,
                None => None,
            };
            items.push(CurrentImport::of(report, standing));
        }
        Ok(ListPage { items, next: found.next })
    }

    /// Returns the name and the columns of the file with an import's rejected rows. Fails with
    /// [`ImportingError::Unknown`] if there is no such import.
    pub async fn rejected_file(&self, import: i64) -> Result<RejectedFile, ImportingError> {
        let report = self.known(import).await?;
        Ok(RejectedFile::of(import, &report, self.imports.rejected_columns(import).await?))
    }

    /// Hands over the stored rejected rows of an import, in the order of their lines. Fails with
    /// [`ImportingError::Unknown`] if there is no such import.
    pub async fn rejected_rows(
        &self,
        import: i64,
        mut take: impl FnMut(&RejectedRow),
    ) -> Result<(), ImportingError> {
        self.known(import).await?;
        let mut taken = 0;
        loop {
            let rows = self.imports.rejected_rows(import, taken, TOGETHER).await?;
            rows.iter().for_each(&mut take);
            taken += rows.len() as u64;
            if (rows.len() as u64) < TOGETHER {
                return Ok(());
            }
        }
    }

    /// Begins no more imports, and gives the running one some time to end.
    pub async fn finish(&self, within: Duration) {
        self.queue.finish(within).await;
    }

    async fn known(&self, import: i64) -> Result<ImportReport, ImportingError> {
        self.imports.find(import).await?.ok_or(ImportingError::Unknown(import))
    }
}

/// Fails if a request that may be sent again has a name that none can have.
fn expect_name_of<T>(once: Option<&Once<T>>) -> Result<(), ImportingError> {
    once.map_or(Ok(()), |once| idempotency_key(&once.claim.idempotency_key))
        .map_err(ImportingError::Invalid)
}

impl std::fmt::Debug for Importing {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Importing").field("imports", &self.imports).finish_non_exhaustive()
    }
}
