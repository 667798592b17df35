//! A private Redis Cluster.

use std::process::Command;
use std::sync::LazyLock;
use std::time::{Duration, Instant};

use crate::place;
use crate::redis::Redis;

/// How many masters share the slots.
const MASTERS: usize = 3;

/// A Redis Cluster of three masters without replicas.
#[derive(Debug)]
pub struct RedisCluster {
    nodes: Vec<Redis>,
}

impl RedisCluster {
    /// Returns the cluster all tests of this program share, started at the first call.
    ///
    /// Tests keep apart by taking a [`key_prefix`](Self::key_prefix) each.
    pub fn shared() -> &'static Self {
        static SHARED: LazyLock<RedisCluster> = LazyLock::new(RedisCluster::start);
        &SHARED
    }

    /// Starts a cluster of one's own, for tests that stop or kill a node.
    ///
    /// A node that was killed comes back empty and outside the cluster.
    pub fn start() -> Self {
        let cluster = Self { nodes: (0..MASTERS).map(|_| node()).collect() };
        let mut create = Command::new("redis-cli");
        create.args(["--cluster", "create"]);
        create.args(cluster.nodes.iter().map(|it| format!("127.0.0.1:{}", it.port())));
        create.args(["--cluster-replicas", "0", "--cluster-yes"]);
        let output = create.output().expect("the program redis-cli (tests/run.sh installs it)");
        let answer = String::from_utf8_lossy(&output.stdout);
        assert!(output.status.success(), "redis-cli --cluster create failed: {answer}");
        cluster.wait_until_ready();
        cluster
    }

    /// Returns all nodes, `redis://127.0.0.1:a,redis://127.0.0.1:b,…`.
    pub fn url(&self) -> String {
        self.urls().join(",")
    }

    /// Returns the URL of each node.
    pub fn urls(&self) -> Vec<String> {
        self.nodes.iter().map(Redis::url).collect()
    }

    /// Returns the nodes, each a server that can be stopped and killed.
    pub fn nodes(&self) -> &[Redis] {
        &self.nodes
    }

    /// Returns a prefix for keys that no other call gets, for the setting `redis.key_prefix`.
    pub fn key_prefix(&self) -> String {
        format!("test{}:", place::unique())
    }

    /// Waits until every node knows that every slot is served.
    fn wait_until_ready(&self) {
        let deadline = Instant::now() + Duration::from_secs(30);
        let ready = |it: &Redis| it.cli(&["CLUSTER", "INFO"]).contains("cluster_state:ok");
        while !self.nodes.iter().all(ready) {
            assert!(Instant::now() < deadline, "the Redis Cluster did not become ready");
            std::thread::sleep(Duration::from_millis(50));
        }
    }
}

/// Returns a server that waits to join; its port for other nodes is explicit, because the
/// default of port + 10000 may not exist.
fn node() -> Redis {
    let bus = place::free_port().to_string();
    Redis::start_with(&["--cluster-enabled", "yes", "--cluster-port", &bus])
}
