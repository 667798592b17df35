//! A hundred times the catalogue: starting, its memory, changing a banner that all campaigns show, and
//! following clicks that fall on all campaigns.

use std::time::{Duration, Instant};

use bams_tests::{Ask, Bams};
use serde_json::{Value, json};

use crate::by_sql::{BySql, check};
use crate::contender::median;
use crate::growth;
use crate::options::Options;
use crate::spread_clicks;
use crate::store::BANNERS;
use crate::table::{Row, count, tell};
use bams_tests::process::{peak_kib, resident_kib};

/// The banners of each campaign that have numbers.
pub(crate) const EARNING: u32 = 40;

pub(crate) async fn measure(options: &Options) -> Vec<Row> {
    let Some(campaigns) = options.catalogue else { return Vec::new() };
    check(campaigns);
    let mut table = Vec::new();
    for database in ["SQLite", "MariaDB"] {
        tell(&format!("catalogue, {database}: filling the store"));
        let (store, bytes) = growth::filled(database, campaigns).await;
        let bams = store.finish().await;
        table.extend(of_a_start(&bams, campaigns, database).await);
        let own = |seconds: [f64; 2], what: &str| {
            let row = |(seconds, when): (f64, &str)| Row {
                what: format!(
                    "{what} of a banner of {} campaigns{when}, {database}",
                    count(campaigns)
                ),
                measured: format!("{seconds:.2} s"),
                target: "≤ 2 s",
                ..Row::default()
            };
            seconds.into_iter().zip(["", ", back"]).map(row).collect::<Vec<_>>()
        };
        let name = [json!({ "name": "Changed" }), json!({ "name": "Banner 1" })];
        let rows = own(changes(&bams, campaigns, name, |it| it["name"].clone()).await, "change");
        table.extend(rows);
        let status = [json!({ "status": "paused" }), json!({ "status": "active" })];
        let rows =
            own(changes(&bams, campaigns, status, |it| it["banner_id"].clone()).await, "pausing");
        table.extend(rows);
        table.extend(spread_clicks::measure(&bams, campaigns, database).await);
        bams.kill();
        table.extend(bytes);
    }
    table
}

/// Starts three times, and goes on after the last one.
async fn of_a_start(bams: &Bams, campaigns: u32, database: &str) -> Vec<Row> {
    let attachments = count(campaigns * BANNERS);
    let (mut seconds, mut peak) = (Vec::new(), 0);
    for turn in 0..3 {
        if turn > 0 {
            bams.kill();
        }
        let begun = Instant::now();
        bams.start().await;
        seconds.push(begun.elapsed().as_secs_f64());
        peak = peak.max(peak_kib(bams.pid()).expect("a server"));
    }
    tokio::time::sleep(Duration::from_secs(3)).await;
    vec![
        Row {
            what: format!("start with {attachments} attachments, {database}"),
            measured: format!("{:.2} s", median(seconds.into_iter())),
            target: "≤ 3 s",
            ..Row::default()
        },
        Row {
            what: format!("memory with {attachments} attachments, {database}"),
            measured: format!("{} MiB", count(resident_kib(bams.pid()) / 1024)),
            beside: format!("at the peak: {} MiB", count(peak / 1024)),
            target: "≤ 300 MiB, ≤ 500 MiB at the peak",
            ..Row::default()
        },
    ]
}

/// Returns the seconds until each of two changes of banner 1, the best one of all campaigns, is seen in
/// the first and the last campaign.
async fn changes(
    bams: &Bams,
    campaigns: u32,
    changes: [Value; 2],
    seen: impl Fn(&Value) -> Value,
) -> [f64; 2] {
    let key = bams.key("editor");
    let first = async |campaign: u32| {
        let path = format!("/api/v1/serve/{campaign}?notrack=true&count=1");
        seen(&bams.get(&path).answer().await.expect(200)["banners"][0])
    };
    let mut seconds = [0.0; 2];
    for (change, seconds) in changes.iter().zip(&mut seconds) {
        let before = [first(1).await, first(campaigns).await];
        let begun = Instant::now();
        let sent = bams.request(reqwest::Method::PATCH, "/api/v1/banners/1").bearer_auth(&key);
        sent.json(change).answer().await.expect(200);
        for (campaign, before) in [1, campaigns].into_iter().zip(before) {
            while first(campaign).await == before {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        }
        *seconds = begun.elapsed().as_secs_f64();
    }
    seconds
}

/// Numbers in all quarters for the first banners of each campaign. Banner 1 is in all of them, and the
/// best.
pub(crate) async fn earn(store: &BySql, campaigns: u32) {
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
}
