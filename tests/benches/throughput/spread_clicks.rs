//! What it costs a node to follow clicks that fall on all campaigns, and how far behind it is.
//!
//! One node takes the clicks. Another one of the same store answers nobody, so that all it does is to
//! follow.

use std::time::{Duration, Instant};

use bams_tests::{Ask, Bams};

use crate::event_load::Sending;
use crate::load::address;
use crate::table::{Row, tell};
use bams_tests::process::processor_time;

/// Clicks a second, and how many that are.
const RATE: u32 = 1_000;
const CLICKS: usize = 20_000;

/// How long clicks are sent, and nobody sends any beside that.
const TIME: Duration = Duration::from_secs(20);

/// The share of a core that a server at rest uses at most, over this time. After a start it rolls up what
/// is old, which nobody waits for longer than that.
const REST: f64 = 0.04;
const REST_FOR: Duration = Duration::from_secs(4);
const REST_WITHIN: Duration = Duration::from_mins(3);

/// How often the age is looked at.
const EVERY: Duration = Duration::from_millis(100);

pub(crate) async fn measure(bams: &Bams, campaigns: u32, database: &str) -> Vec<Row> {
    tell(&format!("catalogue, {database}: clicks on all campaigns"));
    let key = bams.key("metrics");
    let follower = Bams::builder().database(&bams.database()).prepare();
    follower.start().await;
    let clicks = Sending::clicks(address(&bams.url("")), campaigns, CLICKS).await;
    await_rest(&follower).await;
    let idle = busy(&follower, tokio::time::sleep(TIME)).await.0;
    let sending = clicks.run(TIME, Some(RATE.into()));
    let watching = async {
        let (begun, mut oldest) = (Instant::now(), 0.0_f64);
        while begun.elapsed() < TIME {
            oldest = oldest.max(age(&follower, &key).await);
            tokio::time::sleep(EVERY).await;
        }
        oldest
    };
    let (cpu, (run, oldest)) = busy(&follower, async { tokio::join!(sending, watching) }).await;
    follower.kill();
    vec![
        Row {
            what: format!(
                "age of the snapshot at most, {RATE} clicks a second on all campaigns, {database}"
            ),
            measured: format!("{oldest:.2} s"),
            beside: format!("{:.0} clicks a second stored", run.per_second()),
            target: "≤ 2 s",
            ..Row::default()
        },
        Row {
            what: format!("CPU of refreshing meanwhile, {database}"),
            measured: format!("{:.1} % of a core", (cpu - idle) * 100.0),
            beside: format!("without clicks: {:.1} %", idle * 100.0),
            target: "≤ 5 %",
            ..Row::default()
        },
    ]
}

/// Waits until a server has nothing to do of its own.
async fn await_rest(server: &Bams) {
    let begun = Instant::now();
    while busy(server, tokio::time::sleep(REST_FOR)).await.0 > REST {
        if begun.elapsed() > REST_WITHIN {
            return tell("the server finds no rest");
        }
    }
}

/// Returns the share of a core that a server uses while something goes on, with what that comes to.
async fn busy<T>(server: &Bams, meanwhile: impl Future<Output = T>) -> (f64, T) {
    let (begun, before) = (Instant::now(), processor_time(server.pid()));
    let outcome = meanwhile.await;
    let used = processor_time(server.pid()).saturating_sub(before);
    (used.as_secs_f64() / begun.elapsed().as_secs_f64(), outcome)
}

/// Returns how old a server's snapshot is, in seconds.
async fn age(server: &Bams, key: &str) -> f64 {
    let answer = server.get("/metrics").bearer_auth(key).answer().await;
    let text = answer.text();
    let line = text.lines().find_map(|it| it.strip_prefix("bams_snapshot_age_seconds "));
    line.and_then(|it| it.parse().ok()).expect("the age of the snapshot")
}
