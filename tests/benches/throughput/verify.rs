//! How long `bams verify` takes over ten million clicks and conversions, in how much memory, and how much
//! longer a node beside it takes to store an event.

use std::time::{Duration, Instant};

use bams_tests::{Ask, Bams};

use crate::by_sql::BySql;
use crate::options::Options;
use crate::peak_memory::{Watched, watch};
use crate::store::{BANNERS, CAMPAIGNS};
use crate::table::{Row, count, tell};

/// Slots of the day in which everything happened, 2026-06-30, and the first of them.
const SLOTS: u32 = 96;
const FIRST: u32 = 20_634 * SLOTS;

/// The clicks of each banner, campaign and slot; each twentieth leads to a conversion.
const CLICKS: u32 = 5;

/// How long events are stored without anything beside them.
const ALONE: Duration = Duration::from_secs(10);

pub(crate) async fn measure(options: &Options) -> Vec<Row> {
    if !options.verify {
        return Vec::new();
    }
    let mut table = Vec::new();
    for database in ["SQLite", "MariaDB"] {
        tell(&format!("verify, {database}: filling the store"));
        let bams = store(database).await;
        let verifying = Bams::builder().database(&bams.database()).prepare();
        let Watched { time, peak_mib } = watch(&verifying, ["verify"]);
        let clicks = CAMPAIGNS * BANNERS * SLOTS * CLICKS;
        table.push(Row {
            what: format!(
                "verify of {} clicks and conversions, {database}",
                count(clicks / 20 * 21)
            ),
            measured: format!("{:.1} s", time.as_secs_f64()),
            beside: format!("memory: {peak_mib:.0} MiB"),
            ratio: Some(time.as_secs_f64() / 60.0),
            target: "≤ 60 s, ≤ 300 MiB",
        });
        bams.start().await;
        let begun = Instant::now();
        let alone = slowest(&bams, || begun.elapsed() > ALONE).await;
        let watching = tokio::task::spawn_blocking(move || watch(&verifying, ["verify"]));
        let beside = slowest(&bams, || watching.is_finished()).await;
        let time = watching.await.expect("a verify that ends").time;
        table.push(Row {
            what: format!("p99 of storing an impression beside verify, {database}"),
            measured: format!("{:.1} ms", beside * 1000.0),
            beside: format!(
                "alone: {:.1} ms; verify took {:.1} s",
                alone * 1000.0,
                time.as_secs_f64()
            ),
            ratio: Some(beside / alone),
            target: "",
        });
        bams.kill();
    }
    table
}

/// Lets a visitor see banners, one after the other, and returns the seconds in which 99 of 100 were
/// stored.
async fn slowest(bams: &Bams, is_over: impl Fn() -> bool) -> f64 {
    let mut times = Vec::new();
    while !is_over() {
        let decision = bams.get("/api/v1/serve/7?count=1").answer().await.expect(200);
        let url = decision["banners"][0]["impression_url"].as_str().expect("a link").to_owned();
        let begun = Instant::now();
        assert_eq!(bams.get(&url).answer().await.status, 200);
        times.push(begun.elapsed().as_secs_f64());
    }
    times.sort_by(f64::total_cmp);
    times[times.len() * 99 / 100]
}

/// A store in which each banner of each campaign was clicked in each slot of a day.
async fn store(database: &str) -> Bams {
    let store = BySql::empty(database).await;
    store.catalogue(CAMPAIGNS, BANNERS).await;
    for slot in 0..SLOTS {
        // As long as the id of a visitor's click, and in the order of time like those.
        let number = format!(
            "(100000000000 + {slot} * 1000000 + (k.n * {CAMPAIGNS} + c.n) * {BANNERS} + b.n)"
        );
        let id = format!("CONCAT('0197bbbb', {number}, '700080000000-', b.n)");
        let slot = FIRST + slot;
        let each = format!(
            "FROM numbers AS k CROSS JOIN numbers AS c CROSS JOIN numbers AS b WHERE k.n < {CLICKS} \
             AND c.n BETWEEN 1 AND {CAMPAIGNS} AND b.n BETWEEN 1 AND {BANNERS}"
        );
        let order = "ORDER BY k.n, c.n, b.n";
        for sql in [
            format!(
                "INSERT INTO clicks (id, campaign_id, banner_id, slot) \
                 SELECT {id}, c.n, b.n, {slot} {each} {order}"
            ),
            format!(
                "INSERT INTO campaign_conversions (id, campaign_id, banner_id, click_id, slot, \
                 revenue_micros, first_revenue_micros) \
                 SELECT {number}, c.n, b.n, {id}, {slot}, 1250000, 1250000 {each} \
                 AND (k.n + b.n) % 20 = 0 {order}"
            ),
            format!(
                "INSERT INTO performance SELECT c.n, b.n, {slot}, 0, COUNT(*), \
                 SUM(CASE WHEN (k.n + b.n) % 20 = 0 THEN 1 ELSE 0 END), \
                 SUM(CASE WHEN (k.n + b.n) % 20 = 0 THEN 1250000 ELSE 0 END) {each} \
                 GROUP BY c.n, b.n"
            ),
        ] {
            store.run(&sql).await;
        }
    }
    sum_up(&store).await;
    store.finish().await
}

/// Makes quarters and roll-ups of performance.
async fn sum_up(store: &BySql) {
    let sums = "SUM(impressions), SUM(clicks), SUM(conversions), SUM(revenue_micros)";
    let into = "INSERT INTO performance_roll_ups SELECT";
    for sql in [
        "INSERT INTO quarter_performance SELECT campaign_id, banner_id, slot % 4 + 1, SUM(clicks), \
         SUM(conversions), SUM(revenue_micros) FROM performance \
         GROUP BY campaign_id, banner_id, slot % 4 + 1"
            .to_owned(),
        format!(
            "{into} 5, campaign_id, banner_id, slot - slot % 96 + slot % 4, {sums} FROM performance \
             GROUP BY campaign_id, banner_id, slot - slot % 96 + slot % 4"
        ),
        format!(
            "{into} 4, campaign_id, banner_id, slot - slot % 96, {sums} FROM performance \
             GROUP BY campaign_id, banner_id, slot - slot % 96"
        ),
        format!(
            "{into} 3, campaign_id, 0, slot, {sums} FROM performance_roll_ups WHERE level = 5 \
             GROUP BY campaign_id, slot"
        ),
        format!("{into} 2, campaign_id, 0, slot, {sums} FROM performance GROUP BY campaign_id, slot"),
        format!(
            "{into} 1, 0, 0, slot, {sums} FROM performance_roll_ups WHERE level = 2 GROUP BY slot"
        ),
        format!(
            "UPDATE rolled_up SET slot = {}, hours_from = -9007199254740992",
            FIRST + SLOTS
        ),
    ] {
        store.run(&sql).await;
    }
}
