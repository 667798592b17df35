//! Counts that somebody spoilt are written anew, while events keep coming in.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use bams_tests::{Ask, Bams, MariaDb, Outcome, eventually};
use serde_json::Value;
use tokio::task::JoinHandle;

use crate::given::{both_databases, decision, number, visitor};
use crate::person::Person;
use crate::shop::{IDLE, assert_balanced, counted, link, shop};

/// How soon nodes rank by what was mended.
const SOON: Duration = Duration::from_secs(30);

/// A campaign of the generated data that earns with many banners, and its rule.
const EARNING: u32 = 1;
const RULE: &str = "top_ten_by_revenue";

/// Follows links until it is told to end, and returns how many impressions and clicks were
/// acknowledged.
fn visits(bams: &Arc<Bams>, ended: &Arc<AtomicBool>) -> JoinHandle<u64> {
    let (bams, ended) = (Arc::clone(bams), Arc::clone(ended));
    tokio::spawn(async move {
        let mut acknowledged = 0;
        while !ended.load(Ordering::Relaxed) {
            let (seen, decision) = link(&bams, "impression_url").await;
            let click = decision["banners"][0]["click_url"].as_str().unwrap();
            assert_eq!(bams.get(&seen).answer().await.status, 200);
            assert_eq!(bams.get(click).answer().await.status, 302);
            acknowledged += 1;
        }
        acknowledged
    })
}

async fn rule(bams: &Bams) -> Value {
    decision(bams, EARNING, &visitor()).await["rule"].clone()
}

/// Asserts that a repair shows what `verify` does and changes nothing.
fn assert_only_shows(bams: &Bams) {
    let before = bams.run(["verify"]);
    let shown = bams.run(["repair"]);
    assert_eq!((shown.code, &shown.output), (1, &before.output), "{}", shown.errors);
    assert!(shown.errors.contains("bams repair --yes"), "{}", shown.errors);
    // Performance is wrong there, not the roll-ups that are compared with it.
    for said in [
        "campaign 77 banner 88 slot 1234563: performance says impressions 5 clicks 4 conversions 3 \
         revenue_micros 2, events and imports say impressions 0 clicks 0 conversions 0 revenue_micros 0",
        "campaign 1 banner ",
        ": quarter_performance says clicks 0",
        ", performance says clicks ",
    ] {
        assert!(shown.output.contains(said), "{said} in {}", shown.output);
    }
    assert!(!shown.output.contains(" 0 slot"), "{}", shown.output);
    assert_eq!(bams.run(["verify"]).output, before.output);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_somebody_spoilt_is_mended_while_events_come_in() {
    for builder in both_databases() {
        let bams = Arc::new(shop(builder).await);
        let viewer = bams.key("viewer");
        let admin = Person::new(&bams, "admin");
        assert_eq!(bams.run(["repair"]).code, 0);
        let before = counted(&bams, &viewer).await;
        bams.kill();
        bams.execute(&[
            "UPDATE performance SET clicks = clicks + 500 WHERE campaign_id = 2",
            "DELETE FROM performance WHERE campaign_id = 3",
            "INSERT INTO performance VALUES (77, 88, 1234563, 5, 4, 3, 2)",
            "UPDATE quarter_performance SET clicks = 0, conversions = 0 WHERE campaign_id = 1",
        ])
        .await;
        bams.start().await;
        assert_eq!(rule(&bams).await, "clicks_then_random");
        assert_only_shows(&bams);

        let ended = Arc::new(AtomicBool::new(false));
        let visits: Vec<_> = (0..4).map(|_| visits(&bams, &ended)).collect();
        let more = "UPDATE performance SET impressions = impressions + 900, clicks = clicks + 70 \
                    WHERE campaign_id = 4";
        bams.execute(&[more]).await;
        let repaired = bams.run(["repair", "--yes"]);
        assert_eq!(repaired.code, 0, "{}{}", repaired.output, repaired.errors);
        assert!(repaired.output.contains("campaign 77 banner 88 slot 1234563: "), "{repaired:?}");
        eventually(SOON, "decisions follow", async || rule(&bams).await == RULE).await;
        ended.store(true, Ordering::Relaxed);
        let mut acknowledged = 0;
        for visits in visits {
            acknowledged += visits.await.unwrap();
        }
        assert!(acknowledged > 0);
        assert_balanced(&bams);
        let [impressions, clicks, ..] = before;
        let after = counted(&bams, &viewer).await;
        assert_eq!(after[..2], [impressions + acknowledged, clicks + acknowledged]);
        assert_audited(&admin).await;
        let again = bams.run(["repair", "--yes"]);
        assert_eq!((again.code, again.output.as_str()), (0, ""), "{}", again.errors);
    }
}

/// Asserts that the audit log has what was changed, and from what to what.
async fn assert_audited(admin: &Person<'_>) {
    let entries = admin.get("/audit?subject_kind=performance&limit=200").await.expect(200);
    let entries = entries["items"].as_array().unwrap();
    let of = |campaign: &str| entries.iter().find(|it| it["subject_id"] == campaign);
    for campaign in ["1", "2", "3", "4", "77"] {
        let entry = of(campaign).unwrap_or_else(|| panic!("{campaign}: {entries:?}"));
        assert_eq!(
            (&entry["action"], &entry["actor_id"]),
            (&"repair".into(), &"command_line".into())
        );
    }
    let foreign = of("77").unwrap();
    let row = |state: &str| foreign[state]["rows"][0].clone();
    let numbers = |row: Value| {
        ["banner_id", "slot", "impressions", "revenue_micros"].map(|it| number(&row[it]))
    };
    assert_eq!(numbers(row("before")), [88, 1_234_563, 5, 2]);
    assert_eq!(numbers(row("after")), [88, 1_234_563, 0, 0]);
}

/// Lets a node of another version have been seen some time ago, by the database's clock.
async fn see_another_version(bams: &Bams, ago: Duration) {
    let now = if bams.database().starts_with("sqlite") {
        "CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER)"
    } else {
        "CAST(UNIX_TIMESTAMP(NOW(3)) * 1000 AS SIGNED)"
    };
    let seen = format!("{now} - {}", ago.as_millis());
    let node = format!("INSERT INTO nodes VALUES (1, '0.0.7', 'm20200101_01_campaigns', {seen})");
    bams.execute(&["DELETE FROM nodes WHERE id = 1", &node]).await;
}

fn repair(bams: &Bams, with: &[&str]) -> Outcome {
    bams.run([&["repair"], with].concat())
}

#[tokio::test]
async fn a_node_of_another_version_is_stopped_first() {
    for builder in both_databases() {
        let bams = shop(builder).await;
        let spoil =
            format!("UPDATE performance SET clicks = clicks + 1 WHERE campaign_id = {IDLE}");
        bams.execute(&[&spoil]).await;
        see_another_version(&bams, Duration::ZERO).await;
        let refused = repair(&bams, &["--yes"]);
        assert_eq!(refused.code, 1, "{}", refused.errors);
        assert!(
            refused.errors.contains("0.0.7") && refused.errors.contains("--force"),
            "{refused:?}"
        );
        assert_eq!(bams.run(["verify"]).code, 1);
        assert_eq!(repair(&bams, &["--yes", "--force"]).code, 0);
        assert_balanced(&bams);

        bams.execute(&[&spoil]).await;
        see_another_version(&bams, Duration::from_mins(1)).await;
        assert_eq!(repair(&bams, &["--yes"]).code, 0);
        assert_balanced(&bams);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn repairs_at_once_add_nothing_twice() {
    let bams = shop(Bams::builder().database(&MariaDb::shared().database())).await;
    let spoil = "UPDATE performance SET clicks = clicks + 9, impressions = impressions + 9";
    bams.execute(&[spoil]).await;
    let repairs: Vec<_> =
        (0..3).map(|_| bams.command(["repair", "--yes"]).spawn().unwrap()).collect();
    for mut repair in repairs {
        repair.wait().unwrap();
    }
    assert_eq!(repair(&bams, &["--yes"]).code, 0);
    assert_balanced(&bams);
}
