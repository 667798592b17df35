//! Backups of all kinds, made here and by others.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use bams_app::backup::{BackupError, Replaced, Restore, StorePlaces, back_up, is_half_restored};
use bams_storage::{Database, StoreFileError, count_differences};
use data_encoding::HEXLOWER;
use sha2::{Digest, Sha256};
use tar::{Builder, EntryType, Header};
use tempfile::TempDir;

const NOW: i64 = 1_767_262_800_000;
const HEAD: &str = r#"{"format": 1, "version": "0.1.0", "made_at": 1767262800000,
    "schema_step": "m20261127_06_nodes", "campaigns": 0, "banners": 0}"#;

fn places(folder: &Path) -> StorePlaces {
    StorePlaces {
        database: folder.join("data/bams.db"),
        key: Some(folder.join("data/bams.key")),
        images: Some(folder.join("images")),
    }
}

/// A store with a key and two images, and a backup of it.
async fn backup() -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let places = places(folder.path());
    fs::create_dir_all(folder.path().join("data")).unwrap();
    fs::create_dir_all(folder.path().join("images/spring")).unwrap();
    fs::write(places.key.as_ref().unwrap(), "0123456789abcdef0123456789abcdef").unwrap();
    fs::write(folder.path().join("images/a.png"), "one").unwrap();
    fs::write(folder.path().join("images/spring/b.png"), "other").unwrap();
    let url = format!("sqlite://{}?mode=rwc", places.database.display());
    let database = Database::connect(&url, 2).await.unwrap();
    database.migrate().await.unwrap();
    let file = folder.path().join("bams.tar");
    let contents = back_up(&database, &places, &file, false, NOW).await.unwrap();
    assert_eq!((contents.images, contents.key, contents.made_at), (2, true, NOW));
    database.close().await.unwrap();
    (folder, file)
}

/// An entry of an archive: kind, name, claimed length, contents.
type Entry<'a> = (EntryType, &'a str, u64, &'a [u8]);

fn file<'a>(name: &'a str, content: &'a [u8]) -> Entry<'a> {
    (EntryType::Regular, name, content.len() as u64, content)
}

/// Writes an archive whose last file says that it is complete.
fn archive(path: &Path, entries: &[Entry<'_>]) {
    let mut sum = Sha256::new();
    for (_, name, length, content) in entries {
        sum.update((name.len() as u64).to_le_bytes());
        sum.update(name.as_bytes());
        sum.update(length.to_le_bytes());
        sum.update(content);
    }
    let sum = HEXLOWER.encode(&sum.finalize());
    let end = format!(r#"{{"files": {}, "sha256": "{sum}"}}"#, entries.len());
    let mut builder = Builder::new(fs::File::create(path).unwrap());
    for (kind, name, length, content) in
        entries.iter().chain([&file("complete.json", end.as_bytes())])
    {
        let mut header = Header::new_gnu();
        header.set_entry_type(*kind);
        header.set_size(*length);
        header.as_old_mut().name[..name.len()].copy_from_slice(name.as_bytes());
        if !kind.is_file() {
            header.set_link_name("/etc/passwd").unwrap();
        }
        header.set_cksum();
        builder.append(&header, *content).unwrap();
    }
    builder.finish().unwrap();
}

async fn refusal(entries: &[Entry<'_>]) -> String {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("hostile.tar");
    archive(&path, entries);
    let refused = Restore::begin(&path, places(folder.path())).await;
    let error = refused
        .err()
        .unwrap_or_else(|| panic!("{:?}", entries.iter().map(|it| it.1).collect::<Vec<_>>()));
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "{error}");
    error.to_string()
}

#[tokio::test]
async fn a_backup_is_restored_and_nothing_is_replaced_by_the_same() {
    let (folder, file) = backup().await;
    let empty = tempfile::tempdir().unwrap();
    let restore = Restore::begin(&file, places(empty.path())).await.unwrap();
    assert!(restore.replaced().is_nothing());
    restore.put_in_place().await.unwrap();
    for (name, content) in [("images/a.png", "one"), ("images/spring/b.png", "other")] {
        assert_eq!(fs::read_to_string(empty.path().join(name)).unwrap(), content);
    }
    let url = format!("sqlite://{}", places(empty.path()).database.display());
    let database = Database::connect(&url, 2).await.unwrap();
    assert_eq!(count_differences(&database).await.unwrap(), 0);

    fs::write(folder.path().join("images/a.png"), "changed").unwrap();
    fs::remove_file(folder.path().join("images/spring/b.png")).unwrap();
    let again = Restore::begin(&file, places(folder.path())).await.unwrap();
    let Replaced { database, held, key, images } = again.replaced().clone();
    assert_eq!((database, held.is_some(), key, images), (true, true, false, 1));
    again.put_in_place().await.unwrap();
    assert_eq!(fs::read_to_string(folder.path().join("images/a.png")).unwrap(), "one");
    assert!(folder.path().join("images/spring/b.png").exists());
    assert!(!is_half_restored(&places(folder.path()).database));
    let left = fs::read_dir(folder.path().join("data")).unwrap().count();
    assert_eq!(left, 2, "a database and a key");
}

#[tokio::test]
async fn an_archive_that_is_well_made_is_taken() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("made.tar");
    archive(
        &path,
        &[file("bams-backup.json", HEAD.as_bytes()), file("bams.db", b""), file("images/a", b"x")],
    );
    let restore = Restore::begin(&path, places(folder.path())).await.unwrap();
    assert_eq!((restore.contents().images, restore.contents().key), (1, false));
    let refused = restore.put_in_place().await;
    assert!(matches!(refused, Err(BackupError::Store(StoreFileError::NoStore(_)))), "{refused:?}");
    assert!(!places(folder.path()).database.exists());
}

#[tokio::test]
async fn a_damaged_database_is_refused_before_anything_is_replaced() {
    const PAGE: usize = 4096;
    let (folder, _) = backup().await;
    let places = places(folder.path());
    let mut database = fs::read(&places.database).unwrap();
    let middle = database.len() / 2 / PAGE * PAGE;
    database[middle..middle + PAGE].iter_mut().for_each(|byte| *byte = !*byte);
    let (key, image) = (places.key.as_ref().unwrap(), folder.path().join("images/a.png"));
    let (kept, path) = (fs::read(key).unwrap(), folder.path().join("damaged.tar"));
    archive(
        &path,
        &[
            file("bams-backup.json", HEAD.as_bytes()),
            file("bams.db", &database),
            file("bams.key", b"another-key-another-key-another-key"),
            file("images/a.png", b"another"),
        ],
    );
    let restore = Restore::begin(&path, self::places(folder.path())).await.unwrap();
    assert!(restore.replaced().key && restore.replaced().images == 1);
    let refused = restore.put_in_place().await;
    assert!(matches!(refused, Err(BackupError::Store(StoreFileError::NoStore(_)))), "{refused:?}");
    assert_eq!((fs::read(key).unwrap(), fs::read(image).unwrap()), (kept, b"one".to_vec()));
    assert!(!is_half_restored(&places.database));
    let url = format!("sqlite://{}", places.database.display());
    let database = Database::connect(&url, 2).await.unwrap();
    assert_eq!(count_differences(&database).await.unwrap(), 0);
}

#[tokio::test]
async fn what_another_store_left_beside_its_database_is_removed() {
    let (_folder, file) = backup().await;
    let empty = tempfile::tempdir().unwrap();
    let database = places(empty.path()).database;
    fs::create_dir(database.parent().unwrap()).unwrap();
    let left = ["bams.db-wal", "bams.db-shm", "bams.db-journal"];
    for name in left {
        fs::write(database.with_file_name(name), "of another store").unwrap();
    }
    Restore::begin(&file, places(empty.path())).await.unwrap().put_in_place().await.unwrap();
    assert!(left.iter().all(|name| !database.with_file_name(name).exists()));
}

#[tokio::test]
async fn hostile_archives_are_refused() {
    let head = file("bams-backup.json", HEAD.as_bytes());
    let database = file("bams.db", b"");
    let refused = async |entry: Entry<'_>| refusal(&[head, database, entry]).await;
    for name in [
        "/etc/passwd",
        "../bams.db",
        "images/../../bams.key",
        "images//etc/passwd",
        "images/",
        "images/./a",
        "images/a\nb",
        "IMAGES/a",
        "bams.db",
        "bams-backup.json",
        "complete.json",
        "",
    ] {
        refused(file(name, b"x")).await;
    }
    for kind in [
        EntryType::Symlink,
        EntryType::Link,
        EntryType::Directory,
        EntryType::Fifo,
        EntryType::Char,
        EntryType::GNUSparse,
        EntryType::XHeader,
        EntryType::XGlobalHeader,
        EntryType::GNULongLink,
    ] {
        let said = refused((kind, "images/a.png", 0, b"")).await;
        assert!(said.contains("no file"), "{kind:?}: {said}");
    }
    for huge in [u64::MAX, u64::MAX / 2, 1 << 40] {
        refused((EntryType::Regular, "images/a.png", huge, b"x")).await;
        refused((EntryType::GNULongName, "././@LongLink", huge, b"x")).await;
    }
    let long = vec![b'x'; 100_000];
    refused(file("bams.key", &long)).await;
    refused((EntryType::GNULongName, "././@LongLink", 100_000, &long)).await;
    for entries in [
        &[head][..],
        &[database],
        &[database, head],
        &[head, file("images/a", b"x"), database],
        &[head, database, file("images/a", b"x"), file("bams.key", b"x")],
        &[file("bams-backup.json", b"{"), database],
        &[file("bams-backup.json", &long), database],
    ] {
        refusal(entries).await;
    }
}

#[tokio::test]
async fn a_backup_of_a_newer_program_is_refused() {
    let database = file("bams.db", b"");
    for (known, newer) in
        [("\"format\": 1", "\"format\": 2"), ("m20261127_06_nodes", "m99990101_01_later")]
    {
        let head = HEAD.replace(known, newer);
        let said = refusal(&[file("bams-backup.json", head.as_bytes()), database]).await;
        assert!(said.contains("newer version"), "{said}");
    }
}

#[tokio::test]
async fn what_was_appended_is_refused() {
    let (folder, path) = backup().await;
    let mut bytes = fs::read(&path).unwrap();
    bytes.truncate(bytes.len() - 1024);
    let mut end = fs::File::create(&path).unwrap();
    end.write_all(&bytes).unwrap();
    let mut header = Header::new_gnu();
    header.set_path("images/more.png").unwrap();
    header.set_size(0);
    header.set_cksum();
    end.write_all(header.as_bytes()).unwrap();
    end.write_all(&[0; 1024]).unwrap();
    let refused = Restore::begin(&path, places(folder.path())).await;
    assert!(matches!(refused, Err(BackupError::Unusable(_))));
}

#[tokio::test]
async fn images_need_a_folder() {
    let (folder, path) = backup().await;
    let places = StorePlaces { images: None, ..places(folder.path()) };
    let refused = Restore::begin(&path, places).await;
    assert!(matches!(refused, Err(BackupError::NoFolder)));
}
