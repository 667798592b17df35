//! Whether a report over ten million events takes longer than over a hundred thousand.

use std::time::Instant;

use bams_tests::{Ask, Bams};

use crate::contender::median;
use crate::csv::{KINDS, Kind, records};
use crate::imports::empty;
use crate::options::Options;
use crate::table::{Row, count, tell};

/// Events of the smaller store.
const FEW: u32 = 100_000;

/// How often each report is asked for.
const TIMES: usize = 21;

/// What is asked for, and how the table calls it.
const REPORTS: [(&str, &str); 3] = [
    ("totals", ""),
    ("by campaign and quarter", "group_by=campaign,quarter&sort=-revenue"),
    ("by campaign and banner, a page by CTR", "group_by=campaign,banner&sort=-ctr"),
];

pub(crate) async fn measure(options: &Options) -> Vec<Row> {
    let many = if options.quick { 1_000_000 } else { 10_000_000 };
    let mut table = Vec::new();
    for database in ["SQLite", "MariaDB"] {
        tell(&format!("reports, {database}"));
        let (few, many_events) = (store(database, FEW).await, store(database, many).await);
        let rows = [few.rows().await, many_events.rows().await].map(count);
        table.push(Row::note(format!(
            "Reports read rows of performance, not events; {database} has {} for {} events and {} for \
             {}: one for each banner, campaign and slot that had any",
            rows[0],
            count(FEW),
            rows[1],
            count(many)
        )));
        for (name, query) in REPORTS {
            // By turns, so that noise meets both.
            let (mut short, mut long) = (Vec::new(), Vec::new());
            for _ in 0..TIMES {
                short.push(few.ask(query).await);
                long.push(many_events.ask(query).await);
            }
            let [short, long] = [short, long].map(|it| median(it.into_iter()));
            table.push(Row {
                what: format!("report {name}, {} events, {database}", count(many)),
                measured: format!("{:.1} ms", long * 1000.0),
                beside: format!("{} events: {:.1} ms", count(FEW), short * 1000.0),
                ratio: Some(long / short),
                target: "≤ 1.5",
            });
        }
    }
    table
}

struct Store {
    bams: Bams,
    key: String,
}

/// A server with so many events in four quarters, nine of ten of them impressions.
async fn store(database: &str, events: u32) -> Store {
    let (bams, _) = empty(database);
    let folder = bams.folder().join("data");
    for quarter in 1..=4 {
        for kind in KINDS {
            let of = events / 4 / 100;
            let rows = match kind {
                Kind::Impressions => 90 * of,
                Kind::Clicks => 9 * of,
                Kind::Conversions => of,
            };
            // Ids are unique across quarters, and conversions are of clicks that exist.
            let numbered = records(rows).map(|it| it.moved(u32::from(quarter) * events));
            let file = kind.write(&folder, quarter, numbered);
            let outcome = bams.run(["import".as_ref(), file.as_os_str()]);
            assert_eq!(outcome.code, 0, "{}{}", outcome.output, outcome.errors);
            std::fs::remove_file(file).expect("a file that was imported");
        }
    }
    let key = bams.key("viewer");
    bams.start().await;
    Store { bams, key }
}

impl Store {
    /// How many rows of performance the store has: all its slots are of one hour.
    async fn rows(&self) -> u32 {
        let path = "/api/v1/reports/performance?group_by=campaign,banner,quarter&format=csv";
        let answer = self.bams.get(path).bearer_auth(&self.key).answer().await;
        u32::try_from(answer.text().lines().count() - 1).expect("not that many")
    }

    /// Seconds until the whole report was there.
    async fn ask(&self, query: &str) -> f64 {
        let begun = Instant::now();
        let path = format!("/api/v1/reports/performance?{query}");
        let answer = self.bams.get(&path).bearer_auth(&self.key).answer().await;
        answer.expect(200);
        begun.elapsed().as_secs_f64()
    }
}
