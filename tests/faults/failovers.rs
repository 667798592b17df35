//! Behind balancers: nodes that are replaced one by one, and a primary that gives way to its replica.

use std::sync::Arc;
use std::time::Duration;

use bams_tests::crowd::Entrance;
use bams_tests::{Balancer, MariaDb, eventually, free_port};

use crate::stage::{RECOVERY, Stage, goes_on, node_of, say};

const LONG: Duration = Duration::from_mins(1);

#[tokio::test(flavor = "multi_thread")]
async fn a_rolling_restart_fails_no_request() {
    let database = MariaDb::shared().database();
    let ports = [free_port(), free_port()];
    let node = |port: &u16| {
        let node = node_of(&database).set("server.port", port.to_string());
        node.set("server.drain_delay", "2s")
    };
    let stage = Stage::open(ports.iter().map(node)).await;
    let balancer = Balancer::of_nodes(&ports);
    let address = format!("http://127.0.0.1:{}", balancer.port());
    let entrance: Entrance = Arc::new(move |_| address.clone());
    let visitors = stage.visitors_at(8, &entrance);
    for _ in 0..2 {
        for node in &stage.nodes {
            goes_on(&visitors, LONG, 100).await;
            assert_eq!(node.terminate(Duration::from_secs(15)).await, Some(0), "{}", node.log());
            goes_on(&visitors, LONG, 100).await;
            node.start().await;
            goes_on(&visitors, LONG, 100).await;
        }
    }
    assert_eq!(visitors.failures(), 0, "requests failed");
    stage.settle(visitors).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_primary_that_dies_gives_way_to_its_replica() {
    let options = |id: &'static str| {
        ["log_bin=binlog", "log_slave_updates=ON", "sync_binlog=1", "gtid_strict_mode=ON", id]
    };
    let primary = MariaDb::start_with(&options("server_id=1"));
    let replica = MariaDb::start_with(&options("server_id=2"));
    // Semi-synchronous: what is acknowledged has reached the replica.
    primary.sql("", "SET GLOBAL rpl_semi_sync_master_timeout = 10000");
    primary.sql("", "SET GLOBAL rpl_semi_sync_master_wait_point = AFTER_SYNC");
    primary.sql("", "SET GLOBAL rpl_semi_sync_master_enabled = ON");
    replica.sql("", "SET GLOBAL rpl_semi_sync_slave_enabled = ON");
    replica.sql("", "RESET MASTER");
    let from = format!(
        "CHANGE MASTER TO master_host = '127.0.0.1', master_port = {}, master_user = 'bams', \
         master_password = 'bams', master_use_gtid = slave_pos",
        primary.port()
    );
    replica.sql("", "SET GLOBAL gtid_slave_pos = ''");
    replica.sql("", "DROP USER bams@localhost, bams@127.0.0.1");
    replica.sql("", "RESET MASTER");
    replica.sql("", &from);
    replica.sql("", "START SLAVE");
    replica.sql("", "SET GLOBAL read_only = 1");
    let url = primary.database_of_its_user();
    let name = url.rsplit('/').next().unwrap();
    let balancer = Balancer::of_primaries(&[primary.port(), replica.port()]);
    let through = format!("mysql://{name}:{name}@127.0.0.1:{}/{name}", balancer.port());
    let stage = Stage::open([node_of(&through)]).await;
    let visitors = stage.visitors(8);
    goes_on(&visitors, LONG, 300).await;

    primary.kill();
    let behind = "SELECT COUNT(*) FROM information_schema.processlist \
                  WHERE command = 'Slave_SQL' AND state LIKE 'Slave has read all%'";
    eventually(LONG, "the replica has applied all", async || replica.sql("", behind) == "1").await;
    replica.sql("", "STOP SLAVE");
    replica.sql("", "SET GLOBAL read_only = 0");
    let took = goes_on(&visitors, RECOVERY, 1).await;
    say(&format!("events were stored at the replica after {took:?}"));
    goes_on(&visitors, LONG, 300).await;
    stage.settle(visitors).await;
}
