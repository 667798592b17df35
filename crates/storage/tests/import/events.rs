//! What has an id counts once, and a file does too.

use bams_domain::Quarter;
use bams_storage::{ImportOptions, ImportState};

use crate::world::{World, clicks, conversions, counts, errors, impressions};

#[tokio::test]
async fn the_same_bytes_again_change_nothing() {
    for world in World::each().await {
        let files = [
            ("impressions_1.csv", impressions(0..900)),
            ("clicks_1.csv", clicks(0..900)),
            ("conversions_1.csv", conversions(0..900)),
            ("images.csv", "url\nimage_1.png\n".to_owned()),
        ];
        let mut first = Vec::new();
        for (name, text) in &files {
            first.push(world.import(name, text).await);
        }
        let before = (world.performance().await, world.written().await);
        for ((name, text), first) in files.iter().zip(&first) {
            let renamed = format!("{}-copy_1.csv", name.trim_end_matches("_1.csv"));
            let options = ImportOptions { dry_run: name.starts_with('c'), ..Default::default() };
            let again = world.import_with(&renamed, text, options).await;
            assert_eq!(again.duplicate_of, first.id, "{} {name}", world.name);
            assert_eq!((again.duplicate_of, &again), (first.id, &again));
            let mut expected = first.clone();
            expected.duplicate_of = first.id;
            assert_eq!(again, expected);
        }
        assert_eq!((world.performance().await, world.written().await), before);
        assert_eq!(world.count("imports").await, 4);
    }
}

#[tokio::test]
async fn the_same_bytes_in_another_quarter_are_another_file() {
    for world in World::each().await {
        let text = impressions(0..10);
        let first = world.import("impressions_1.csv", &text).await;
        let options = ImportOptions { quarter: Some(Quarter::Third), ..Default::default() };
        let other = world.import_with("impressions.csv", &text, options).await;
        assert_ne!(first.id, other.id, "{}", world.name);
        assert_eq!((other.quarter, other.duplicate_of), (Some(Quarter::Third), None));
        assert_eq!(world.performance().await.len(), 20);
    }
}

#[tokio::test]
async fn an_id_counts_once_within_a_file_and_across_files() {
    for world in World::each().await {
        let repeated = clicks([3, 3].into_iter().chain(0..1200).chain([5, 5, 700]));
        assert_eq!(counts(&world.import("clicks_1.csv", &repeated).await), [1205, 1200, 5, 0]);
        let overlapping = clicks((600..1800).rev());
        let report = world.import("clicks_2.csv", &overlapping).await;
        assert_eq!(counts(&report), [1200, 600, 600, 0], "{}", world.name);
        let elsewhere = "click_id,banner_id,campaign_id\n0005,9,9\n";
        let conflict = world.import("clicks_1.csv", elsewhere).await;
        assert_eq!(errors(&conflict), ["2 click_id conflict"], "{}", world.name);
        assert_eq!((conflict.state, counts(&conflict)), (ImportState::Failed, [1, 0, 0, 1]));
        assert_eq!(world.count("clicks").await, 1800);
        assert_eq!(world.count("campaigns").await, 7);

        let report = world.import("conversions_1.csv", &conversions((0..800).chain(0..3))).await;
        assert_eq!(counts(&report), [803, 800, 3, 0]);
        let report = world.import("conversions_2.csv", &conversions(400..1000)).await;
        assert_eq!(counts(&report), [600, 200, 400, 0]);
        world.assert_reconciled().await;
        let sums = "SELECT CAST(SUM(clicks) AS SIGNED) AS c, CAST(SUM(conversions) AS SIGNED) AS n, \
                    CAST(SUM(revenue_micros) AS SIGNED) AS r FROM performance";
        assert_eq!(world.rows(sums).await, ["1800 1000 1500000000"]);
    }
}

#[tokio::test]
async fn a_conversion_needs_its_click() {
    for world in World::each().await {
        world.import("clicks_1.csv", &clicks(0..10)).await;
        let live = "0198c0ffee0198c0ffee0198c0ffee01-141";
        world
            .execute(&format!("INSERT INTO clicks VALUES ('{live}', 3, 141, 1963624, NULL)"))
            .await;
        let text =
            format!("click_id,conversion_id,revenue\n3,1,1\n99,2,1\nx,3,1\n{live},4,2.5\n98,5,1\n");
        let refused = world.import("conversions_4.csv", &text).await;
        let expected =
            ["3 click_id unknown_click", "4 click_id not_a_number", "6 click_id unknown_click"];
        assert_eq!(
            (refused.state, errors(&refused)),
            (ImportState::Failed, expected.map(str::to_owned).to_vec())
        );
        assert_eq!(world.count("campaign_conversions").await, 0);

        let skipped = world.import_with("conversions_4.csv", &text, crate::world::SKIP).await;
        assert_eq!(
            (skipped.state, counts(&skipped)),
            (ImportState::Completed, [5, 2, 0, 3]),
            "{}",
            world.name
        );
        assert_eq!(errors(&skipped), expected);
        let slot = crate::world::SLOTS[3];
        assert_eq!(world.performance().await[&(3, 141, slot)], [0, 0, 1, 2_500_000]);
    }
}

#[tokio::test]
async fn ids_of_conversions_are_texts_and_belong_to_campaigns() {
    for world in World::each().await {
        world
            .import("clicks_1.csv", "click_id,banner_id,campaign_id\n1,10,1\n2,11,2\n3,10,1\n")
            .await;
        let text = "conversion_id,click_id,revenue\norder-4711,1,5\n1001,1,50\n";
        assert_eq!(counts(&world.import("conversions_1.csv", text).await), [2, 2, 0, 0]);
        let other_shop = "conversion_id,click_id,revenue\n01001,2,70\n";
        assert_eq!(counts(&world.import("conversions_1.csv", other_shop).await), [1, 1, 0, 0]);
        world.assert_reconciled().await;

        let mixed = "conversion_id,click_id,revenue\n1001,2,70.0\n1001,1,51\nnew,3,1\n1001,3,50\n\
                     new,3,1\nnew,1,1\na b,1,1\n";
        let refused = world.import("conversions_2.csv", mixed).await;
        assert_eq!((refused.state, refused.accepted), (ImportState::Failed, 0), "{}", world.name);
        let skipped = world.import_with("conversions_2.csv", mixed, crate::world::SKIP).await;
        let expected = [
            "3 conversion_id conflict",
            "5 conversion_id conflict",
            "7 conversion_id conflict",
            "8 conversion_id invalid_id",
        ];
        assert_eq!(errors(&skipped), expected, "{}", world.name);
        assert_eq!(counts(&skipped), [7, 1, 2, 4]);
        let stored = "SELECT id, campaign_id, revenue_micros FROM campaign_conversions \
                      ORDER BY id, campaign_id";
        let expected =
            ["1001 1 50000000", "1001 2 70000000", "new 1 1000000", "order-4711 1 5000000"];
        assert_eq!(world.rows(stored).await, expected);
        world.assert_reconciled().await;
    }
}
