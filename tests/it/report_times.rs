//! Reports in local time, by dates, and as spreadsheets have them.

use bams_tests::{Answer, Ask, Bams};
use sea_orm::ConnectionTrait;
use serde_json::Value;

/// Unix seconds of moments around the night of 2025-10-26, when Amsterdam's clocks go back at 01:00 UTC:
/// 21:45 and 22:00 UTC of the day before, 00:30, 01:30, 22:45 and 23:00 UTC.
const MOMENTS: [i64; 6] =
    [1_761_428_700, 1_761_429_600, 1_761_438_600, 1_761_442_200, 1_761_518_700, 1_761_519_600];

/// A click in each of those slots; the one at 00:30 earned 11.6.
async fn site() -> (Bams, String) {
    let bams = Bams::builder().start().await;
    let rows = MOMENTS.map(|it| {
        let earned = if it == MOMENTS[2] { "1, 11600000" } else { "0, 0" };
        format!("(1, 1, {}, 0, 1, {earned})", it / 900)
    });
    let connection = sea_orm::Database::connect(bams.database()).await.unwrap();
    let insert = format!("INSERT INTO performance VALUES {}", rows.join(", "));
    connection.execute_unprepared(&insert).await.unwrap();
    connection.close().await.unwrap();
    let key = bams.key("viewer");
    (bams, key)
}

async fn asked(bams: &Bams, key: &str, query: &str) -> Answer {
    bams.get(&format!("/api/v1/reports/performance?{query}")).bearer_auth(key).answer().await
}

fn clicks(report: &Value, dimension: &str) -> Vec<(String, u64)> {
    let rows = report["rows"].as_array().unwrap_or_else(|| panic!("{report}"));
    let text = |it: &Value| it[dimension].as_str().unwrap().to_owned();
    rows.iter().map(|it| (text(it), it["clicks"].as_u64().unwrap())).collect()
}

#[tokio::test]
async fn days_and_hours_are_those_of_the_time_zone() {
    let (bams, key) = site().await;
    let zone = "time_zone=Europe/Amsterdam";
    let days = asked(&bams, &key, &format!("group_by=day&{zone}")).await.expect(200);
    let expected = [("2025-10-25", 1), ("2025-10-26", 4), ("2025-10-27", 1)];
    assert_eq!(clicks(&days, "day"), expected.map(|(day, clicks)| (day.to_owned(), clicks)));
    assert_eq!(
        (&days["time_zone"], &days["days_in_utc_before"]),
        (&"Europe/Amsterdam".into(), &Value::Null)
    );

    let one_day = format!("from=2025-10-26&to=2025-10-26&compare=previous&{zone}");
    let hours = asked(&bams, &key, &format!("group_by=hour&{one_day}")).await.expect(200);
    let expected = [
        ("2025-10-26T00:00:00+02:00", 1),
        ("2025-10-26T02:00:00+02:00", 1),
        ("2025-10-26T02:00:00+01:00", 1),
        ("2025-10-26T23:00:00+01:00", 1),
    ];
    assert_eq!(clicks(&hours, "hour"), expected.map(|(hour, clicks)| (hour.to_owned(), clicks)));
    assert_eq!(hours["totals"]["clicks"], 4, "{hours}");
    assert_eq!(
        hours["totals"]["previous"]["clicks"], 1,
        "the day before has an hour less: {hours}"
    );

    let utc = asked(&bams, &key, "from=2025-10-26&to=2025-10-26&group_by=day").await.expect(200);
    assert_eq!(clicks(&utc, "day"), [("2025-10-26".to_owned(), 4)]);
    assert_eq!(utc["time_zone"], "UTC");
    let moment = "from=2025-10-26&to=2025-10-26T22:45:00Z";
    let until = asked(&bams, &key, moment).await.expect(200);
    assert_eq!(until["totals"]["clicks"], 2, "a moment is not included: {until}");
}

#[tokio::test]
async fn spreadsheets_get_money_and_a_mark() {
    let (bams, key) = site().await;
    let query = "group_by=hour&from=2025-10-26T00:00:00Z&to=2025-10-26T01:00:00Z\
                 &time_zone=Europe/Amsterdam&format=csv";
    let plain = asked(&bams, &key, query).await.text();
    assert!(plain.starts_with("hour,impressions,clicks,conversions,revenue_micros,"), "{plain}");
    assert!(plain.contains("\n2025-10-26T02:00:00+02:00,0,1,1,11600000,"), "{plain}");
    for page in ["", "&limit=5"] {
        let money = format!("{query}&money=decimal&bom=true{page}");
        let text = asked(&bams, &key, &money).await.text();
        let header = "\u{feff}hour,impressions,clicks,conversions,revenue,ctr,";
        assert!(text.starts_with(header), "{text}");
        assert!(text.contains(",rpm,epc,") && text.contains("+02:00,0,1,1,11.6,"), "{text}");
    }
}

#[tokio::test]
async fn what_makes_no_time_is_refused() {
    let (bams, key) = site().await;
    for (query, pointer, code) in [
        ("time_zone=Europe/Nowhere", "time_zone", "unknown_time_zone"),
        ("from=2025-02-30", "from", "invalid_value"),
        ("from=2025-10-27&to=2025-10-26", "to", "out_of_range"),
        ("money=decimal", "money", "csv_only"),
        ("bom=true&format=json", "bom", "csv_only"),
        ("money=gold&format=csv", "money", "unknown_value"),
    ] {
        let problem = asked(&bams, &key, query).await.problem(422);
        let error = &problem["errors"][0];
        assert_eq!((&error["pointer"], &error["code"]), (&pointer.into(), &code.into()), "{query}");
    }
}
