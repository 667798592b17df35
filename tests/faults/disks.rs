//! Disks that fail in the middle of commits.

use std::process::{Child, Command, Stdio};
use std::time::Duration;

use bams_tests::{Bams, eventually};

use crate::stage::{RECOVERY, Stage, decides, goes_on};

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
