//! Giving SQLite's one writer away between portions.
//!
//! SQLite has no queue: who finds another writer looks again after some milliseconds, and would hardly
//! ever come at a moment between two portions.

use std::time::{Duration, Instant};

use sea_orm::{ConnectionTrait, DbBackend, Statement};
use tokio::time::sleep;

use crate::database::Database;
use crate::performance::certain_time::clock;

/// How long the writer is held, in one transaction or several, while a server of this file may have
/// events, and else.
const HELD: Duration = Duration::from_millis(40);
const HELD_ALONE: Duration = Duration::from_millis(400);

/// How long others may take it then. Who waits since [`HELD`] looks that often.
const GIVEN: Duration = Duration::from_millis(25);

/// The milliseconds for which a server that beat is taken to live.
const LIVES: i64 = 15_000;

/// How often servers are looked for.
const LOOKED: Duration = Duration::from_secs(1);

/// The pace of one import.
pub(in crate::import) struct Pace {
    database: Database,
    held: Duration,
    most: Duration,
    looked: Option<Instant>,
}

impl Pace {
    pub(in crate::import) fn of(database: &Database) -> Self {
        Self { database: database.clone(), held: Duration::ZERO, most: HELD, looked: None }
    }

    /// Rests if the writer was held long enough, after a transaction that began at a moment.
    pub(in crate::import) async fn rest_after(&mut self, begun: Instant) {
        if self.database.dialect() != DbBackend::Sqlite {
            return;
        }
        self.held += begun.elapsed();
        if self.looked.is_none_or(|looked| looked.elapsed() > LOOKED) {
            self.most = if self.is_served().await { HELD } else { HELD_ALONE };
            self.looked = Some(Instant::now());
        }
        if self.held >= self.most {
            sleep(GIVEN).await;
            self.held = Duration::ZERO;
        }
    }

    /// Returns true if a server has used the file lately, or if that is unknown.
    async fn is_served(&self) -> bool {
        let dialect = self.database.dialect();
        let now = clock(dialect);
        let sql = format!("SELECT 1 FROM nodes WHERE seen_at >= {now} - {LIVES} LIMIT 1");
        let found = self.database.reading().query_one_raw(Statement::from_string(dialect, sql));
        found.await.map_or(true, |row| row.is_some())
    }
}
