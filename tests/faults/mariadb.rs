//! A MariaDB that dies, hangs, refuses and fills up under load.

use std::time::Duration;

use bams_tests::{MariaDb, Switch};

use crate::disks::SmallDisk;
use crate::stage::{RECOVERY, Stage, decides_for, goes_on, node_of, say};

/// How long anything may take before a test begins to mean something.
const LONG: Duration = Duration::from_mins(1);

/// Lets a fault last, asserts that each decision is answered, and that the node works on when it is over.
async fn survives(server: &MariaDb, url: &str, lasts: Duration, fault: impl Fn(), cure: impl Fn()) {
    let stage = Stage::open([node_of(url)]).await;
    let visitors = stage.visitors(8);
    for _ in 0..2 {
        goes_on(&visitors, LONG, 200).await;
        let before = decides_for(stage.node(), Duration::from_secs(2)).await;
        fault();
        let during = decides_for(stage.node(), lasts).await;
        cure();
        let took = goes_on(&visitors, RECOVERY, 1).await;
        say(&format!("99 % of decisions took up to {during:?}, before {before:?}"));
        say(&format!("events were stored again after {took:?}"));
    }
    assert_eq!(visitors.decisions().1, 0, "decisions were refused");
    assert!(server.try_sql("SELECT 1"));
    stage.settle(visitors).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn killed() {
    let server = MariaDb::start();
    let url = server.database();
    let lasts = Duration::from_secs(2);
    survives(&server, &url, lasts, || server.kill(), || server.restart()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn stopped_for_half_a_minute() {
    let server = MariaDb::start();
    let url = server.database();
    let lasts = Duration::from_secs(30);
    survives(&server, &url, lasts, || server.stop(), || server.resume()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn cut_off_without_a_word() {
    let server = MariaDb::start();
    let switch = Switch::to(server.port()).await;
    let [theirs, ours] = [server.port(), switch.port()].map(|port| format!(":{port}/"));
    let url = server.database().replace(&theirs, &ours);
    let lasts = Duration::from_secs(15);
    survives(&server, &url, lasts, || switch.cut(), || switch.mend()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn read_only_for_a_while() {
    let server = MariaDb::start();
    let url = server.database_of_its_user();
    let set = |value: u8| drop(server.sql("", &format!("SET GLOBAL read_only = {value}")));
    survives(&server, &url, Duration::from_secs(5), || set(1), || set(0)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn too_many_connections() {
    let server = MariaDb::start();
    let url = server.database_of_its_user();
    let user = url.rsplit('/').next().unwrap();
    // Connections that are there would stay.
    let fill = || {
        let statements = format!("SET GLOBAL max_connections = 10; KILL USER {user}@127.0.0.1");
        server.sql("", &statements);
    };
    // One more may come in, who has every right; for a moment that place is taken by whoever asks.
    let free = || while !server.try_sql("SET GLOBAL max_connections = 150") {};
    let mut hogs = Vec::new();
    for _ in 0..10 {
        hogs.push(server.command("", "DO SLEEP(600)").spawn().unwrap());
    }
    survives(&server, &url, Duration::from_secs(5), fill, free).await;
    for mut hog in hogs {
        hog.kill().unwrap();
        hog.wait().unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn on_a_full_disk() {
    let folder = tempfile::tempdir().unwrap();
    let disk = SmallDisk::on(folder.path(), 400);
    let server = MariaDb::start_in(folder.path(), &["innodb_fast_shutdown=0"]);
    let url = server.database();
    // A full disk may end the server, which is then started again.
    let free = || {
        disk.empty();
        server.restart();
    };
    survives(&server, &url, Duration::from_secs(5), || disk.fill(), free).await;
    drop(server);
    drop(disk);
}
