//! Imports that are reverted, through HTTP and the command line, and killed at it.

use std::time::Duration;

use bams_tests::{Answer, Ask, Bams, Generated, eventually};
use sea_orm::{ConnectionTrait, Database, DatabaseConnection, Statement};
use serde_json::Value;

use crate::given::{both_databases, imported, number, totals};

const SOON: Duration = Duration::from_mins(1);
const CLICKS: &str = "click_id,banner_id,campaign_id\n1,5,9\n2,5,9\n3,6,9\n";

async fn revert(bams: &Bams, key: &str, import: &Value) -> Answer {
    let path = format!("/api/v1/imports/{}/revert", import["id"]);
    bams.post(&path).bearer_auth(key).answer().await
}

#[tokio::test]
async fn an_import_is_reverted_once_and_may_come_again() {
    for database in both_databases() {
        let bams = database.start().await;
        let (editor, viewer) = (bams.key("editor"), bams.key("viewer"));
        let clicks = imported(&bams, &editor, ("clicks_1.csv", CLICKS.as_bytes()), &[]).await;
        let sales = b"conversion_id,click_id,revenue\n1,1,2\n";
        let sold = imported(&bams, &editor, ("conversions_1.csv", sales), &[]).await;
        revert(&bams, &viewer, &clicks).await.problem(403);
        let refused = revert(&bams, &editor, &clicks).await.problem(409);
        assert_eq!(refused["code"], "not_revertible");
        assert!(refused["detail"].as_str().unwrap_or_default().contains("import 2"), "{refused}");

        for import in [&sold, &clicks] {
            let reverted = revert(&bams, &editor, import).await.expect(200);
            assert_eq!((&reverted["id"], &reverted["state"]), (&import["id"], &"completed".into()));
            assert!(reverted["reverted_at"].is_string() && reverted["reverted_by"].is_string());
            assert_eq!(revert(&bams, &editor, import).await.expect(200), reverted);
        }
        let nothing = "impressions 0 clicks 0 conversions 0 revenue_micros 0";
        eventually(SOON, nothing, async || totals(&bams, &viewer, 9, 1).await.trim() == nothing)
            .await;
        let again = imported(&bams, &editor, ("clicks_1.csv", CLICKS.as_bytes()), &[]).await;
        assert_eq!((&again["accepted"], &again["duplicate_of"]), (&3.into(), &Value::Null));
        revert(&bams, &editor, &serde_json::json!({ "id": 99 })).await.problem(404);

        let named = async |import: &Value| {
            let path = format!("/api/v1/imports/{}/revert", import["id"]);
            let request = bams.post(&path).header("idempotency-key", "revert 1");
            request.bearer_auth(&editor).answer().await
        };
        let first = named(&clicks).await;
        let repeated = named(&clicks).await;
        assert_eq!(repeated.expect(200), first.expect(200));
        assert!(first.headers.get("idempotency-replayed").is_none());
        assert_eq!(repeated.header("idempotency-replayed"), "true");
        assert_eq!(named(&again).await.problem(422)["code"], "idempotency_key_reused");
        let path = format!("/api/v1/imports/{}", again["id"]);
        let untouched = bams.get(&path).bearer_auth(&editor).answer().await.expect(200);
        assert_eq!(untouched["reverted_at"], Value::Null);

        let outcome = bams.run(["import", "--revert", &again["id"].to_string()]);
        assert_eq!(outcome.code, 0, "{}{}", outcome.output, outcome.errors);
        assert!(outcome.output.contains("3 clicks of clicks_1.csv"), "{}", outcome.output);
        assert_eq!(bams.run(["import", "--revert", "1", "clicks_1.csv"]).code, 2);
        assert_eq!(bams.run(["import", "--revert", "99"]).code, 1);
        let verified = bams.run(["verify"]);
        assert_eq!(verified.code, 0, "{}{}", verified.output, verified.errors);
    }
}

async fn ask(database: &DatabaseConnection, sql: &str) -> i64 {
    let query = Statement::from_string(database.get_database_backend(), sql);
    database.query_one_raw(query).await.unwrap().unwrap().try_get_by_index(0).unwrap()
}

#[tokio::test]
async fn a_revert_that_is_killed_happened_or_did_not() {
    let data = Generated::new(50, 400, 60_000);
    for database in both_databases() {
        let bams = database.start().await;
        let (key, looked) = (bams.key("viewer"), Database::connect(bams.database()).await.unwrap());
        let clicks = async || {
            // A connection that was idle may end at the moment at which it is used again.
            let report = bams.get("/api/v1/reports/performance").header("connection", "close");
            let report = report.bearer_auth(&key).answer().await;
            number(&report.expect(200)["totals"]["clicks"])
        };
        let file = data.write_file(bams.folder(), "clicks", 1);
        let rows = data.rows("clicks", 1) as u64;
        for when in [
            "SELECT COUNT(*) FROM staged_performance",
            "SELECT COUNT(*) FROM imports WHERE reverted_at IS NOT NULL",
        ] {
            let outcome = bams.run(["import".as_ref(), file.as_os_str()]);
            assert_eq!(outcome.code, 0, "{}{}", outcome.output, outcome.errors);
            let import = ask(&looked, "SELECT MAX(id) FROM imports").await;
            assert_eq!(clicks().await, rows);
            let running = bams.spawn(["import", "--revert", &import.to_string()]);
            while running.is_alive() && ask(&looked, when).await == 0 {}
            running.kill();
            let reverted =
                format!("SELECT COUNT(*) FROM imports WHERE reverted_at > 0 AND id = {import}");
            let is_reverted = ask(&looked, &reverted).await == 1;
            let expected = if is_reverted { 0 } else { rows };
            assert_eq!(clicks().await, expected, "{when}");
            let verified = bams.run(["verify"]);
            assert_eq!(verified.code, 0, "{when}: {}{}", verified.output, verified.errors);
            eventually(SOON, "the server goes on", async || {
                ask(&looked, "SELECT COUNT(*) FROM staged_imports").await == 0
            })
            .await;
            assert_eq!(clicks().await, expected, "{when}");
            let raw = ask(&looked, "SELECT COUNT(*) FROM clicks").await;
            assert_eq!(raw.unsigned_abs(), expected, "{when}");
            if !is_reverted {
                let outcome = bams.run(["import", "--revert", &import.to_string()]);
                assert_eq!(outcome.code, 0, "{}{}", outcome.output, outcome.errors);
            }
            assert_eq!(clicks().await, 0, "{when}");
            assert_eq!(bams.run(["verify"]).code, 0);
        }
    }
}
