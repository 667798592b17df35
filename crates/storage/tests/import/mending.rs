//! Files that are sent again after their rejected rows were mended.

use bams_storage::{ImportNotice, ImportState, NoticeCode};

use crate::world::{SKIP, SLOTS, World, clicks, counts};

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

const SOLD: &str = "conversion_id,click_id,revenue\na,1,5\n";

/// Makes three clicks and a file of conversions of which the second row is rejected.
async fn half_sold(world: &World) {
    world.import("clicks_1.csv", &clicks(1..4)).await;
    let sold = world.import_with("conversions_1.csv", &format!("{SOLD}b,99,7\n"), SKIP).await;
    assert_eq!(counts(&sold), [2, 1, 0, 1], "{}", world.name);
}

#[tokio::test]
async fn a_row_that_came_in_by_itself_comes_again_with_the_whole_file_after_its_revert() {
    for world in World::each().await {
        half_sold(&world).await;
        let row = "conversion_id,click_id,revenue\nb,2,7\n";
        let alone = world.import("conversions_1.csv", row).await;
        assert_eq!(counts(&alone), [1, 1, 0, 0], "{}", world.name);
        let whole = format!("{SOLD}b,2,7\n");
        let mender = world.import("conversions_1.csv", &whole).await;
        assert_eq!((mender.mends, counts(&mender)), (Some(2), [2, 0, 2, 0]), "{}", world.name);
        // The notice promises no row that had come before.
        let said = mender.notices.iter().find(|it| it.code == NoticeCode::Mends).unwrap();
        assert!(said.message.ends_with("only the row that it rejected is looked at"), "{said:?}");

        let reverted = world.revert(&alone).await.unwrap();
        let named = |it: &ImportNotice| it.message.contains("import 4");
        assert!(reverted.notices.iter().any(named), "{} {reverted:?}", world.name);
        let again = world.import("conversions_1.csv", &whole).await;
        assert_eq!((again.duplicate_of, counts(&again)), (None, [2, 1, 1, 0]), "{}", world.name);
        assert_eq!(world.count("campaign_conversions").await, 2);
        world.assert_reconciled().await;

        // So it does after the reverts of all that came later, too.
        for import in [&again, &mender] {
            world.revert(import).await.unwrap();
            assert_eq!(world.count("campaign_conversions").await, 1);
        }
        let last = world.import("conversions_1.csv", &whole).await;
        assert_eq!(counts(&last), [2, 1, 1, 0], "{}", world.name);
        world.assert_reconciled().await;
    }
}

#[tokio::test]
async fn rows_that_a_mended_import_left_out_come_again_when_those_they_repeated_are_reverted() {
    for world in World::each().await {
        world.import("clicks_1.csv", &clicks(1..4)).await;
        let first = world.import("conversions_1.csv", SOLD).await;
        let skipped = format!("{SOLD}b,99,7\n");
        let half = world.import_with("conversions_1.csv", &skipped, SKIP).await;
        assert_eq!(counts(&half), [2, 0, 1, 1], "{}", world.name);
        world.revert(&first).await.unwrap();
        let mended = world.import("conversions_1.csv", &skipped.replace("99", "2")).await;
        assert_eq!((mended.mends, counts(&mended)), (half.id, [2, 2, 0, 0]), "{}", world.name);
        world.assert_reconciled().await;
    }
}

#[tokio::test]
async fn a_row_that_was_mended_is_open_again_once_its_mended_form_is_reverted() {
    for world in World::each().await {
        half_sold(&world).await;
        let whole = format!("{SOLD}b,2,7\n");
        for _ in 0..2 {
            let mended = world.import("conversions_1.csv", &whole).await;
            assert_eq!((mended.mends, counts(&mended)), (Some(2), [2, 1, 1, 0]), "{}", world.name);
            world.revert(&mended).await.unwrap();
        }
        world.assert_reconciled().await;
    }
}
