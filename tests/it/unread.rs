//! Clients that ask and read no answer cost little, and are let go.

use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use bams_tests::process::resident_kib;
use bams_tests::{Ask, Bams, eventually};

/// How many do so at once.
const CLIENTS: u32 = 50;

/// What each of them may take of the process's memory, in KiB.
const SHARE_KIB: u32 = 512;

/// Enough requests to fill every buffer on the way: the page has more than a megabyte.
fn requests() -> Vec<u8> {
    b"GET /docs/swagger-ui-bundle.js HTTP/1.1\r\nhost: x\r\n\r\n".repeat(100_000)
}

/// Sends as much as the server takes; answers whether it takes anything, ever.
fn push(mut stream: &TcpStream, bytes: &[u8]) -> bool {
    let sent = stream.write_all(bytes);
    sent.map_or_else(|error| error.kind() == ErrorKind::WouldBlock, |()| true)
}

#[tokio::test(flavor = "multi_thread")]
async fn who_reads_nothing_holds_little_and_is_let_go() {
    let builder = Bams::builder().set("server.workers", "1").set("server.send_timeout", "3s");
    let bams = builder.start().await;
    // Loads what every server has in memory sooner or later.
    bams.get("/docs/swagger-ui-bundle.js").answer().await;
    let before = resident_kib(bams.pid());
    let requests = requests();
    let mut clients = Vec::new();
    for _ in 0..CLIENTS {
        let stream = TcpStream::connect(bams.url("").trim_start_matches("http://")).unwrap();
        stream.set_nonblocking(true).unwrap();
        clients.push(stream);
    }
    let mut most = before;
    eventually(Duration::from_mins(1), "the last one was let go", async || {
        clients.retain(|it| push(it, &requests));
        most = most.max(resident_kib(bams.pid()));
        bams.get("/healthz").answer().await.expect(200);
        clients.is_empty()
    })
    .await;
    let each = (most - before) / CLIENTS;
    assert!(each < SHARE_KIB, "each took {each} KiB");
}

#[tokio::test]
async fn who_asks_for_much_at_once_gets_every_answer() {
    let bams = Bams::builder().set("server.workers", "1").start().await;
    let get = &"GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n".repeat(200);
    let page = &"GET /openapi.json HTTP/1.1\r\nhost: x\r\n\r\n".repeat(20);
    let last = "GET /healthz HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n";
    let mut stream = TcpStream::connect(bams.url("").trim_start_matches("http://")).unwrap();
    let mut writing = stream.try_clone().unwrap();
    let requests = [get, page, get, last].concat();
    let sending = std::thread::spawn(move || writing.write_all(requests.as_bytes()));
    let mut answers = String::new();
    stream.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
    stream.read_to_string(&mut answers).unwrap();
    sending.join().unwrap().unwrap();
    assert_eq!(answers.matches("HTTP/1.1 200 ").count(), 2 * 200 + 20 + 1);
}
