//! Lines for a shell, pasted into one.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use bams_tests::reqwest::Method;
use bams_tests::{Ask, Bams, eventually, passes};
use serde_json::{Value, json};

use super::{ADDRESS, written};
use crate::given::{decision, number, visitor};
use crate::person::Person;
use crate::studio::png;

const SOON: Duration = Duration::from_secs(30);

/// Runs lines in the folder of a server and returns what they print. A line that fails ends them, and
/// so does a request that is refused.
pub(super) fn paste(bams: &Bams, lines: &str, given: &[(&str, &str)]) -> String {
    let programs = bams.folder().join("programs");
    if !programs.exists() {
        fs::create_dir(&programs).unwrap();
        let bams = bams.command(Vec::<&str>::new());
        symlink(bams.get_program(), programs.join("bams")).unwrap();
        let curl =
            "#!/bin/sh\nPATH=${PATH#*:}\nexec curl --no-progress-meter --fail-with-body \"$@\"\n";
        let file = programs.join("curl");
        fs::write(&file, curl).unwrap();
        fs::set_permissions(file, fs::Permissions::from_mode(0o755)).unwrap();
    }
    let lines = format!("PATH='{}':$PATH\n{lines}", programs.display());
    let mut shell = Command::new("sh");
    shell.args(["-eu", "-c", &lines]).current_dir(bams.folder());
    for (name, value) in bams.command(Vec::<&str>::new()).get_envs() {
        shell.env(name, value.unwrap_or_default());
    }
    // For the tests, but no setting.
    shell.env_remove("BAMS_BIN");
    shell.envs(given.iter().copied());
    passes(&mut shell)
}

/// Returns lines that ask a server.
fn asking(bams: &Bams, lines: &str) -> String {
    lines.replace(ADDRESS, &bams.url(""))
}

/// A server with what the page about managing makes.
async fn managed() -> Bams {
    let bams = Bams::builder().start().await;
    fs::write(bams.folder().join("banner.png"), png(300, 250)).unwrap();
    let [lines] = written("docs/managing.md", "sh").try_into().unwrap();
    let said = paste(&bams, &asking(&bams, &lines).replace("bams_…", &bams.key("admin")), &[]);
    let told: Vec<Value> =
        serde_json::Deserializer::from_str(&said).into_iter().map(Result::unwrap).collect();
    assert_eq!(told.len(), 5, "{said}");
    assert_eq!((&told[0]["id"], &told[1]["id"]), (&json!(1), &json!(1)));
    assert_eq!((&told[2]["width"], &told[4]["status"]), (&json!(300), &json!("paused")));
    let editor = Person::new(&bams, "editor");
    editor.patch("/campaigns/1", json!({ "status": "active" })).await.expect(200);
    eventually(SOON, "the campaign is served", async || {
        let answer = bams.get("/api/v1/serve/1?notrack=true").answer().await;
        answer.status == 200 && answer.json()["reason"].is_null()
    })
    .await;
    bams
}

#[tokio::test]
async fn a_campaign_is_made_asked_for_and_reported_as_the_pages_say() {
    let bams = managed().await;
    let [_, asked, _] = written("README.md", "sh").try_into().unwrap();
    let said = paste(&bams, &asking(&bams, &asked), &[]);
    assert!(said.contains("set-cookie: unique_id="), "{said}");
    let told: Value = serde_json::from_str(said.split("\r\n\r\n").nth(1).unwrap()).unwrap();
    let [shown] = written("README.md", "json").try_into().unwrap();
    assert_eq!(names(&told), names(&serde_json::from_str(&shown).unwrap()));

    let [several] = written("docs/embedding.md", "sh").try_into().unwrap();
    let told: Value = serde_json::from_str(&paste(&bams, &asking(&bams, &several), &[])).unwrap();
    assert_eq!(told["placements"]["top"]["banners"][0]["banner_id"], 1);
    assert_eq!(told["placements"]["side"]["reason"], "unknown_campaign");

    let [events, orders, postback, visitors] =
        written("docs/tracking.md", "sh").try_into().unwrap();
    let cookie = visitor();
    let decision = decision(&bams, 1, &cookie).await;
    let link = |name: &str| decision["banners"][0][name].as_str().unwrap().to_owned();
    let click = format!("{}-1", decision["decision_id"].as_str().unwrap().replace('-', ""));
    let with_click =
        |lines: &str| asking(&bams, lines).replace("019aba5f2f5e7c409d9c3f1de2a7a6d5-107", &click);
    let (ingest, key) = (bams.key("ingest"), bams.key("postback"));
    let (impression, clicked) = (link("impression_url"), link("click_url"));
    let given = [("KEY", &*ingest), ("IMPRESSION_URL", &impression), ("CLICK_URL", &clicked)];
    let said = paste(&bams, &with_click(&events), &given);
    assert!(said.contains(&format!("location: https://shop.example/?c={click}")), "{said}");
    assert!(said.ends_with(r#"{"conversion_id":"order-4711","status":"accepted"}"#), "{said}");
    let said = paste(&bams, &with_click(&postback), &[("POSTBACK_KEY", &key)]);
    assert!(said.contains(r#"{"conversion_id":"4711","status":"accepted"}"#), "{said}");
    paste(&bams, &asking(&bams, &orders), &given);
    let said = paste(&bams, &asking(&bams, &visitors), &[("ID", &cookie["unique_id=".len()..])]);
    assert!(said.contains("gambling"), "{said}");

    let [reports] = written("docs/reporting.md", "sh").try_into().unwrap();
    let said = paste(&bams, &asking(&bams, &reports), &[("KEY", &bams.key("viewer"))]);
    let mut told = serde_json::Deserializer::from_str(&said).into_iter::<Value>();
    let totals = told.next().unwrap().unwrap()["totals"].clone();
    assert_eq!(["impressions", "clicks", "conversions"].map(|it| number(&totals[it])), [1, 1, 1]);
    let files = fs::read_dir(bams.folder()).unwrap().map(|it| it.unwrap().path());
    let report: Vec<_> = files.filter(|it| it.extension().is_some_and(|it| it == "csv")).collect();
    assert!(fs::read_to_string(&report[0]).unwrap().contains(",Blue,"), "{report:?}");
}

/// Returns the names of the fields of a decision and of its banners.
fn names(decision: &Value) -> [Vec<&String>; 2] {
    [decision, &decision["banners"][0]].map(|it| it.as_object().unwrap().keys().collect())
}

#[tokio::test]
async fn files_come_in_and_out_as_their_page_says() {
    let bams = Bams::builder().start().await;
    let write = |name: &str, text: &str| {
        let file = bams.folder().join(name);
        fs::create_dir_all(file.parent().unwrap_or(Path::new("."))).unwrap();
        fs::write(file, text).unwrap();
    };
    for quarter in 1..=4 {
        let (folder, click) = (format!("data/{quarter}"), quarter * 10);
        let clicks = format!("click_id,banner_id,campaign_id\n{click},5,9\n");
        write(&format!("{folder}/impressions_{quarter}.csv"), "banner_id,campaign_id\n5,9\n");
        write(&format!("{folder}/clicks_{quarter}.csv"), &clicks);
    }
    let sales = "conversion_id,click_id,revenue\n1,10,2\n";
    write("data/1/conversions_1.csv", sales);
    write("clicks.csv", "click_id,banner_id,campaign_id\n1,5,9\n");
    write("clicks_2.csv", "click_id,banner_id,campaign_id\n2,5,9\n");
    let [lines] = written("docs/importing.md", "sh").try_into().unwrap();
    let said = paste(&bams, &asking(&bams, &lines), &[("KEY", &bams.key("editor"))]);
    assert!(said.contains("import 7 reverted"), "{said}");
    for file in ["copy/campaigns.csv", "copy/1/clicks_1.csv"] {
        assert!(bams.folder().join(file).exists(), "{file}");
    }
    let editor = Person::new(&bams, "editor");
    let first = editor.ask(Method::GET, "/imports/1").answer().await.expect(200);
    assert!(first["reverted_at"].is_string(), "{first}");
    assert_eq!(bams.run(["verify"]).code, 0);
}

#[tokio::test]
async fn a_store_is_copied_and_put_back_as_its_page_says() {
    let bams = managed().await;
    let [_, _, backup, of_mariadb] = written("docs/operating.md", "sh").try_into().unwrap();
    let here = bams.folder().display().to_string();
    let (copy, restore) = backup.split_once('\n').unwrap();
    paste(&bams, &copy.replace("/backups", &here), &[]);
    bams.terminate(SOON).await;
    let copied = fs::read_dir(bams.folder()).unwrap().map(|it| it.unwrap().path());
    let [copied] = copied
        .filter(|it| it.extension().is_some_and(|it| it == "tar"))
        .collect::<Vec<_>>()
        .try_into()
        .unwrap();
    let restore = restore.replace("/backups/bams-2026-11-27.tar", &copied.display().to_string());
    let forced = restore.replace(".tar", ".tar --force");
    paste(&bams, &forced, &[]);
    bams.start().await;
    bams.get("/api/v1/serve/1").answer().await.expect(200);
    let tool = of_mariadb.split(' ').next().unwrap();
    passes(Command::new(tool).arg("--version"));
}
