//! Nodes that start together, and schemas from the future.

use bams_storage::{Database, StorageError};
use bams_tests::{MariaDb, patiently};

use crate::stores::{Store, banner, campaign, catalog};

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
    let database = patiently("connect", || Database::connect(&url, 2)).await;
    database.migrate().await.unwrap();
    // The last tables exist, but the steps were not recorded before the process died.
    server.sql(&url, "DELETE FROM seaql_migrations ORDER BY version DESC LIMIT 3");
    assert_eq!(database.migrate().await.unwrap(), 3);
}

#[tokio::test]
async fn a_schema_from_a_newer_program_is_refused_untouched() {
    let server = MariaDb::shared();
    let url = server.database();
    let database = patiently("connect", || Database::connect(&url, 2)).await;
    database.migrate().await.unwrap();
    server.sql(&url, "INSERT INTO seaql_migrations VALUES ('m20991231_01_future', 0)");
    let refused = database.migrate().await.unwrap_err();
    assert!(matches!(refused, StorageError::Migration(_)));
    assert!(refused.to_string().contains("m20991231_01_future"), "{refused}");
}

/// A step of a newer program that adds a column and still serves the programs that know `oldest`.
async fn take_future_step(store: &Store, oldest: &str) {
    let step = format!("INSERT INTO seaql_migrations VALUES ('m20991231_01_labels+{oldest}', 0)");
    store.execute(&["ALTER TABLE campaigns ADD COLUMN label VARCHAR(20)", &step]).await;
}

#[tokio::test]
async fn a_schema_that_only_grew_serves_the_version_before() {
    for store in Store::both_empty().await {
        store.database.migrate().await.unwrap();
        take_future_step(&store, bams_migration::newest_step()).await;
        assert_eq!(store.other_process().await.migrate().await.unwrap(), 0, "{}", store.url);
        store.write(catalog(campaign(1), [banner(1)])).await;
    }
}

#[tokio::test]
async fn a_schema_that_grew_beyond_the_version_before_is_refused() {
    for store in Store::both_empty().await {
        store.database.migrate().await.unwrap();
        take_future_step(&store, "m20991230_01_unknown").await;
        let refused = store.database.migrate().await.unwrap_err();
        assert!(refused.to_string().contains("m20991231_01_labels"), "{refused}");
    }
}

#[tokio::test]
async fn an_address_of_another_database_is_refused_by_name() {
    let refused = Database::connect("postgres://localhost/bams", 1).await.unwrap_err();
    assert!(refused.to_string().contains("database.url"), "{refused}");
}
