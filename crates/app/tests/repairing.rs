//! Repairs without a command line, at a time of the test's choice.

use bams_app::repairing::{RepairingError, refuse_other_versions, repair};
use bams_domain::{CampaignId, Quarter};
use bams_storage::{Actor, Database, ranking};
use bams_tests::{MariaDb, patiently};

/// 2026-01-01T10:20:00Z.
const NOW: i64 = 1_767_262_800_000;

#[tokio::test]
async fn what_somebody_spoilt_is_found_and_mended_and_nothing_is_left() {
    let server = MariaDb::shared();
    let url = server.database();
    let database = patiently("connect", || Database::connect(&url, 4)).await;
    database.migrate().await.unwrap();
    let slot = NOW / 900_000;
    for statement in [
        "INSERT INTO campaigns (id, name, status, policy, tags, notes, created_at, updated_at) \
         VALUES (1, 'Spring', 'active', 'revenue_ladder', '[]', '', 0, 0)"
            .to_owned(),
        format!(
            "INSERT INTO performance (campaign_id, banner_id, slot, impressions, clicks, conversions, \
             revenue_micros) VALUES (1, 7, {slot}, 0, 5, 0, 0)"
        ),
    ] {
        server.sql(&url, &statement);
    }
    let by = Actor { id: "4f1d0a7be2c35968".to_owned(), name: "Ada".to_owned() };
    let mut found = 0;
    let repaired = repair(&database, &by, NOW, |_| found += 1).await.unwrap();
    assert!(repaired.mended > 0 && found > 0, "{repaired:?}");
    assert_eq!(repaired.left, 0);
    assert_eq!(server.sql(&url, "SELECT COALESCE(SUM(clicks), 0) FROM performance"), "0");
    let of_quarter =
        ranking(&database, CampaignId(1), Quarter::Second, |_, _| false).await.unwrap().unwrap();
    assert!(of_quarter.banners.iter().all(|banner| banner.performance.clicks == 0));
    assert_ne!(server.sql(&url, "SELECT COUNT(*) FROM audit_log"), "0");

    let again = repair(&database, &by, NOW, |_| panic!("nothing differs")).await.unwrap();
    assert_eq!((again.mended, again.left), (0, 0));
}

#[tokio::test]
async fn a_node_of_another_version_that_was_seen_lately_is_named() {
    let server = MariaDb::shared();
    let url = server.database();
    let database = patiently("connect", || Database::connect(&url, 4)).await;
    database.migrate().await.unwrap();
    refuse_other_versions(&database).await.unwrap();
    server.sql(
        &url,
        "INSERT INTO nodes (id, version, schema_step, seen_at) \
         VALUES (7, '0.0.1', 'm1', UNIX_TIMESTAMP() * 1000)",
    );
    let refused = refuse_other_versions(&database).await.unwrap_err();
    assert!(matches!(refused, RepairingError::OtherVersion(_)));
    assert!(refused.to_string().contains("0.0.1"), "{refused}");
}
