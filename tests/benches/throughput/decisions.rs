//! What a decision costs, beside servers that decide nothing.

use bams_tests::{Bams, Redis};

use crate::ceiling::Ceiling;
use crate::connection::{Connection, body_at};
use crate::contender::{Contender, Cost, compare};
use crate::load::address;
use crate::options::Options;
use crate::store::Store;
use crate::table::{Row, count, micros};
use crate::visits::request;

/// A visitor that the load does not contain.
const STRANGER: usize = 0xFFFF_FFFF;

pub(crate) async fn measure(options: &Options) -> Vec<Row> {
    let (store, campaigns) = Store::ordinary();
    let redis = Redis::start();
    let in_process = store.server().start().await;
    let shared = store.server().redis(&redis, "bench:").start().await;

    let url = in_process.url("");
    let mut connection = Connection::open(address(&url)).await;
    let answer = connection.ask(&request(campaigns[0], Some(STRANGER))).await;
    let bytes = answer.len() - body_at(answer).expect("a head");
    let file = store.folder().join("answer");
    std::fs::write(&file, answer).expect("a file for the answer");
    let a = Ceiling::fixed_answer(&file);
    let b = Ceiling::with_redis(&file, &redis.url());

    let ceiling = |it: &Ceiling| Contender::new(&it.url, it.pid(), &campaigns);
    let product = |it: &Bams| Contender::new(&it.url(""), it.pid(), &campaigns);
    let [a, in_process, b, shared] = compare(
        [
            &mut ceiling(&a),
            &mut product(&in_process),
            &mut ceiling(&b).with_redis(redis.pid()),
            &mut product(&shared).with_redis(redis.pid()),
        ],
        options,
    )
    .await;

    let mut rows = beside("in-process history", in_process, "ceiling A", a, "≥ 0.6");
    rows.push(latency("in-process history, p99", in_process.p99, a.p99, "≤ 3"));
    rows.extend(beside("Redis history", shared, "ceiling B", b, "≥ 0.8"));
    rows.push(latency("Redis history, p99", shared.p99, b.p99, ""));
    rows.push(Row {
        what: "decision, Redis history, CPU time of Redis".to_owned(),
        measured: micros(shared.redis),
        beside: micros(b.redis),
        ..Row::default()
    });
    rows.push(Row::note(format!("a decision is {bytes} bytes of JSON")));
    rows
}

fn beside(what: &str, cost: Cost, name: &str, ceiling: Cost, target: &'static str) -> Vec<Row> {
    vec![
        Row {
            what: format!("decision, {what}"),
            measured: throughput(&cost),
            beside: format!("{name}: {}", throughput(&ceiling)),
            ratio: Some(cost.per_second / ceiling.per_second),
            target,
        },
        Row {
            what: format!("decision, {what}, CPU time of the server"),
            measured: micros(cost.server),
            beside: micros(ceiling.server),
            ratio: Some(ceiling.server / cost.server),
            target,
        },
        latency(&format!("{what}, p50"), cost.p50, ceiling.p50, ""),
    ]
}

/// How many answers, and how much of one core the server needed for them. One that is not busy
/// waits for the load generator, and could do more.
fn throughput(cost: &Cost) -> String {
    let busy = cost.per_second * cost.server / 10_000.0;
    format!("{}/s at {busy:.0} % CPU", count(cost.per_second))
}

fn latency(what: &str, measured: f64, ceiling: f64, target: &'static str) -> Row {
    Row {
        what: format!("decision, {what}"),
        measured: micros(measured),
        beside: micros(ceiling),
        ratio: Some(measured / ceiling),
        target,
    }
}
