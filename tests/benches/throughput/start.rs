//! How soon a server with a client's hour behind it is ready.

use std::time::Instant;

use crate::contender::median;
use crate::options::Options;
use crate::store::Store;
use crate::table::{Row, count, tell};

/// The ordinary store has a row for each banner of each campaign in each quarter.
const PERFORMANCE_ROWS: u32 = 80_000;

pub(crate) async fn measure(options: &Options) -> Vec<Row> {
    tell("start");
    let (store, _) = Store::ordinary();
    let bams = store.server().prepare();
    let mut seconds = Vec::new();
    for _ in 0..options.rounds() {
        let begun = Instant::now();
        bams.start().await;
        seconds.push(begun.elapsed().as_secs_f64());
        bams.kill();
    }
    vec![Row {
        what: format!("start with {} performance rows", count(PERFORMANCE_ROWS)),
        measured: format!("{:.2} s", median(seconds.into_iter())),
        target: "≤ 1 s",
        ..Row::default()
    }]
}
