//! More clients than there are files, and clients that send their requests byte by byte.

use std::io::{ErrorKind, Write};
use std::net::TcpStream;
use std::time::Duration;

use bams_tests::{Answer, Bams, eventually};
use tokio::task::JoinSet;

use crate::stage::{Stage, decides, goes_on, say};

const LONG: Duration = Duration::from_mins(1);

#[tokio::test(flavor = "multi_thread")]
async fn two_hundred_for_sixty_four_files() {
    let stage = Stage::open([Bams::builder().open_files(64)]).await;
    let visitors = stage.visitors(4);
    goes_on(&visitors, LONG, 50).await;
    let mut clients = JoinSet::new();
    for _ in 0..200 {
        let node = stage.nodes[0].clone();
        clients.spawn(async move {
            for _ in 0..5 {
                // All of them come in, one after the other.
                let request = node.get("/api/v1/serve/1").header("connection", "close");
                let answer = Answer::to(request).await.expect("an answer");
                assert_eq!(answer.status, 200, "{}", answer.text());
            }
        });
    }
    clients.join_all().await;
    goes_on(&visitors, LONG, 50).await;
    stage.settle(visitors).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn five_hundred_that_send_byte_by_byte() {
    let stage = Stage::open([Bams::builder()]).await;
    let address = stage.node().url("").trim_start_matches("http://").to_owned();
    let connect = || {
        let stream = TcpStream::connect(&address).unwrap();
        stream.set_nonblocking(true).unwrap();
        stream
    };
    let mut slow: Vec<_> = (0..500).map(|_| connect()).collect();
    let visitors = stage.visitors(4);
    let (mut rounds, before) = (0, slow.len());
    eventually(LONG, "each slow client was let go", async || {
        rounds += 1;
        decides(stage.node()).await;
        slow.retain(|mut stream| {
            let head = b"GET /healthz HTTP/1.1\r\nx-slow: ";
            let byte = head.get(rounds - 1).unwrap_or(&b'y');
            let sent = stream.write_all(&[*byte]);
            sent.map_or_else(|error| error.kind() == ErrorKind::WouldBlock, |()| true)
        });
        slow.is_empty()
    })
    .await;
    assert_eq!(visitors.decisions().1, 0, "others were refused");
    say(&format!("{before} slow clients gone after {rounds} bytes each"));
    stage.settle(visitors).await;
}
