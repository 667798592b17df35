//! Several nodes on one database.

use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use bams_tests::{Ask, Bams, Generated, MariaDb, eventually};
use tokio::task::JoinSet;

use crate::given::{decision, import, node_of, ranking, total, visitor};
use crate::held_writer::hold_writer;
use crate::shop::assert_balanced;

/// How soon a committed change is seen by every node.
const SOON: Duration = Duration::from_secs(30);

/// How long processes find a new store held at most: less than they have patience.
const HELD: Duration = Duration::from_secs(5);

#[tokio::test(flavor = "multi_thread")]
async fn an_import_through_one_node_changes_the_answers_of_the_other() {
    let database = MariaDb::shared().database();
    let (one, other) = (node_of(&database).start().await, node_of(&database).start().await);
    let key = one.key("viewer");
    other.get("/api/v1/serve/1").answer().await.problem(404);

    let data = Generated::new(2, 24, 1500);
    import(&one, &data);
    eventually(SOON, "the other node knows the ranking", async || {
        let ranking = ranking(&other, &key, 1, 4).await;
        total(&ranking, "clicks") > 0 && ranking["converting_banners"] == data.converting(1, 4)
    })
    .await;
    eventually(SOON, "the other node decides by it", async || {
        let answer = other.get("/api/v1/serve/1").answer().await;
        answer.status == 200 && answer.json()["rule"] == "top_ten_by_revenue"
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_nodes_start_at_once_on_an_empty_database() {
    start_at_once(2).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn five_nodes_start_at_once_on_an_empty_database() {
    start_at_once(5).await;
}

async fn start_at_once(count: usize) {
    let database = MariaDb::shared().database();
    let mut starting = JoinSet::new();
    for _ in 0..count {
        let node = node_of(&database);
        starting.spawn(async move { node.start().await });
    }
    let nodes: Vec<Bams> = starting.join_all().await;
    assert_eq!(nodes.len(), count);
    for node in &nodes {
        assert_eq!(node.get("/readyz").answer().await.status, 200);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn decisions_go_on_while_the_database_is_away() {
    let server = MariaDb::start();
    let bams = node_of(&server.database()).prepare();
    import(&bams, &Generated::new(1, 24, 1500));
    bams.start().await;
    for (trouble, cure) in
        [(MariaDb::kill as fn(&_), MariaDb::restart as fn(&_)), (MariaDb::stop, MariaDb::resume)]
    {
        trouble(&server);
        for _ in 0..5 {
            decision(&bams, 1, &visitor()).await;
        }
        assert_eq!(bams.get("/healthz").answer().await.status, 200);
        cure(&server);
    }
    let key = bams.key("viewer");
    eventually(Duration::from_secs(30), "the node works with the database again", async || {
        let ranking = bams.get("/api/v1/campaigns/1/ranking").bearer_auth(&key).answer().await;
        ranking.status == 200
    })
    .await;
}

/// Returns true if a process has the store of an instance open.
fn has_opened(process: &Child, bams: &Bams) -> bool {
    let files = std::fs::read_dir(format!("/proc/{}/fd", process.id()));
    let mut files = files.into_iter().flatten().flatten();
    files.any(|it| it.path().read_link().is_ok_and(|it| it == bams.folder().join("bams.db")))
}

#[tokio::test]
async fn sixteen_processes_open_a_new_store_at_once_and_make_it_whole() {
    let bams = Bams::builder().prepare();
    // Another one has it until all are there, so that they meet it and then each other.
    let (connection, held) = hold_writer(&bams).await;
    let commands = [&["migrate"][..], &["key", "create", "--name", "first", "--role", "viewer"]];
    let start =
        |command| bams.command(command).stdout(Stdio::null()).stderr(Stdio::piped()).spawn();
    let opening = commands.into_iter().cycle().take(16).map(|it| start(it).unwrap());
    let (opening, begun): (Vec<_>, _) = (opening.collect(), Instant::now());
    while begun.elapsed() < HELD && !opening.iter().all(|it| has_opened(it, &bams)) {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    held.rollback().await.unwrap();
    connection.close().await.unwrap();
    for process in opening {
        let ended = process.wait_with_output().unwrap();
        assert!(ended.status.success(), "{}", String::from_utf8_lossy(&ended.stderr));
    }
    let migrated = bams.run(["migrate"]);
    assert_eq!(migrated.errors.trim(), "The schema is up to date already.", "{migrated:?}");
    let keys = bams.run(["key", "list"]).output;
    assert_eq!(keys.matches("first").count(), 8, "{keys}");
    assert_balanced(&bams);
}
