//! Several imports at the same time, on one node and on several.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use bams_storage::{ImportOptions, ImportProgress, ImportState};
use tokio::task::JoinSet;

use crate::world::{NOW, World, clicks, conversions, file, import, impressions, place};

#[tokio::test(flavor = "multi_thread")]
async fn the_same_file_many_times_at_once_is_booked_once() {
    for world in World::each().await {
        for (name, text) in [
            ("impressions_1.csv", impressions(0..2000)),
            ("clicks_1.csv", clicks(0..2000)),
            ("conversions_1.csv", conversions(0..2000)),
        ] {
            let mut running = JoinSet::new();
            for _ in 0..4 {
                let (node, text) = (world.another_node(), text.clone());
                running.spawn(async move {
                    import(&node, name, &text, ImportOptions::default()).await.expect("a report")
                });
            }
            let reports = running.join_all().await;
            let first: Vec<_> = reports.iter().filter(|it| it.duplicate_of.is_none()).collect();
            assert_eq!(first.len(), 1, "{} {name}", world.name);
            assert!(reports.iter().all(|it| it.id == first[0].id && it.accepted == 2000));
        }
        assert_eq!(world.count("imports").await, 3);
        assert_eq!(world.performance().await.values().map(|it| it[0]).sum::<i64>(), 2000);
        world.assert_reconciled().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn files_that_overlap_at_once_count_each_id_once() {
    for world in World::each().await {
        let mut running = JoinSet::new();
        for part in 0..4 {
            let (node, other) = (world.another_node(), world.another_node());
            // Each overlaps the next by half, in the opposite order.
            let mut ids: Vec<u64> = (part * 1000..part * 1000 + 2000).collect();
            if part % 2 == 1 {
                ids.reverse();
            }
            let shown = impressions(part..part + 1500);
            running.spawn(async move {
                let options = ImportOptions::default();
                import(&node, "clicks_1.csv", &clicks(ids), options).await.expect("a report")
            });
            running.spawn(async move {
                let options = ImportOptions::default();
                import(&other, "impressions_1.csv", &shown, options).await.expect("a report")
            });
        }
        let reports = running.join_all().await;
        assert!(reports.iter().all(|it| it.state == ImportState::Completed));
        let sum = |column: usize, sums: &[[i64; 4]]| sums.iter().map(|it| it[column]).sum::<i64>();
        let sums: Vec<[i64; 4]> = world.performance().await.into_values().collect();
        assert_eq!((sum(0, &sums), sum(1, &sums)), (6000, 5000), "{}", world.name);
        assert_eq!(world.count("clicks").await, 5000);
        world.assert_reconciled().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_import_goes_on_when_nobody_waits_for_it() {
    for world in World::each().await {
        let progress = Arc::new(ImportProgress::default());
        let rows = clicks(0..3000);
        let file = file("clicks_1.csv", &rows);
        let mut running =
            Box::pin(world.imports.import(file, ImportOptions::default(), NOW, progress));
        let polled = std::future::poll_fn(|context| {
            std::task::Poll::Ready(running.as_mut().poll(context).is_pending())
        });
        assert!(polled.await);
        drop(running);
        for _ in 0..500 {
            if world.count("clicks").await > 0 {
                break;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        assert_eq!(world.count("clicks").await, 3000, "{}", world.name);
        assert_eq!(
            world.performance().await.len(),
            (0..3000).map(place).collect::<std::collections::HashSet<_>>().len()
        );
    }
}
