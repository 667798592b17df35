//! More visitors, and a larger file, than there is memory for.

use std::fmt::Write as _;
use std::io::{BufWriter, Write as _};
use std::ops::Range;
use std::path::Path;
use std::time::Duration;

use bams_tests::process::{peak_kib, resident_kib};
use bams_tests::reqwest::multipart::{Form, Part};
use bams_tests::{Ask, Bams, Redis, eventually};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::JoinSet;

use crate::stage::{Stage, decides, decides_for, goes_on, say};

const LONG: Duration = Duration::from_mins(30);

/// How many send forged cookies at once.
const CLIENTS: usize = 4;

/// How many requests a client sends before it reads.
const AHEAD: usize = 100;

/// Asks for a decision for each of these visitors, whom nobody has seen before.
async fn flood(bams: &Bams, visitors: Range<u32>) {
    let address = bams.url("").trim_start_matches("http://").to_owned();
    let mut clients = JoinSet::new();
    for part in 0..CLIENTS {
        let visitors: Vec<_> = visitors.clone().skip(part).step_by(CLIENTS).collect();
        let address = address.clone();
        clients.spawn(async move {
            let mut stream = TcpStream::connect(address).await.expect("a connection");
            for some in visitors.chunks(AHEAD) {
                ask(&mut stream, some).await;
            }
        });
    }
    clients.join_all().await;
}

async fn ask(stream: &mut TcpStream, visitors: &[u32]) {
    let mut requests = String::new();
    for visitor in visitors {
        let cookie = format!("unique_id={visitor:08x}-0000-4000-8000-000000000000");
        let head = "GET /api/v1/serve/1?count=1 HTTP/1.1\r\nhost: x\r\ncookie: ";
        write!(requests, "{head}{cookie}\r\n\r\n").expect("memory");
    }
    stream.write_all(requests.as_bytes()).await.expect("requests are read");
    let begin = b"HTTP/1.1 200 ";
    let (mut answers, mut counted, mut searched) = (Vec::new(), 0, 0);
    while counted < visitors.len() {
        assert_ne!(stream.read_buf(&mut answers).await.expect("answers"), 0, "closed");
        counted += answers[searched..].windows(begin.len()).filter(|it| it == begin).count();
        searched = answers.len() - (begin.len() - 1).min(answers.len());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_million_forged_visitors() {
    let builder = Bams::builder().set("selection.history_capacity", "8388608");
    let stage = Stage::open([builder]).await;
    let visitors = stage.visitors(2);
    goes_on(&visitors, LONG, 100).await;
    // Fills every table.
    flood(stage.node(), 0..200_000).await;
    let full = resident_kib(stage.node().pid());
    flood(stage.node(), 200_000..1_000_000).await;
    let after = resident_kib(stage.node().pid());
    say(&format!("{full} KiB after 200,000 forged visitors, {after} KiB after a million"));
    assert!(after < full + 16 * 1024, "{full} KiB, then {after} KiB");
    stage.settle(visitors).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn forged_visitors_expire_in_redis() {
    let redis = Redis::start();
    let stage = Stage::open([Bams::builder().redis(&redis, "flood:")]).await;
    flood(stage.node(), 0..20_000).await;
    let space = redis.cli(&["INFO", "keyspace"]);
    let number = |name: &str| -> u32 {
        let (_, rest) = space.split_once(&format!("{name}=")).unwrap_or_else(|| panic!("{space}"));
        rest.split(|it: char| !it.is_ascii_digit()).next().unwrap().parse().unwrap()
    };
    assert!(number("keys") >= 20_000, "{space}");
    assert_eq!(number("keys"), number("expires"), "{space}");
}

/// Writes so many impressions, each with a remark that nobody asked for.
fn write_impressions(path: &Path, rows: usize) {
    let mut file = BufWriter::new(std::fs::File::create(path).unwrap());
    let remark = "x".repeat(990);
    writeln!(file, "banner_id,campaign_id,remark").unwrap();
    for _ in 0..rows {
        writeln!(file, "1,1,{remark}").unwrap();
    }
    file.flush().unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_gigabyte_in_two_hundred_megabytes() {
    const ROWS: usize = 1_000_000;
    let stage = Stage::open([Bams::builder()]).await;
    let visitors = stage.visitors(2);
    goes_on(&visitors, LONG, 100).await;
    let before = decides_for(stage.node(), Duration::from_secs(2)).await;
    let path = stage.node().folder().join("impressions_1.csv");
    write_impressions(&path, ROWS);
    let form = Form::new().part("file", Part::file(&path).await.unwrap());
    let sent = stage.node().post("/api/v1/imports").bearer_auth(&stage.editor).multipart(form);
    let queued = sent.timeout(LONG).answer().await;
    let job = queued.expect(202)["id"].to_string();
    let mut times = Vec::new();
    eventually(LONG, "the import ends", async || {
        times.push(decides(stage.node()).await);
        let asked = stage.node().get(&format!("/api/v1/imports/{job}"));
        let import = asked.bearer_auth(&stage.editor).answer().await.expect(200).clone();
        assert_ne!(import["state"], "failed", "{import}");
        import["state"] == "completed"
    })
    .await;
    times.sort_unstable();
    let during = times[times.len() * 99 / 100];
    let peak = peak_kib(stage.node().pid()).unwrap();
    say(&format!("{peak} KiB at most; 99 % of decisions took up to {during:?}, before {before:?}"));
    assert!(peak < 200 * 1024, "{peak} KiB");
    stage.settle_beside(visitors, [ROWS as u64, 0, 0, 0]).await;
}
