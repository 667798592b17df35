//! A backup becomes the store again, wholly or not at all.

use std::fs;
use std::path::Path;

use bams_tests::{Bams, Outcome};
use serde_json::Value;

use crate::backup::{backup, killed_at, restored};
use crate::given::{decision, visitor};
use crate::person::Person;
use crate::shop::{IDLE, assert_balanced, shop};
use crate::studio::png;

fn restore(bams: &Bams, file: &Path, force: bool) -> Outcome {
    let force = force.then_some(Path::new("--force"));
    bams.run([Path::new("restore"), file].into_iter().chain(force))
}

/// An instance whose store has one campaign, and a picture of its own.
async fn other_store() -> Bams {
    let bams = Bams::builder().start().await;
    Person::new(&bams, "editor").campaign("Autumn").await;
    fs::create_dir_all(bams.folder().join("images")).unwrap();
    for name in ["image_101.png", "image_9999.png"] {
        fs::write(bams.folder().join("images").join(name), png(9, 9)).unwrap();
    }
    bams
}

/// A backup of a shop with a picture, and the instance that it is of.
async fn shop_and_backup() -> (Bams, std::path::PathBuf) {
    let shop = shop(Bams::builder()).await;
    fs::create_dir_all(shop.folder().join("images")).unwrap();
    fs::write(shop.folder().join("images/image_101.png"), png(3, 4)).unwrap();
    let file = backup(&shop);
    (shop, file)
}

async fn names(bams: &Bams) -> Vec<String> {
    let campaigns = Person::new(bams, "viewer").get("/campaigns").await.expect(200);
    let name = |it: &Value| it["name"].as_str().unwrap().to_owned();
    campaigns["items"].as_array().unwrap().iter().map(name).collect()
}

#[tokio::test]
async fn another_store_is_named_and_replaced_only_by_force() {
    let (shop, file) = shop_and_backup().await;
    let bams = other_store().await;
    let served = restore(&bams, &file, true);
    assert!(served.code == 1 && served.errors.contains("in use"), "{served:?}");
    assert_eq!(names(&bams).await, ["Autumn"]);

    // What is in its write-ahead log must not get into the other store.
    bams.kill();
    assert!(bams.folder().join("bams.db-wal").exists());
    let key = fs::read(bams.folder().join("bams.key")).unwrap();
    let named = restore(&bams, &file, false);
    assert!(named.code == 1 && named.errors.contains("--force"), "{named:?}");
    for said in ["bams.db: 1 campaigns, 0 banners", "bams.key", "replaces 1 images", "4 campaigns"]
    {
        assert!(named.output.contains(said), "{said}: {}", named.output);
    }
    bams.start().await;
    assert_eq!(names(&bams).await, ["Autumn"]);
    assert_eq!(fs::read(bams.folder().join("bams.key")).unwrap(), key);
    bams.kill();

    let forced = restore(&bams, &file, true);
    assert_eq!(forced.code, 0, "{forced:?}");
    for left in ["bams.db-wal", "bams.db-shm", "bams.db.restoring"] {
        assert!(!bams.folder().join(left).exists(), "{left}");
    }
    assert_balanced(&bams);
    bams.start().await;
    assert_eq!(names(&bams).await.len(), 4);
    decision(&bams, IDLE, &visitor()).await;
    let image = |of: &Bams, name: &str| fs::read(of.folder().join("images").join(name)).unwrap();
    assert_eq!(image(&bams, "image_101.png"), image(&shop, "image_101.png"));
    assert_eq!(image(&bams, "image_9999.png"), png(9, 9), "images are only added");
    assert_eq!(
        fs::read(bams.folder().join("bams.key")).unwrap(),
        fs::read(shop.folder().join("bams.key")).unwrap()
    );
}

#[tokio::test]
async fn what_is_no_whole_backup_is_refused_before_anything_changes() {
    let (_shop, file) = shop_and_backup().await;
    let whole = fs::read(&file).unwrap();
    let mut changed = whole.clone();
    changed[whole.len() / 2] ^= 1;
    let last_file = whole.len() - 3_000;
    for (what, bytes) in [
        ("cut off", &whole[..whole.len() / 2]),
        ("cut off near its end", &whole[..last_file]),
        ("changed", &changed),
        ("empty", b""),
        ("a text", b"click_id,banner_id,campaign_id\n1,2,3\n"),
        ("a picture", &png(300, 250)),
    ] {
        let bams = Bams::builder().prepare();
        let bad = bams.folder().join("bad.tar");
        fs::write(&bad, bytes).unwrap();
        let refused = restore(&bams, &bad, true);
        assert_eq!(refused.code, 1, "{what}: {refused:?}");
        assert!(refused.errors.contains("no backup"), "{what}: {}", refused.errors);
        let left = fs::read_dir(bams.folder()).unwrap().map(|it| it.unwrap().file_name());
        let left: Vec<_> = left.filter(|it| it != "bad.tar" && it != "tmp").collect();
        assert!(left.is_empty(), "{what}: {left:?}");
    }
    let nowhere = restore(&Bams::builder().prepare(), Path::new("nowhere.tar"), true);
    assert!(nowhere.code == 1 && nowhere.errors.contains("nowhere.tar"), "{nowhere:?}");
}

#[tokio::test]
async fn a_store_that_cannot_be_read_is_replaced() {
    let (_shop, file) = shop_and_backup().await;
    let bams = Bams::builder().prepare();
    fs::write(bams.folder().join("bams.db"), "no database at all".repeat(500)).unwrap();
    let named = restore(&bams, &file, false);
    assert!(named.code == 1 && named.output.contains("no store that can be read"), "{named:?}");
    assert_eq!(restore(&bams, &file, true).code, 0);
    assert_balanced(&bams);
}

#[tokio::test]
async fn a_write_ahead_log_that_was_left_behind_gets_into_no_store() {
    let (_shop, file) = shop_and_backup().await;
    let bams = other_store().await;
    bams.kill();
    fs::remove_file(bams.folder().join("bams.db")).unwrap();
    assert!(bams.folder().join("bams.db-wal").metadata().unwrap().len() > 4096);
    assert_eq!(restore(&bams, &file, true).code, 0);
    bams.start().await;
    assert_eq!(names(&bams).await.len(), 4);
    assert_balanced(&bams);
}

#[tokio::test]
async fn a_killed_restore_leaves_one_store_or_none_that_is_served() {
    let (shop, _) = shop_and_backup().await;
    for name in ["image_102.png", "image_103.png"] {
        fs::write(shop.folder().join("images").join(name), png(5, 6)).unwrap();
    }
    let file = shop.folder().join("more.tar");
    assert_eq!(shop.run([Path::new("backup"), &file]).code, 0);
    let bams = other_store().await;
    bams.kill();
    let arguments = ["restore", file.to_str().unwrap(), "--force"];
    // The first new image, the second one; then another image was replaced, and it is killed at the
    // key, at the database and at the key again.
    for (n, is_half) in [(1, false), (2, false), (3, true), (2, true), (1, true)] {
        assert!(killed_at(&bams, "rename,renameat,renameat2", n, &arguments), "{n}");
        let verified = bams.run(["verify"]);
        assert_eq!(verified.code, i32::from(is_half), "{verified:?}");
        assert_eq!(verified.errors.contains("run `bams restore` again"), is_half, "{verified:?}");
        let there = restore(&bams, &file, false).output;
        assert!(there.contains("1 campaigns, 0 banners"), "{there}");
    }
    assert_eq!(restore(&bams, &file, true).code, 0);
    assert_balanced(&bams);
    bams.start().await;
    assert_eq!(names(&bams).await.len(), 4);
}

#[tokio::test]
async fn a_half_restored_store_is_not_served() {
    let (_shop, file) = shop_and_backup().await;
    let bams = restored(&file);
    fs::write(bams.folder().join("bams.db.restoring"), "").unwrap();
    for command in [&["verify"][..], &["serve"], &["key", "list"], &["backup", "copy.tar"]] {
        let refused = bams.run(command);
        assert_eq!(refused.code, 1, "{command:?}: {refused:?}");
        assert!(refused.errors.contains("`bams restore` again"), "{command:?}: {refused:?}");
    }
    assert_eq!(restore(&bams, &file, true).code, 0);
    bams.start().await;
    assert_eq!(names(&bams).await.len(), 4);
}
