//! Files that are refused, and what the refusal says, on both databases.

use bams_tests::{Ask, Bams, Generated, Outcome};
use serde_json::Value;

use crate::given::{both_databases, imported, totals, upload, upload_older};

/// A bad file with the line and the column of its fault; empty where no column is at
/// fault or it does not matter.
struct Bad {
    what: &'static str,
    file: &'static str,
    bytes: Vec<u8>,
    line: usize,
    column: &'static str,
}

fn bad(
    what: &'static str,
    (file, line, column): (&'static str, usize, &'static str),
    text: impl Into<Vec<u8>>,
) -> Bad {
    Bad { what, file, bytes: text.into(), line, column }
}

const CLICKS: &str = "click_id,banner_id,campaign_id\n";
const CONVERSIONS: &str = "conversion_id,click_id,revenue\n";

/// Everything that may be wrong with a file. Click 1 exists, click 99 does not.
fn bad_files() -> Vec<Bad> {
    let clicks = |line, column| ("clicks_1.csv", line, column);
    let conversions = |line, column| ("conversions_1.csv", line, column);
    let megabyte = "1".repeat(1_000_000);
    let utf16: Vec<u8> =
        format!("{CLICKS}10,5,9\n").encode_utf16().flat_map(u16::to_le_bytes).collect();
    let mut cut = Generated::new(1, 24, 60_000).csv("clicks", 1);
    assert!(cut.len() / 2 > 64 * 1024);
    cut.truncate(cut.len() / 2);
    let cut = cut.trim_end();
    let lines = cut.lines().count();

    vec![
        bad("wrong header", clicks(1, "click_id"), "click,banner_id,campaign_id\n10,5,9\n"),
        bad("text", clicks(3, "click_id"), format!("{CLICKS}10,5,9\nx11,5,9\n")),
        bad("a field is missing", clicks(2, ""), format!("{CLICKS}10,5\n")),
        bad("overflow", clicks(2, "click_id"), format!("{CLICKS}99999999999999999999,5,9\n")),
        bad("negative", conversions(2, "revenue"), format!("{CONVERSIONS}20,1,-0.5\n")),
        bad("seven decimals", conversions(2, "revenue"), format!("{CONVERSIONS}20,1,0.1234567\n")),
        bad("exponent", conversions(2, "revenue"), format!("{CONVERSIONS}20,1,1e309\n")),
        bad("unknown click", conversions(2, "click_id"), format!("{CONVERSIONS}20,99,0.5\n")),
        bad("unclosed quote", clicks(2, ""), format!("{CLICKS}10,\"5,9\n11,5,9\n12,5,9\n")),
        bad("huge field", clicks(2, "banner_id"), format!("{CLICKS}10,{megabyte},9\n")),
        bad("empty", clicks(1, ""), ""),
        bad("UTF-16 without a mark", ("clicks_1.csv", 1, ""), utf16),
        bad("spreadsheet", clicks(1, ""), "PK\u{3}\u{4} xl/workbook.xml"),
        bad("web page", clicks(1, ""), "<!doctype html><title>Sign in</title>"),
        bad(
            "another quarter",
            clicks(3, "quarter_hour"),
            "click_id,banner_id,campaign_id,quarter_hour\n10,5,9,1\n11,5,9,2\n",
        ),
        bad(
            "ahead",
            clicks(2, "occurred_at"),
            "click_id,banner_id,campaign_id,occurred_at\n10,5,9,2999-01-01\n",
        ),
        bad("NUL", clicks(2, "banner_id"), format!("{CLICKS}10,5\0,9\n")),
        bad("cut", clicks(lines, ""), cut),
    ]
}

/// A running instance with three clicks in campaign 9.
async fn with_three_clicks(database: bams_tests::BamsBuilder) -> Bams {
    let bams = database.prepare();
    let outcome = import(&bams, "clicks_1.csv", format!("{CLICKS}1,5,9\n2,5,9\n3,5,9\n"), &[]);
    assert_eq!(outcome.code, 0, "{}", outcome.errors);
    bams.start().await;
    bams
}

fn import(bams: &Bams, name: &str, bytes: impl AsRef<[u8]>, options: &[&str]) -> Outcome {
    std::fs::write(bams.folder().join(name), bytes).unwrap();
    bams.run([["import", name].as_slice(), options].concat())
}

/// Asserts that nothing is stored but what [`with_three_clicks`] did.
async fn nothing_changed(bams: &Bams, key: &str, what: &str) {
    let totals = totals(bams, key, 9, 1).await;
    assert_eq!(totals.trim(), "impressions 0 clicks 3 conversions 0 revenue_micros 0", "{what}");
    let ranking = bams.get("/api/v1/campaigns/9/ranking").bearer_auth(key).answer().await;
    let ranking = ranking.expect(200);
    assert_eq!(ranking["ladder"].as_array().map(Vec::len), Some(1), "{what}: {ranking}");
}

#[tokio::test]
async fn the_command_refuses_bad_files_with_line_and_column() {
    for database in both_databases() {
        let bams = with_three_clicks(database).await;
        let key = bams.key("viewer");
        for Bad { what, file, bytes, line, column } in bad_files() {
            let outcome = import(&bams, file, bytes, &[]);
            let said = format!("{}{}", outcome.output, outcome.errors);
            assert_eq!(outcome.code, 1, "{what}: {said}");
            assert!(said.contains(&line.to_string()), "{what} without line {line}: {said}");
            assert!(said.contains(column), "{what} without column {column}: {said}");
            assert!(said.len() < 100_000, "{what} says {} bytes", said.len());
            nothing_changed(&bams, &key, what).await;
        }
    }
}

#[tokio::test]
async fn an_upload_refuses_bad_files_with_line_and_column() {
    for database in both_databases() {
        let bams = with_three_clicks(database).await;
        let key = bams.key("editor");
        for Bad { what, file, bytes, line, column } in bad_files() {
            let failed = imported(&bams, &key, (file, &bytes), &[]).await;
            assert_eq!((&failed["state"], &failed["accepted"]), (&"failed".into(), &0.into()));
            assert_eq!(failed["failure"]["code"], "invalid_rows", "{what}: {failed}");
            let errors = failed["errors"].as_array().unwrap_or_else(|| panic!("{what}: {failed}"));
            let at =
                |it: &Value| it["line"] == line && (column.is_empty() || it["column"] == column);
            let found = errors.iter().any(at);
            assert!(found, "{what} not in line {line}, column {column}: {failed}");
            assert!(errors.iter().all(|it| it["code"].is_string() && it["message"].is_string()));
            assert!(failed["rejected"].as_u64() >= Some(1), "{what}: {failed}");
            nothing_changed(&bams, &key, what).await;
        }
    }
}

#[tokio::test]
async fn a_refusal_lists_the_first_hundred_faults_and_their_number() {
    let bams = with_three_clicks(Bams::builder()).await;
    let text = format!("{CLICKS}{}", "x,5,9\n".repeat(250));
    let key = bams.key("editor");
    let older = upload_older(&bams, &key, ("clicks_1.csv", text.as_bytes()), "clicks_1").await;
    let problem = older.problem(422);
    assert_eq!(problem["total_errors"], 250);
    let failed = imported(&bams, &key, ("clicks_1.csv", text.as_bytes()), &[]).await;
    assert_eq!(failed["rejected"], 250);
    for listed in [problem, failed] {
        let lines = listed["errors"].as_array().unwrap().iter().map(|it| it["line"].as_u64());
        assert!(lines.eq((2..102).map(Some)), "{listed}");
    }
}

#[tokio::test]
async fn good_rows_are_stored_when_asked_to_skip() {
    let text = format!("{CLICKS}10,5,9\nx,5,9\n12,5,9\n");
    for database in both_databases() {
        let bams = with_three_clicks(database).await;
        let key = bams.key("editor");
        let file = ("clicks_1.csv", text.as_bytes());
        let stored = imported(&bams, &key, file, &[("on_error", "skip")]).await;
        assert_eq!((&stored["rows"], &stored["accepted"]), (&3.into(), &2.into()), "{stored}");
        assert_eq!((&stored["rejected"], &stored["errors"][0]["line"]), (&1.into(), &3.into()));

        let other = format!("{CLICKS}x,5,9\n13,5,9\n");
        let outcome = import(&bams, "clicks_1.csv", other, &["--on-error", "skip"]);
        assert_eq!(outcome.code, 0, "{}", outcome.errors);
        bams.kill();
        bams.start().await;
        let totals = totals(&bams, &key, 9, 1).await;
        assert!(totals.starts_with("impressions 0 clicks 6 "), "{totals}");
    }
}

#[tokio::test]
async fn a_dry_run_stores_nothing() {
    let text = format!("{CLICKS}10,6,10\n11,6,10\n");
    for database in both_databases() {
        let bams = with_three_clicks(database).await;
        let key = bams.key("editor");
        let file = ("clicks_1.csv", text.as_bytes());
        let tried = imported(&bams, &key, file, &[("dry_run", "true")]).await;
        assert_eq!((&tried["accepted"], &tried["dry_run"]), (&2.into(), &true.into()), "{tried}");
        let outcome = import(&bams, "clicks_1.csv", &text, &["--dry-run"]);
        assert_eq!(outcome.code, 0, "{}", outcome.errors);
        nothing_changed(&bams, &key, "a dry run").await;
        // It is no reason to take the real import for a repeat.
        let real = imported(&bams, &key, file, &[]).await;
        assert_eq!((&real["accepted"], &real["duplicate_of"]), (&2.into(), &Value::Null));
    }
}

#[tokio::test]
async fn a_file_needs_a_kind_and_a_quarter() {
    let bams = with_three_clicks(Bams::builder()).await;
    let key = bams.key("editor");
    let text = format!("{CLICKS}10,5,9\n");
    for (name, fields) in
        [("clicks.csv", vec![]), ("clicks_7.csv", vec![]), ("clicks_1.csv", vec![("quarter", "5")])]
    {
        let answer = upload(&bams, &key, (name, text.as_bytes()), &fields).await;
        assert!([400, 422].contains(&answer.status), "{name}: {}", answer.text());
        answer.problem(answer.status);
    }
    let differs = [("quarter", "2")];
    let refused = upload(&bams, &key, ("clicks_1.csv", text.as_bytes()), &differs).await;
    assert_eq!(refused.problem(422)["errors"][0]["code"], "conflicting_quarter");
    let older = upload_older(&bams, &key, ("clicks_1.csv", text.as_bytes()), "clicks_2").await;
    older.problem(422);
    let outcome = import(&bams, "clicks_1.csv", &text, &["--quarter", "2"]);
    assert!(outcome.code == 1 && outcome.errors.contains("quarter 1 by its name"), "{outcome:?}");
    assert_ne!(import(&bams, "clicks.csv", &text, &[]).code, 0);
    assert_eq!(bams.run(["import"]).code, 2);
    assert_ne!(bams.run(["import", "no-such-file_1.csv"]).code, 0);
    nothing_changed(&bams, &key, "no quarter").await;
}
