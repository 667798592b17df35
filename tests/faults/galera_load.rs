//! A Galera cluster under load: a large import beside events, and three writers beside one.

use std::fs::read_to_string;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use bams_tests::crowd::{Crowd, Entrance};
use bams_tests::{Bams, Galera, Generated, eventually};
use tokio::task::spawn_blocking;
use tokio::time::sleep;

use crate::stage::{Stage, goes_on, node_of, say};

const LONG: Duration = Duration::from_mins(3);

/// The rows of the large file.
const ROWS: u32 = 200_000;

/// How many campaigns the large site has, and on how many accounts (a banner in a campaign) events must
/// have fallen before the import begins.
const CAMPAIGNS: u32 = 500;
const ACCOUNTS: u64 = 2_000;

/// How long visitors may take for that.
const SPREADING: Duration = Duration::from_mins(10);

/// How many visitors there are.
const VISITORS: usize = 32;

/// How long one or three nodes have all visitors, and how often each.
const WINDOW: Duration = Duration::from_secs(8);
const ROUNDS: usize = 5;

#[tokio::test(flavor = "multi_thread")]
async fn an_import_beside_events_is_complete_and_refuses_none() {
    let cluster = Galera::start().await;
    let stage = Stage::open(cluster.database().iter().map(|url| node_of(url))).await;
    let visitors = stage.visitors(VISITORS);
    goes_on(&visitors, LONG, 500).await;
    let file = Generated::new(3, 24, ROWS).write_file(stage.node().folder(), "impressions", 2);
    import_beside(&stage, visitors, file, [u64::from(ROWS), 0, 0, 0]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_long_import_beside_events_on_thousands_of_accounts_refuses_none() {
    let cluster = Galera::start().await;
    let urls = cluster.database();
    let stage = Stage::with(CAMPAIGNS, urls.iter().map(|url| node_of(url))).await;
    let visitors = stage.visitors(VISITORS);
    let accounts = || {
        let sql = "SELECT COUNT(DISTINCT campaign_id, banner_id) FROM impressions";
        cluster.servers()[0].sql(&urls[0], sql).parse::<u64>().expect("a number")
    };
    eventually(SPREADING, "events fall on many accounts", async || accounts() >= ACCOUNTS).await;
    // Each of its clicks is a row of its own; a third of the rows of impressions are clicks, and a
    // quarter of the banners has none.
    let data = Generated::new(CAMPAIGNS, 24, 4 * ROWS);
    let file = data.write_file(stage.node().folder(), "clicks", 2);
    let rows = data.rows("clicks", 2) as u64;
    say(&format!("{} accounts; {rows} clicks to import", accounts()));
    import_beside(&stage, visitors, file, [0, rows, 0, 0]).await;
    say(&format!("{} accounts", accounts()));
}

/// Imports a file at the second node beside visitors, of whom none is refused, and asserts that nothing is
/// lost or counted twice. `added` is what the file adds.
async fn import_beside(stage: &Stage, visitors: Crowd, file: PathBuf, added: [u64; 4]) {
    let node = Arc::clone(&stage.nodes[1]);
    let (begun, before) = (Instant::now(), visitors.acknowledged());
    let importing = spawn_blocking(move || node.run([Path::new("import"), &file]));
    let imported = importing.await.expect("an end");
    let (took, events) = (begun.elapsed(), visitors.acknowledged() - before);
    assert_eq!(imported.code, 0, "{}{}", imported.output, imported.errors);
    assert!(events > 0, "no event was acknowledged in {took:?}");
    let rate = f64::from(u32::try_from(events).expect("few")) / took.as_secs_f64();
    say(&format!("imported in {took:?} beside {events} events, {rate:.0} a second"));

    goes_on(&visitors, LONG, 500).await;
    assert_eq!(visitors.failures(), 0, "requests had to be sent again");
    stage.settle_beside(visitors, added).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn three_writers_beside_one() {
    let cluster = Galera::start().await;
    let stage = Stage::open(cluster.database().iter().map(|url| node_of(url))).await;
    let spread = Arc::new(AtomicBool::new(false));
    let (nodes, at_three) = (stage.nodes.clone(), Arc::clone(&spread));
    let entrance: Entrance = Arc::new(move |turn| {
        let node = if at_three.load(Ordering::Relaxed) { turn % nodes.len() } else { 0 };
        nodes[node].url("")
    });
    let visitors = stage.visitors_at(VISITORS, &entrance);
    goes_on(&visitors, LONG, 500).await;

    let mut ratios = Vec::new();
    for _ in 0..ROUNDS {
        let mut stored = [0.0; 2];
        for (three, stored) in [false, true].into_iter().zip(&mut stored) {
            spread.store(three, Ordering::Relaxed);
            let cpu = || processor_seconds(&cluster, &stage.nodes);
            let (events, before) = (events_in(&visitors, WINDOW).await, cpu());
            let writers = if three { 3 } else { 1 };
            say(&format!(
                "{writers} writing: {events:.0} events a second; CPU so far {before:?} s"
            ));
            *stored = events;
        }
        ratios.push(stored[1] / stored[0]);
    }
    ratios.sort_by(f64::total_cmp);
    say(&format!("three writers beside one: {ratios:.2?}, median {:.2}", ratios[ROUNDS / 2]));
    stage.settle(visitors).await;
}

/// Returns the acknowledgements a second in a window that begins a second from now.
async fn events_in(visitors: &Crowd, window: Duration) -> f64 {
    sleep(Duration::from_secs(1)).await;
    let (begun, before) = (Instant::now(), visitors.acknowledged());
    sleep(window).await;
    let events = u32::try_from(visitors.acknowledged() - before).expect("few");
    f64::from(events) / begun.elapsed().as_secs_f64()
}

/// Returns the processor time of all database servers, and of all nodes, in seconds.
fn processor_seconds(cluster: &Galera, nodes: &[Arc<Bams>]) -> [f64; 2] {
    let servers = cluster.servers().iter().map(|server| ticks(server.pid())).sum::<f64>();
    let nodes = nodes.iter().map(|node| ticks(node.pid())).sum::<f64>();
    [servers / 100.0, nodes / 100.0]
}

/// Returns the processor time of a process in hundredths of a second, as Linux counts it.
fn ticks(pid: u32) -> f64 {
    let stat = read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or_default().split(' ').collect();
    fields.iter().skip(12).take(2).filter_map(|it| it.parse::<f64>().ok()).sum()
}
