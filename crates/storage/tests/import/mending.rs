//! Files that are sent again after their rejected rows were mended.

use bams_storage::{ImportState, NoticeCode};

use crate::world::{SKIP, SLOTS, World, counts};

const FIRST: &str = "banner_id,campaign_id\n5,9\nx,9\n6,9\n5,y\n";

#[tokio::test]
async fn an_impressions_file_that_was_mended_counts_once() {
    for world in World::each().await {
        let first = world.import_with("impressions_1.csv", FIRST, SKIP).await;
        assert_eq!(counts(&first), [4, 2, 0, 2], "{}", world.name);

        // Another delimiter, order and column make no other file of it.
        let mended = "campaign_id;note;banner_id\r\n9;;5\r\n9;;7\r\n9;;6\r\n9;;8\r\n";
        let second = world.import("impressions_1.csv", mended).await;
        assert_eq!((second.mends, counts(&second)), (first.id, [4, 2, 2, 0]), "{}", world.name);
        assert!(second.notices.iter().any(|it| it.code == NoticeCode::Mends));
        let impressions: Vec<_> =
            world.performance().await.into_iter().map(|(key, it)| (key.1, it[0])).collect();
        assert_eq!(impressions, [(5, 1), (6, 1), (7, 1), (8, 1)]);

        // All is mended: nothing is left of the same file in still another form.
        let third = world.import("impressions_1.csv", &mended.replace("\r\n", "\n")).await;
        assert_eq!((third.mends, counts(&third)), (second.id, [4, 0, 4, 0]), "{}", world.name);
        world.assert_reconciled().await;
    }
}

#[tokio::test]
async fn a_file_without_its_rejected_rows_adds_nothing() {
    for world in World::each().await {
        let first = world.import_with("impressions_1.csv", FIRST, SKIP).await;
        let second = world.import("impressions_1.csv", "banner_id,campaign_id\n5,9\n6,9\n").await;
        assert_eq!((second.mends, counts(&second)), (first.id, [2, 0, 2, 0]), "{}", world.name);
    }
}

#[tokio::test]
async fn what_is_mended_in_steps_counts_once() {
    for world in World::each().await {
        world.import_with("impressions_1.csv", FIRST, SKIP).await;
        let half = FIRST.replace("x,9", "7,9");
        let second = world.import_with("impressions_1.csv", &half, SKIP).await;
        assert_eq!(counts(&second), [4, 1, 2, 1], "{}", world.name);
        let third = world.import("impressions_1.csv", &half.replace("5,y", "8,9")).await;
        assert_eq!((third.mends, counts(&third)), (second.id, [4, 1, 3, 0]), "{}", world.name);
        let key = (9, 7, SLOTS[0]);
        assert_eq!(world.performance().await[&key][0], 1);
    }
}

#[tokio::test]
async fn other_files_mend_nothing() {
    for world in World::each().await {
        world.import_with("impressions_1.csv", FIRST, SKIP).await;
        for (name, text) in [
            // Another row, another quarter, another kind of mistake.
            ("impressions_1.csv", FIRST.replace("6,9", "60,9").replace('x', "7").replace('y', "9")),
            ("impressions_2.csv", FIRST.replace('x', "7").replace('y', "9")),
            ("impressions_1.csv", format!("{}6,9\n", FIRST.replace('x', "7").replace('y', "9"))),
        ] {
            let other = world.import(name, &text).await;
            assert_eq!((other.mends, other.state), (None, ImportState::Completed), "{name}");
            assert_eq!((other.accepted, other.duplicates), (other.rows, 0), "{name} {text}");
        }
        world.assert_reconciled().await;
    }
}

#[tokio::test]
async fn rejected_rows_of_a_refused_file_are_not_mended_but_imported() {
    let world = World::sqlite().await;
    let refused = world.import("impressions_1.csv", FIRST).await;
    assert_eq!(refused.state, ImportState::Failed);
    let mended = FIRST.replace('x', "7").replace('y', "9");
    let stored = world.import("impressions_1.csv", &mended).await;
    assert_eq!((stored.mends, counts(&stored)), (None, [4, 4, 0, 0]));
}
