//! How many events a second are acknowledged, which is committed, beside what the database commits
//! when nobody but the bench writes; and how long an acknowledgement takes at half of that load.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use bams_tests::{Bams, Generated, MariaDb};
use sea_orm::{
    ConnectOptions, ConnectionTrait, Database, DbBackend, Statement, TransactionTrait, Value,
};

use crate::connection::{Connection, text};
use crate::contender::median;
use crate::load::address;
use crate::options::Options;
use crate::process::processor_time;
use crate::table::{Row, count, micros, tell};

/// Events under way at any time, and rows of one bare transaction.
const TOGETHER: u32 = 256;

/// Links of one run: more than are used in it.
const LINKS: usize = 80_000;

/// Banners of one decision.
const BANNERS: u32 = 50;

const CAMPAIGNS: u32 = 50;

pub(crate) async fn measure(options: &Options) -> Vec<Row> {
    let mut rows = Vec::new();
    for name in ["SQLite", "MariaDB"] {
        tell(&format!("events, {name}"));
        let mut builder = Bams::builder().set("server.workers", "1");
        if name == "MariaDB" {
            builder = builder.database(&MariaDb::shared().database());
        }
        let bams = builder.prepare();
        let data = bams.folder().join("data");
        Generated::new(CAMPAIGNS, 400, 40_000).write(&data);
        assert_eq!(bams.run(["import".as_ref(), data.as_os_str()]).code, 0);
        bams.start().await;
        let database = Store::open(&bams.database()).await;
        let (mut bare, mut full) = (Vec::new(), Vec::new());
        let (mut waits, mut busy) = (Vec::new(), Vec::new());
        for _ in 0..options.rounds() {
            let took = processor_time(bams.pid());
            let run = run(&bams, options.round(), None).await;
            let per_event = processor_time(bams.pid()).saturating_sub(took).as_secs_f64() * 1e6;
            busy.push(per_event / f64::from(run.events));
            full.push(run.per_second());
            bare.push(database.commit_rate(options.round()).await);
            let half = self::run(&bams, options.round(), Some(run.per_second() / 2.0)).await;
            waits.push(half.p99_micros());
        }
        let (full, bare) = (median(full.into_iter()), median(bare.into_iter()));
        rows.push(Row {
            what: format!("events acknowledged, {name}"),
            measured: format!("{}/s", count(full)),
            beside: format!("bare commits of {TOGETHER} rows: {}/s", count(bare)),
            ratio: Some(full / bare),
            target: "≥ 0.5",
        });
        rows.push(Row {
            what: format!("CPU time of an event, {name}"),
            measured: micros(median(busy.into_iter())),
            ..Row::default()
        });
        rows.push(Row {
            what: format!("acknowledgement at half load, {name}, p99"),
            measured: format!("{:.1} ms", median(waits.into_iter()) / 1000.0),
            target: "≤ 50 ms",
            ..Row::default()
        });
    }
    rows
}

/// How long each acknowledgement took.
struct Run {
    time: Duration,
    events: u32,
    waits: Vec<Duration>,
}

impl Run {
    fn per_second(&self) -> f64 {
        f64::from(self.events) / self.time.as_secs_f64()
    }

    fn p99_micros(mut self) -> f64 {
        self.waits.sort_unstable();
        self.waits[(self.waits.len() - 1) * 99 / 100].as_secs_f64() * 1e6
    }
}

/// Sends events for a while: as fast as they are acknowledged, or so many a second.
async fn run(bams: &Bams, time: Duration, rate: Option<f64>) -> Run {
    let address = address(&bams.url(""));
    let mut requests = requests(address).await;
    let pause = rate.map(|it| Duration::from_secs_f64(f64::from(TOGETHER) / it));
    let begun = Instant::now();
    let until = begun + time;
    let mut sending = Vec::new();
    let share = requests.len() / TOGETHER as usize;
    for number in 0..TOGETHER {
        let share = requests.split_off(requests.len() - share);
        let start = pause.map(|it| it * number / TOGETHER);
        sending.push(tokio::spawn(send(address, share, until, start, pause)));
    }
    let mut waits = Vec::new();
    for sender in sending {
        waits.extend(sender.await.expect("acknowledgements"));
    }
    let events = u32::try_from(waits.len()).expect("fewer than 2³²");
    Run { time: begun.elapsed(), events, waits }
}

async fn send(
    address: SocketAddr,
    requests: Vec<Vec<u8>>,
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
            break;
        }
        connection.ask(&request).await;
        waits.push(asked.elapsed());
    }
    waits
}

/// Requests of tracking links that nobody used yet.
async fn requests(address: SocketAddr) -> Vec<Vec<u8>> {
    let mut connection = Connection::open(address).await;
    let mut requests = Vec::with_capacity(LINKS);
    let mut campaign = 0;
    while requests.len() < LINKS {
        campaign = campaign % CAMPAIGNS + 1;
        let path = format!("/api/v1/serve/{campaign}?count={BANNERS}&notrack=true");
        let ask = format!("GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n");
        let answer = text(connection.ask(ask.as_bytes()).await);
        for link in answer.split("\"impression_url\":\"").skip(1) {
            let link = link.split('"').next().expect("a link");
            let path = &link[link.find("/t/").expect("a path")..];
            requests.push(format!("GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n").into_bytes());
        }
    }
    requests
}

/// The same database, written to by nothing but the bench.
struct Store {
    connection: sea_orm::DatabaseConnection,
}

impl Store {
    async fn open(url: &str) -> Self {
        let mut options = ConnectOptions::new(url);
        options.max_connections(1).sqlx_logging(false).map_sqlx_sqlite_opts(|it| {
            use sea_orm::sqlx::sqlite::{SqliteJournalMode, SqliteSynchronous};
            it.journal_mode(SqliteJournalMode::Wal).synchronous(SqliteSynchronous::Full)
        });
        Self { connection: Database::connect(options).await.expect("the database") }
    }

    /// Rows a second: raw impressions and their performance, some hundred in a transaction.
    async fn commit_rate(&self, time: Duration) -> f64 {
        static NEXT: std::sync::atomic::AtomicU64 = std::sync::atomic::AtomicU64::new(0);
        let dialect = self.connection.get_database_backend();
        let add = match dialect {
            DbBackend::Sqlite => {
                "ON CONFLICT (campaign_id, banner_id, slot) DO UPDATE SET \
                 impressions = impressions + excluded.impressions"
            }
            _ => "ON DUPLICATE KEY UPDATE impressions = impressions + VALUES(impressions)",
        };
        let list = |row: &str| vec![row; TOGETHER as usize].join(",");
        let raw = format!(
            "INSERT INTO impressions (decision_id, banner_id, campaign_id, slot) VALUES {}",
            list("(?,?,?,?)")
        );
        let sums = format!(
            "INSERT INTO performance (campaign_id, banner_id, slot, impressions, clicks, \
             conversions, revenue_micros) VALUES {} {add}",
            list("(?,?,?,1,0,0,0)")
        );
        let begun = Instant::now();
        let mut rows = 0_u32;
        while begun.elapsed() < time {
            let (mut events, mut counts) = (Vec::<Value>::new(), Vec::<Value>::new());
            for row in 0..i64::from(TOGETHER) {
                let id = NEXT.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
                let (campaign, banner) = (i64::MAX / 2 + row % 50, 101 + row);
                // Version 0, so that no decision has the id.
                let id = [[0; 8], id.to_be_bytes()].concat();
                events.extend([id.into(), banner.into(), campaign.into(), 7_i64.into()]);
                counts.extend([campaign.into(), banner.into(), Value::from(7_i64)]);
            }
            let transaction = self.connection.begin().await.expect("a transaction");
            for (sql, values) in [(&raw, events), (&sums, counts)] {
                let statement = Statement::from_sql_and_values(dialect, sql, values);
                transaction.execute_raw(statement).await.expect("new rows");
            }
            transaction.commit().await.expect("a commit");
            rows += TOGETHER;
        }
        f64::from(rows) / begun.elapsed().as_secs_f64()
    }
}
