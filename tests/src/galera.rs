//! A private Galera cluster.

use std::os::unix::fs::chown;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use crate::mariadb::MariaDb;
use crate::place;
use crate::tools::passes;
use crate::wait::eventually;

/// How many servers write.
const SERVERS: usize = 3;

/// The library of Debian's package `galera-4`.
const PROVIDER: &str = "/usr/lib/galera/libgalera_smm.so";

/// A server that is silent for so long is left out.
const SUSPECT: &str = "PT2S";

/// Three MariaDB servers that are one database, each of which takes writes.
#[derive(Debug)]
pub struct Galera {
    servers: Vec<MariaDb>,
}

impl Galera {
    /// Starts a cluster of one's own.
    pub async fn start() -> Self {
        let ports: Vec<u16> = (0..SERVERS).map(|_| place::free_port()).collect();
        let name = format!("test{}", std::process::id());
        let servers: Vec<_> = ports.iter().map(|port| server(&name, *port, &ports)).collect();
        let cluster = Self { servers };
        std::fs::write(cluster.servers[0].folder().join("new-cluster"), "").expect("a mark");
        cluster.servers[0].restart();
        cluster.wait_for(1).await;
        cluster.servers[0].admit_everybody();
        for server in &cluster.servers[1..] {
            server.restart();
        }
        cluster.wait_for(SERVERS).await;
        cluster
    }

    /// Returns the servers.
    pub fn servers(&self) -> &[MariaDb] {
        &self.servers
    }

    /// Creates an empty database and returns its URL at each server.
    pub fn database(&self) -> Vec<String> {
        let first = self.servers[0].database();
        let at = |port: u16| format!(":{port}/");
        let here = at(self.servers[0].port());
        self.servers.iter().map(|server| first.replace(&here, &at(server.port()))).collect()
    }

    /// Waits until so many servers that run are one cluster.
    pub async fn wait_for(&self, size: usize) {
        let asked = "SELECT variable_value FROM information_schema.global_status \
                     WHERE variable_name = 'wsrep_cluster_size'";
        let ready = "SELECT COUNT(*) FROM information_schema.global_status \
                     WHERE variable_name = 'wsrep_ready' AND variable_value = 'ON'";
        eventually(Duration::from_mins(2), "the cluster is whole", async || {
            let running = self.servers.iter().filter(|server| server.try_sql("SELECT 1"));
            let whole = running.filter(|server| {
                server.sql("", asked) == size.to_string() && server.sql("", ready) == "1"
            });
            whole.count() == size
        })
        .await;
    }
}

/// Returns a server of a cluster whose members talk to each other at `ports`.
fn server(cluster: &str, port: u16, ports: &[u16]) -> MariaDb {
    let folder = place::folder("galera");
    leave_to_mysql(&folder);
    let members: Vec<_> = ports.iter().map(|port| format!("127.0.0.1:{port}")).collect();
    let (transfer, replay) = (place::free_port(), place::free_port());
    let provider = format!(
        "base_port={port};gmcast.listen_addr=tcp://127.0.0.1:{port};\
         ist.recv_addr=127.0.0.1:{replay};evs.keepalive_period=PT0.5S;\
         evs.inactive_check_period=PT0.5S;evs.suspect_timeout={SUSPECT};evs.inactive_timeout=PT6S"
    );
    let options = [
        "binlog_format=ROW".to_owned(),
        "innodb_autoinc_lock_mode=2".to_owned(),
        "wsrep_on=ON".to_owned(),
        format!("wsrep_provider={PROVIDER}"),
        format!("wsrep_provider_options=\"{provider}\""),
        format!("wsrep_cluster_name={cluster}"),
        format!("wsrep_cluster_address=gcomm://{}", members.join(",")),
        "wsrep_node_address=127.0.0.1".to_owned(),
        "wsrep_sst_method=rsync".to_owned(),
        format!("wsrep_sst_receive_address=127.0.0.1:{transfer}"),
    ];
    let options: Vec<&str> = options.iter().map(String::as_str).collect();
    MariaDb::prepare(&folder, &options)
}

/// Gives a folder to the user `mysql`, because servers do not send each other their data as root.
fn leave_to_mysql(folder: &Path) {
    let number = |option: &str| passes(Command::new("id").args([option, "mysql"]));
    let number = |option: &str| number(option).trim().parse().expect("a number of a user");
    chown(folder, Some(number("-u")), Some(number("-g"))).expect("a folder for the user mysql");
}
