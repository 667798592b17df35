//! Imports as jobs: taken at once, followed while they run, and ended in any case.

use std::io::Write;
use std::time::Duration;

use bams_tests::reqwest::Method;
use bams_tests::reqwest::multipart::Form;
use bams_tests::{Ask, Bams, Generated, MariaDb, eventually};
use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::Value;

use crate::given::{both_databases, ended, imported, node_of, totals, upload, upload_older};

const CLICKS: &str = "click_id,banner_id,campaign_id\n";
const SOON: Duration = Duration::from_secs(30);

fn packed(text: &str) -> Vec<u8> {
    let mut packer = GzEncoder::new(Vec::new(), Compression::default());
    packer.write_all(text.as_bytes()).unwrap();
    packer.finish().unwrap()
}

#[tokio::test]
async fn a_job_tells_how_far_it_has_come() {
    let text = Generated::new(1, 24, 900_000).csv("clicks", 1);
    for database in both_databases() {
        let bams = database.start().await;
        let key = bams.key("editor");
        let queued = upload(&bams, &key, ("clicks_1.csv", text.as_bytes()), &[]).await;
        let job = queued.expect(202);
        assert_eq!((&job["kind"], &job["quarter"]), (&"clicks".into(), &1.into()), "{job}");
        assert_eq!((&job["bytes"], &job["bytes_total"]), (&0.into(), &text.len().into()));
        assert_eq!((&job["sha256"], &job["finished_at"]), (&().into(), &().into()));

        let mut last = 0;
        eventually(Duration::from_mins(1), "it books rows", async || {
            let job = bams.get(queued.header("location")).bearer_auth(&key).answer().await;
            let job = job.expect(200);
            assert_ne!(job["state"], "completed", "it ran unseen: {job}");
            let rows = job["rows"].as_u64().unwrap();
            assert!(rows >= last, "{job}");
            last = rows;
            rows > 0 && job["phase"] == "booking" && job["bytes"].as_u64() > Some(0)
        })
        .await;
        let done = ended(&bams, &key, queued.header("location")).await;
        let rows = text.lines().count() - 1;
        assert_eq!((&done["state"], &done["accepted"]), (&"completed".into(), &rows.into()));
        assert_eq!((&done["bytes"], &done["phase"]), (&text.len().into(), &().into()), "{done}");
        assert_eq!((&done["failure"], &done["errors"]), (&().into(), &[(); 0].into()));
    }
}

#[tokio::test]
async fn what_is_wrong_with_a_request_is_said_at_once() {
    let bams = Bams::builder().set("imports.max_bytes", "1000").start().await;
    let key = bams.key("editor");
    let file = ("clicks_1.csv", CLICKS.as_bytes());
    let fields = [("kind", "x"), ("quarter", "5"), ("on_error", "x"), ("dry_run", "x")];
    let problem = upload(&bams, &key, file, &fields).await.problem(422);
    let errors = problem["errors"].as_array().unwrap();
    let pointers: Vec<_> = errors.iter().map(|it| it["pointer"].as_str().unwrap()).collect();
    assert_eq!(pointers, ["kind", "quarter", "on_error", "dry_run"], "{problem}");

    let problem = upload(&bams, &key, file, &[("colour", "red")]).await.problem(422);
    assert_eq!(problem["errors"][0]["code"], "unknown_field", "{problem}");
    let form = Form::new().text("kind", "clicks");
    let answer = bams.post("/api/v1/imports").bearer_auth(&key).multipart(form).answer().await;
    assert_eq!(answer.problem(422)["errors"][0]["pointer"], "file");
    let large = "1,2,3\n".repeat(1000);
    upload(&bams, &key, ("clicks_1.csv", large.as_bytes()), &[]).await.problem(413);
    upload(&bams, &key, ("x.csv", b"a,b\n1,2\n"), &[]).await.problem(422);
    let form = Form::new().text("kind", "clicks");
    let asked = bams.post("/api/v1/imports?dry_run=true").bearer_auth(&key).multipart(form);
    let problem = asked.answer().await.problem(422);
    assert_eq!(problem["errors"][0]["pointer"], "dry_run", "options are fields: {problem}");
    let plain = bams.post("/api/v1/imports").bearer_auth(&key).body("a,b").answer().await;
    assert!([400, 415].contains(&plain.status), "{}", plain.text());
    plain.problem(plain.status);
    let answer = bams.request(Method::DELETE, "/api/v1/imports/1").bearer_auth(&key).answer().await;
    answer.problem(405);
    bams.get("/api/v1/imports/1").bearer_auth(&key).answer().await.problem(404);
    bams.get("/api/v1/imports/1/rejected").bearer_auth(&key).answer().await.problem(404);
}

#[tokio::test]
async fn rejected_rows_can_be_downloaded_and_opened_in_a_spreadsheet() {
    for database in both_databases() {
        let bams = database.start().await;
        let (editor, viewer) = (bams.key("editor"), bams.key("viewer"));
        let text = format!("{CLICKS}1,5,9\n=1+1,5,9\n-3,5,9\n4,\"5, or 6\",9\n");
        let skip = [("on_error", "skip")];
        let stored = imported(&bams, &editor, ("clicks_1.csv", text.as_bytes()), &skip).await;
        assert_eq!((&stored["accepted"], &stored["rejected"]), (&1.into(), &3.into()), "{stored}");
        let path = format!("/api/v1/imports/{}/rejected", stored["id"]);
        bams.get(&path).bearer_auth(&viewer).answer().await.problem(403);
        let rejected = bams.get(&path).bearer_auth(&editor).answer().await;
        assert_eq!(rejected.header("content-type"), "text/csv; charset=utf-8");
        let name = format!("clicks_{}_rejected_1.csv", stored["id"]);
        assert!(rejected.header("content-disposition").contains(&name), "{name}");
        let expected = [
            "click_id,banner_id,campaign_id,line,column,code,message",
            "'=1+1,5,9,3,click_id,not_a_number,`=1+1` is not a whole number",
            "'-3,5,9,4,click_id,negative,`-3` is negative",
            "4,\"5, or 6\",9,5,banner_id,not_a_number,\"`5, or 6` is not a whole number\"",
            "",
        ];
        assert_eq!(rejected.text(), expected.join("\r\n"));

        let mended = rejected.text().replace("'=1+1", "2").replace("'-3", "3");
        let mended = mended.replace("\"5, or 6\",9,5", "6,9,5");
        let stored = imported(&bams, &editor, (&name, mended.as_bytes()), &[]).await;
        assert_eq!((&stored["accepted"], &stored["rejected"]), (&3.into(), &0.into()), "{stored}");
        assert_eq!((&stored["quarter"], &stored["notices"]), (&1.into(), &Value::Array(vec![])));
        bams.get(&path).answer().await.problem(401);
    }
}

#[tokio::test]
async fn packed_files_are_taken_within_bounds() {
    let text = Generated::new(2, 24, 6000).csv("clicks", 2);
    let bomb = packed(&format!("{CLICKS}{}", "\n".repeat(20_000_000)));
    let whole = packed(&text);
    let cut = &whole[..whole.len() / 2];
    for database in both_databases() {
        let bams = database.set("imports.max_unpacked_bytes", "1000000").start().await;
        let key = bams.key("editor");
        let stored = imported(&bams, &key, ("clicks_2.csv.gz", &whole), &[]).await;
        assert_eq!(stored["accepted"], text.lines().count() - 1, "{stored}");
        assert_eq!(stored["bytes_total"], whole.len());
        let plain = imported(&bams, &key, ("clicks_2.csv", text.as_bytes()), &[]).await;
        assert_eq!(plain["duplicate_of"], stored["id"], "{plain}");
        for (bytes, code) in [(&bomb[..], "unpacks_too_large"), (cut, "damaged")] {
            let failed = imported(&bams, &key, ("clicks_3.csv.gz", bytes), &[]).await;
            assert_eq!(
                (&failed["state"], &failed["failure"]["code"]),
                (&"failed".into(), &code.into())
            );
        }
        std::fs::write(bams.folder().join("clicks_4.csv.gz"), &whole).unwrap();
        assert_eq!(bams.run(["import", "clicks_4.csv.gz"]).code, 0);
        std::fs::write(bams.folder().join("clicks_3.csv.gz"), &bomb).unwrap();
        let refused = bams.run(["import", "clicks_3.csv.gz"]);
        assert_eq!(refused.code, 1, "{}", refused.output);
        assert!(refused.errors.contains("1000000"), "{}", refused.errors);
    }
}

#[tokio::test]
async fn a_full_queue_refuses_for_a_while() {
    let text = Generated::new(1, 24, 900_000).csv("clicks", 1);
    let bams = Bams::builder().set("imports.queue", "1").start().await;
    let key = bams.key("editor");
    let first = upload(&bams, &key, ("clicks_1.csv", text.as_bytes()), &[]).await;
    first.expect(202);
    let busy = upload(&bams, &key, ("clicks_2.csv", CLICKS.as_bytes()), &[]).await;
    assert_eq!(busy.problem(503)["code"], "imports_busy");
    assert!(!busy.header("retry-after").is_empty());
    ended(&bams, &key, first.header("location")).await;
    eventually(SOON, "there is room again", async || {
        let file = ("clicks_2.csv", CLICKS.as_bytes());
        upload(&bams, &key, file, &[]).await.status == 202
    })
    .await;
}

#[tokio::test]
async fn a_job_whose_node_was_killed_ends_as_interrupted() {
    let text = Generated::new(1, 24, 900_000).csv("clicks", 1);
    let server = MariaDb::shared().database();
    let survivor = node_of(&server).start().await;
    for (bams, restart) in
        [(Bams::builder().start().await, true), (node_of(&server).start().await, false)]
    {
        let key = bams.key("editor");
        let queued = upload(&bams, &key, ("clicks_1.csv", text.as_bytes()), &[]).await;
        queued.expect(202);
        bams.kill();
        if restart {
            bams.start().await;
        }
        let other = if restart { &bams } else { &survivor };
        let failed = ended(other, &key, queued.header("location")).await;
        assert_eq!(failed["failure"]["code"], "interrupted", "{failed}");
        assert!(failed["finished_at"].is_string(), "{failed}");
        let again = imported(other, &key, ("clicks_1.csv", text.as_bytes()), &[]).await;
        assert_eq!(again["accepted"], text.lines().count() - 1, "{again}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_stops_ends_its_jobs() {
    let text = Generated::new(1, 24, 900_000).csv("clicks", 1);
    for (database, patience) in both_databases().into_iter().zip(["10s", "1s"]) {
        let bams = database.set("server.shutdown_timeout", patience).start().await;
        let key = bams.key("editor");
        let file = ("clicks_1.csv", text.as_bytes());
        let one = upload(&bams, &key, file, &[]).await;
        let other = upload(&bams, &key, ("clicks_2.csv", text.as_bytes()), &[]).await;
        assert_eq!(bams.terminate(Duration::from_secs(15)).await, Some(0), "{}", bams.log());
        bams.start().await;
        let mut completed = 0;
        for job in [one, other] {
            let job = bams.get(job.header("location")).bearer_auth(&key).answer().await.expect(200);
            if job["state"] == "completed" {
                completed += 1;
            } else {
                assert_eq!(job["failure"]["code"], "interrupted", "{job}");
            }
        }
        let clicks = completed * (text.lines().count() - 1);
        let totals = totals(&bams, &key, 1, 1).await;
        assert!(totals.starts_with(&format!("impressions 0 clicks {clicks} ")), "{totals}");
    }
}

#[tokio::test]
async fn without_a_database_an_upload_is_refused_for_a_while() {
    let server = MariaDb::start();
    let bams = node_of(&server.database()).start().await;
    let key = bams.key("editor");
    let file = ("clicks_1.csv", CLICKS.as_bytes());
    imported(&bams, &key, file, &[]).await;
    server.kill();
    let refused = upload(&bams, &key, file, &[]).await;
    refused.problem(503);
    assert!(!refused.header("retry-after").is_empty());
    server.restart();
    eventually(SOON, "uploads are taken again", async || {
        upload(&bams, &key, file, &[]).await.status == 202
    })
    .await;
}

#[tokio::test]
async fn older_clients_are_answered_with_the_result() {
    for database in both_databases() {
        let bams = database.start().await;
        let key = bams.key("editor");
        let text = format!("{CLICKS}1,5,9\n");
        let file = ("anything.csv", text.as_bytes());
        let stored = upload_older(&bams, &key, file, "clicks_3").await.expect(201);
        assert_eq!((&stored["state"], &stored["accepted"]), (&"completed".into(), &1.into()));
        let again = upload_older(&bams, &key, file, "clicks_3").await.expect(200);
        assert_eq!(again["duplicate_of"], stored["id"]);
    }
}

#[tokio::test]
async fn imports_are_listed_page_by_page() {
    for database in both_databases() {
        let bams = database.start().await;
        let (key, viewer) = (bams.key("editor"), bams.key("viewer"));
        for number in 1..=5 {
            let text = format!(
                "{CLICKS}{},5,9\n",
                if number == 3 { "x".into() } else { number.to_string() }
            );
            imported(&bams, &key, ("clicks_1.csv", text.as_bytes()), &[]).await;
        }
        let list = async |path: &str| bams.get(path).bearer_auth(&viewer).answer().await;
        let mut seen = Vec::new();
        let mut path = "/api/v1/imports?kind=clicks&limit=2".to_owned();
        loop {
            let page = list(&path).await;
            let body = page.expect(200);
            let items = body["items"].as_array().unwrap();
            seen.extend(items.iter().map(|it| it["id"].as_i64().unwrap()));
            if body["next_cursor"].is_null() {
                assert_eq!(page.header("link"), "");
                break;
            }
            let link = page.header("link");
            path = link[1..link.find('>').unwrap()].to_owned();
            assert!(
                link.ends_with("rel=\"next\"")
                    && path.contains(body["next_cursor"].as_str().unwrap())
            );
        }
        assert_eq!(seen.len(), 5);
        assert!(seen.is_sorted_by(|one, next| one > next), "{seen:?}");
        let failed = list("/api/v1/imports?state=failed").await.expect(200);
        assert_eq!(failed["items"].as_array().map(Vec::len), Some(1), "{failed}");
        assert_eq!(failed["items"][0]["errors"][0]["line"], 2, "{failed}");
        let problem = list("/api/v1/imports?state=x&kind=x&limit=201&cursor=x").await.problem(422);
        assert_eq!(problem["errors"].as_array().map(Vec::len), Some(4), "{problem}");
    }
}
