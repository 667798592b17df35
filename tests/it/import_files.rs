//! Files as programs and people write them, on both databases.

use std::time::Duration;

use bams_tests::{Ask, Bams, eventually};
use serde_json::{Value, json};

use crate::given::{both_databases, imported, totals};

async fn accepted(bams: &Bams, key: &str, name: &str, bytes: impl AsRef<[u8]>) -> Value {
    let stored = imported(bams, key, (name, bytes.as_ref()), &[]).await;
    assert_eq!(stored["state"], "completed", "{name}: {stored}");
    stored
}

fn codes(import: &Value) -> Vec<&str> {
    let notices = import["notices"].as_array().unwrap_or_else(|| panic!("{import}"));
    notices.iter().filter_map(|it| it["code"].as_str()).collect()
}

fn utf16(text: &str) -> Vec<u8> {
    let units = std::iter::once(0xFEFF).chain(text.encode_utf16());
    units.flat_map(u16::to_le_bytes).collect()
}

#[tokio::test]
async fn exports_of_spreadsheets_and_reports_are_read() {
    for database in both_databases() {
        let bams = database.start().await;
        let key = bams.key("editor");
        let german = "sep=;\r\nclick_id;banner_id;campaign_id\r\n1;101;1\r\n2;102;1\r\n";
        let stored = accepted(&bams, &key, "excel-german-clicks_1.csv", german).await;
        assert_eq!((&stored["accepted"], codes(&stored)), (&2.into(), vec![]));
        let report = "Click report\n\"June 1, 2026 - June 30, 2026\"\n\
                      click_id,banner_id,campaign_id,note\n3,101,1,\nTotal,,,\n";
        let stored = accepted(&bams, &key, "clicks_1.csv", report).await;
        let expected = ["title_left_out", "unknown_column", "totals_left_out"];
        assert_eq!((&stored["rows"], codes(&stored)), (&1.into(), expected.to_vec()), "{stored}");
        assert_eq!(stored["notices"][2]["line"], 5, "{stored}");
        let wide = utf16("click_id\tbanner_id\tcampaign_id\n4\t101\t1\n");
        accepted(&bams, &key, "clicks_1.csv", wide).await;
        let sales = "conversion_id;click_id;revenue\norder-4711;1;5,25\n1001;2.0;1.50000000\n";
        accepted(&bams, &key, "conversions_1.csv", sales).await;
        let expected = "impressions 0 clicks 4 conversions 2 revenue_micros 6750000";
        eventually(Duration::from_secs(5), expected, async || {
            totals(&bams, &key, 1, 1).await.trim() == expected
        })
        .await;
    }
}

#[tokio::test]
async fn a_campaign_made_by_hand_is_named() {
    for database in both_databases() {
        let bams = database.start().await;
        let key = bams.key("editor");
        let spring = json!({ "name": "Spring shoes" });
        let made = bams.post("/api/v1/campaigns").bearer_auth(&key).json(&spring).answer().await;
        let id = made.expect(201)["id"].clone();
        let text = format!("banner_id,campaign_id\n5,{id}\n5,77\n");
        let stored = accepted(&bams, &key, "impressions_1.csv", &text).await;
        let message = format!("joined campaign {id} Spring shoes");
        let joined = json!([{ "code": "joined_campaign", "message": message, "line": null }]);
        assert_eq!(stored["notices"], joined);
        // Campaign 77 came with the file, and nobody has to be told again.
        let more =
            accepted(&bams, &key, "impressions_1.csv", "banner_id,campaign_id\n6,77\n").await;
        assert_eq!(codes(&more), Vec::<&str>::new());
    }
}

#[tokio::test]
async fn what_is_no_csv_is_called_by_its_name() {
    let bams = Bams::builder().start().await;
    let key = bams.key("editor");
    for (bytes, word) in [
        (&b"PK\x03\x04 xl/workbook.xml"[..], "spreadsheet"),
        (b"<!doctype html>", "web page"),
        (b"{\"clicks\": []}", "JSON"),
    ] {
        let refused = imported(&bams, &key, ("clicks_1.csv", bytes), &[]).await;
        assert_eq!(refused["errors"][0]["code"], "not_csv", "{refused}");
        let message = refused["errors"][0]["message"].as_str().unwrap_or_default();
        assert!(message.contains(word), "{word}: {message}");
    }
}

#[tokio::test]
async fn images_bring_landing_pages_and_tags() {
    for database in both_databases() {
        let bams = database.start().await;
        let key = bams.key("editor");
        let read = async |id: u32| {
            let path = format!("/api/v1/banners/{id}");
            bams.get(&path).bearer_auth(&key).answer().await.expect(200)
        };
        let text = "url,landing_url,alt,tags\nimage_5.png,https://shop.example/?c={click_id},Shoes,\
                    \"summer,sale\"\nimage_6.png,,,\n";
        accepted(&bams, &key, "images.csv", text).await;
        let banner = read(5).await;
        assert_eq!(banner["landing_url"], "https://shop.example/?c={click_id}");
        assert_eq!(
            (&banner["alt"], &banner["tags"]),
            (&"Shoes".into(), &json!(["summer", "sale"]))
        );
        let changed = "url,landing_url\nimage_5.png,https://shop.example/new\n";
        accepted(&bams, &key, "images.csv", changed).await;
        let banner = read(5).await;
        assert_eq!(banner["landing_url"], "https://shop.example/new");
        assert_eq!(banner["alt"], "Shoes");
        let bad = "url,landing_url\nimage_7.png,javascript:alert(1)\n";
        let refused = imported(&bams, &key, ("images.csv", bad.as_bytes()), &[]).await;
        assert_eq!(refused["errors"][0]["code"], "bad_url", "{refused}");
    }
}

#[tokio::test]
async fn rows_count_when_they_say() {
    for database in both_databases() {
        let bams = database.start().await;
        let key = bams.key("editor");
        let text = "click_id,banner_id,campaign_id,occurred_at\n1,5,9,2026-06-01T10:07:00Z\n\
                    2,5,9,2026-06-01 12:31\n3,5,9,2026-06-02T00:00:00+02:00\n";
        let stored = accepted(&bams, &key, "clicks.csv", text).await;
        assert_eq!((&stored["accepted"], &stored["quarter"]), (&3.into(), &Value::Null));
        // Hours of old days are not kept, but their quarters are.
        let path = "/api/v1/reports/performance?group_by=day,quarter&sort=-clicks";
        let report = bams.get(path).bearer_auth(&key).answer().await.expect(200);
        let row = |it: &Value| json!([it["day"], it["quarter"], it["clicks"]]);
        let rows: Vec<_> = report["rows"].as_array().unwrap().iter().map(row).collect();
        assert_eq!(rows, [json!(["2026-06-01", 1, 2]), json!(["2026-06-01", 3, 1])], "{report}");
        // The same file changes nothing, whether a quarter is named or not.
        let again = text.lines().take(2).collect::<Vec<_>>().join("\n");
        let first = accepted(&bams, &key, "clicks.csv", &again).await;
        let named = imported(&bams, &key, ("clicks_1.csv", again.as_bytes()), &[]).await;
        assert_eq!(named["duplicate_of"], first["id"], "{named}");
    }
}

#[tokio::test]
async fn rejected_rows_keep_the_delimiter_and_the_decimal_comma() {
    let bams = Bams::builder().start().await;
    let key = bams.key("editor");
    let clicks = "click_id,banner_id,campaign_id\n1,5,9\n2,5,9\n";
    accepted(&bams, &key, "clicks_1.csv", clicks).await;
    let sales = "conversion_id;click_id;revenue\n1;1;12,50\n2;77;1,25\n3;1;2,5;more\n";
    let skip = [("on_error", "skip")];
    let stored = imported(&bams, &key, ("conversions_1.csv", sales.as_bytes()), &skip).await;
    assert_eq!((&stored["accepted"], &stored["rejected"]), (&1.into(), &2.into()), "{stored}");
    let path = format!("/api/v1/imports/{}/rejected", stored["id"]);
    let rejected = bams.get(&path).bearer_auth(&key).answer().await;
    let expected = [
        "conversion_id;click_id;revenue;line;column;code;message",
        "2;77;1,25;3;click_id;unknown_click;there is no click `77`",
        ";;;4;4;too_many_fields;the row has 4 fields, the header 3: 3,1,\"2,5\",more",
        "",
    ];
    let text = rejected
        .text()
        .replace("\"the row", "the row")
        .replace("\"\"2,5\"\",more\"", "\"2,5\",more");
    assert_eq!(text, expected.join("\r\n"));
    let mended = format!("{}\n2;2;1,25;;;;\n", expected[0]);
    let name = format!("conversions_{}_rejected_1.csv", stored["id"]);
    let stored = accepted(&bams, &key, &name, &mended).await;
    assert_eq!((&stored["accepted"], codes(&stored)), (&1.into(), vec![]), "{stored}");
    let expected = "impressions 0 clicks 2 conversions 2 revenue_micros 13750000";
    eventually(Duration::from_secs(5), expected, async || {
        totals(&bams, &key, 9, 1).await.trim() == expected
    })
    .await;
}
