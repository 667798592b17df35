//! What operators and developers rely on.

use std::time::Duration;

use bams_tests::reqwest::multipart::{Form, Part};
use bams_tests::{Answer, Ask, Bams, Generated, MariaDb, Redis, eventually};
use serde_json::Value;

use crate::given::{node_of, site};

#[tokio::test]
async fn health_depends_on_nothing_and_readiness_names_each_dependency() {
    let (mariadb, redis) = (MariaDb::start(), Redis::start());
    let builder = node_of(&mariadb.database()).redis(&redis, &redis.key_prefix());
    let bams = site(builder, &Generated::new(1, 24, 1500)).await;
    bams.get("/healthz").answer().await.expect(200);
    let content = async || is_empty(&bams.get("/readyz").answer().await.json()["degraded"]);
    eventually(Duration::from_secs(30), "/readyz is content", content).await;

    redis.kill();
    eventually(Duration::from_secs(30), "/readyz says that Redis is away", async || {
        let answer = bams.get("/readyz").answer().await;
        answer.status == 200 && answer.json()["degraded"].to_string().contains("redis")
    })
    .await;
    redis.restart();
    mariadb.kill();
    eventually(Duration::from_secs(30), "/readyz says that the database is away", async || {
        let answer = bams.get("/readyz").answer().await;
        answer.status == 200 && answer.json()["degraded"].to_string().contains("database")
    })
    .await;
    bams.get("/healthz").answer().await.expect(200);
    mariadb.restart();
    eventually(Duration::from_secs(30), "/readyz is content again", content).await;
}

fn is_empty(degraded: &Value) -> bool {
    degraded.as_array().is_none_or(Vec::is_empty)
}

#[tokio::test]
async fn the_documentation_needs_no_other_site() {
    let bams = Bams::builder().start().await;
    let bare = bams.get("/docs").answer().await;
    assert!((301..=308).contains(&bare.status), "{}", bare.status);
    assert!(bare.header("location").ends_with("/docs/"), "{}", bare.header("location"));

    let page = bams.get("/docs/").answer().await;
    assert_eq!(page.status, 200);
    assert!(page.header("content-type").starts_with("text/html"));
    let html = page.text();
    let mut links = 0;
    for attribute in ["src=\"", "href=\""] {
        for link in html.split(attribute).skip(1) {
            let link = link.split('"').next().unwrap();
            assert!(!link.starts_with("http") && !link.starts_with("//"), "{link}");
            let path =
                if link.starts_with('/') { link.to_owned() } else { format!("/docs/{link}") };
            assert_eq!(bams.get(&path).answer().await.status, 200, "{path}");
            links += 1;
        }
    }
    assert!(links >= 3, "{html}");
    // Otherwise it asks a site of its makers to judge the document, unless it runs on this machine.
    let start = bams.get("/docs/swagger-initializer.js").answer().await.text();
    assert!(start.contains("\"validatorUrl\": \"none\""), "{start}");
}

#[tokio::test]
async fn the_document_is_the_committed_one() {
    let bams = Bams::builder().start().await;
    let committed = concat!(env!("CARGO_MANIFEST_DIR"), "/../openapi/bams.json");
    let committed: Value =
        serde_json::from_str(&std::fs::read_to_string(committed).unwrap()).unwrap();
    let served = bams.get("/openapi.json").answer().await.expect(200);
    assert_eq!(served["paths"], committed["paths"]);
    assert_eq!(served, committed);
    let printed: Value = serde_json::from_str(&bams.run(["openapi"]).output).unwrap();
    assert_eq!(printed, committed);
}

#[tokio::test]
async fn an_unknown_setting_stops_the_start_and_is_named() {
    let bams = Bams::builder().set("server.colour", "red").prepare();
    let serve = bams.spawn(["serve"]);
    let code = serve.await_end(Duration::from_secs(10));
    assert!(code.is_some_and(|it| it == 1 || it == 2), "{code:?}: {}", serve.log());
    assert!(serve.log().contains("colour"), "{}", serve.log());

    let file = bams.folder().join("bams.toml");
    std::fs::write(&file, "[server]\nsize = 7\n").unwrap();
    let bams = Bams::builder().env("BAMS_CONFIG", file.display().to_string()).prepare();
    let serve = bams.spawn(["serve"]);
    let code = serve.await_end(Duration::from_secs(10));
    assert!(code.is_some_and(|it| it != 0), "{code:?}: {}", serve.log());
    assert!(serve.log().contains("size"), "{}", serve.log());
}

#[tokio::test]
async fn the_configuration_is_printed_without_secrets() {
    let secret = "a-signing-key-that-nobody-may-ever-read-1234";
    let bams = Bams::builder().set("secrets.signing_key", secret).prepare();
    let printed = bams.run(["config"]);
    assert_eq!(printed.code, 0, "{}", printed.errors);
    assert!(printed.output.contains("history_ttl"), "{}", printed.output);
    assert!(!printed.output.contains(secret) && !printed.errors.contains(secret));
}

#[tokio::test]
async fn a_placeholder_is_no_secret() {
    let text = "change-me-change-me-change-me-change-me";
    let bams = Bams::builder().set("secrets.signing_key", text).prepare();
    let refused = bams.run(["serve"]);
    assert_eq!(refused.code, 2, "{}", refused.errors);
    assert!(refused.errors.contains("secrets.signing_key"), "{}", refused.errors);
    assert!(!refused.errors.contains(text), "{}", refused.errors);
    Bams::builder().set("secrets.signing_key", text).arg("--demo").start().await;
}

#[tokio::test]
async fn a_log_that_cannot_be_written_stops_nothing() {
    let bams = Bams::builder().unheard().set("log.filter", "debug").start().await;
    bams.get("/api/v1/serve/1").answer().await.problem(404);
    bams.get("/healthz").answer().await.expect(200);
    assert_eq!(bams.terminate(Duration::from_secs(10)).await, Some(0));
    assert_eq!(bams.errors(), "");
}

#[tokio::test]
async fn a_result_that_cannot_be_written_is_a_failure() {
    let bams = Bams::builder().prepare();
    assert_eq!(bams.run(["key", "list"]).output, "");
    let create = ["key", "create", "--name", "lost", "--role", "viewer"];
    for arguments in [&["openapi"][..], &["config"], &create] {
        let full = std::fs::File::create("/dev/full").unwrap();
        let status = bams.command(arguments).stdout(full).status().unwrap();
        assert_eq!(status.code(), Some(1), "{arguments:?}");
    }
    assert_eq!(bams.run(["key", "list"]).output, "", "a key that nobody saw");
}

#[tokio::test]
async fn all_files_are_imported_even_if_nobody_reads_what_became_of_them() {
    let bams = Bams::builder().prepare();
    let file = |name: &str, row: &str| {
        std::fs::write(bams.folder().join(name), format!("banner_id,campaign_id\n{row}\n"))
            .unwrap();
    };
    file("impressions_1.csv", "1,1");
    file("impressions_2.csv", "2,1");
    let import = ["import", "impressions_1.csv", "impressions_2.csv"];
    let full = std::fs::File::create("/dev/full").unwrap();
    let status = bams.command(import).stdout(full).status().unwrap();
    assert_eq!(status.code(), Some(1));
    let again = bams.run(import);
    assert_eq!(again.output.matches("unchanged").count(), 2, "{}", again.output);
}

#[tokio::test]
async fn a_filter_that_names_a_quiet_module_wins() {
    let lines = |filter: &str| {
        let bams = Bams::builder().set("log.filter", filter).prepare();
        bams.run(["migrate"]).errors.matches("sea_orm_migration").count()
    };
    assert_eq!(lines("info"), 0);
    assert!(lines("info,sea_orm_migration=info") > 0);
}

#[tokio::test]
async fn a_word_that_is_no_choice_is_told_the_choices() {
    let bams = Bams::builder().set("media.backend", "ftp").prepare();
    let refused = bams.run(["config"]);
    assert_eq!(refused.code, 2, "{}", refused.errors);
    for said in ["media.backend", "`ftp`", "local, s3"] {
        assert!(refused.errors.contains(said), "{}", refused.errors);
    }
}

#[tokio::test]
async fn a_bad_redis_url_or_filter_is_wrong_usage() {
    for (setting, bad) in [("redis.url", "http://127.0.0.1/"), ("log.filter", "bams=loud")] {
        let bams = Bams::builder().set(setting, bad).prepare();
        let refused = bams.run(["serve"]);
        assert_eq!(refused.code, 2, "{}", refused.errors);
        assert!(refused.errors.contains(setting), "{}", refused.errors);
        assert!(!bams.folder().join("bams.db").exists(), "{setting}");
    }
}

#[tokio::test]
async fn wrong_usage_has_a_code_of_its_own() {
    let bams = Bams::builder().prepare();
    assert_eq!(bams.run(["dance"]).code, 2);
    assert_eq!(bams.run(["key", "create", "--name", "n", "--role", "king"]).code, 2);
    let help = bams.run(["--help"]);
    assert_eq!(help.code, 0);
    for command in [
        "serve",
        "import",
        "migrate",
        "key",
        "openapi",
        "verify",
        "repair",
        "backup",
        "restore",
        "config",
        "completions",
        "man",
    ] {
        assert!(help.output.contains(command), "{}", help.output);
    }
}

#[tokio::test]
async fn a_key_opens_what_its_role_may() {
    let bams = site(Bams::builder(), &Generated::new(1, 24, 1500)).await;
    let (viewer, editor, ingest) = (bams.key("viewer"), bams.key("editor"), bams.key("ingest"));
    let ranking = "/api/v1/campaigns/1/ranking";
    let none = bams.get(ranking).answer().await;
    none.problem(401);
    assert!(none.header("www-authenticate").starts_with("Bearer"));
    for junk in ["bams_1_x", "x", "", &viewer[..viewer.len() - 1]] {
        bams.get(ranking).bearer_auth(junk).answer().await.problem(401);
    }
    bams.get(ranking).bearer_auth(&viewer).answer().await.expect(200);
    bams.get(ranking).bearer_auth(&editor).answer().await.expect(200);
    bams.get(ranking).bearer_auth(&ingest).answer().await.problem(403);

    let upload = async |key: &str| -> Answer {
        let file = Part::bytes(b"banner_id,campaign_id\n7,1\n".as_slice());
        let form = Form::new().part("file", file.file_name("impressions_1.csv"));
        bams.post("/api/v1/imports").bearer_auth(key).multipart(form).answer().await
    };
    upload(&viewer).await.problem(403);
    let created = upload(&editor).await;
    assert_eq!(created.expect(202)["state"], "queued");
    assert!(created.header("location").contains("/api/v1/imports/"));

    let id = editor.split('_').nth(1).unwrap();
    assert_eq!(bams.run(["key", "revoke", id]).code, 0);
    bams.get(ranking).bearer_auth(&editor).answer().await.problem(401);
    let listed = bams.run(["key", "list"]);
    assert!(listed.output.contains(id) && !listed.output.contains(&editor), "{}", listed.output);
}

#[tokio::test]
async fn the_books_balance() {
    let bams = site(Bams::builder(), &Generated::new(4, 24, 3000)).await;
    let outcome = bams.run(["verify"]);
    assert_eq!(outcome.code, 0, "{}{}", outcome.output, outcome.errors);
}
