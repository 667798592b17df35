//! Copies of SQLite stores, and what nodes make of one in the place of theirs.

use bams_storage::{Database, ReplacedStore, StoreFileError, StoreSummary, copy_store, make_ready};

use crate::stores::{Store, banner, campaign, catalog};

/// A store with a campaign and two banners.
async fn store() -> Store {
    let [store, _] = Store::both().await;
    store.write(catalog(campaign(1), [banner(1), banner(2)])).await;
    store
}

fn url(file: &std::path::Path) -> String {
    format!("sqlite://{}?mode=rw", file.display())
}

const WORDS: &str =
    "SELECT revision, word FROM revision_words WHERE counter = 1 ORDER BY revision DESC";

#[tokio::test]
async fn a_copy_holds_what_was_committed_and_is_one_file() {
    let store = store().await;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("copy #1.db");
    let held = copy_store(&store.database, &file).await.unwrap();
    assert_eq!((held.campaigns, held.banners), (1, 2));
    let names: Vec<_> =
        folder.path().read_dir().unwrap().map(|it| it.unwrap().file_name()).collect();
    assert_eq!(names, ["copy #1.db"]);
    let again = copy_store(&store.database, &file).await;
    assert!(again.is_err(), "a file is never overwritten");

    let [empty, _] = Store::both_empty().await;
    let nothing = copy_store(&empty.database, &folder.path().join("empty.db")).await;
    assert!(matches!(nothing, Err(StoreFileError::NoStore(_))), "{nothing:?}");
}

#[tokio::test]
async fn each_time_a_copy_is_made_ready_it_has_a_revision_of_its_own() {
    let store = store().await;
    let before = store.rows(WORDS).await;
    let mut newest = Vec::new();
    for _ in 0..2 {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("bams.db");
        copy_store(&store.database, &file).await.unwrap();
        make_ready(&file).await.unwrap();
        let copy = Database::connect(&url(&file), 2).await.unwrap();
        let copy = Store::opened(copy, url(&file), folder);
        let words = copy.rows(WORDS).await;
        assert_eq!(words[1..], before);
        newest.push(words[0].clone());
        let visitors = "SELECT revision FROM store_revision WHERE id = 2";
        assert_eq!(copy.rows(visitors).await, ["1"]);
    }
    assert_eq!(newest[0].split(' ').next(), newest[1].split(' ').next());
    assert_ne!(newest[0], newest[1]);
}

#[tokio::test]
async fn what_is_no_store_is_not_made_ready() {
    let folder = tempfile::tempdir().unwrap();
    for (number, statements) in [
        &["CREATE TABLE visits (id INTEGER)"][..],
        &["CREATE TRIGGER t AFTER INSERT ON clicks BEGIN DELETE FROM campaign_conversions; END"],
        &["CREATE VIEW v AS SELECT * FROM clicks"],
        &["INSERT INTO seaql_migrations VALUES ('m99990101_01_later', 0)"],
    ]
    .into_iter()
    .enumerate()
    {
        let file = folder.path().join(format!("{number}.db"));
        if number == 0 {
            std::fs::write(&file, "").unwrap();
        } else {
            copy_store(&store().await.database, &file).await.unwrap();
        }
        Store::execute_at(&url(&file), statements).await;
        let refused = make_ready(&file).await;
        assert!(refused.is_err(), "{statements:?}");
    }
    let text = folder.path().join("text.db");
    std::fs::write(&text, "no database at all".repeat(1000)).unwrap();
    assert!(matches!(make_ready(&text).await, Err(StoreFileError::NoStore(_))));
}

#[tokio::test]
async fn a_copy_with_a_damaged_page_is_not_made_ready() {
    const PAGE: usize = 4096;
    let store = store().await;
    // A table that is not read before the store is served.
    let page = store.rows("SELECT rootpage FROM sqlite_master WHERE name = 'clicks'").await;
    let begin = (page[0].parse::<usize>().unwrap() - 1) * PAGE;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("bams.db");
    copy_store(&store.database, &file).await.unwrap();
    let whole = std::fs::read(&file).unwrap();
    assert!(begin > 0 && begin + PAGE < whole.len());
    let mut damaged = whole.clone();
    damaged[begin..begin + PAGE].iter_mut().for_each(|byte| *byte = !*byte);
    std::fs::write(&file, damaged).unwrap();
    let refused = make_ready(&file).await;
    assert!(
        matches!(&refused, Err(StoreFileError::NoStore(why)) if why.contains("damaged")),
        "{refused:?}"
    );
    std::fs::write(&file, whole).unwrap();
    make_ready(&file).await.unwrap();
}

#[tokio::test]
async fn a_store_is_locked_only_when_nobody_has_it_open() {
    let store = store().await;
    let file = bams_storage::sqlite_file(&store.url).unwrap();
    let refused = ReplacedStore::lock(&file).await;
    assert!(matches!(refused, Err(StoreFileError::InUse)), "{refused:?}");
    let Store { database, folder, .. } = store;
    database.close().await.unwrap();
    let lock = ReplacedStore::lock(&file).await.unwrap();
    let held = lock.summary().await;
    assert!(matches!(held, Some(StoreSummary { campaigns: 1, banners: 2, .. })), "{held:?}");
    let names = folder.path().read_dir().unwrap().count();
    assert_eq!(names, 1, "the write-ahead log is gone");
    let other = ReplacedStore::lock(&file).await;
    assert!(matches!(other, Err(StoreFileError::InUse)), "{other:?}");
    lock.release().await.unwrap();
}
