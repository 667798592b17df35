//! Senders of events: each sends its requests one after the other, on a connection of its own.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::{Duration, Instant};

use crate::connection::{Connection, text};

/// Rows of one bare transaction, senders of single events, and conversions of one list.
pub(crate) const TOGETHER: u32 = 256;

/// Senders of clicks.
const CLICKERS: usize = 50;

/// Senders of lists.
const LISTS: usize = 4;

/// Links of one run: more than are used in it.
const LINKS: usize = 160_000;

/// Banners of one decision.
const BANNERS: usize = 50;

pub(crate) const CAMPAIGNS: u32 = 50;

/// Clicks that conversions may name, numbered from there on.
pub(crate) const CLICKS: u32 = 20_000;
pub(crate) const FIRST_CLICK: u32 = 10_000_000;

/// The requests of one sender.
type Requests = Box<dyn Iterator<Item = Vec<u8>> + Send>;

/// What is sent to a server.
pub(crate) struct Sending {
    address: SocketAddr,
    senders: Vec<Requests>,
}

/// How long each answer took.
pub(crate) struct Run {
    time: Duration,
    waits: Vec<Duration>,
}

impl Run {
    /// Requests answered.
    pub(crate) fn answers(&self) -> f64 {
        f64::from(u32::try_from(self.waits.len()).expect("fewer than 2³²"))
    }

    pub(crate) fn per_second(&self) -> f64 {
        self.answers() / self.time.as_secs_f64()
    }

    pub(crate) fn p99_micros(mut self) -> f64 {
        self.waits.sort_unstable();
        self.waits[(self.waits.len() - 1) * 99 / 100].as_secs_f64() * 1e6
    }
}

impl Sending {
    /// Impressions by tracking links that nobody used yet.
    pub(crate) async fn impressions(address: SocketAddr) -> Self {
        let mut links = links(address, LINKS, CAMPAIGNS, "impression_url").await;
        let share = LINKS / TOGETHER as usize;
        let mut share = || links.split_off(links.len() - share).into_iter();
        let senders = (0..TOGETHER).map(|_| -> Requests { Box::new(share()) }).collect();
        Self { address, senders }
    }

    /// Somewhat more than so many clicks on banners of all campaigns.
    pub(crate) async fn clicks(address: SocketAddr, campaigns: u32, count: usize) -> Self {
        let mut all = links(address, count + count / 5, campaigns, "click_url").await;
        let share = all.len() / CLICKERS;
        let mut share = || all.split_off(all.len() - share).into_iter();
        let senders = (0..CLICKERS).map(|_| -> Requests { Box::new(share()) }).collect();
        Self { address, senders }
    }

    /// Requests of the same kind that store nothing: a browser that loads a page ahead.
    pub(crate) async fn prefetches(address: SocketAddr) -> Self {
        let mut link = links(address, 1, CAMPAIGNS, "impression_url").await.swap_remove(0);
        link.truncate(link.len() - 2);
        link.extend_from_slice(b"Sec-Purpose: prefetch\r\n\r\n");
        let again = |_| -> Requests { Box::new(std::iter::repeat(link.clone())) };
        Self { address, senders: (0..TOGETHER).map(again).collect() }
    }

    /// Lists of new conversions.
    pub(crate) fn conversions(address: SocketAddr, key: &str) -> Self {
        let lists = |_| -> Requests {
            let key = key.to_owned();
            Box::new(std::iter::repeat_with(move || list(&key)))
        };
        Self { address, senders: (0..LISTS).map(lists).collect() }
    }

    /// Sends for a while: as fast as the answers come, or so many a second.
    pub(crate) async fn run(self, time: Duration, rate: Option<f64>) -> Run {
        let senders = u32::try_from(self.senders.len()).expect("few senders");
        let pause = rate.map(|it| Duration::from_secs_f64(f64::from(senders) / it));
        let begun = Instant::now();
        let tasks: Vec<_> = (0..)
            .zip(self.senders)
            .map(|(number, requests)| {
                let start = pause.map(|it| it * number / senders);
                tokio::spawn(send(self.address, requests, begun + time, start, pause))
            })
            .collect();
        let mut waits = Vec::new();
        for task in tasks {
            waits.extend(task.await.expect("answers"));
        }
        Run { time: begun.elapsed(), waits }
    }
}

async fn send(
    address: SocketAddr,
    requests: Requests,
    until: Instant,
    start: Option<Duration>,
    pause: Option<Duration>,
) -> Vec<Duration> {
    let mut connection = Connection::open(address).await;
    let mut next = Instant::now() + start.unwrap_or_default();
    let mut waits = Vec::new();
    for request in requests {
        if let Some(pause) = pause {
            tokio::time::sleep_until(next.into()).await;
            next += pause;
        }
        let asked = Instant::now();
        if asked >= until {
            return waits;
        }
        connection.ask(&request).await;
        waits.push(asked.elapsed());
    }
    panic!("too few links for so fast a server");
}

/// Requests of at least so many tracking links of a kind, of as many campaigns as possible.
async fn links(address: SocketAddr, count: usize, campaigns: u32, kind: &str) -> Vec<Vec<u8>> {
    let each = count.div_ceil(campaigns as usize).min(BANNERS);
    let mut connection = Connection::open(address).await;
    let mut requests = Vec::with_capacity(count + BANNERS);
    let mut campaign = 0;
    while requests.len() < count {
        campaign = campaign % campaigns + 1;
        let path = format!("/api/v1/serve/{campaign}?count={each}&notrack=true");
        let ask = format!("GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n");
        let answer = text(connection.ask(ask.as_bytes()).await);
        for link in answer.split(&format!("\"{kind}\":\"")).skip(1) {
            let link = link.split('"').next().expect("a link");
            let path = &link[link.find("/t/").expect("a path")..];
            requests.push(format!("GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n").into_bytes());
        }
    }
    requests
}

/// A request with conversions of clicks that exist.
fn list(key: &str) -> Vec<u8> {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    let conversion = |number: u64| {
        let click = click_of(number);
        format!(r#"{{"conversion_id":"order-{number}","click_id":"{click}","revenue":"12.50"}}"#)
    };
    let first = NEXT.fetch_add(TOGETHER.into(), Relaxed);
    let list: Vec<_> = (first..first + u64::from(TOGETHER)).map(conversion).collect();
    let body = format!("[{}]", list.join(","));
    let head = format!(
        "POST /api/v1/conversions HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {key}\r\n\
         Content-Type: application/json\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    (head + &body).into_bytes()
}

/// The click of a conversion: any of them, as if by chance.
pub(crate) fn click_of(number: u64) -> u64 {
    u64::from(FIRST_CLICK) + number.wrapping_mul(7919) % u64::from(CLICKS)
}
