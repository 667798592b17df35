//! Another program holds the one writer of a SQLite file for a while.

use std::time::Duration;

use bams_tests::{Answer, Ask, Bams, eventually};
use sea_orm::{
    ConnectOptions, Database, DatabaseConnection, DatabaseTransaction, SqliteTransactionMode,
    TransactionOptions, TransactionTrait,
};
use serde_json::{Value, json};
use tokio::task::JoinSet;

use crate::given::{decision, visitor};
use crate::shop::{IDLE, assert_balanced, counted, led_to, shop};

/// How soon it is known that writes have to wait, or are taken again.
const SOON: Duration = Duration::from_secs(30);

/// How many clicks wait.
const CLICKS: usize = 24;

/// Takes the writer of an instance's store, as a copy or a long change by another program does.
pub(crate) async fn hold_writer(bams: &Bams) -> (DatabaseConnection, DatabaseTransaction) {
    let mut options = ConnectOptions::new(bams.database());
    options.max_connections(1);
    let connection = Database::connect(options).await.unwrap();
    let immediate = TransactionOptions {
        sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
        ..Default::default()
    };
    let held = connection.begin_with_options(immediate).await.unwrap();
    (connection, held)
}

async fn readiness(bams: &Bams) -> Value {
    bams.get("/readyz").answer().await.expect(200)
}

async fn banner(bams: &Bams) -> Value {
    decision(bams, IDLE, &visitor()).await["banners"][0].clone()
}

fn link(banner: &Value, kind: &str) -> String {
    banner[kind].as_str().unwrap().to_owned()
}

/// Follows the click of each banner, all at once, and asserts that all lead on.
async fn click_all(bams: &Bams, banners: &[Value]) {
    let mut clicking = JoinSet::new();
    for banner in banners {
        let request = bams.get(&link(banner, "click_url"));
        clicking.spawn(async move { request.answer().await });
    }
    for answer in clicking.join_all().await {
        led_to(&answer);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_waits_for_a_held_writer_is_stored_once_when_it_is_free() {
    let bams = shop(Bams::builder()).await;
    let (viewer, ingest) = (bams.key("viewer"), bams.key("ingest"));
    let sold = led_to(&bams.get(&link(&banner(&bams).await, "click_url")).answer().await).1;
    let seen = link(&banner(&bams).await, "impression_url");
    let sell = async || -> Answer {
        let sale = json!({"conversion_id": "order-1", "click_id": sold, "revenue": "2.5"});
        bams.post("/api/v1/conversions").bearer_auth(&ingest).json(&sale).answer().await
    };
    let mut banners = Vec::new();
    for _ in 0..CLICKS {
        banners.push(banner(&bams).await);
    }
    let before = counted(&bams, &viewer).await;

    let (connection, held) = hold_writer(&bams).await;
    click_all(&bams, &banners).await;
    let pixel = bams.get(&seen).answer().await;
    assert_eq!((pixel.status, pixel.header("content-type")), (503, "image/gif"));
    assert!(!pixel.header("retry-after").is_empty());
    let refused = sell().await;
    refused.problem(503);
    assert!(!refused.header("retry-after").is_empty());
    eventually(SOON, "it is known that writes wait", async || {
        readiness(&bams).await["dependencies"]["database_writes"] == "locked"
    })
    .await;
    assert_eq!(readiness(&bams).await["degraded"], json!(["database_writes"]));
    decision(&bams, IDLE, &visitor()).await;
    assert_eq!(counted(&bams, &viewer).await, before, "nothing is stored beside the other writer");

    held.rollback().await.unwrap();
    connection.close().await.unwrap();
    eventually(SOON, "events are taken again", async || {
        bams.get(&seen).answer().await.status == 200
    })
    .await;
    // Events are stored in their order: all that waited are there.
    let [impressions, clicks, conversions, micros] = before;
    let expected = [impressions + 1, clicks + CLICKS as u64, conversions + 1, micros + 2_500_000];
    assert_eq!(counted(&bams, &viewer).await, expected);
    for _ in 0..2 {
        click_all(&bams, &banners).await;
    }
    assert_eq!(sell().await.expect(200)["status"], "duplicate");
    assert_eq!(counted(&bams, &viewer).await, expected, "nothing counts twice");
    assert_balanced(&bams);
    eventually(SOON, "everything works again", async || {
        readiness(&bams).await["degraded"] == json!([])
    })
    .await;
}
