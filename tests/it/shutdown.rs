//! The server ends when asked to, and loses no request.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use bams_tests::{Answer, Ask, Bams, Generated, MariaDb, eventually};
use tokio::task::JoinSet;

use crate::given::{node_of, site, upload};

/// Clients that ask without a pause, as behind a balancer that watches `/readyz`.
const CLIENTS: usize = 16;

#[tokio::test(flavor = "multi_thread")]
async fn no_request_fails_when_the_server_is_asked_to_end() {
    let bams = Arc::new(site(Bams::builder(), &Generated::new(1, 24, 1500)).await);
    let (draining, answered) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicUsize::new(0)));
    let mut clients = JoinSet::new();
    for _ in 0..CLIENTS {
        let (bams, draining, answered) = (bams.clone(), draining.clone(), answered.clone());
        clients.spawn(async move {
            while !draining.load(Ordering::Relaxed) {
                // A connection for each request: reusing one that ends just now is no
                // fault of the server's.
                let request = bams.get("/api/v1/serve/1").header("connection", "close");
                let answer = Answer::to(request).await.expect("an answer");
                assert_eq!(answer.status, 200, "{}", answer.text());
                answered.fetch_add(1, Ordering::Relaxed);
            }
        });
    }
    let many = 10 * CLIENTS;
    eventually(Duration::from_secs(30), "the clients are at work", async || {
        answered.load(Ordering::Relaxed) > many
    })
    .await;

    bams.signal("TERM");
    eventually(Duration::from_secs(30), "/readyz refuses", async || {
        Answer::to(bams.get("/readyz")).await.is_ok_and(|it| it.status == 503)
    })
    .await;
    draining.store(true, Ordering::Relaxed);
    clients.join_all().await;
    assert_eq!(bams.await_end(Duration::from_secs(15)).await, Some(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_signal_ends_at_once() {
    let bams = Bams::builder().set("server.drain_delay", "10m").start().await;
    bams.signal("TERM");
    eventually(Duration::from_secs(30), "/readyz refuses", async || {
        Answer::to(bams.get("/readyz")).await.is_ok_and(|it| it.status == 503)
    })
    .await;
    assert!(bams.terminate(Duration::from_secs(30)).await.is_some(), "it still runs");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_signal_does_not_wait_for_an_import() {
    let server = MariaDb::start();
    let bams = node_of(&server.database()).set("server.drain_delay", "0s");
    let bams = bams.set("server.shutdown_timeout", "60s").start().await;
    let key = bams.key("editor");
    let text = Generated::new(1, 24, 900_000).csv("clicks", 1);
    let job = upload(&bams, &key, ("clicks_1.csv", text.as_bytes()), &[]).await;
    job.expect(202);
    eventually(Duration::from_secs(30), "the import runs", async || {
        let job = bams.get(job.header("location")).bearer_auth(&key).answer().await;
        job.expect(200)["state"] == "running"
    })
    .await;
    server.stop();
    bams.signal("TERM");
    eventually(Duration::from_secs(30), "the server has stopped", async || {
        Answer::to(bams.get("/healthz").header("connection", "close")).await.is_err()
    })
    .await;
    assert_eq!(bams.terminate(Duration::from_secs(30)).await, Some(1), "{}", bams.log());
}

/// Sends the beginning of a request over a connection of its own, and returns that when the server has
/// begun with it.
fn begin(bams: &Bams, head: &str, known: &str) -> TcpStream {
    let mut stream = TcpStream::connect(bams.url("").trim_start_matches("http://")).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
    stream.write_all(head.as_bytes()).unwrap();
    let mut answer = vec![0; known.len()];
    stream.read_exact(&mut answer).unwrap();
    assert_eq!(String::from_utf8_lossy(&answer), known);
    stream
}

#[tokio::test(flavor = "multi_thread")]
async fn slow_clients_do_not_keep_a_server_that_stops() {
    let builder = Bams::builder().set("server.drain_delay", "0s");
    let patient = ["shutdown_timeout", "header_timeout", "send_timeout"];
    let builder = patient.iter().fold(builder, |it, name| it.set(&format!("server.{name}"), "10m"));
    let bams = builder.start().await;
    let key = bams.key("admin");
    let slow_body = format!(
        "POST /api/v1/campaigns HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {key}\r\n\
         content-type: application/json\r\ncontent-length: 1000\r\nexpect: 100-continue\r\n\r\n{{"
    );
    let clients = [
        begin(&bams, &slow_body, "HTTP/1.1 100 Continue"),
        begin(&bams, "GET /healthz HTTP/1.1\r\nhost: x\r\n\r\nGET /healthz HTT", "HTTP/1.1 200 OK"),
        // Asks for more than fits between the two, and reads nothing of it.
        begin(
            &bams,
            &"GET /openapi.json HTTP/1.1\r\nhost: x\r\n\r\n".repeat(200),
            "HTTP/1.1 200 OK",
        ),
    ];
    let dribbling = clients[0].try_clone().unwrap();
    std::thread::spawn(move || {
        while (&dribbling).write_all(b" ").is_ok() {
            std::thread::sleep(Duration::from_millis(50));
        }
    });
    assert_eq!(bams.terminate(Duration::from_mins(1)).await, Some(0), "{}", bams.log());
    drop(clients);
}
