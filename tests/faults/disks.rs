//! Disks that fail in the middle of commits.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use bams_tests::{Ask, Bams, Generated, eventually, passes};
use serde_json::json;

use crate::stage::{RECOVERY, Stage, decides, goes_on, node_of};

/// Lets system calls of a process fail until this is dropped.
struct Injection(Child);

impl Injection {
    /// `what` is strace's, such as `fdatasync:error=EIO`.
    fn into(bams: &Bams, what: &str) -> Self {
        let call = what.split(':').next().unwrap();
        let mut strace = Command::new("strace");
        strace.args(["-f", "-qq", "-o", "/dev/null", "-p", &bams.pid().to_string()]);
        strace.args(["-e", &format!("trace={call}"), "-e", &format!("inject={what}")]);
        Self(strace.stderr(Stdio::null()).spawn().expect("strace (tests/faults.sh installs it)"))
    }
}

impl Drop for Injection {
    /// Interrupts strace, which then lets the process go; killing it would leave it stopped.
    fn drop(&mut self) {
        let pid = self.0.id().to_string();
        let interrupted = Command::new("kill").args(["-INT", &pid]).status();
        assert!(interrupted.is_ok_and(|it| it.success()), "strace was there to the end");
        let _ended = self.0.wait();
    }
}

/// A disk of a few megabytes, gone when this is dropped.
pub(crate) struct SmallDisk<'a>(&'a Path);

impl<'a> SmallDisk<'a> {
    pub(crate) fn on(folder: &'a Path, megabytes: u32) -> Self {
        let size = format!("size={megabytes}m");
        passes(Command::new("mount").args(["-t", "tmpfs", "-o", &size, "tmpfs"]).arg(folder));
        Self(folder)
    }

    fn ballast(&self) -> PathBuf {
        self.0.join("ballast")
    }

    /// Leaves not one byte.
    pub(crate) fn fill(&self) {
        let mut filling = Command::new("dd");
        filling.args(["if=/dev/zero", "bs=4k", &format!("of={}", self.ballast().display())]);
        let filled = filling.output().expect("dd is part of every Linux");
        assert!(!filled.status.success(), "the disk takes more than it has");
    }

    pub(crate) fn empty(&self) {
        std::fs::remove_file(self.ballast()).expect("a disk that was filled");
    }
}

impl Drop for SmallDisk<'_> {
    fn drop(&mut self) {
        passes(Command::new("umount").arg("--lazy").arg(self.0));
    }
}

async fn survives(what: &str) {
    let stage = Stage::open([Bams::builder()]).await;
    let visitors = stage.visitors(8);
    goes_on(&visitors, Duration::from_secs(30), 200).await;
    for _ in 0..3 {
        let before = visitors.failures();
        let injection = Injection::into(stage.node(), what);
        eventually(Duration::from_secs(30), "events are refused", async || {
            decides(stage.node()).await;
            visitors.failures() > before + 20
        })
        .await;
        drop(injection);
        goes_on(&visitors, RECOVERY, 1).await;
    }
    goes_on(&visitors, Duration::from_secs(30), 200).await;
    stage.node().kill();
    stage.node().start().await;
    stage.settle(visitors).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_disk_that_keeps_nothing() {
    survives("fsync,fdatasync:error=EIO").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_disk_that_has_no_room_for_each_third_write() {
    survives("pwrite64:error=ENOSPC:when=3+3").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_disk_that_is_full_for_a_while() {
    let folder = tempfile::tempdir().unwrap();
    let disk = SmallDisk::on(folder.path(), 32);
    let url = format!("sqlite://{}/bams.db?mode=rwc", folder.path().display());
    let stage = Stage::open([node_of(&url)]).await;
    let visitors = stage.visitors(8);
    for _ in 0..3 {
        goes_on(&visitors, Duration::from_secs(30), 100).await;
        let before = visitors.failures();
        disk.fill();
        eventually(Duration::from_secs(30), "it is known that the disk is full", async || {
            decides(stage.node()).await;
            let ready = stage.node().get("/readyz").answer().await.expect(200);
            visitors.failures() > before && ready["dependencies"]["database_writes"] == "full"
        })
        .await;
        let post = stage.node().post("/api/v1/campaigns").bearer_auth(&stage.editor);
        let refused = post.json(&json!({ "name": "No room" })).answer().await.problem(507);
        assert_eq!(refused["code"], "storage_full", "{refused}");
        disk.empty();
        goes_on(&visitors, RECOVERY, 1).await;
    }
    stage.node().kill();
    stage.node().start().await;
    stage.settle(visitors).await;

    // More than fits into what SQLite's journal has already.
    let more = Generated::new(2, 24, 150_000).csv("clicks", 4);
    std::fs::write(stage.node().folder().join("clicks_4.csv"), more).unwrap();
    disk.fill();
    let refused = stage.node().run(["import", "clicks_4.csv"]);
    assert!(refused.code == 1 && refused.errors.contains("full"), "{}", refused.errors);
    disk.empty();
    let verified = stage.node().run(["verify"]);
    assert_eq!(verified.code, 0, "{}{}", verified.output, verified.errors);
    let imported = stage.node().run(["import", "clicks_4.csv"]);
    assert!(imported.code == 0 && !imported.output.contains("unchanged"), "{}", imported.output);
    drop(disk);
}
