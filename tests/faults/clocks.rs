//! Clocks that are wrong for one start, or step back.

use std::path::Path;
use std::time::Duration;

use bams_tests::{BamsBuilder, MariaDb};

use crate::stage::{Stage, goes_on, node_of};

/// The library of Debian's package `faketime`.
const LIBRARY: &str = "-linux-gnu/faketime/libfaketime.so.1";

const LONG: Duration = Duration::from_mins(1);

/// Moves the clock of a node, such as by `+3d`. Time passes as before.
fn moved(builder: BamsBuilder, by: &str) -> BamsBuilder {
    let library = format!("/usr/lib/{}{LIBRARY}", std::env::consts::ARCH);
    assert!(Path::new(&library).exists(), "libfaketime (tests/faults.sh installs it)");
    builder.env("LD_PRELOAD", library).env("FAKETIME", by).env("DONT_FAKE_MONOTONIC", "1")
}

/// Whatever clock another start had, events count at once and none is lost.
async fn count_at_once(database: &str) {
    let stage = Stage::open([node_of(database)]).await;
    let visitors = stage.visitors(4);
    goes_on(&visitors, LONG, 50).await;
    for by in ["+3d", "+40d", "-2h"] {
        stage.node().kill();
        let wrong = moved(node_of(database), by).start().await;
        assert_eq!(wrong.terminate(LONG).await, Some(0), "{}", wrong.log());
        stage.node().start().await;
        goes_on(&visitors, LONG, 50).await;
    }
    stage.settle(visitors).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_for_one_start_on_mariadb() {
    count_at_once(&MariaDb::shared().database()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_for_one_start_on_sqlite() {
    let folder = tempfile::tempdir().unwrap();
    count_at_once(&format!("sqlite://{}/bams.db?mode=rwc", folder.path().display())).await;
}
