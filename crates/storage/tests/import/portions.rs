//! Large files are stored in portions, and count as a whole or not at all.

use std::time::Duration;

use bams_storage::{
    Database, ImportError, ImportOptions, ImportProgress, ImportReport, ImportState, Imports,
};
use bams_tests::eventually;
use tokio::task::JoinSet;

use crate::world::{
    NOW, SKIP, World, clicks, conversions, counts, errors, file, import, impressions,
};

const SOON: Duration = Duration::from_mins(1);

/// Another node, for which files with more than so many rows are large.
fn node(world: &World, rows: u64) -> Imports {
    world.another_node().in_portions_of(rows)
}

async fn stored(imports: &Imports, name: &str, text: &str) -> ImportReport {
    import(imports, name, text, ImportOptions::default()).await.expect("a report")
}

#[tokio::test]
async fn a_large_file_counts_like_a_small_one() {
    for (large, small) in World::each().await.iter().zip(&World::each().await) {
        let [portions, whole] = [node(large, 90), node(small, 1_000_000)];
        for (name, text) in [
            ("impressions_1.csv", impressions(0..3000)),
            ("clicks_1.csv", clicks([5, 5].into_iter().chain(0..1700).chain([5, 1699]))),
            ("clicks_2.csv", clicks((1500..1900).rev())),
            ("conversions_1.csv", conversions((0..600).chain(0..3))),
            ("impressions_1.csv", impressions(0..400)),
        ] {
            let one = stored(&portions, name, &text).await;
            let other = stored(&whole, name, &text).await;
            let same = ImportReport { finished_at_ms: other.finished_at_ms, ..one.clone() };
            assert_eq!(same, other, "{} {name}", large.name);
            let kept = large.imports.find(one.id.expect("a number")).await.expect("a record");
            assert_eq!(kept, Some(one));
            assert_eq!(stored(&portions, name, &text).await.duplicate_of, same.id);
        }
        assert_eq!(large.seen().await, small.seen().await, "{}", large.name);
        assert_eq!(large.performance().await, small.performance().await);
        for table in ["campaigns", "banners", "campaign_banners", "campaign_revisions"] {
            let sql = format!("SELECT * FROM {table}");
            assert_eq!(large.rows(&sql).await.len(), small.rows(&sql).await.len(), "{table}");
        }
        let audited = "SELECT actor_id, action, subject_id FROM audit_log ORDER BY id";
        assert_eq!(large.rows(audited).await, small.rows(audited).await);
        assert_eq!((large.count("imports").await, large.count("staged_imports").await), (5, 0));
        assert_eq!(large.count("staged_performance").await, 0);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn everybody_sees_all_of_a_file_or_nothing() {
    for world in World::each().await {
        stored(&world.imports, "clicks_4.csv", &clicks(50_000..50_010)).await;
        let all = [0, 8010, 0];
        let imports = node(&world, 100);
        let running =
            tokio::spawn(async move { stored(&imports, "clicks_1.csv", &clicks(0..8000)).await });
        let (mut hidden, mut seen) = (0, 0);
        while !running.is_finished() {
            let rows = world.count("clicks").await;
            match world.totals().await {
                [0, 10, 0] => hidden += u32::from(rows > 10),
                totals => {
                    assert_eq!(totals, all, "{}", world.name);
                    seen += 1;
                }
            }
        }
        running.await.expect("a report");
        assert!(hidden > 0, "{}: nothing was looked at meanwhile, {seen} after it", world.name);
        assert_eq!(world.totals().await, all);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn large_files_at_once_take_turns() {
    for world in World::each().await {
        let mut running = JoinSet::new();
        for part in 0..3 {
            let (same, other) = (node(&world, 150), node(&world, 150));
            running.spawn(
                async move { stored(&same, "clicks_1.csv", &clicks(100_000..101_000)).await },
            );
            let ids: Vec<u64> = (part * 500..part * 500 + 1000).collect();
            running.spawn(async move { stored(&other, "clicks_2.csv", &clicks(ids)).await });
        }
        let reports = running.join_all().await;
        assert!(reports.iter().all(|it| it.state == ImportState::Completed), "{}", world.name);
        let again = reports.iter().filter(|it| it.duplicate_of.is_some()).count();
        assert_eq!((again, world.count("imports").await), (2, 4));
        assert_eq!(world.totals().await, [0, 3000, 0]);
    }
}

#[tokio::test]
async fn a_refused_large_file_leaves_nothing_but_its_record() {
    for world in World::each().await {
        let imports = node(&world, 40);
        for (name, text, code) in [
            ("impressions_1.csv", impressions(0..200) + "x,1\n", "201 banner_id not_a_number"),
            ("clicks_1.csv", clicks(0..200) + "x,1,1\n", "202 click_id not_a_number"),
            ("conversions_1.csv", conversions(0..200), "2 click_id unknown_click"),
            ("clicks_2.csv", clicks(0..200) + "\"1,1,1\n", "202 click_id unclosed_quote"),
        ] {
            let report = stored(&imports, name, &text).await;
            assert_eq!(report.state, ImportState::Failed, "{} {name}", world.name);
            let first = errors(&report)[0].clone();
            assert_eq!(first.split(' ').nth(2), code.split(' ').nth(2), "{first}");
            assert_eq!(world.written().await, 0, "{} {name}", world.name);
            let kept = world.imports.find(report.id.expect("a number")).await.expect("a record");
            assert_eq!(kept, Some(report));
        }
        let text = clicks(0..200) + "x,1,1\n";
        let skipped = import(&imports, "clicks_1.csv", &text, SKIP).await.expect("a report");
        assert_eq!((skipped.state, counts(&skipped)), (ImportState::Completed, [201, 200, 0, 1]));
        assert_eq!(world.totals().await, [0, 200, 0]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_killed_process_left_is_removed_by_the_next_that_imports() {
    for world in World::each().await {
        let text = clicks(0..30_000);
        let process = tokio::runtime::Runtime::new().expect("a runtime");
        let (url, sent) = (world.url.clone(), text.clone());
        process.spawn(async move {
            let database = loop {
                if let Ok(database) = Database::connect(&url, 4).await {
                    break database;
                }
            };
            let imports = Imports::new(database, |it| format!("image_{it}.png")).in_portions_of(50);
            let _ = import(&imports, "clicks_1.csv", sent, ImportOptions::default()).await;
        });
        eventually(SOON, "rows are stored", async || world.count("clicks").await > 100).await;
        process.shutdown_background();
        assert_eq!(world.totals().await, [0, 0, 0], "{}", world.name);

        let report = stored(&node(&world, 5000), "clicks_1.csv", &text).await;
        assert_eq!((report.duplicate_of, counts(&report)), (None, [30_000, 30_000, 0, 0]));
        assert_eq!(world.totals().await, [0, 30_000, 0], "{}", world.name);
        let states = world.rows("SELECT state, failure FROM imports ORDER BY id").await;
        assert_eq!(states, ["failed interrupted", "completed -"]);
        assert_eq!(world.count("staged_imports").await, 0);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_was_taken_for_dead_stores_nothing_more() {
    for world in World::each().await {
        let imports = node(&world, 50);
        let sent = file("clicks_1.csv", clicks(0..30_000));
        let progress = std::sync::Arc::new(ImportProgress::default());
        let running = tokio::spawn(async move {
            imports.import(sent, ImportOptions::default(), NOW, progress).await
        });
        eventually(SOON, "rows are stored", async || world.count("clicks").await > 100).await;
        world.execute("UPDATE staged_imports SET owner = 5").await;
        let ended = running.await.expect("no panic");
        assert!(matches!(ended, Err(ImportError::Interrupted { .. })), "{ended:?}");
        assert!(world.count("clicks").await < 30_000);
        assert_eq!(world.totals().await, [0, 0, 0], "{}", world.name);
    }
}

#[tokio::test]
async fn what_a_refused_file_left_is_removed_and_nothing_of_other_campaigns() {
    for world in World::each().await {
        let shops = "click_id,banner_id,campaign_id\n5000,10,1001\n5001,11,1002\n";
        world.import("clicks_1.csv", shops).await;
        let orders = |click: u64| {
            (0..200).fold(String::new(), |text, id| text + &format!("{id},{click},1\n"))
        };
        let header = "conversion_id,click_id,revenue\n";
        world.import("conversions_1.csv", &format!("{header}{}", orders(5000))).await;
        let refused = format!("{header}{}x y,5001,1\n", orders(5001));
        let report = stored(&node(&world, 40), "conversions_2.csv", &refused).await;
        assert_eq!(report.state, ImportState::Failed, "{}", world.name);
        assert_eq!(world.count("campaign_conversions").await, 200, "{}", world.name);
        world.assert_reconciled().await;
    }
}
