//! Reports over weeks in which every banner was active all the time.

use std::time::Instant;

use bams_tests::{Ask, Bams};
use reqwest::RequestBuilder;

use crate::by_sql::{BySql, check};
use crate::contender::median;
use crate::options::Options;
use crate::store::{BANNERS, CAMPAIGNS};
use crate::table::{Row, count, tell};
use bams_tests::process::resident_kib;

/// Slots of a day.
const DAY: u32 = 96;

/// The last day, 2026-06-30, as the days since 1970. The store ends with it.
const LAST: u32 = 20_634;

/// The pages of the dashboard that tell of a period.
const PAGES_OF_A_PERIOD: [&str; 6] =
    ["", "campaigns", "campaigns/7", "campaigns/7/report", "banners", "banners/7"];

/// Its other pages.
const PAGES: [&str; 6] = [
    "campaigns/7/edit",
    "campaigns/7/banners",
    "preview?campaign=7",
    "preview?campaign=7&quarter=2",
    "imports",
    "settings",
];

/// How often each report is asked for.
const TIMES: usize = 5;

pub(crate) async fn measure(options: &Options) -> Vec<Row> {
    let Some(weeks) = options.weeks else { return Vec::new() };
    let mut table = Vec::new();
    for database in ["SQLite", "MariaDB"] {
        tell(&format!("weeks, {database}: filling the store"));
        let (bams, filled) = store(database, 7 * weeks).await;
        let rows = count(CAMPAIGNS * BANNERS * 7 * weeks * DAY);
        table.push(Row::note(format!(
            "{database} has {rows} rows of performance, {CAMPAIGNS} × {BANNERS} in each slot of \
             {} days, made in {filled:.0} s",
            7 * weeks
        )));
        bams.start().await;
        let key = bams.key("viewer");
        for (name, query, target) in reports(7 * weeks) {
            let path = format!("/api/v1/reports/performance?{query}");
            let asks = || bams.get(&path).bearer_auth(&key);
            table.push(row(&bams, asks, &format!("report {name}, {database}"), target).await);
        }
        let asks = || bams.get("/api/v1/campaigns/7/ranking?quarter=2").bearer_auth(&key);
        table.push(row(&bams, asks, &format!("ranking, {database}"), 0.15).await);
        let cookie = session(&bams).await;
        let period = period(7 * weeks);
        let of_a_period = PAGES_OF_A_PERIOD.map(|page| format!("{page}?{period}"));
        for page in of_a_period.iter().map(String::as_str).chain(PAGES) {
            let path = format!("/dashboard/{page}");
            let asks = || bams.get(&path).header("cookie", &cookie).header("accept", "text/html");
            table.push(row(&bams, asks, &format!("page {path}, {database}"), 0.15).await);
        }
        bams.kill();
    }
    table
}

/// Signs in as an admin, and returns the cookie.
async fn session(bams: &Bams) -> String {
    let form = bams.post("/dashboard/sign-in").header("sec-fetch-site", "same-origin");
    let signed_in = form.header("accept", "text/html").form(&[("key", bams.key("admin"))]);
    let signed_in = signed_in.answer().await;
    let token = signed_in.cookie("bams_session").expect("a session");
    format!("bams_session={token}")
}

/// The fields of a page's address for the last half of the store's days, which have as many before them.
fn period(days: u32) -> String {
    let [from, to] = [days / 2, 1].map(|day| date(LAST + 1 - day));
    format!("period=custom&from={from}&to={to}")
}

/// What is asked for: its name, its query and the seconds that it may take.
fn reports(days: u32) -> Vec<(&'static str, String, f64)> {
    let date = |day: u32| date(LAST + 1 - day);
    let all = format!("from={}&to={}", date(days), date(1));
    let half = format!("from={}&to={}&compare=previous", date(days / 2), date(1));
    let edges = format!("from={}T06:15:00Z&to={}T18:45:00Z", date(days), date(1));
    vec![
        ("totals", all.clone(), 0.1),
        ("totals, compared", half.clone(), 0.1),
        ("by campaign", format!("{all}&group_by=campaign&sort=-revenue"), 0.1),
        ("by campaign, compared", format!("{half}&group_by=campaign"), 0.1),
        ("by day", format!("{all}&group_by=day"), 0.1),
        ("by day, compared", format!("{half}&group_by=day"), 0.1),
        ("by day in Amsterdam", format!("{all}&group_by=day&time_zone=Europe/Amsterdam"), 0.1),
        ("by hour", format!("{all}&group_by=hour"), 0.1),
        ("by hour, compared", format!("{half}&group_by=hour"), 0.1),
        ("one campaign's banners", format!("{all}&campaign_id=7&group_by=banner&sort=-ctr"), 0.1),
        ("one banner by day", format!("{all}&banner_id=7&group_by=day"), 0.1),
        (
            "by campaign and banner, a page by CTR",
            format!("{all}&group_by=campaign,banner&sort=-ctr"),
            1.0,
        ),
        ("totals, edges within days", edges.clone(), 1.0),
        ("by campaign, edges within days", format!("{edges}&group_by=campaign"), 1.0),
        (
            "one campaign's banners, edges within days",
            format!("{edges}&campaign_id=7&group_by=banner"),
            1.0,
        ),
    ]
}

/// Measures one question, which should be answered in so many seconds.
async fn row(bams: &Bams, asks: impl Fn() -> RequestBuilder, what: &str, seconds: f64) -> Row {
    let mut times = Vec::new();
    for time in 0..=TIMES {
        let begun = Instant::now();
        let answer = asks().answer().await;
        assert_eq!(answer.status, 200, "{what}: {}", answer.text());
        // The first one warms up.
        if time > 0 {
            times.push(begun.elapsed().as_secs_f64());
        }
    }
    let time = median(times.into_iter());
    tell(&format!("{what}: {:.1} ms", time * 1000.0));
    Row {
        what: what.to_owned(),
        measured: format!("{:.1} ms", time * 1000.0),
        beside: format!(
            "target: {:.0} ms; {} MiB by then",
            seconds * 1000.0,
            count(resident_kib(bams.pid()) / 1024)
        ),
        ratio: Some(time / seconds),
        target: "≤ 1",
    }
}

/// A store in which each banner of each campaign has a row in each slot of some days, and the seconds
/// that it took to make. Roll-ups are made by SQL, too.
async fn store(database: &str, days: u32) -> (Bams, f64) {
    let begun = Instant::now();
    let store = BySql::empty(database).await;
    let slots = days * DAY;
    check(slots.max(BANNERS));
    let first = (LAST + 1) * DAY - slots;
    store.catalogue(CAMPAIGNS, BANNERS).await;
    // Rows do not come in its order, so it takes less to make it afterwards.
    let of_table = if database == "SQLite" { "" } else { " ON performance" };
    store.run(&format!("DROP INDEX performance_by_slot{of_table}")).await;
    let sums = "SUM(impressions), SUM(clicks), SUM(conversions), SUM(revenue_micros)";
    let into = "INSERT INTO performance_roll_ups SELECT";
    for campaign in 1..=CAMPAIGNS {
        store
            .run(&format!(
                "INSERT INTO performance SELECT {campaign}, b.n, {first} + s.n, \
                 3 + (b.n * 7 + s.n) % 5, (b.n + s.n) % 2, \
                 CASE WHEN (b.n + s.n) % 20 = 0 THEN 1 ELSE 0 END, \
                 CASE WHEN (b.n + s.n) % 20 = 0 THEN 1250000 ELSE 0 END \
                 FROM numbers AS b CROSS JOIN numbers AS s \
                 WHERE b.n BETWEEN 1 AND {BANNERS} AND s.n < {slots} ORDER BY b.n, s.n"
            ))
            .await;
        let quarter = "slot - slot % 96 + slot % 4";
        let of_level =
            format!("FROM performance_roll_ups WHERE level = 5 AND campaign_id = {campaign}");
        for sql in [
            format!(
                "{into} 5, campaign_id, banner_id, {quarter}, {sums} FROM performance \
                 WHERE campaign_id = {campaign} GROUP BY campaign_id, banner_id, {quarter}"
            ),
            format!(
                "{into} 4, campaign_id, banner_id, slot - slot % 96, {sums} {of_level} \
                 GROUP BY campaign_id, banner_id, slot - slot % 96"
            ),
            format!("{into} 3, campaign_id, 0, slot, {sums} {of_level} GROUP BY campaign_id, slot"),
            format!(
                "{into} 2, campaign_id, 0, slot, {sums} FROM performance \
                 WHERE campaign_id = {campaign} GROUP BY campaign_id, slot"
            ),
        ] {
            store.run(&sql).await;
        }
    }
    store
        .run(&format!(
            "{into} 1, 0, 0, slot, {sums} FROM performance_roll_ups WHERE level = 2 GROUP BY slot"
        ))
        .await;
    store
        .run(&format!(
            "UPDATE rolled_up SET slot = {}, hours_from = -9007199254740992",
            first + slots
        ))
        .await;
    store.run("CREATE INDEX performance_by_slot ON performance (slot)").await;
    (store.finish().await, begun.elapsed().as_secs_f64())
}

/// The date of a day since 1970, by the calendar's rules.
fn date(day: u32) -> String {
    let shifted = day + 719_468;
    let (era, of_era) = (shifted / 146_097, shifted % 146_097);
    let year = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * month + 2) / 5 + 1;
    let (month, later) = if month < 10 { (month + 3, 0) } else { (month - 9, 1) };
    format!("{:04}-{month:02}-{day:02}", year + era * 400 + later)
}
