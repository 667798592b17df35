//! Upkeep, to the millisecond.

use std::io::Write;
use std::sync::Arc;
use std::time::Duration;

use bams_app::upkeep::{Expiry, condense_old_slots, expire};
use bams_domain::{BannerId, CampaignId, Policy, Slot, Status};
use bams_storage::{
    Booked, CampaignRecord, Catalog, Database, Events, ImportFile, ImportOptions, ImportProgress,
    Imports, Showing, count_differences,
};
use tempfile::TempDir;
use uuid::Builder;

/// 2024-01-02T00:00:00Z, in milliseconds: in the past by the clock of any database.
const MIDNIGHT: i64 = 1_704_153_600_000;

const HOUR: i64 = 60 * 60 * 1000;

const LINK_TTL: Duration = Duration::from_hours(2);
const DAY: Duration = Duration::from_hours(24);

async fn store() -> (Database, TempDir) {
    let folder = TempDir::new().expect("a folder");
    let url = format!("sqlite://{}/bams.db?mode=rwc", folder.path().display());
    let database = Database::connect(&url, 4).await.expect("a database");
    database.migrate().await.expect("a schema");
    (database, folder)
}

/// Stores an impression of a decision made at a moment in unix milliseconds.
async fn impression(database: &Database, made: i64) {
    let decision = Builder::from_unix_timestamp_millis(made.cast_unsigned(), &[7; 10]).into_uuid();
    let showing = Showing { decision, banner: BannerId(1), campaign: CampaignId(1) };
    let (events, writer) = Events::open(database.clone(), 100);
    let storing = tokio::spawn(writer.run());
    let booked = events.impression(showing, Slot::at(made / 1000)).await;
    assert_eq!(booked, Ok(Booked::Counted));
    storing.abort();
}

/// Stores two clicks in the last quarter of the hour of a moment, which prove that the time has
/// come.
async fn clicks(database: &Database, now: i64) {
    let imports = Imports::new(database.clone(), |banner| format!("{banner}.png"));
    let mut file = tempfile::tempfile().unwrap();
    let rows = format!("{now},141,12\n{},142,12\n", now + 1);
    write!(file, "click_id,banner_id,campaign_id\n{rows}").unwrap();
    let (file, options) = (ImportFile::new(file, "clicks_4.csv"), ImportOptions::default());
    let report = imports.import(file, options, now, Arc::new(ImportProgress::default())).await;
    assert_eq!(report.unwrap().accepted, 2);
}

#[tokio::test]
async fn impressions_expire_an_hour_after_their_links() {
    let (database, _folder) = store().await;
    let campaign = CampaignRecord {
        id: CampaignId(1),
        name: "Spring shoes".to_owned(),
        status: Status::Active,
        starts_at: None,
        ends_at: None,
        policy: Policy::default(),
        tags: Vec::new(),
    };
    let catalog = Catalog { campaigns: vec![campaign], ..Catalog::default() };
    catalog.write(&database, MIDNIGHT).await.unwrap();
    impression(&database, MIDNIGHT).await;
    impression(&database, MIDNIGHT + 1).await;

    let last = MIDNIGHT + 3 * HOUR;
    let nothing = Expiry { removed: 0, links_before: None };
    let ahead = expire(&database, LINK_TTL, last + 24 * HOUR).await.unwrap();
    assert_eq!(ahead, nothing, "nothing that was counted vouches for such a time");
    clicks(&database, last + 24 * HOUR).await;
    for (now, removed, links_before) in [
        (last - HOUR, 0, None),
        (last, 0, None),
        (last + 1, 1, Some(MIDNIGHT + 1)),
        (last + 1, 0, Some(MIDNIGHT + 1)),
        // A node whose clock is behind does not move the mark back.
        (last, 0, Some(MIDNIGHT + 1)),
        (last + 2, 1, Some(MIDNIGHT + 2)),
    ] {
        let expiry = expire(&database, LINK_TTL, now).await.unwrap();
        assert_eq!(expiry, Expiry { removed, links_before }, "{} after the last", now - last);
        assert_eq!(count_differences(&database).await.unwrap(), 0);
    }
}

#[tokio::test]
async fn days_are_condensed_once_they_ended_long_enough_ago() {
    let (database, _folder) = store().await;
    assert_eq!(condense_old_slots(&database, DAY, MIDNIGHT).await.unwrap(), 0, "nothing is there");
    clicks(&database, MIDNIGHT - 1).await;
    let ahead = condense_old_slots(&database, DAY, MIDNIGHT + 48 * HOUR).await.unwrap();
    assert_eq!(ahead, 0, "nothing that was counted vouches for such a time");
    clicks(&database, MIDNIGHT + 48 * HOUR).await;

    for (now, condensed) in [
        (MIDNIGHT, 0),
        (MIDNIGHT + 24 * HOUR - 1, 0),
        (MIDNIGHT + 24 * HOUR, 2),
        (MIDNIGHT + 24 * HOUR, 0),
    ] {
        assert_eq!(condense_old_slots(&database, DAY, now).await.unwrap(), condensed);
        assert_eq!(count_differences(&database).await.unwrap(), 0);
    }
    assert_eq!(condense_old_slots(&database, Duration::MAX, i64::MAX).await.unwrap(), 0);
}
