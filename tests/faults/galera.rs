//! Three nodes, each at its own server of a Galera cluster.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use bams_tests::{Ask, Bams, Galera, eventually};
use serde_json::json;
use tokio::task::JoinSet;

use crate::stage::{Stage, goes_on, node_of, say};

const LONG: Duration = Duration::from_mins(2);

/// How often a new installation is begun by three nodes at once.
const STARTS: usize = 15;

/// How soon nodes work on after the cluster has agreed that a server is gone.
const AGREED: Duration = Duration::from_secs(5);

#[tokio::test(flavor = "multi_thread")]
async fn every_first_start_of_three_nodes_succeeds() {
    let cluster = Galera::start().await;
    for turn in 0..STARTS {
        let mut starting = JoinSet::new();
        for url in cluster.database() {
            starting.spawn(async move { node_of(&url).start().await });
        }
        let nodes: Vec<Bams> = starting.join_all().await;
        for node in &nodes {
            let ready = node.get("/readyz").answer().await;
            assert_eq!(ready.status, 200, "start {turn}: {}", ready.text());
        }
        let key = nodes[turn % 3].key("viewer");
        let verified = nodes[0].run(["verify"]);
        assert_eq!(verified.code, 0, "{}{}", verified.output, verified.errors);
        for node in &nodes {
            node.get("/api/v1/campaigns").bearer_auth(&key).answer().await.expect(200);
        }
    }
    say(&format!("{STARTS} of {STARTS} first starts of three nodes"));
}

/// Makes and changes campaigns at one node until told to end. Returns how many changes were refused.
async fn manage(node: Arc<Bams>, key: String, ended: Arc<AtomicBool>) -> (u64, u64) {
    let (mut done, mut refused) = (0, 0);
    while !ended.load(Ordering::Relaxed) {
        let body = json!({ "name": format!("Campaign {done}") });
        let post = node.post("/api/v1/campaigns").bearer_auth(&key).json(&body);
        match post.answer().await.status {
            201 => done += 1,
            _ => refused += 1,
        }
    }
    (done, refused)
}

#[tokio::test(flavor = "multi_thread")]
async fn events_and_changes_at_three_servers_are_kept_once() {
    let cluster = Galera::start().await;
    let stage = Stage::open(cluster.database().iter().map(|url| node_of(url))).await;
    let visitors = stage.visitors(12);
    let (ended, mut managing) = (Arc::new(AtomicBool::new(false)), JoinSet::new());
    for node in &stage.nodes {
        let (key, ended) = (stage.editor.clone(), Arc::clone(&ended));
        managing.spawn(manage(Arc::clone(node), key, ended));
    }
    let begun = Instant::now();
    goes_on(&visitors, LONG, 3000).await;
    let took = begun.elapsed();
    ended.store(true, Ordering::Relaxed);
    let changes = managing.join_all().await;
    assert!(changes.iter().all(|(done, refused)| *done > 0 && *refused == 0), "{changes:?}");
    say(&format!("3000 acknowledgements in {took:?} beside {changes:?} changes"));
    stage.settle(visitors).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_dies_holds_nobody_up() {
    let cluster = Galera::start().await;
    let stage = Stage::open(cluster.database().iter().map(|url| node_of(url))).await;
    let visitors = stage.visitors(12);
    goes_on(&visitors, LONG, 500).await;
    cluster.servers()[2].kill();
    cluster.wait_for(2).await;
    let took = goes_on(&visitors, AGREED, 1).await;
    say(&format!("events were stored {took:?} after the view change"));
    goes_on(&visitors, LONG, 500).await;

    cluster.servers()[2].restart();
    cluster.wait_for(3).await;
    eventually(LONG, "the third node works with its server again", async || {
        let ready = stage.nodes[2].get("/readyz").answer().await.json();
        ready["degraded"] == json!([])
    })
    .await;
    goes_on(&visitors, LONG, 500).await;
    stage.settle(visitors).await;
}
