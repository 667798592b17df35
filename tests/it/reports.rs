//! Reports: JSON and CSV, paging, refusals, and who may read them.

use std::collections::BTreeSet;

use bams_tests::{Answer, Ask, Bams, Generated};
use serde_json::Value;

use crate::given::{both_databases, imported, number, site, total};

const REPORT: &str = "/api/v1/reports/performance";

async fn asked(bams: &Bams, key: &str, query: &str) -> Answer {
    bams.get(&format!("{REPORT}?{query}")).bearer_auth(key).answer().await
}

fn rows(report: &Value) -> &Vec<Value> {
    report["rows"].as_array().unwrap_or_else(|| panic!("{report}"))
}

#[tokio::test]
async fn a_report_adds_up_what_the_rankings_say() {
    let data = Generated::new(3, 12, 2000);
    for database in both_databases() {
        let bams = site(database, &data).await;
        let key = bams.key("viewer");
        let report =
            asked(&bams, &key, "group_by=campaign,quarter&sort=-revenue").await.expect(200);
        assert_eq!(rows(&report).len(), 12, "{report}");
        let mut sums = [0; 4];
        let counts = ["impressions", "clicks", "conversions", "revenue_micros"];
        for row in rows(&report) {
            let (campaign, quarter) = (number(&row["campaign_id"]), number(&row["quarter"]));
            let path = format!("/api/v1/campaigns/{campaign}/ranking?quarter={quarter}");
            let ranking = bams.get(&path).bearer_auth(&key).answer().await.expect(200);
            for (sum, name) in sums.iter_mut().zip(counts) {
                assert_eq!(number(&row[name]), total(&ranking, name), "{row}");
                *sum += number(&row[name]);
            }
            assert_eq!(row["campaign_name"], format!("Campaign {campaign}"));
            assert!(row.get("banner_id").is_none() && row.get("day").is_none(), "{row}");
        }
        for (sum, name) in sums.iter().zip(counts) {
            assert_eq!(number(&report["totals"][name]), *sum, "{report}");
        }
        let revenues: Vec<_> =
            rows(&report).iter().map(|it| number(&it["revenue_micros"])).collect();
        assert!(revenues.is_sorted_by(|one, other| one >= other), "{revenues:?}");

        let ctr = |it: &Value| it["ctr"].as_f64().unwrap();
        let totals = &report["totals"];
        #[expect(clippy::cast_precision_loss, reason = "small counts")]
        let expected = sums[1] as f64 / sums[0] as f64;
        assert!((ctr(totals) - expected).abs() < 1e-12, "{totals}");
        assert!(totals["ctr_low"].as_f64().unwrap() < ctr(totals));
        assert!(totals["ctr_high"].as_f64().unwrap() > ctr(totals));
        assert_eq!(number(&totals["rpm_micros"]), (sums[3] * 2000 / sums[0]).div_ceil(2));
        assert!(report["complete_up_to"].as_str().is_some_and(|it| it.ends_with('Z')), "{report}");

        let only = asked(&bams, &key, "").await.expect(200);
        assert_eq!((rows(&only).len(), &only["totals"]), (0, totals));
        let some = "group_by=banner&campaign_id=1,3&banner_id=101&banner_id=102&quarter=2";
        let some = asked(&bams, &key, some).await.expect(200);
        let ids: Vec<_> = rows(&some).iter().map(|it| number(&it["banner_id"])).collect();
        assert_eq!(ids, [101, 102], "{some}");
    }
}

#[tokio::test]
async fn pages_have_each_row_once_and_link_to_the_next() {
    let data = Generated::new(3, 12, 2000);
    for database in both_databases() {
        let bams = site(database, &data).await;
        let key = bams.key("viewer");
        let query = "group_by=campaign,banner,day,hour,quarter&sort=-ctr&limit=17";
        let (mut seen, mut next) = (Vec::new(), format!("{REPORT}?{query}"));
        loop {
            let answer = bams.get(&next).bearer_auth(&key).answer().await;
            let report = answer.expect(200);
            for row in rows(&report) {
                let key = ["campaign_id", "banner_id", "day", "hour", "quarter"];
                seen.push(key.map(|it| row[it].to_string()).join(" "));
            }
            let link = answer.header("link").to_owned();
            let Some(cursor) = report["next_cursor"].as_str() else {
                assert_eq!(link, "");
                break;
            };
            assert!(link.contains(cursor) && link.ends_with("; rel=\"next\""), "{link}");
            next = link[1..link.find('>').unwrap()].to_owned();
        }
        assert_eq!(seen.len(), 3 * 12 * 4);
        assert_eq!(seen.iter().collect::<BTreeSet<_>>().len(), seen.len());
    }
}

#[tokio::test]
async fn csv_has_every_row_and_no_formulas() {
    let images =
        "url,id,name\nimage_1.png,1,=1+1\nimage_2.png,2,\"a, \"\"b\"\"\"\nimage_3.png,3,@c\n";
    for database in both_databases() {
        let bams = database.start().await;
        let (editor, viewer) = (bams.key("editor"), bams.key("viewer"));
        imported(&bams, &editor, ("images.csv", images.as_bytes()), &[]).await;
        let shown = (1..=300).map(|it| format!("{it},1\n")).collect::<Vec<_>>().concat();
        let shown = format!("banner_id,campaign_id\n{shown}");
        imported(&bams, &editor, ("impressions_2.csv", shown.as_bytes()), &[]).await;

        let query = "group_by=banner&from=2026-01-01T00:00:00Z&format=csv";
        let answer = asked(&bams, &viewer, query).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        assert_eq!(answer.header("content-type"), "text/csv; charset=utf-8; header=present");
        let disposition = answer.header("content-disposition");
        let name = "attachment; filename=\"performance_2026-01-01T0000Z_";
        assert!(disposition.starts_with(name), "{disposition}");
        let text = answer.text();
        let lines: Vec<&str> = text.split_terminator("\r\n").collect();
        assert_eq!(lines.len(), 301, "{text}");
        assert!(lines[0].starts_with("banner_id,banner_name,impressions,clicks,"), "{}", lines[0]);
        assert!(lines[1].starts_with("1,'=1+1,1,0,0,0,0,0,"), "{}", lines[1]);
        assert!(lines[2].starts_with("2,\"a, \"\"b\"\"\",1,0,"), "{}", lines[2]);
        assert!(lines[3].starts_with("3,'@c,1,"), "{}", lines[3]);

        let accepting = bams.get(REPORT).header("accept", "text/csv").bearer_auth(&viewer);
        let totals = accepting.answer().await.text();
        assert_eq!(totals.lines().count(), 2, "{totals}");
        assert!(totals.contains("\r\n300,0,0,0,"), "{totals}");
        let page = asked(&bams, &viewer, "group_by=banner&format=csv&limit=2").await;
        assert_eq!(page.text().lines().count(), 3);
        assert!(page.header("link").contains("cursor="));
    }
}

#[tokio::test]
async fn a_period_is_compared_with_the_one_before() {
    let data = Generated::new(1, 12, 1000);
    let bams = site(Bams::builder(), &data).await;
    let key = bams.key("viewer");
    let day = asked(&bams, &key, "group_by=day").await.expect(200);
    let day = rows(&day)[0]["day"].as_str().unwrap().to_owned();
    let next_year = day[..4].parse::<u32>().unwrap() + 1;
    let period = |from: &str, to: &str| {
        format!("from={from}T00:00:00Z&to={to}T00:00:00Z&compare=previous&group_by=campaign")
    };
    // The data lies in the period before: in the year that ends where this one begins.
    let (from, to) = (format!("{next_year}-01-01"), format!("{}-01-01", next_year + 1));
    let later = asked(&bams, &key, &period(&from, &to)).await.expect(200);
    let row = &rows(&later)[0];
    assert_eq!((&row["impressions"], &row["previous"]["impressions"]), (&0.into(), &4000.into()));
    assert_eq!(later["totals"]["change"]["impressions"], -4000, "{later}");
    assert_eq!(row["previous"]["filtered"], row["filtered"], "{row}");
    assert!(row["change"]["ctr"].is_null(), "{row}");
}

#[tokio::test]
async fn everything_wrong_is_said_at_once() {
    let bams = Bams::builder().start().await;
    let key = bams.key("viewer");
    let query = "group_by=campaign,colour&campaign_id=x&from=2026-01-01T10:07:00Z&to=yesterday\
                 &sort=-day&limit=1000&cursor=%2F&format=pdf&compare=next&colour=red&quarter=5";
    let problem = asked(&bams, &key, query).await.problem(422);
    let errors = problem["errors"].as_array().unwrap();
    let found: BTreeSet<_> = errors
        .iter()
        .map(|it| (it["pointer"].as_str().unwrap(), it["code"].as_str().unwrap()))
        .collect();
    let expected = [
        ("campaign_id", "not_a_number"),
        ("colour", "unknown_parameter"),
        ("compare", "unknown_value"),
        ("cursor", "invalid_cursor"),
        ("format", "unknown_value"),
        ("from", "not_on_slot"),
        ("group_by", "unknown_value"),
        ("limit", "out_of_range"),
        ("quarter", "out_of_range"),
        ("sort", "not_grouped"),
        ("to", "invalid_value"),
    ];
    assert_eq!(found, BTreeSet::from(expected), "{problem}");
    for (query, code) in [
        ("from=2026-01-02T00:00:00Z&to=2026-01-01T00:00:00Z", "out_of_range"),
        ("compare=previous&from=2026-01-02T00:00:00Z", "period_open"),
        ("group_by=day,day", "duplicate"),
        ("sort=clicks&sort=ctr", "duplicate"),
    ] {
        let problem = asked(&bams, &key, query).await.problem(422);
        assert_eq!(problem["errors"][0]["code"], code, "{problem}");
    }
    // The same moment in another time zone, as it is and as a form writes it.
    for from in ["2026-01-01T10:15:00%2B02:00", "2026-01-01T10:15:00+02:00"] {
        asked(&bams, &key, &format!("from={from}")).await.expect(200);
    }
}

#[tokio::test]
async fn a_cursor_belongs_to_its_report() {
    let bams = site(Bams::builder(), &Generated::new(1, 12, 1000)).await;
    let key = bams.key("viewer");
    let page = asked(&bams, &key, "group_by=banner&limit=5").await.expect(200);
    let cursor = page["next_cursor"].as_str().unwrap();
    asked(&bams, &key, &format!("group_by=banner&limit=9&cursor={cursor}")).await.expect(200);
    for other in ["group_by=campaign", "group_by=banner&sort=-clicks", "group_by=banner&quarter=1"]
    {
        let problem = asked(&bams, &key, &format!("{other}&cursor={cursor}")).await.problem(422);
        assert_eq!(problem["errors"][0]["code"], "invalid_cursor", "{problem}");
    }
}

#[tokio::test]
async fn reports_need_a_key_that_may_read() {
    let bams = Bams::builder().start().await;
    bams.get(REPORT).answer().await.problem(401);
    asked(&bams, &bams.key("ingest"), "").await.problem(403);
    for role in ["viewer", "editor", "admin"] {
        asked(&bams, &bams.key(role), "").await.expect(200);
    }
}
