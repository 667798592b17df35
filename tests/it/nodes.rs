//! Several nodes on one database.

use std::time::Duration;

use bams_tests::{Ask, Bams, Generated, MariaDb, eventually};
use tokio::task::JoinSet;

use crate::given::{decision, import, node_of, ranking, total, visitor};

/// How soon a committed change is seen by every node.
const SOON: Duration = Duration::from_secs(30);

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

#[tokio::test]
async fn processes_that_open_a_new_store_at_once_all_succeed() {
    for _ in 0..3 {
        let bams = Bams::builder().prepare();
        let opening: Vec<_> = (0..8).map(|_| bams.command(["migrate"]).spawn().unwrap()).collect();
        for mut process in opening {
            assert!(process.wait().unwrap().success());
        }
    }
}
