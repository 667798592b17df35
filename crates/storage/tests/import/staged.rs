//! Rows that do not count yet, and sums that count and are not merged yet.

use std::time::Duration;

use bams_domain::{Revenue, Slot};
use bams_storage::{
    Booked, Conversion, ConversionFlaw, ConversionsError, EventError, Events, ImportOptions,
    ImportQueue, ImportState,
};
use bams_tests::eventually;

use crate::world::{SLOTS, World, clicks, conversions, counts, errors, import, impressions};

const SOON: Duration = Duration::from_mins(1);

impl World {
    /// Makes all numbers sums of an import that are not merged yet, as right after the import.
    async fn unmerge(&self, import: i64) {
        self.execute(&format!(
            "INSERT INTO staged_performance SELECT {import}, banner_id % 5, campaign_id, banner_id, \
             slot, impressions, clicks, conversions, revenue_micros FROM performance"
        ))
        .await;
        self.execute("DELETE FROM performance").await;
        self.execute("DELETE FROM quarter_performance").await;
        self.execute(&format!("INSERT INTO staged_imports VALUES ({import}, NULL, 7, 3)")).await;
    }

    /// Takes an import back to where none of it counts.
    async fn stage(&self, import: i64) {
        let running = "SET state = 'running', identity = NULL, finished_at = NULL";
        self.execute(&format!("UPDATE imports {running} WHERE id = {import}")).await;
        self.execute(&format!("INSERT INTO staged_imports VALUES ({import}, 1, 7, 3)")).await;
    }

    async fn queue(&self) -> ImportQueue {
        ImportQueue::open(self.imports.clone(), 10, || ()).await.expect("a queue")
    }
}

fn events(world: &World) -> Events {
    let (events, writer) = Events::open(world.database.clone(), 1000);
    tokio::spawn(writer.run());
    events
}

fn conversion(id: u64, click: &str) -> Vec<Conversion> {
    let (id, click) = (id.to_string(), click.to_owned());
    let (revenue, slot) = (Revenue::from_micros(1_500_000), Slot::from_number(SLOTS[0]));
    vec![Conversion { id, click, revenue, slot, told_time: false, only: None }]
}

#[tokio::test(flavor = "multi_thread")]
async fn sums_that_are_not_merged_yet_count_everywhere() {
    for world in World::each().await {
        world.import("impressions_1.csv", &impressions(0..2000)).await;
        world.import("clicks_1.csv", &clicks(0..900)).await;
        let report = world.import("conversions_1.csv", &conversions(0..500)).await;
        let (before, kept) = (world.seen().await, world.performance().await);
        world.unmerge(report.id.expect("a number")).await;
        assert_eq!(world.seen().await, before, "{}", world.name);

        // Somebody detaches a banner, and its numbers tell the next import so.
        world.execute("DELETE FROM campaign_banners WHERE campaign_id = 1").await;
        world.import("clicks_2.csv", &clicks(2000..2200)).await;
        assert_eq!(
            world.rows("SELECT * FROM campaign_banners WHERE campaign_id = 1").await,
            [""; 0]
        );
        world.execute("DELETE FROM clicks WHERE slot % 4 = 1").await;
        world.execute("DELETE FROM performance").await;
        world.execute("DELETE FROM quarter_performance").await;

        let before = world.seen().await;
        let queue = world.queue().await;
        let mut looked = 0;
        while world.count("staged_imports").await > 0 {
            assert_eq!(world.seen().await, before, "{}", world.name);
            looked += 1;
        }
        assert!(looked > 0);
        assert_eq!(world.seen().await, before);
        assert_eq!(world.performance().await, kept);
        assert_eq!(world.count("staged_performance").await, 0);
        queue.finish(SOON).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_processes_may_merge_at_once() {
    for world in World::each().await {
        let report = world.import("clicks_1.csv", &clicks(0..900)).await;
        let kept = world.performance().await;
        world.unmerge(report.id.expect("a number")).await;
        let queues = [world.queue().await, world.queue().await, world.queue().await];
        let merged = async || world.count("staged_imports").await == 0;
        eventually(SOON, "all is merged", merged).await;
        assert_eq!(world.performance().await, kept, "{}", world.name);
        world.assert_reconciled().await;
        for queue in queues {
            queue.finish(SOON).await;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_staged_click_is_unknown() {
    for world in World::each().await {
        let report = world.import("clicks_1.csv", &clicks(0..100)).await;
        world.execute("DELETE FROM performance").await;
        world.execute("DELETE FROM quarter_performance").await;
        world.stage(report.id.expect("a number")).await;
        assert_eq!(world.totals().await, [0, 0, 0], "{}", world.name);
        let refused = world.import("conversions_1.csv", &conversions(7..8)).await;
        assert_eq!(errors(&refused), ["2 click_id unknown_click"]);
        let answer = events(&world).conversions(conversion(1, "7")).await;
        let Err(ConversionsError::Refused(faults)) = answer else { panic!("{answer:?}") };
        assert_eq!(faults[0].flaw, ConversionFlaw::UnknownClick);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_staged_id_is_neither_counted_nor_called_a_duplicate() {
    for world in World::each().await {
        world.import("clicks_1.csv", &clicks(0..900)).await;
        let before = world.seen().await;
        let staged = world.import("conversions_1.csv", &conversions(0..600)).await;
        world.execute("UPDATE performance SET conversions = 0, revenue_micros = 0").await;
        world.execute("UPDATE quarter_performance SET conversions = 0, revenue_micros = 0").await;
        world.stage(staged.id.expect("a number")).await;
        assert_eq!(world.seen().await, before, "{}", world.name);

        let events = events(&world);
        let sale = |id| conversion(id, "5");
        let known = events.conversions(sale(1_000_005)).await;
        assert_eq!(known, Err(EventError::Staged.into()), "{}", world.name);
        assert_eq!(events.conversions(sale(7)).await, Ok(vec![Booked::Counted]));

        // A small file waits until it is clear what becomes of them: nothing, because nobody goes on.
        let other = world.another_node();
        let waiting = tokio::spawn(async move {
            let text = conversions(590..610);
            import(&other, "conversions_2.csv", text, ImportOptions::default()).await
        });
        let queue = world.queue().await;
        let report = waiting.await.expect("no panic").expect("a report");
        assert_eq!((report.state, counts(&report)), (ImportState::Completed, [20, 20, 0, 0]));
        assert_eq!(world.totals().await, [0, 900, 21], "{}", world.name);
        assert_eq!(events.conversions(sale(1_000_005)).await, Ok(vec![Booked::Counted]));
        let failed = world.imports.find(staged.id.expect("a number")).await.expect("a record");
        assert_eq!(failed.map(|it| it.state), Some(ImportState::Failed));
        queue.finish(SOON).await;
    }
}
