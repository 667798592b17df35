//! Telling what a file is, and following its import.

use std::path::Path;
use std::sync::Arc;

use bams_domain::Quarter;
use bams_storage::{
    ImportError, ImportFile, ImportKind, ImportOptions, ImportPhase, ImportProgress, ImportState,
};

use crate::world::{NOW, World, clicks, file, import};

#[tokio::test]
async fn kind_and_quarter_come_from_options_then_the_name_then_the_columns() {
    let world = World::sqlite().await;
    let text = "click_id,banner_id,campaign_id\n1,2,3\n";
    let (kind, quarter) = (Some(ImportKind::Impressions), Some(Quarter::Fourth));
    for (name, options, expected) in [
        ("clicks_2.csv", ImportOptions::default(), (ImportKind::Clicks, Quarter::Second)),
        ("export_3.csv", ImportOptions::default(), (ImportKind::Clicks, Quarter::Third)),
        (
            "clicks_2.csv",
            ImportOptions { kind, ..Default::default() },
            (ImportKind::Impressions, Quarter::Second),
        ),
        (
            "clicks.csv",
            ImportOptions { quarter, ..Default::default() },
            (ImportKind::Clicks, Quarter::Fourth),
        ),
        (
            "C:\\files\\impressions_1.csv",
            ImportOptions::default(),
            (ImportKind::Impressions, Quarter::First),
        ),
    ] {
        let report = world.import_with(name, text, options).await;
        assert_eq!((report.kind, report.quarter), (expected.0, Some(expected.1)), "{name}");
        assert_eq!(report.state, ImportState::Completed, "{name}");
    }
}

#[tokio::test]
async fn what_cannot_be_told_is_asked_for() {
    let world = World::sqlite().await;
    let options = ImportOptions::default();
    let unknown = import(&world.imports, "x_1.csv", "a,b\n1,2\n", options).await.unwrap_err();
    assert!(matches!(unknown, ImportError::UnknownKind { .. }));
    assert!(unknown.to_string().contains("`x_1.csv`"));
    let unknown = import(&world.imports, "clicks.csv", &clicks(0..1), options).await.unwrap_err();
    assert!(matches!(unknown, ImportError::UnknownQuarter { .. }));
    let second = ImportOptions { quarter: Some(Quarter::Second), ..options };
    let differ = import(&world.imports, "clicks_1.csv", &clicks(0..1), second).await.unwrap_err();
    assert!(matches!(differ, ImportError::ConflictingQuarters { .. }));
    let unreadable = import(&world.imports, "x_1.csv", "\u{0}a", options).await.unwrap_err();
    assert!(matches!(unreadable, ImportError::UnreadableHeader { .. }));
    assert!(unreadable.to_string().contains("UTF-16"));
    assert!(matches!(ImportFile::open(Path::new("/")), Err(ImportError::Read { .. })));
    assert!(matches!(ImportFile::open(Path::new("/none.csv")), Err(ImportError::Read { .. })));
    assert_eq!(world.count("imports").await, 0);
    assert_eq!(world.imports.find(1).await.expect("an answer"), None);
}

#[tokio::test]
async fn progress_ends_where_the_file_ends() {
    let world = World::sqlite().await;
    let progress = Arc::new(ImportProgress::default());
    assert_eq!(progress.phase(), None);
    let text = clicks(0..1234);
    let file = file("clicks_1.csv", &text);
    let options = ImportOptions::default();
    world.imports.import(file, options, NOW, Arc::clone(&progress)).await.expect("a report");
    assert_eq!((progress.phase(), progress.rows()), (Some(ImportPhase::Booking), 1234));
    let bytes = text.len() as u64;
    assert_eq!((progress.bytes_read(), progress.bytes_total()), (bytes, bytes));
}
