//! Nodes that start together, and schemas from the future.

use bams_storage::{Database, StorageError};
use bams_tests::MariaDb;

use crate::stores::Store;

#[tokio::test]
async fn a_migration_happens_once() {
    for store in Store::both_empty().await {
        assert!(store.database.migrate().await.unwrap() > 0, "{}", store.url);
        assert_eq!(store.database.migrate().await.unwrap(), 0, "{}", store.url);
    }
}

#[tokio::test]
async fn five_nodes_that_start_together_migrate_once() {
    for store in Store::both_empty().await {
        let mut nodes = Vec::new();
        for _ in 0..5 {
            let database = store.other_process().await;
            nodes.push(tokio::spawn(async move { database.migrate().await }));
        }
        let mut migrated = 0;
        for node in nodes {
            migrated += usize::from(node.await.unwrap().unwrap() > 0);
        }
        assert_eq!(migrated, 1, "{}", store.url);
    }
}

#[tokio::test]
async fn a_migration_that_was_killed_in_the_middle_is_finished() {
    let server = MariaDb::shared();
    let url = server.database();
    let database = Database::connect(&url, 2).await.unwrap();
    database.migrate().await.unwrap();
    // The last tables exist, but the steps were not recorded before the process died.
    server.sql(&url, "DELETE FROM seaql_migrations ORDER BY version DESC LIMIT 3");
    assert_eq!(database.migrate().await.unwrap(), 3);
}

#[tokio::test]
async fn a_schema_from_a_newer_program_is_refused_untouched() {
    let server = MariaDb::shared();
    let url = server.database();
    let database = Database::connect(&url, 2).await.unwrap();
    database.migrate().await.unwrap();
    server.sql(&url, "INSERT INTO seaql_migrations VALUES ('m20991231_01_future', 0)");
    let refused = database.migrate().await.unwrap_err();
    assert!(matches!(refused, StorageError::Migration(_)));
    assert!(refused.to_string().contains("m20991231_01_future"), "{refused}");
}

#[tokio::test]
async fn an_address_of_another_database_is_refused_by_name() {
    let refused = Database::connect("postgres://localhost/bams", 1).await.unwrap_err();
    assert!(refused.to_string().contains("database.url"), "{refused}");
}
