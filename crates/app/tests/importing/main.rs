//! Imports without a server, at a time of the test's choice.

mod repeating;
mod reverting;
mod world;

use std::sync::Arc;
use std::time::Duration;

use bams_app::importing::{
    CurrentImport, FilePlan, ImportEnding, ImportSeries, Imported, Importing, ImportingError,
};
use bams_domain::CampaignId;
use bams_storage::{
    ErrorCode, ImportFailureCode, ImportFile, ImportFilter, ImportOptions, ImportProgress,
    ImportState, OnError, PageRequest, Submitted, campaign,
};
use bams_tests::eventually;

use crate::world::{CLICKS, NOW, SECOND_QUARTER, World, file};

const CONVERSIONS: &str = "conversion_id,click_id,revenue\n1,1,0.5\n";

/// Waits for the end of an import and returns it.
async fn ended(importing: &Importing, import: i64) -> CurrentImport {
    let has_ended = async || {
        let current = importing.read(import).await.expect("an import");
        current.report.finished_at_ms.is_some()
    };
    eventually(Duration::from_mins(1), "the import ends", has_ended).await;
    importing.read(import).await.expect("an import")
}

#[tokio::test]
async fn an_import_that_is_submitted_is_finished() {
    let world = World::new().await;
    let importing = world.importing(2).await;
    let submitted = importing
        .submit(file("clicks_2.csv", CLICKS), ImportOptions::default(), NOW, None)
        .await
        .unwrap();
    let Submitted::Queued(report) = submitted else { panic!("{submitted:?}") };
    assert_eq!((report.state, report.created_at_ms), (ImportState::Queued, NOW));

    let current = ended(&importing, 1).await;
    assert_eq!((current.state, current.phase, current.rows), (ImportState::Completed, None, 2));
    assert_eq!((current.bytes, current.report.accepted), (CLICKS.len() as u64, 2));
    assert_eq!(world.clicks_at(SECOND_QUARTER).await, 2);
    assert_eq!(world.clicks_at(SECOND_QUARTER + 3600).await, 0);

    let page = PageRequest { sort: (), descending: true, after: None, limit: 10 };
    let running = ImportFilter { state: Some(ImportState::Running), kind: None };
    assert_eq!(importing.list(&ImportFilter::default(), &page).await.unwrap().items, [current]);
    assert!(importing.list(&running, &page).await.unwrap().items.is_empty());
}

#[tokio::test]
async fn rows_are_booked_in_the_hour_that_runs() {
    let world = World::new().await;
    let importing = world.importing(1).await;
    let options = ImportOptions::default();
    let more = CLICKS.replace("\n1,", "\n3,").replace("\n2,", "\n4,") + "5,141,12\n";
    for (now, text) in [(NOW, CLICKS), (NOW + 1, &more)] {
        let imported = importing.import(file("clicks_2.csv", text), options, now).await.unwrap();
        assert_eq!(imported.ending, ImportEnding::Stored);
    }
    assert_eq!(world.clicks_at(SECOND_QUARTER).await, 2);
    assert_eq!(world.clicks_at(SECOND_QUARTER + 3600).await, 3);
}

#[tokio::test]
async fn a_queue_without_room_takes_nothing() {
    let world = World::new().await;
    let importing = world.importing(0).await;
    let submit = async |importing: &Importing, name| {
        importing.submit(file(name, CLICKS), ImportOptions::default(), NOW, None).await
    };
    assert!(matches!(importing.has_room(), Err(ImportingError::Full)));
    assert!(matches!(submit(&importing, "clicks_2.csv").await, Err(ImportingError::Full)));
    let roomy = world.importing(1).await;
    let unknown = submit(&roomy, "clicks.csv").await;
    assert!(matches!(unknown, Err(ImportingError::Import(_))), "no quarter: {unknown:?}");
    roomy.finish(Duration::from_secs(10)).await;
    assert!(matches!(roomy.has_room(), Err(ImportingError::Closed)));
    assert!(matches!(roomy.read(1).await, Err(ImportingError::Unknown(1))));
    assert!(matches!(roomy.rejected_rows(1, |_| ()).await, Err(ImportingError::Unknown(1))));
}

#[tokio::test]
async fn what_was_rejected_is_handed_over_in_order() {
    let world = World::new().await;
    let importing = world.importing(1).await;
    let rows: Vec<String> = (0..2_345).map(|id| format!("{id},-1,12\n")).collect();
    let text = format!("click_id,banner_id,campaign_id\n{}", rows.concat());
    let refused =
        importing.import(file("clicks_1.csv", &text), ImportOptions::default(), NOW).await.unwrap();
    assert_eq!(refused.ending, ImportEnding::Refused);
    assert_eq!(refused.report.failure.map(|it| it.code), Some(ImportFailureCode::InvalidRows));
    assert_eq!((refused.report.rejected, refused.report.errors.len()), (2_345, 100));

    let mut lines = Vec::new();
    let take = |row: &bams_storage::RejectedRow| {
        assert_eq!(row.error.code, ErrorCode::Negative);
        lines.push(row.error.line);
    };
    importing.rejected_rows(1, take).await.unwrap();
    assert_eq!(lines, (2..2_347).collect::<Vec<u64>>());
}

#[tokio::test]
async fn a_dry_run_of_a_folder_finds_what_its_files_would_have_stored() {
    let world = World::new().await;
    let data = world.folder.path().join("data");
    std::fs::create_dir_all(data.join("1")).unwrap();
    for (name, text) in [
        ("1/clicks_1.csv", CLICKS),
        ("1/conversions_1.csv", CONVERSIONS),
        ("1/conversions of yesterday.csv", CONVERSIONS),
    ] {
        std::fs::write(data.join(name), text).unwrap();
    }
    let FilePlan { files, left_out } = FilePlan::of(&[&data]).unwrap();
    assert_eq!(left_out, [data.join("1/conversions of yesterday.csv")]);
    assert!(FilePlan::of(&[world.folder.path().join("nowhere")]).is_err());

    for (on_error, dry_run, expected) in [
        (OnError::Refuse, true, [ImportEnding::Tried, ImportEnding::Tried]),
        (OnError::Skip, true, [ImportEnding::Tried, ImportEnding::Tried]),
        (OnError::Refuse, false, [ImportEnding::Stored, ImportEnding::Stored]),
        (OnError::Refuse, false, [ImportEnding::Unchanged(1), ImportEnding::Unchanged(2)]),
        (OnError::Refuse, true, [ImportEnding::Unchanged(1), ImportEnding::Unchanged(2)]),
    ] {
        let options = ImportOptions { on_error, dry_run, ..ImportOptions::default() };
        let series = ImportSeries::begin(&world.imports, options).await.unwrap();
        let mut endings = Vec::new();
        for planned in &files {
            let file = ImportFile::open(&planned.path).unwrap();
            let imported =
                series.import(file, NOW, Arc::new(ImportProgress::default())).await.unwrap();
            let Imported { ending, report } = imported;
            assert_eq!(report.rejected, 0, "{:?}", report.errors);
            endings.push(ending);
        }
        assert_eq!(endings, expected);
        drop(series);
        let stored = campaign(&world.database, CampaignId(12)).await.unwrap().is_some();
        assert_eq!(stored, expected[0] != ImportEnding::Tried);
    }
}
