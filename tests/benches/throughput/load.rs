//! The load generator: as many connections as the server can be kept busy with, in one thread.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use crate::connection::{Connection, text};
use crate::visits::Visits;

/// How many requests are under way at any time.
pub(crate) const CONNECTIONS: usize = 32;

/// One in so many answers is looked at closely.
const SAMPLE: usize = 512;

/// How many banners each answer has: all campaigns asked for earn with more.
const BANNERS: usize = 10;

/// A server and who asks it.
#[derive(Debug)]
pub(crate) struct Load {
    address: SocketAddr,
    visits: Vec<Visits>,
    may_sleep: bool,
}

/// How long answers took.
#[derive(Debug)]
pub(crate) struct Answered {
    /// From the first request to the last answer.
    pub(crate) time: Duration,
    /// Of each answer, the shortest first.
    pub(crate) latencies: Vec<Duration>,
}

impl Load {
    /// Visitors who ask for these campaigns. `url` is the server's, `http://<ip>:<port>`.
    pub(crate) fn new(url: &str, campaigns: &[u32]) -> Self {
        let visits = Visits::shared(CONNECTIONS, campaigns);
        Self { address: address(url), visits, may_sleep: false }
    }

    /// Leaves its core to others while it waits, such as a Redis that the server asks.
    ///
    /// A thread that sleeps has to be woken by the server that answers it, at a price that is no part
    /// of the answer and falls due more often the longer answers take. Where the load has a core of
    /// its own, it stays awake.
    pub(crate) fn may_sleep(self) -> Self {
        Self { may_sleep: true, ..self }
    }

    /// Keeps every connection busy for that long; each visitor goes on where it stopped.
    pub(crate) async fn run(&mut self, time: Duration) -> Answered {
        let begin = Instant::now();
        let until = begin + time;
        let visits = self.visits.drain(..);
        let connections: Vec<_> =
            visits.map(|it| tokio::spawn(ask_until(self.address, it, until))).collect();
        let awake = (!self.may_sleep).then(|| tokio::spawn(stay_awake()));
        let mut latencies = Vec::new();
        for connection in connections {
            let (visits, of_one) = connection.await.expect("right answers");
            self.visits.push(visits);
            latencies.extend(of_one);
        }
        let time = begin.elapsed();
        if let Some(awake) = awake {
            awake.abort();
        }
        latencies.sort_unstable();
        Answered { time, latencies }
    }
}

async fn stay_awake() {
    loop {
        tokio::task::yield_now().await;
    }
}

async fn ask_until(
    address: SocketAddr,
    mut visits: Visits,
    until: Instant,
) -> (Visits, Vec<Duration>) {
    let mut connection = Connection::open(address).await;
    let mut latencies = Vec::with_capacity(16 * 1024);
    loop {
        let asked = Instant::now();
        if asked >= until {
            return (visits, latencies);
        }
        let answer = connection.ask(visits.next()).await;
        latencies.push(asked.elapsed());
        if latencies.len() % SAMPLE == 1 {
            let banners = answer.windows(11).filter(|it| it == b"\"banner_id\"").count();
            assert_eq!(banners, BANNERS, "{}", text(answer));
        }
    }
}

/// The address in `http://<ip>:<port>`.
pub(crate) fn address(url: &str) -> SocketAddr {
    let address = url.trim_start_matches("http://").trim_end_matches('/');
    address.parse().unwrap_or_else(|_| panic!("not an address: {url}"))
}
