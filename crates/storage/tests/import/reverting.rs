//! Imports that are taken out again.

use std::time::Duration;

use bams_domain::Slot;
use bams_storage::{
    Actor, Change, ImportOptions, ImportQueue, ImportReport, NoticeCode, RevertError, Reverted,
    condense, roll_up,
};
use bams_tests::eventually;

use crate::world::{NOW, World, clicks, conversions, counts, import, impressions};

const SOON: Duration = Duration::from_mins(3);

fn ada() -> Actor {
    Actor { id: "4f1d".to_owned(), name: "Ada".to_owned() }
}

impl World {
    pub(crate) async fn revert(&self, import: &ImportReport) -> Result<ImportReport, RevertError> {
        let id = import.id.expect("a number");
        let Reverted { report, removal } = self.imports.revert(id, &ada(), NOW).await?;
        if let Some(removal) = removal {
            removal.await.expect("a removal");
        }
        Ok(report)
    }

    /// What must be as before, when an import was reverted.
    async fn left(&self) -> Vec<String> {
        let mut left = Vec::new();
        for table in [
            "performance",
            "quarter_performance",
            "clicks",
            "campaign_conversions",
            "staged_imports",
            "staged_performance",
        ] {
            left.extend(self.rows(&format!("SELECT * FROM {table} ORDER BY 1, 2, 3")).await);
        }
        let sum = "SELECT COUNT(*) AS n, SUM(impressions) AS m FROM imported_impressions";
        left.push(self.rows(&format!("SELECT n FROM ({sum}) AS it")).await.join(""));
        left
    }
}

fn is_refused(reverted: Result<ImportReport, RevertError>, word: &str) {
    match reverted {
        Err(RevertError::Refused(reason)) => assert!(reason.contains(word), "{word}: {reason}"),
        other => panic!("{other:?} without {word}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn all_that_an_import_added_is_taken_out() {
    for world in World::each().await {
        world.import("impressions_1.csv", &impressions(0..500)).await;
        world.import("clicks_1.csv", &clicks(0..300)).await;
        world.import("conversions_1.csv", &conversions(0..200)).await;
        let before = world.left().await;
        // Accounts of their own and shared ones, in the same quarter and in another.
        let files = [
            ("impressions_1.csv", impressions(100..1200)),
            ("clicks_2.csv", clicks(300..1400)),
            ("conversions_3.csv", conversions(200..280)),
        ];
        for portion in [100, 10_000] {
            for (name, text) in &files {
                let imports = world.imports.clone().in_portions_of(portion);
                let stored = import(&imports, name, text, ImportOptions::default()).await.unwrap();
                assert_eq!(stored.rejected, 0, "{name}");
                world.assert_reconciled().await;
                if portion == 100 {
                    roll_up(&world.database, Slot::at(NOW / 1000 + 3600)).await.unwrap();
                }
                let reverted = world.revert(&stored).await.unwrap();
                assert_eq!(reverted.reverted_at_ms, Some(NOW));
                assert_eq!(reverted.reverted_by.as_deref(), Some("Ada"));
                assert_eq!(world.left().await, before, "{} {name}", world.name);
                world.assert_reconciled().await;

                // Its ids and its file are forgotten.
                let again = import(&imports, name, text, ImportOptions::default()).await.unwrap();
                assert_eq!(counts(&again), counts(&stored), "{} {name}", world.name);
                assert_eq!(again.duplicate_of, None);
                world.revert(&again).await.unwrap();
            }
        }
        let actions = "SELECT actor_name FROM audit_log WHERE action = 'revert'";
        assert_eq!(world.rows(actions).await, vec!["Ada"; 12]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_revert_changes_nothing() {
    for world in World::each().await {
        let stored = world.import("clicks_1.csv", &clicks(0..10)).await;
        let reverted = world.revert(&stored).await.unwrap();
        world.import("clicks_1.csv", &clicks(0..10)).await;
        let before = world.left().await;
        assert_eq!(world.revert(&stored).await.unwrap(), reverted);
        assert_eq!(world.left().await, before, "{}", world.name);
        let unknown = world.imports.revert(99, &ada(), NOW).await;
        assert!(matches!(unknown, Err(RevertError::Unknown)));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_others_build_on_is_not_taken_out() {
    for world in World::each().await {
        let of_clicks = world.import("clicks_1.csv", &clicks(0..10)).await;
        let of_sales = world.import("conversions_1.csv", &conversions(0..3)).await;
        let before = world.left().await;
        is_refused(world.revert(&of_clicks).await, "import 2");

        let mut change = Change::begin(&world.database, ada(), NOW).await.unwrap();
        let (campaign, _) = crate::world::place(0);
        let campaign = bams_domain::CampaignId(campaign.try_into().unwrap());
        let sold = change.conversion(campaign, "1000000").await.unwrap().expect("a conversion");
        change.retract_conversion(sold).await.unwrap();
        change.commit().await.unwrap();
        is_refused(world.revert(&of_sales).await, "retracted");

        let images = world.import("images.csv", "url\nimage_5.png\n").await;
        is_refused(world.revert(&images).await, "banners");
        let refused = world.import("clicks_2.csv", "click_id,banner_id,campaign_id\nx,1,1\n").await;
        is_refused(world.revert(&refused).await, "nothing");
        assert_ne!(world.left().await, before);
        world.assert_reconciled().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn sums_are_found_where_condensing_has_put_them() {
    for world in World::each().await {
        let before = world.left().await;
        let day = "click_id,banner_id,campaign_id,occurred_at\n1,5,9,2025-12-01T03:10:00Z\n\
                   2,5,9,2025-12-01T07:05:00Z\n3,5,9,2025-12-01T07:20:00Z\n";
        let late = day.replace("\n1,", "\n11,").replace("\n2,", "\n12,").replace("\n3,", "\n13,");
        let keep_from = Slot::at(1_766_000_000);
        for is_rolled_up in [false, true] {
            let stored = world.import("clicks.csv", day).await;
            assert_eq!(counts(&stored), [3, 3, 0, 0], "{}", world.name);
            if is_rolled_up {
                roll_up(&world.database, keep_from).await.unwrap();
            }
            condense(&world.database, keep_from).await.unwrap();
            // Another file comes to the same day afterwards, and stays.
            let other = world.import("clicks.csv", &late).await;
            world.revert(&stored).await.unwrap();
            world.assert_reconciled().await;
            assert_eq!(world.count("clicks").await, 3);
            world.revert(&other).await.unwrap();
            assert_eq!(world.left().await, before, "{}", world.name);
            world.assert_reconciled().await;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn later_imports_with_duplicates_may_come_in_again() {
    for world in World::each().await {
        let first = world.import("clicks_1.csv", &clicks(0..10)).await;
        let second = world.import("clicks_2.csv", &clicks(5..15)).await;
        assert_eq!(counts(&second), [10, 5, 5, 0]);
        let reverted = world.revert(&first).await.unwrap();
        let named: Vec<_> =
            reverted.notices.iter().filter(|it| it.code == NoticeCode::MayComeAgain).collect();
        assert_eq!(named.len(), 1);
        assert!(named[0].message.contains("import 2"), "{}", named[0].message);
        let again = world.import("clicks_2.csv", &clicks(5..15)).await;
        assert_eq!(counts(&again), [10, 5, 5, 0], "{}", world.name);
        assert_eq!((again.duplicate_of, world.count("clicks").await), (None, 10));
        world.assert_reconciled().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mended_import_is_reverted_after_its_mender() {
    let world = World::sqlite().await;
    let before = world.left().await;
    let text = "banner_id,campaign_id\n5,9\nx,9\n";
    let first = world.import_with("impressions_1.csv", text, crate::world::SKIP).await;
    let second = world.import("impressions_1.csv", &text.replace('x', "7")).await;
    is_refused(world.revert(&first).await, "import 2 mends");
    world.revert(&second).await.unwrap();
    world.revert(&first).await.unwrap();
    assert_eq!(world.left().await, before);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_revert_that_was_cut_off_is_taken_back_or_finished() {
    for world in World::each().await {
        let stored = world.import("clicks_1.csv", &clicks(0..700)).await;
        let (id, counted) = (stored.id.unwrap(), world.left().await);
        // Some sums are taken out, and the process is gone.
        let sums = format!(
            "INSERT INTO staged_performance SELECT {id}, 0, campaign_id, banner_id, slot, impressions, \
             clicks, conversions, revenue_micros FROM performance WHERE campaign_id = 1"
        );
        world.execute(&sums).await;
        world.execute("DELETE FROM performance WHERE campaign_id = 1").await;
        world.execute("DELETE FROM quarter_performance WHERE campaign_id = 1").await;
        world.execute(&format!("INSERT INTO staged_imports VALUES ({id}, NULL, 7, 3)")).await;
        world.assert_reconciled().await;
        let queue = ImportQueue::open(world.imports.clone(), 1, || ()).await.unwrap();
        let is_done = async || world.count("staged_imports").await == 0;
        eventually(SOON, "the sums are back", is_done).await;
        assert_eq!(world.left().await, counted, "{}", world.name);

        // Nothing of it counts any more, and the process is gone.
        let reverted = world.imports.revert(id, &ada(), NOW).await.unwrap();
        reverted.removal.expect("a removal").abort();
        world.assert_reconciled().await;
        eventually(SOON, "its rows are removed", is_done).await;
        assert_eq!((world.count("clicks").await, world.count("performance").await), (0, 0));
        world.assert_reconciled().await;
        queue.finish(SOON).await;
    }
}
