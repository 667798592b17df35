//! A node among those that share a database: its beat, and the announcement of what its events
//! changed.

use std::convert::Infallible;
use std::time::Duration;

use sea_orm::{ConnectionTrait, DbBackend, Statement, Value};
use tokio::sync::Notify;
use tokio::time::{Instant, sleep, timeout, timeout_at};
use uuid::Uuid;

use crate::change::announcement::{NodeId, announce};
use crate::database::{BUSY, Database};
use crate::error::{Attempt, StorageError};
use crate::performance::certain_time::clock;
use crate::trouble::Trouble;

/// The pause between two announcements of a node, so that all nodes together draw few revisions.
const REST: Duration = Duration::from_millis(200);

/// The pauses between beats, and between attempts while they fail.
const BEAT: Duration = Duration::from_secs(5);
const FAILING_BEAT: Duration = Duration::from_secs(1);

/// How long the database may take for a beat.
const ANSWER: Duration = Duration::from_secs(2);

/// How long a SQLite file may take for a beat: longer than it waits for another writer, because only its
/// own answer tells that there is one.
const ANSWER_OF_FILE: Duration = BUSY.saturating_add(ANSWER);

/// The milliseconds of silence after which other nodes announce what a node left.
const SILENT: i64 = 10_000;

/// The milliseconds of silence after which a node is forgotten.
const FORGOTTEN: i64 = 3_600_000;

/// A node among those that share a database.
#[derive(Debug)]
pub(super) struct Node {
    pub(super) id: NodeId,
    database: Database,
    changed: Notify,
}

impl Node {
    /// Makes a node with a number of its own.
    pub(super) fn new(database: Database) -> Self {
        let number = i64::try_from(Uuid::new_v4().as_u64_pair().0 >> 1).unwrap_or(i64::MAX);
        Self { id: NodeId(number), database, changed: Notify::new() }
    }

    /// Requests an announcement of what was just stored.
    pub(super) fn has_changed(&self) {
        self.changed.notify_one();
    }

    /// Announces what this node stored. After an error the next attempt follows later.
    pub(super) async fn announce(&self) {
        if let Err(error) = announce(&self.database, &[self.id]).await {
            tracing::debug!(%error, "what events changed is announced later");
            self.changed.notify_one();
        }
    }

    /// Beats and announces for ever.
    pub(super) async fn keep(&self) -> Infallible {
        let mut next_beat = Instant::now();
        loop {
            if timeout_at(next_beat, self.changed.notified()).await.is_ok() {
                self.announce().await;
                sleep(REST).await;
            }
            if Instant::now() >= next_beat {
                let lives = self.beat().await;
                next_beat = Instant::now() + if lives { BEAT } else { FAILING_BEAT };
            }
        }
    }

    /// Records that this node lives, which also tests whether the database can be written, and
    /// returns true if that succeeded.
    async fn beat(&self) -> bool {
        let patience = match self.database.dialect() {
            DbBackend::Sqlite => ANSWER_OF_FILE,
            _ => ANSWER,
        };
        let beaten = timeout(patience, self.beat_once()).await;
        let beaten =
            beaten.unwrap_or(Err(StorageError::TimedOut { action: "say that a node lives" }));
        let trouble = beaten.as_ref().err().map(StorageError::trouble);
        self.database.standing().note(trouble);
        if let Err(error) = beaten {
            tracing::debug!(
                error = &error as &dyn std::error::Error,
                "a node cannot say that it lives"
            );
            if trouble == Some(Trouble::WrongServer) {
                self.database.leave();
            }
        }
        trouble.is_none()
    }

    async fn beat_once(&self) -> Result<(), StorageError> {
        let action = "say that a node lives";
        let dialect = self.database.dialect();
        let now = clock(dialect);
        let existing = match dialect {
            DbBackend::Sqlite => "ON CONFLICT (id) DO UPDATE SET seen_at = excluded.seen_at",
            _ => "ON DUPLICATE KEY UPDATE seen_at = VALUES(seen_at)",
        };
        let sql = format!(
            "INSERT INTO nodes (id, version, schema_step, seen_at) VALUES (?, ?, ?, {now}) {existing}"
        );
        let values: [Value; 3] = [
            self.id.0.into(),
            env!("CARGO_PKG_VERSION").into(),
            bams_migration::newest_step().into(),
        ];
        let database = self.database.reading();
        let statement = Statement::from_sql_and_values(dialect, sql, values);
        database.execute_raw(statement).await.attempt(action)?;
        let silent = self.silent().await?;
        if !silent.is_empty() {
            announce(&self.database, &silent).await?;
            tracing::info!(nodes = silent.len(), "announced what silent nodes had stored");
        }
        let sql = format!("DELETE FROM nodes WHERE seen_at < {now} - {FORGOTTEN}");
        database.execute_raw(Statement::from_string(dialect, sql)).await.attempt(action)?;
        Ok(())
    }

    /// Returns the silent nodes with changes that they have not announced.
    async fn silent(&self) -> Result<Vec<NodeId>, StorageError> {
        let action = "look for silent nodes";
        let dialect = self.database.dialect();
        let sql = format!(
            "SELECT DISTINCT node_id FROM changed_performance WHERE node_id <> ? AND node_id NOT IN \
             (SELECT id FROM nodes WHERE seen_at >= {} - {SILENT})",
            clock(dialect)
        );
        let statement = Statement::from_sql_and_values(dialect, sql, [self.id.0.into()]);
        let rows = self.database.reading().query_all_raw(statement).await.attempt(action)?;
        let number = rows.iter().map(|row| row.try_get_by_index(0).map(NodeId));
        number.collect::<Result<_, _>>().attempt(action)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use bams_domain::{BannerId, CampaignId};
    use bams_tests::{MariaDb, patiently};

    use super::*;
    use crate::change::announcement::note;
    use crate::performance::changed_totals::changed_totals;

    async fn changed_campaigns(database: &Database) -> Vec<CampaignId> {
        let transaction = database.begin_reading().await.unwrap();
        let changed = changed_totals(&transaction, 0).await.unwrap();
        transaction.rollback().await.unwrap();
        changed.into_iter().map(|it| it.0).collect()
    }

    #[tokio::test]
    async fn what_a_killed_node_stored_is_announced_by_another_once_it_is_silent() {
        let folder = tempfile::tempdir().unwrap();
        let sqlite = format!("sqlite://{}?mode=rwc", folder.path().join("bams.db").display());
        for url in [sqlite, MariaDb::shared().database()] {
            let database = patiently("connect", || Database::connect(&url, 4)).await;
            database.migrate().await.unwrap();
            let (killed, node) = (Node::new(database.clone()), Node::new(database.clone()));
            assert!(killed.beat().await);
            let transaction = database.begin_booking().await.unwrap();
            let changed = BTreeSet::from([(CampaignId(7), BannerId(1), 2)]);
            note(&transaction, killed.id, &changed).await.unwrap();
            database.commit_booking(transaction, "store events").await.unwrap();

            assert!(node.beat().await);
            assert_eq!(changed_campaigns(&database).await, [], "{url}: it may still live");
            let silent = "UPDATE nodes SET seen_at = seen_at - 60000 WHERE id = ?";
            let dialect = database.dialect();
            let silent = Statement::from_sql_and_values(dialect, silent, [killed.id.0.into()]);
            database.reading().execute_raw(silent).await.unwrap();
            assert!(node.beat().await);
            assert_eq!(changed_campaigns(&database).await, [CampaignId(7)], "{url}");
            assert_eq!(node.silent().await.unwrap(), []);
        }
    }
}
