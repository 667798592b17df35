//! Databases that answer and take no writes, or take them in a way of their own.

use std::time::Duration;

use bams_tests::reqwest::Method;
use bams_tests::{Ask, Bams, MariaDb, Switch, eventually};
use serde_json::{Value, json};

use crate::given::{decision, node_of, visitor};
use crate::person::Person;
use crate::shop::{IDLE, assert_balanced, counted, link, shop};

/// How soon it is known that a database takes no writes, or takes them again.
const SOON: Duration = Duration::from_secs(15);

/// How soon a node leaves a server for the one that took its place.
const LEFT: Duration = Duration::from_secs(5);

async fn writes(bams: &Bams) -> Value {
    let readiness = bams.get("/readyz").answer().await.expect(200);
    readiness["dependencies"]["database_writes"].clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn readiness_names_a_database_that_takes_no_writes() {
    let mariadb = MariaDb::start();
    let bams = shop(node_of(&mariadb.database_of_its_user())).await;
    assert_eq!(writes(&bams).await, "up");
    mariadb.sql("", "SET GLOBAL read_only = 1");
    eventually(SOON, "it is known to be read-only", async || writes(&bams).await == "read_only")
        .await;
    let readiness = bams.get("/readyz").answer().await.expect(200);
    assert_eq!(readiness["degraded"], json!(["database_writes"]));
    decision(&bams, IDLE, &visitor()).await;
    mariadb.sql("", "SET GLOBAL read_only = 0");
    eventually(SOON, "it takes writes again", async || writes(&bams).await == "up").await;
}

/// Makes each row that is written to a table fail with an error of MySQL, until it is dropped.
fn failing(mariadb: &MariaDb, url: &str, table: &str, error: u16) {
    let signal = format!("SIGNAL SQLSTATE 'HY000' SET MYSQL_ERRNO = {error}, MESSAGE_TEXT = 'no'");
    let name = format!("fails_{table}");
    mariadb.sql(url, &format!("DROP TRIGGER IF EXISTS {name}"));
    let event = format!("BEFORE INSERT ON {table} FOR EACH ROW {signal}");
    mariadb.sql(url, &format!("CREATE TRIGGER {name} {event}"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_disk_or_a_table_that_is_full_is_named() {
    let mariadb = MariaDb::shared();
    let url = mariadb.database();
    let bams = shop(node_of(&url)).await;
    let editor = Person::new(&bams, "editor");
    for (error, state) in [(1114, "full"), (1205, "locked"), (1290, "read_only"), (1021, "full")] {
        failing(mariadb, &url, "nodes", error);
        eventually(SOON, state, async || writes(&bams).await == state).await;
        let readiness = bams.get("/readyz").answer().await.expect(200);
        assert_eq!(readiness["degraded"], json!(["database_writes"]));
    }
    failing(mariadb, &url, "campaigns", 1114);
    let refused = editor.post("/campaigns", json!({ "name": "Autumn" })).await.problem(507);
    assert_eq!(refused["code"], "storage_full");
    let (seen, _) = link(&bams, "impression_url").await;
    failing(mariadb, &url, "impressions", 1114);
    assert_eq!(bams.get(&seen).answer().await.status, 503);

    for table in ["nodes", "campaigns", "impressions"] {
        mariadb.sql(&url, &format!("DROP TRIGGER fails_{table}"));
    }
    eventually(SOON, "it takes writes again", async || writes(&bams).await == "up").await;
    assert_eq!(bams.get(&seen).answer().await.status, 200);
    editor.campaign("Autumn").await;
    assert_balanced(&bams);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_became_read_only_is_left_for_the_one_that_took_its_place() {
    let (before, after) = (MariaDb::start(), MariaDb::start());
    let switch = Switch::to(before.port()).await;
    let url = before.database_of_its_user();
    let through = url.replace(&format!(":{}/", before.port()), &format!(":{}/", switch.port()));
    let bams = shop(node_of(&through)).await;
    let viewer = bams.key("viewer");
    let editor = Person::new(&bams, "editor");
    editor.campaign("Spring").await;
    let (seen, _) = link(&bams, "impression_url").await;
    assert_eq!(bams.get(&seen).answer().await.status, 200);
    let counts = counted(&bams, &viewer).await;

    // As a planned switch-over does it: connections to the old primary stay open.
    before.copy(&url, &after);
    before.sql("", "SET GLOBAL read_only = 1");
    switch.turn_to(after.port());
    let (seen, _) = link(&bams, "impression_url").await;
    eventually(LEFT, "an event is stored at the new primary", async || {
        bams.get(&seen).answer().await.status == 200
    })
    .await;
    editor.campaign("Autumn").await;
    eventually(LEFT, "the new primary is read, too", async || {
        counted(&bams, &viewer).await[0] == counts[0] + 1
    })
    .await;
    let name = url.rsplit('/').next().unwrap();
    let campaigns = "SELECT COUNT(*) FROM campaigns WHERE name = 'Autumn'";
    assert_eq!(before.sql(name, campaigns), "0");
    assert_eq!(after.sql(name, campaigns), "1");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_went_back_is_followed() {
    let (before, after) = (MariaDb::start(), MariaDb::start());
    let switch = Switch::to(before.port()).await;
    let url = before.database_of_its_user();
    let at = |port: u16| url.replace(&format!(":{}/", before.port()), &format!(":{port}/"));
    let bams = shop(node_of(&at(switch.port()))).await;
    let editor = Person::new(&bams, "editor");
    editor.campaign("Kept").await;
    before.copy(&url, &after);
    let lost = editor.campaign("Lost").await;
    let served = format!("/api/v1/serve/{}", lost.rsplit('/').next().unwrap());
    eventually(SOON, "the new campaign is served", async || {
        bams.get(&served).answer().await.status == 200
    })
    .await;

    // The replica that took its place had not got the last change, and goes on from there: its next
    // change has the number of the one that is gone.
    before.kill();
    switch.turn_to(after.port());
    let other = node_of(&at(after.port())).start().await;
    let idle = format!("/campaigns/{IDLE}");
    let editor = Person::new(&other, "editor");
    let tag = editor.get(&idle).await.header("etag").to_owned();
    let pause = editor.ask(Method::PATCH, &idle).header("if-match", tag);
    pause.json(&json!({ "status": "paused" })).answer().await.expect(200);
    eventually(SOON, "the node knows what the replica knows", async || {
        decision(&bams, IDLE, &visitor()).await["reason"] == "campaign_paused"
            && bams.get(&served).answer().await.status == 404
    })
    .await;
    assert!(bams.log().contains("went back"), "{}", bams.log());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_defaults_of_a_server_change_nothing() {
    let mariadb = MariaDb::start();
    for defaults in [
        "sql_mode = 'ONLY_FULL_GROUP_BY,STRICT_TRANS_TABLES'",
        "sql_mode = 'ORACLE'",
        "autocommit = 0",
        "sql_big_selects = 0, max_join_size = 1",
        "sql_select_limit = 1",
        "time_zone = '+09:00'",
        "tx_isolation = 'SERIALIZABLE'",
    ] {
        mariadb.sql("", &format!("SET GLOBAL {defaults}"));
        let bams = shop(node_of(&mariadb.database())).await;
        let viewer = Person::new(&bams, "viewer");
        // A connection fails the second execution, so each has to have two.
        for _ in 0..20 {
            let report = viewer.get("/reports/performance?group_by=campaign,day").await;
            let report = report.expect(200);
            assert!(report["rows"].as_array().unwrap().len() > 1, "{defaults}: {report}");
        }
        assert_balanced(&bams);
        let undone: Vec<&str> = defaults.split(", ").collect();
        for default in undone {
            let name = default.split(' ').next().unwrap();
            mariadb.sql("", &format!("SET GLOBAL {name} = DEFAULT"));
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_that_meets_another_writer_is_made_again() {
    let mariadb = MariaDb::start();
    mariadb.sql("", "SET GLOBAL innodb_lock_wait_timeout = 1");
    let url = mariadb.database();
    let bams = shop(node_of(&url)).await;
    let editor = Person::new(&bams, "editor");
    let (name, holding) =
        (url.rsplit('/').next().unwrap(), "SELECT * FROM store_revision FOR UPDATE");
    let mut holder =
        mariadb.command(name, &format!("BEGIN; {holding}; DO SLEEP(2.5); COMMIT")).spawn().unwrap();
    let sleeping =
        "SELECT COUNT(*) FROM information_schema.processlist WHERE info LIKE 'DO SLEEP%'";
    eventually(SOON, "another writer holds the lock", async || mariadb.sql("", sleeping) != "0")
        .await;
    let created = editor.post("/campaigns", json!({ "name": "Patience" })).await;
    assert_eq!(created.expect(201)["name"], "Patience");
    holder.wait().unwrap();
}
