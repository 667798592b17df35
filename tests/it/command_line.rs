//! What the command line says, to people and to programs that read it.

use std::io::pipe;
use std::time::Duration;

use bams_tests::{Ask, Bams, eventually};
use serde_json::Value;

const SOON: Duration = Duration::from_secs(20);

#[tokio::test]
async fn a_reader_that_has_seen_enough_is_no_failure() {
    let bams = Bams::builder().prepare();
    for arguments in [&["openapi"][..], &["config"], &["man"], &["completions", "bash"]] {
        let (reader, writer) = pipe().unwrap();
        drop(reader);
        let output = bams.command(arguments).stdout(writer).output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success() && said.is_empty(), "{arguments:?}: {said}");
    }
}

#[tokio::test]
async fn shells_and_man_are_told_of_every_command() {
    let bams = Bams::builder().prepare();
    for shell in ["bash", "zsh", "fish"] {
        let script = bams.run(["completions", shell]).output;
        assert!(script.contains("restore") && script.contains("dry-run"), "{shell}: {script}");
    }
    let page = bams.run(["man"]).output;
    assert!(page.contains(".TH bams") && page.contains("import"), "{page}");
    let page = bams.run(["man", "import"]).output;
    assert!(page.contains(r"\-\-dry\-run"), "{page}");
    let unknown = bams.run(["man", "dance"]);
    assert!(unknown.code == 1 && unknown.errors.contains("`dance`"), "{}", unknown.errors);
}

#[tokio::test]
async fn the_configuration_says_where_each_setting_comes_from() {
    let bams = Bams::builder().set("log.filter", "warn").env("BAMS_SERVER_PORT", "80").prepare();
    let printed = bams.run(["--set", "server.port=81", "config"]).output;
    for line in [
        "filter = \"warn\" # BAMS__LOG__FILTER",
        "port = 81 # --set",
        "keep_slots = \"35days\" # default",
    ] {
        assert!(printed.lines().any(|it| it == line), "{line}: {printed}");
    }
    let migrated = bams.run(["migrate"]);
    assert!(migrated.errors.contains("BAMS_SERVER_PORT is no setting"), "{}", migrated.errors);
}

#[tokio::test]
async fn every_line_of_a_log_in_json_is_json_and_the_first_says_what_runs() {
    let lines = |text: &str| -> Vec<Value> {
        let line = |it: &str| serde_json::from_str(it).unwrap_or_else(|_| panic!("{it}"));
        text.lines().map(line).collect()
    };
    let builder = || Bams::builder().set("log.format", "JSON");
    let bams = builder().start().await;
    bams.get("/api/v1/serve/1").answer().await.problem(404);
    assert_eq!(bams.terminate(SOON).await, Some(0));
    let first = &lines(&bams.errors())[0];
    let folder = bams.folder().canonicalize().unwrap();
    let store = first["store"].as_str().unwrap();
    assert!(store.starts_with(&format!("sqlite://{}", folder.display())), "{first}");
    assert_eq!(first["redis"], "none");
    assert!(first["images"].as_str().unwrap().starts_with('/'), "{first}");
    assert!(first["address"].as_str().unwrap().starts_with("http://127.0.0.1:"), "{first}");
    assert!(first["version"].is_string());

    let refused = builder().set("database.url", "sqlite:///nowhere/bams.db").prepare();
    let refused = refused.run(["serve"]);
    let last = lines(&refused.errors).pop().unwrap();
    assert_eq!((refused.code, &last["level"]), (1, &Value::from("ERROR")));
    assert!(last["message"].as_str().unwrap().contains("/nowhere/bams.db"), "{last}");

    let file = bams.folder().join("bams.toml");
    std::fs::write(&file, "[log]\nformat = \"json\"\n").unwrap();
    let in_file = Bams::builder().env("BAMS_CONFIG", file.to_str().unwrap());
    for (builder, setting) in
        [(builder(), "server.prot"), (in_file, "server.prot"), (builder(), "log.filter")]
    {
        let refused = builder.set(setting, "=").prepare().run(["serve"]);
        let said = lines(&refused.errors);
        assert_eq!((refused.code, said.len()), (2, 1), "{said:?}");
        let message = said[0]["message"].as_str().unwrap();
        assert!(message.contains(&format!("`{setting}`")), "{message}");
    }
}

#[tokio::test]
async fn a_terminal_that_goes_away_ends_no_server() {
    let bams = Bams::builder().start().await;
    bams.signal("HUP");
    eventually(SOON, "the log says so", async || bams.errors().contains("SIGHUP")).await;
    bams.get("/healthz").answer().await.expect(200);
}
