//! How many events a second are acknowledged, which is committed, beside what the database commits
//! when nobody but the bench writes, and beside the same requests that store nothing; and how long
//! an acknowledgement takes at half of that load.

use std::process::Command;

use bams_tests::{Bams, Generated, MariaDb};

use crate::bare_commits::{BareCommits, Rows};
use crate::contender::median;
use crate::csv::{Kind, records};
use crate::event_load::{CAMPAIGNS, CLICKS, Sending, TOGETHER};
use crate::load::address;
use crate::options::Options;
use crate::table::{Row, count, micros, tell};
use bams_tests::process::processor_time;

/// What the rounds came to; events, rows and requests are by second, times in microseconds.
#[derive(Default)]
struct Measured {
    events: Vec<f64>,
    processor: Vec<f64>,
    waits: Vec<f64>,
    requests: Vec<f64>,
    request_processor: Vec<f64>,
    ordered: Vec<f64>,
    scattered: Vec<f64>,
    conversions: Vec<f64>,
    bare_conversions: Vec<f64>,
}

pub(crate) async fn measure(options: &Options) -> Vec<Row> {
    let mut rows = Vec::new();
    for name in ["SQLite", "MariaDB"] {
        tell(&format!("events, {name}"));
        let mut builder = Bams::builder().set("server.workers", "1");
        if name == "MariaDB" {
            builder = builder.database(&MariaDb::shared().database());
        }
        let bams = builder.prepare();
        fill(&bams);
        bams.start().await;
        rows.extend(self::rows(name, rounds(&bams, options).await));
    }
    rows
}

fn fill(bams: &Bams) {
    let data = bams.folder().join("data");
    Generated::new(CAMPAIGNS, 400, 40_000).write(&data);
    let clicks = Kind::Clicks.write(&bams.folder().join("clicks"), 1, records(CLICKS));
    for path in [data, clicks] {
        assert_eq!(bams.run(["import".as_ref(), path.as_os_str()]).code, 0);
    }
    // What builds and imports left to be written would be written meanwhile.
    assert!(Command::new("sync").status().expect("the program sync").success());
}

async fn rounds(bams: &Bams, options: &Options) -> Measured {
    let (address, key) = (address(&bams.url("")), bams.key("ingest"));
    let bare = BareCommits::connect(&bams.database()).await;
    let (round, brief) = (options.round(), options.round() / 2);
    let mut all = Measured::default();
    for _ in 0..options.rounds() {
        let impressions = Sending::impressions(address).await;
        let before = processor_time(bams.pid());
        let run = impressions.run(round, None).await;
        let per_second = run.per_second();
        let took = processor_time(bams.pid()).saturating_sub(before);
        all.processor.push(took.as_secs_f64() * 1e6 / run.answers());
        all.events.push(per_second);

        let impressions = Sending::impressions(address).await;
        all.waits.push(impressions.run(round, Some(per_second / 2.0)).await.p99_micros());

        let prefetches = Sending::prefetches(address).await;
        let before = processor_time(bams.pid());
        let run = prefetches.run(brief, None).await;
        let took = processor_time(bams.pid()).saturating_sub(before);
        all.request_processor.push(took.as_secs_f64() * 1e6 / run.answers());
        all.requests.push(run.per_second());

        let run = Sending::conversions(address, &key).run(brief, None).await;
        all.conversions.push(run.per_second() * f64::from(TOGETHER));

        all.ordered.push(bare.rate(Rows::Ordered, brief).await);
        all.scattered.push(bare.rate(Rows::Scattered, brief).await);
        all.bare_conversions.push(bare.rate(Rows::Conversions, brief).await);
    }
    all
}

fn rows(name: &str, all: Measured) -> Vec<Row> {
    let middle = |it: Vec<f64>| median(it.into_iter());
    let (events, processor) = (middle(all.events), middle(all.processor));
    let (requests, request) = (middle(all.requests), middle(all.request_processor));
    let conversions = middle(all.conversions);
    let beside = |what: String, measured: f64, beside: &str, bare: f64, target| Row {
        what: format!("{what}, {name}"),
        measured: format!("{}/s", count(measured)),
        beside: format!("{beside}: {}/s", count(bare)),
        ratio: Some(measured / bare),
        target,
    };
    let one = || "events acknowledged, one a request".to_owned();
    let ordered = format!("bare commits of {TOGETHER} rows in order");
    let scattered = format!("bare commits of {TOGETHER} rows as scattered");
    let lists = format!("conversions acknowledged, lists of {TOGETHER}");
    vec![
        beside(one(), events, &ordered, middle(all.ordered), "≥ 0.5"),
        beside(one(), events, &scattered, middle(all.scattered), "≥ 0.5"),
        beside(one(), events, "the same requests, not stored", requests, ""),
        beside(lists, conversions, &scattered, middle(all.bare_conversions), "≥ 0.5"),
        Row {
            what: format!("CPU time of an event, {name}"),
            measured: micros(processor),
            beside: format!("the same request, not stored: {}", micros(request)),
            ratio: Some(processor / request),
            target: "",
        },
        Row {
            what: format!("acknowledgement at half load, {name}, p99"),
            measured: format!("{:.1} ms", middle(all.waits) / 1000.0),
            target: "≤ 50 ms",
            ..Row::default()
        },
    ]
}
