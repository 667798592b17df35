//! Going on with imports whose process is gone.

use std::time::{Duration, Instant};

use super::beating::Beating;
use super::mark::{self, PortionsMark};
use super::pace::Pace;
use super::removal::remove;
use crate::database::Database;
use crate::database::repetition::Repetition;
use crate::error::{Attempt, StorageError};
use crate::import::failure::ImportFailure;
use crate::import::silence::Silence;
use crate::performance::merging::merge_some;

/// How long the merging of a portion is repeated while another writer is in the way.
const PATIENCE: Duration = Duration::from_mins(5);

/// Watches the imports of all processes.
pub(in crate::import) struct Leftovers {
    database: Database,
    /// The number under which this process takes over.
    owner: i64,
    silence: Silence,
}

impl Leftovers {
    pub(in crate::import) fn of(database: &Database, owner: i64) -> Self {
        Self { database: database.clone(), owner, silence: Silence::default() }
    }

    /// Looks at the beats. Should be called every second. Takes over what has been silent for too long,
    /// and returns true if an import has the turn.
    pub(in crate::import) async fn look(&mut self) -> Result<bool, StorageError> {
        if mark::all(self.database.reading()).await?.is_empty() {
            self.silence = Silence::default();
            return Ok(false);
        }
        // Silence proves nothing while the database takes no writes.
        let transaction = self.database.begin_writing().await?;
        let marks = mark::all(&transaction).await?;
        transaction.rollback().await.attempt("look after imports")?;
        for import in self.silence.lost(marks.iter().map(|it| (it.import, it.beat))) {
            let Some(mark) = marks.iter().find(|it| it.import == import) else { continue };
            if let Err(error) = self.take_over(*mark).await {
                // While this process cannot write, others cannot beat either.
                self.silence = Silence::default();
                return Err(error);
            }
        }
        Ok(marks.iter().any(|mark| mark.staged))
    }

    async fn take_over(&self, mark: PortionsMark) -> Result<(), StorageError> {
        let PortionsMark { import, staged, .. } = mark;
        if !mark::take_over(self.database.reading(), mark, self.owner).await? {
            return Ok(());
        }
        let _beating = Beating::begin(&self.database, import, self.owner);
        if staged {
            tracing::warn!(import.id = import, "removing what an interrupted import left");
            let failure = ImportFailure::interrupted();
            remove(&self.database, import, self.owner, &failure).await
        } else {
            tracing::info!(import.id = import, "merging the sums of an import");
            merge_all(&self.database, import).await
        }
    }
}

/// Adds the sums of a counting import to performance, portion by portion.
pub(in crate::import) async fn merge_all(
    database: &Database,
    import: i64,
) -> Result<(), StorageError> {
    let mut pace = Pace::of(database);
    loop {
        let begun = Instant::now();
        if !merge_one(database, import).await? {
            return Ok(());
        }
        pace.rest_after(begun).await;
    }
}

async fn merge_one(database: &Database, import: i64) -> Result<bool, StorageError> {
    let mut repetition = Repetition::within(PATIENCE);
    loop {
        match merge_some(database, import).await {
            Err(error) => repetition.after(database, error).await?,
            merged => return merged,
        }
    }
}

#[cfg(test)]
mod tests {
    use bams_tests::{MariaDb, patiently};
    use sea_orm::ConnectionTrait;

    use super::*;

    /// The import and its processes, one after the other.
    const IMPORT: i64 = 5;
    const FIRST: i64 = 7;
    const SECOND: i64 = 8;
    const THIRD: i64 = 9;

    async fn mark(database: &Database) -> PortionsMark {
        mark::all(database.reading()).await.unwrap()[0]
    }

    #[tokio::test]
    async fn an_import_is_taken_over_once_and_only_if_its_process_is_silent() {
        let folder = tempfile::tempdir().unwrap();
        let sqlite = format!("sqlite://{}?mode=rwc", folder.path().join("bams.db").display());
        for url in [sqlite, MariaDb::shared().database()] {
            let database = patiently("connect", || Database::connect(&url, 4)).await;
            database.migrate().await.unwrap();
            let sql = format!("INSERT INTO staged_imports VALUES ({IMPORT}, 1, {FIRST}, 3)");
            database.reading().execute_unprepared(&sql).await.unwrap();
            let beat = async |owner| mark::beat(database.reading(), IMPORT, owner).await.unwrap();
            let take =
                async |seen, owner| mark::take_over(database.reading(), seen, owner).await.unwrap();
            let mut looking = Leftovers::of(&database, THIRD);
            for _ in 0..15 {
                assert!(beat(FIRST).await && looking.look().await.unwrap());
            }
            let seen = mark(&database).await;
            assert_eq!(seen.owner, FIRST, "{url}: it lives");
            assert!(beat(FIRST).await);
            assert!(!take(seen, SECOND).await, "{url}: it has beaten since");
            let seen = mark(&database).await;
            assert!(take(seen, SECOND).await && !take(seen, THIRD).await, "{url}");
            assert!(!beat(FIRST).await && beat(SECOND).await, "{url}");
        }
    }
}
