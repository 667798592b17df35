//! The servers the other tests stand on start, answer, are private, and end.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use bams_tests::{Answer, MariaDb, Redis, RedisCluster, S3, eventually, reqwest};

#[test]
fn a_database_is_empty_and_nobody_elses() {
    let server = MariaDb::shared();
    let (first, second) = (server.database(), server.database());
    assert_ne!(first, second);

    server.sql(&first, "CREATE TABLE it (id INT PRIMARY KEY); INSERT INTO it VALUES (7)");
    assert_eq!(server.sql(&first, "SELECT id FROM it"), "7");
    assert_eq!(server.sql(&second, "SHOW TABLES"), "");
    let settings = "SELECT @@collation_database, @@innodb_flush_log_at_trx_commit";
    assert_eq!(server.sql(&first, settings), "utf8mb4_bin\t1");
}

#[test]
fn mariadb_keeps_its_data_over_a_kill_and_leaves_nothing_behind() {
    let server = MariaDb::start();
    let url = server.database();
    server.sql(&url, "CREATE TABLE it (id INT PRIMARY KEY); INSERT INTO it VALUES (7)");
    server.kill();
    server.restart();
    assert_eq!(server.sql(&url, "SELECT id FROM it"), "7");

    let (pid, folder) = (server.pid(), server.folder().to_owned());
    server.stop();
    drop(server);
    assert!(!is_running(pid) && !folder.exists());
}

#[test]
fn redis_answers_forgets_at_a_restart_and_leaves_nothing_behind() {
    let server = Redis::start();
    assert_eq!(server.cli(&["SET", "key", "7"]), "OK");
    assert_eq!(server.cli(&["GET", "key"]), "7");
    server.restart();
    assert_eq!(server.cli(&["GET", "key"]), "");
    assert_ne!(Redis::shared().port(), server.port());
    assert_ne!(server.key_prefix(), server.key_prefix());

    let pid = server.pid();
    drop(server);
    assert!(!is_running(pid));
}

#[test]
fn a_cluster_serves_every_slot() {
    let cluster = RedisCluster::shared();
    assert_eq!(cluster.nodes().len(), 3);
    for node in cluster.nodes() {
        assert!(node.cli(&["CLUSTER", "INFO"]).contains("cluster_slots_ok:16384"));
    }
}

#[tokio::test]
async fn s3_refuses_a_request_without_a_signature() {
    let server = S3::start();
    server.put("image_1.png", b"bytes");
    assert_eq!(server.object("image_1.png").as_deref(), Some(&b"bytes"[..]));

    let url = format!("{}/{}/image_1.png", server.endpoint(), server.bucket());
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let answer = Answer::to(client.get(&url)).await.unwrap();
    assert_eq!(answer.status, 403, "{}", answer.text());
    drop(server);
    assert!(Answer::to(client.get(&url)).await.is_err());
}

#[tokio::test]
async fn a_program_that_aborts_leaves_no_server_behind() {
    let folder = tempfile::tempdir().unwrap();
    let report = folder.path().join("report");
    let status = Command::new(env!("CARGO_BIN_EXE_abandoned_servers"))
        .arg(&report)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .unwrap();
    assert!(!status.success());

    let report = std::fs::read_to_string(report).expect("the program started its servers");
    for path in report.lines() {
        let path = Path::new(path);
        eventually(Duration::from_secs(30), &format!("{path:?} is gone"), async || !path.exists())
            .await;
    }
}

fn is_running(pid: u32) -> bool {
    Path::new(&format!("/proc/{pid}")).exists()
}
