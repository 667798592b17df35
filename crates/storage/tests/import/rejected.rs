//! The rows of a file that were not booked.

use bams_storage::{ErrorCode, ImportState, RejectedRow};

use crate::world::{SKIP, World, clicks, conversions};

#[tokio::test]
async fn rejected_rows_are_kept_as_they_were() {
    for world in World::each().await {
        world.import("clicks_1.csv", &clicks(0..3)).await;
        let text = "conversion_id,click_id,revenue,note\n1,1,1,\n2,77,1,\"a, \"\"b\"\"\"\n\
                    3,2,-1,=1+1\n4,2\n";
        let refused = world.import("conversions_1.csv", text).await;
        let skipped = world.import_with("conversions_1.csv", text, SKIP).await;
        for (report, state) in [(refused, ImportState::Failed), (skipped, ImportState::Completed)] {
            assert_eq!(report.state, state, "{}", world.name);
            let id = report.id.expect("an id");
            let rows = world.imports.rejected_rows(id, 0, 100).await.expect("rows");
            let short = |it: &RejectedRow| (it.error.line, it.error.code, it.content.clone());
            assert_eq!(
                rows.iter().map(short).collect::<Vec<_>>(),
                [
                    (3, ErrorCode::UnknownClick, "2,77,1,\"a, \"\"b\"\"\"".to_owned()),
                    (4, ErrorCode::Negative, "3,2,-1,=1+1".to_owned()),
                    (5, ErrorCode::MissingField, "4,2".to_owned()),
                ]
            );
            let errors: Vec<_> = rows.iter().map(|it| it.error.clone()).collect();
            assert_eq!(errors, report.errors);
            let later = world.imports.rejected_rows(id, 2, 100).await.expect("rows");
            assert_eq!(later, rows[2..]);
        }
    }
}

#[tokio::test]
async fn ten_thousand_rejected_rows_are_kept() {
    for world in World::each().await {
        let text = conversions(0..12_000);
        let report = world.import_with("conversions_1.csv", &text, SKIP).await;
        let id = report.id.expect("an id");
        assert_eq!((report.rejected, report.errors.len()), (12_000, 100), "{}", world.name);
        let rows = world.imports.rejected_rows(id, 0, 20_000).await.expect("rows");
        assert_eq!((rows.len(), rows[9_999].error.line), (10_000, 10_001));
        assert_eq!(rows[9_999].content, "1009999,9999,1.5");
        assert_eq!(world.count("rejected_rows").await, 10_000);
    }
}

#[tokio::test]
async fn what_is_no_row_is_kept_without_one() {
    let world = World::sqlite().await;
    let text = "click_id,banner_id,campaign_id\n1,2,3\n2,\"3,4\n5,6,7\n";
    let report = world.import("clicks_1.csv", text).await;
    let rows = world.imports.rejected_rows(report.id.expect("an id"), 0, 9).await.expect("rows");
    assert_eq!((rows[0].error.code, rows[0].content.as_str()), (ErrorCode::UnclosedQuote, ""));
}
