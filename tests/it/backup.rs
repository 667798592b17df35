//! A running store becomes one file.

use std::collections::BTreeSet;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bams_tests::ledger::stored;
use bams_tests::{Ask, Bams, MariaDb, eventually};
use serde_json::Value;
use tokio::task::JoinSet;

use crate::given::{decision, visitor};
use crate::person::Person;
use crate::shop::{IDLE, assert_balanced, led_to, shop};
use crate::studio::png;

const SOON: Duration = Duration::from_secs(30);

/// Makes a backup of an instance and returns its path.
pub(crate) fn backup(bams: &Bams) -> PathBuf {
    let file = bams.folder().join("bams.tar");
    let made = bams.run([Path::new("backup"), &file]);
    assert_eq!(made.code, 0, "{}{}", made.output, made.errors);
    file
}

/// An instance in a new folder with the store of a backup.
pub(crate) fn restored(file: &Path) -> Bams {
    let bams = Bams::builder().prepare();
    let done = bams.run([Path::new("restore"), file]);
    assert_eq!(done.code, 0, "{}{}", done.output, done.errors);
    bams
}

/// The ids of clicks that were acknowledged.
type Clicks = Arc<Mutex<BTreeSet<String>>>;

/// Sees and clicks banners until it is told to end.
async fn visit(bams: Arc<Bams>, acknowledged: Clicks, ended: Arc<AtomicBool>) {
    while !ended.load(Ordering::Relaxed) {
        let decision = decision(&bams, IDLE, &visitor()).await;
        let link = |kind: &str| decision["banners"][0][kind].as_str().unwrap().to_owned();
        // A click leads on even when it could not be recorded. This is a promise.
        assert_eq!(bams.get(&link("impression_url")).answer().await.status, 200);
        let (_, click) = led_to(&bams.get(&link("click_url")).answer().await);
        acknowledged.lock().unwrap().insert(click);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_acknowledged_before_a_backup_is_in_it() {
    let bams = Arc::new(shop(Bams::builder()).await);
    let (acknowledged, ended) = (Clicks::default(), Arc::new(AtomicBool::new(false)));
    let mut visits = JoinSet::new();
    for _ in 0..8 {
        visits.spawn(visit(Arc::clone(&bams), Arc::clone(&acknowledged), Arc::clone(&ended)));
    }
    let count = || acknowledged.lock().unwrap().len();
    for round in 1..=3 {
        eventually(SOON, "clicks come in", async || count() >= round * 50).await;
        let before = acknowledged.lock().unwrap().clone();
        let running = Arc::clone(&bams);
        let file = tokio::task::spawn_blocking(move || backup(&running)).await.unwrap();
        assert!(count() > before.len(), "clicks came in meanwhile");
        assert_eq!(file.metadata().unwrap().permissions().mode() & 0o777, 0o600);

        let copy = restored(&file);
        assert_balanced(&copy);
        let stored = stored(&copy.database()).await;
        let lost: Vec<_> = before.difference(&stored["impression"]).collect();
        assert!(lost.is_empty(), "acknowledged and not in the backup: {lost:?}");
        assert!(stored["impression"].len() >= stored["click"].len());
        std::fs::remove_file(file).unwrap();
    }
    ended.store(true, Ordering::Relaxed);
    while let Some(visit) = visits.join_next().await {
        visit.unwrap();
    }
    assert_balanced(&bams);
}

/// The path of a link, which works on another server.
fn path(link: &Value) -> String {
    let link = link.as_str().unwrap();
    let host = link.find("://").unwrap() + 3;
    link[host + link[host..].find('/').unwrap()..].to_owned()
}

#[tokio::test]
async fn links_and_images_from_before_work_in_the_restored_store() {
    let bams = shop(Bams::builder()).await;
    let banner = decision(&bams, IDLE, &visitor()).await["banners"][0].clone();
    let images = bams.folder().join("images/spring été");
    std::fs::create_dir_all(&images).unwrap();
    let image = png(3, 4);
    std::fs::write(images.join(format!("{}.png", "x".repeat(200))), &image).unwrap();
    let key = format!("image_{}.png", banner["banner_id"]);
    std::fs::write(bams.folder().join("images").join(&key), &image).unwrap();
    std::fs::write(bams.folder().join("secret"), "secret").unwrap();
    let link = bams.folder().join("images/outside.png");
    std::os::unix::fs::symlink(bams.folder().join("secret"), link).unwrap();
    let editor = Person::new(&bams, "editor");
    let file = backup(&bams);

    let copy = restored(&file);
    copy.start().await;
    let shown = copy.get(&path(&banner["image_url"])).answer().await;
    assert_eq!((shown.status, shown.body), (200, image.clone()));
    led_to(&copy.get(&path(&banner["click_url"])).answer().await);
    assert_eq!(copy.get(&path(&banner["impression_url"])).answer().await.status, 200);
    let there = Person { bams: &copy, key: editor.key.clone() };
    assert_eq!(there.get("/campaigns").await.status, 200, "keys are in the store");
    let long = copy.folder().join("images/spring été").join(format!("{}.png", "x".repeat(200)));
    assert_eq!(std::fs::read(long).unwrap(), image);
    assert!(!copy.folder().join("images/outside.png").exists());
    let mode =
        |name: &str| copy.folder().join(name).metadata().unwrap().permissions().mode() & 0o777;
    assert_eq!((mode("bams.db"), mode("bams.key")), (0o600, 0o600));
    assert_balanced(&copy);
}

#[tokio::test]
async fn a_configured_key_is_in_no_backup() {
    let secret = "0123456789abcdef0123456789abcdef-configured";
    let bams = shop(Bams::builder().set("secrets.signing_key", secret)).await;
    std::fs::write(bams.folder().join("bams.key"), "left here from before").unwrap();
    let file = backup(&bams);
    let bytes = std::fs::read(&file).unwrap();
    let has = |text: &str| bytes.windows(text.len()).any(|it| it == text.as_bytes());
    assert!(!has(secret) && !has("left here from before"));
    let other = Bams::builder().prepare();
    let done = other.run([Path::new("restore"), &file]);
    assert!(done.code == 0 && done.errors.contains("secrets.signing_key"), "{done:?}");
}

#[tokio::test]
async fn a_file_that_exists_is_kept_unless_forced() {
    let bams = shop(Bams::builder()).await;
    let file = bams.folder().join("bams.tar");
    std::fs::write(&file, "precious").unwrap();
    let refused = bams.run([Path::new("backup"), &file]);
    assert!(refused.code == 1 && refused.errors.contains("--force"), "{refused:?}");
    assert_eq!(std::fs::read(&file).unwrap(), b"precious");
    std::fs::create_dir_all(bams.folder().join("images")).unwrap();
    let shown = bams.run(["backup", "images/bams.tar"]);
    assert!(shown.code == 1 && shown.errors.contains("folder of images"), "{shown:?}");
    let forced = bams.run([Path::new("backup"), &file, Path::new("--force")]);
    assert_eq!(forced.code, 0, "{forced:?}");
    restored(&file);
}

#[tokio::test]
async fn without_a_store_there_is_no_backup() {
    let bams = Bams::builder().prepare();
    let refused = bams.run(["backup", "bams.tar"]);
    assert!(refused.code == 1 && refused.errors.contains("no store"), "{refused:?}");
    for name in ["bams.db", "bams.tar"] {
        assert!(!bams.folder().join(name).exists(), "{name}");
    }
}

/// Runs a command that is killed when one of its threads makes some system call for the n-th time.
/// Returns false if it never does.
pub(crate) fn killed_at(bams: &Bams, calls: &str, n: usize, arguments: &[&str]) -> bool {
    let command = bams.command(arguments);
    let mut traced = Command::new("strace");
    traced.args(["-f", "-qq", "-o", "/dev/null", "-e", &format!("trace={calls}")]);
    traced.args(["-e", &format!("inject={calls}:signal=KILL:when={n}")]);
    traced.arg(command.get_program()).args(command.get_args()).current_dir(bams.folder());
    traced.envs(command.get_envs().filter_map(|(name, value)| Some((name, value?))));
    let status = traced.status().expect("the program strace (tests/run.sh installs it)");
    assert!(status.success() || status.signal() == Some(9), "{status}");
    !status.success()
}

#[tokio::test]
async fn a_killed_backup_leaves_nothing_that_looks_complete() {
    let bams = shop(Bams::builder()).await;
    let file = bams.folder().join("bams.tar");
    for calls in ["fsync,fdatasync", "rename,renameat,renameat2", "write,pwrite64"] {
        let mut kills = 0;
        while killed_at(&bams, calls, 1 + kills * kills, &["backup", "bams.tar"]) {
            kills += 1;
            assert!(!file.exists() || restored(&file).run(["verify"]).code == 0, "{calls} {kills}");
            let _ = std::fs::remove_file(&file);
        }
        assert!(kills > 0, "{calls}");
        restored(&file);
        std::fs::remove_file(&file).unwrap();
    }
}

#[tokio::test]
async fn for_a_server_the_tools_are_named() {
    let bams = Bams::builder().database(&MariaDb::shared().database()).prepare();
    for command in ["backup", "restore"] {
        let told = bams.run([command, "bams.tar"]);
        assert_eq!(told.code, 2, "{told:?}");
        for word in ["mariadb-dump --single-transaction", "images", "bams.key", "bams verify"] {
            assert!(told.errors.contains(word), "{word}: {}", told.errors);
        }
    }
    assert!(!bams.folder().join("bams.tar").exists());
}
