//! Free ports, private folders and unique names for servers.

use std::net::{Ipv4Addr, TcpListener};
use std::path::PathBuf;
use std::sync::atomic::{AtomicU16, AtomicU32, Ordering};

/// The lowest port a server gets.
const LOWEST: u16 = 10_000;
/// How many ports there are to choose from; all lie below the range from which the
/// system picks the ports of outgoing connections.
const PORTS: u16 = 22_000;

/// Returns a port of the loopback address that nobody listens on, handed out once per program.
///
/// Programs that run at the same time start at different places.
pub fn free_port() -> u16 {
    static NEXT: AtomicU16 = AtomicU16::new(0);
    let start = u64::from(std::process::id()) * 131;
    loop {
        let step = u64::from(NEXT.fetch_add(1, Ordering::Relaxed));
        let offset = u16::try_from((start + step) % u64::from(PORTS)).expect("less than PORTS");
        let port = LOWEST + offset;
        if TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok() {
            return port;
        }
    }
}

/// Returns a new private folder with a short path, as sockets need; whoever takes it removes it.
pub(crate) fn folder(what: &str) -> PathBuf {
    let prefix = format!("bams-{what}-");
    tempfile::Builder::new().prefix(&prefix).tempdir().expect("a temporary folder").keep()
}

/// Returns a number that no other call in this program gets.
pub(crate) fn unique() -> u32 {
    static NEXT: AtomicU32 = AtomicU32::new(1);
    NEXT.fetch_add(1, Ordering::Relaxed)
}
