//! What each campaign, banner, attachment and visitor costs in memory.

use std::time::Duration;

use bams_tests::Bams;

use crate::by_sql::BySql;
use crate::catalogue::{EARNING, earn};
use crate::connection::Connection;
use crate::load::address;
use crate::store::BANNERS;
use crate::table::{Row, count, tell};
use crate::visits::request;
use bams_tests::process::resident_kib;

/// Visitors who ask once.
const VISITORS: u32 = 100_000;

/// Fills a store step by step, and returns it with what each step cost a server that started on it.
pub(crate) async fn filled(database: &str, campaigns: u32) -> (BySql, Vec<Row>) {
    let store = BySql::empty(database).await;
    let mut rows = Vec::new();
    let row = |what: &str, bytes: f64| Row {
        what: format!("memory of {what}, {database}"),
        measured: format!("{} bytes", count(bytes)),
        beside: format!("a million: {} MB", count(bytes)),
        ..Row::default()
    };
    let mut before = memory(&store.bams).await;
    let mut step = async |what: &str, number: u32, store: &BySql| {
        let after = memory(&store.bams).await;
        let each = (after - before) * 1024.0 / f64::from(number);
        before = after;
        tell(&format!("{what}: {each:.0} bytes"));
        row(what, each)
    };
    store.campaigns(campaigns).await;
    rows.push(step("a campaign without banners", campaigns, &store).await);
    let banners = 1 + campaigns * (BANNERS - 1);
    store.banners(banners).await;
    rows.push(step("a banner", banners, &store).await);
    store.attach_all(campaigns, 1).await;
    store.attach_own(campaigns, 2, BANNERS - 1).await;
    rows.push(step("an attachment", campaigns * BANNERS, &store).await);
    earn(&store, campaigns).await;
    let earning = "the numbers of an attachment in all quarters";
    rows.push(step(earning, campaigns * EARNING, &store).await);
    rows.push(row("a visitor with one page of ten", visitors(&store.bams, campaigns).await));
    (store, rows)
}

/// Returns the memory of a server some seconds after its start, in KiB.
async fn memory(bams: &Bams) -> f64 {
    bams.start().await;
    tokio::time::sleep(Duration::from_secs(3)).await;
    let kib = f64::from(resident_kib(bams.pid()));
    bams.kill();
    kib
}

/// Returns what a visitor costs whom one campaign showed a page, in bytes.
async fn visitors(bams: &Bams, campaigns: u32) -> f64 {
    bams.start().await;
    let mut connection = Connection::open(address(&bams.url(""))).await;
    // What banners are drawn as is kept, too, and is there before the visitors are.
    let campaigns = campaigns.min(50);
    let mut ask = async |visitor: u32| {
        let number = usize::try_from(visitor).expect("a number");
        connection.ask(&request(1 + visitor % campaigns, Some(number))).await;
    };
    for visitor in 0..10_000 {
        ask(visitor).await;
    }
    let before = f64::from(resident_kib(bams.pid()));
    for visitor in 10_000..10_000 + VISITORS {
        ask(visitor).await;
    }
    let after = f64::from(resident_kib(bams.pid()));
    bams.kill();
    (after - before) * 1024.0 / f64::from(VISITORS)
}
