//! What tests begin with, and the questions they ask most.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::Path;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use bams_tests::reqwest::multipart::{Form, Part};
use bams_tests::{Answer, Ask, Bams, BamsBuilder, Generated, MariaDb, eventually};
use serde_json::Value;

/// A signing key that several nodes share.
const SIGNING_KEY: &str = "0123456789abcdef0123456789abcdef-for-tests-only";

/// An instance on each kind of database.
pub(crate) fn both_databases() -> [BamsBuilder; 2] {
    [Bams::builder(), Bams::builder().database(&MariaDb::shared().database())]
}

/// A running instance with generated data.
pub(crate) async fn site(builder: BamsBuilder, data: &Generated) -> Bams {
    let bams = builder.prepare();
    import(&bams, data);
    bams.start().await;
    bams
}

/// Two instances with one database and generated data.
pub(crate) async fn two_nodes(
    setup: impl Fn(BamsBuilder) -> BamsBuilder,
    data: &Generated,
) -> [Bams; 2] {
    let database = MariaDb::shared().database();
    let node = || setup(node_of(&database));
    [site(node(), data).await, node().start().await]
}

/// An instance that shares a database with others.
pub(crate) fn node_of(database: &str) -> BamsBuilder {
    Bams::builder().database(database).set("secrets.signing_key", SIGNING_KEY)
}

/// An instance with one banner, 5, in campaign 9.
pub(crate) async fn with_a_banner(builder: BamsBuilder) -> Bams {
    let bams = builder.prepare();
    let clicks = bams.folder().join("clicks_1.csv");
    std::fs::write(clicks, "click_id,banner_id,campaign_id\n1,5,9\n").unwrap();
    assert_eq!(bams.run(["import", "clicks_1.csv"]).code, 0);
    bams.start().await;
    bams
}

/// Imports generated data by the command line.
pub(crate) fn import(bams: &Bams, data: &Generated) {
    let folder = bams.folder().join("data");
    data.write(&folder);
    let outcome = bams.run([Path::new("import"), &folder]);
    assert_eq!(outcome.code, 0, "{}{}", outcome.output, outcome.errors);
}

/// Sends a file to be imported, with more fields of the form, and answers with what became of
/// it.
pub(crate) async fn imported(
    bams: &Bams,
    key: &str,
    file: (&str, &[u8]),
    fields: &[(&'static str, &'static str)],
) -> Value {
    let queued = upload(bams, key, file, fields).await;
    let job = queued.expect(202);
    assert_eq!(queued.header("location"), format!("/api/v1/imports/{}", job["id"]));
    ended(bams, key, queued.header("location")).await
}

/// Awaits the end of a job by its address.
pub(crate) async fn ended(bams: &Bams, key: &str, location: &str) -> Value {
    let ask = async || bams.get(location).bearer_auth(key).answer().await.expect(200);
    let states = |it: &Value| ["completed", "failed"].iter().any(|state| it["state"] == *state);
    eventually(Duration::from_mins(1), "the import ends", async || states(&ask().await)).await;
    ask().await
}

/// Sends a file to be imported, with more fields of the form.
pub(crate) async fn upload(
    bams: &Bams,
    key: &str,
    (name, bytes): (&str, &[u8]),
    fields: &[(&'static str, &'static str)],
) -> Answer {
    let mut form = Form::new();
    for (field, value) in fields {
        form = form.text(*field, *value);
    }
    let file = Part::bytes(bytes.to_vec()).file_name(name.to_owned());
    let form = form.part("file", file);
    bams.post("/api/v1/imports").bearer_auth(key).multipart(form).answer().await
}

/// Sends a file as clients of the older system do, and awaits its import.
pub(crate) async fn upload_older(
    bams: &Bams,
    key: &str,
    (name, bytes): (&str, &[u8]),
    table_name: &str,
) -> Answer {
    let file = Part::bytes(bytes.to_vec()).file_name(name.to_owned());
    let form = Form::new().text("table_name", table_name.to_owned()).part("file", file);
    bams.post("/upload/csv/api/").bearer_auth(key).multipart(form).answer().await
}

/// The cookie of a visitor nobody met before.
pub(crate) fn visitor() -> String {
    static NEXT: AtomicU32 = AtomicU32::new(1);
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    format!("unique_id=01234567-89ab-4cde-8f01-{number:012x}")
}

/// One decision for a visitor.
pub(crate) async fn decision(bams: &Bams, campaign: u32, visitor: &str) -> Value {
    let path = format!("/api/v1/serve/{campaign}");
    bams.get(&path).header("cookie", visitor).answer().await.expect(200)
}

/// The banners of a decision, in the order shown; asserts that none is there twice.
pub(crate) fn shown(decision: &Value) -> Vec<u64> {
    let banners = decision["banners"].as_array().unwrap_or_else(|| panic!("{decision}"));
    let ids: Vec<_> = banners.iter().map(|it| number(&it["banner_id"])).collect();
    assert_eq!(ids.iter().collect::<BTreeSet<_>>().len(), ids.len(), "a repeat: {decision}");
    ids
}

/// The ladder of a campaign in a quarter; `null` as long as the campaign is unknown.
pub(crate) async fn ranking(bams: &Bams, key: &str, campaign: u32, quarter: u8) -> Value {
    let path = format!("/api/v1/campaigns/{campaign}/ranking?quarter={quarter}");
    let answer = bams.get(&path).bearer_auth(key).answer().await;
    if answer.status == 404 { Value::Null } else { answer.expect(200) }
}

/// The sum of one count, such as `clicks`, over a campaign's ladder.
pub(crate) fn total(ranking: &Value, count: &str) -> u64 {
    let ladder = ranking["ladder"].as_array();
    ladder.map_or(0, |it| it.iter().map(|it| number(&it["performance"][count])).sum())
}

/// Everything a campaign's ladder counts in a quarter, as one line.
pub(crate) async fn totals(bams: &Bams, key: &str, campaign: u32, quarter: u8) -> String {
    let ranking = ranking(bams, key, campaign, quarter).await;
    let mut line = String::new();
    for count in ["impressions", "clicks", "conversions", "revenue_micros"] {
        let _ = write!(line, "{count} {} ", total(&ranking, count));
    }
    line
}

/// A JSON number that is not negative.
pub(crate) fn number(value: &Value) -> u64 {
    value.as_u64().unwrap_or_else(|| panic!("not a number: {value}"))
}
