//! A hundred times the catalogue: starting, and changing a banner that all campaigns show.

use std::time::{Duration, Instant};

use bams_tests::{Ask, Bams};
use serde_json::json;

use crate::by_sql::{BySql, check};
use crate::contender::median;
use crate::options::Options;
use crate::store::BANNERS;
use crate::table::{Row, count, tell};
use bams_tests::process::{peak_kib, resident_kib};

/// The banners of each campaign that have numbers.
const EARNING: u32 = 40;

pub(crate) async fn measure(options: &Options) -> Vec<Row> {
    let Some(campaigns) = options.catalogue else { return Vec::new() };
    check(campaigns);
    let mut table = Vec::new();
    for database in ["SQLite", "MariaDB"] {
        tell(&format!("catalogue, {database}: filling the store"));
        let bams = store(database, campaigns).await;
        let attachments = count(campaigns * BANNERS);
        let (mut seconds, mut peak) = (Vec::new(), 0);
        for _ in 0..3 {
            let begun = Instant::now();
            bams.start().await;
            seconds.push(begun.elapsed().as_secs_f64());
            peak = peak_kib(bams.pid()).expect("a server");
            bams.kill();
        }
        table.push(Row {
            what: format!("start with {attachments} attachments, {database}"),
            measured: format!("{:.2} s", median(seconds.into_iter())),
            target: "≤ 3 s",
            ..Row::default()
        });
        bams.start().await;
        tokio::time::sleep(Duration::from_secs(3)).await;
        table.push(Row {
            what: format!("memory with {attachments} attachments, {database}"),
            measured: format!("{} MiB", count(resident_kib(bams.pid()) / 1024)),
            beside: format!("at the peak: {} MiB", count(peak / 1024)),
            target: "≤ 300 MiB, ≤ 500 MiB at the peak",
            ..Row::default()
        });
        table.push(Row {
            what: format!("change of a banner of {} campaigns, {database}", count(campaigns)),
            measured: format!("{:.2} s", change(&bams, campaigns).await),
            target: "≤ 2 s",
            ..Row::default()
        });
        bams.kill();
    }
    table
}

/// Returns the seconds until a change of banner 1 is served in the first and the last campaign.
async fn change(bams: &Bams, campaigns: u32) -> f64 {
    let key = bams.key("editor");
    let begun = Instant::now();
    let body = json!({ "name": "Changed" });
    let change = bams.request(reqwest::Method::PATCH, "/api/v1/banners/1").bearer_auth(&key);
    change.json(&body).answer().await.expect(200);
    for campaign in [1, campaigns] {
        let path = format!("/api/v1/serve/{campaign}?notrack=1&count=1");
        loop {
            let decision = bams.get(&path).answer().await.expect(200);
            if decision["banners"][0]["name"] == "Changed" {
                break;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
    begun.elapsed().as_secs_f64()
}

/// A store of campaigns with 400 banners each, of which 40 have numbers in all quarters. Banner 1 is in
/// all of them, and the best.
async fn store(database: &str, campaigns: u32) -> Bams {
    let store = BySql::empty(database).await;
    store.catalogue(campaigns, BANNERS, 1).await;
    let banner =
        format!("CASE WHEN b.n = 1 THEN 1 ELSE 1 + (c.n - 1) * {} + b.n - 1 END", BANNERS - 1);
    for (table, place, counts) in
        [("quarter_performance", "1 + q.n", ""), ("performance", "1980000 + q.n", "100, ")]
    {
        store
            .run(&format!(
                "INSERT INTO {table} SELECT c.n, {banner}, {place}, {counts}10, \
                 CASE WHEN b.n < 16 THEN 1 ELSE 0 END, \
                 CASE WHEN b.n < 16 THEN 100000000 - b.n * 1000 ELSE 0 END \
                 FROM numbers AS c CROSS JOIN numbers AS b CROSS JOIN numbers AS q \
                 WHERE c.n BETWEEN 1 AND {campaigns} AND b.n BETWEEN 1 AND {EARNING} AND q.n < 4"
            ))
            .await;
    }
    store.finish().await
}
