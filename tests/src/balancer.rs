//! A private HAProxy.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::guard::Guard;
use crate::place;

/// What every balancer here begins with: it notices within a fraction of a second.
const DEFAULTS: &str = "
defaults
    timeout connect 2s
    timeout client 60s
    timeout server 60s
    option redispatch
    retries 3
    default-server check inter 100ms fall 2 rise 1
";

/// An HAProxy in front of some servers on 127.0.0.1.
#[derive(Debug)]
pub struct Balancer {
    guard: Guard,
    port: u16,
}

impl Balancer {
    /// Returns a balancer for nodes of BAMS, of which it asks `/readyz`.
    pub fn of_nodes(ports: &[u16]) -> Self {
        let nodes = ports.iter().map(|port| format!("    server n{port} 127.0.0.1:{port}\n"));
        let nodes: String = nodes.collect();
        Self::start(
            "",
            &format!(
                "    mode http\n    option httpchk GET /readyz\n    http-check expect status 200\n{nodes}"
            ),
        )
    }

    /// Returns a balancer that leads to the first server that can be reached, such as a primary and
    /// its replica.
    pub fn of_primaries(ports: &[u16]) -> Self {
        let server = |(index, port): (usize, &u16)| {
            let backup = if index == 0 { "" } else { " backup" };
            let left = "on-marked-down shutdown-sessions";
            format!("    server n{port} 127.0.0.1:{port} {left}{backup}\n")
        };
        let servers: String = ports.iter().enumerate().map(server).collect();
        Self::start("", &format!("    mode tcp\n{servers}"))
    }

    /// A balancer that speaks TLS for a server that does not, with a file of its certificate and key.
    pub fn with_tls(file: &Path, port: u16) -> Self {
        let tls = format!(" ssl crt {}", file.display());
        Self::start(&tls, &format!("    mode http\n    server n{port} 127.0.0.1:{port}\n"))
    }

    fn start(tls: &str, servers: &str) -> Self {
        let folder = place::folder("haproxy");
        let port = place::free_port();
        let file: PathBuf = folder.join("haproxy.cfg");
        let text = format!("{DEFAULTS}\nlisten all\n    bind 127.0.0.1:{port}{tls}\n{servers}");
        std::fs::write(&file, text).expect("a configuration");
        let mut command = Command::new("haproxy");
        command.arg("-db").arg("-f").arg(&file);
        let guard = Guard::new(&command, &folder, true);
        guard.start();
        let it = Self { guard, port };
        let reachable = || std::net::TcpStream::connect(("127.0.0.1", port)).is_ok();
        it.guard.wait_until("HAProxy", reachable);
        it
    }

    /// Returns the port on 127.0.0.1.
    pub fn port(&self) -> u16 {
        self.port
    }
}
