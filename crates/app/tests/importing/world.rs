//! A store without campaigns, and files to import into it.

use std::io::Write;

use bams_app::importing::Importing;
use bams_domain::Slot;
use bams_storage::{
    AuditFilter, Database, ImportFile, Imports, LocalTime, PageRequest, Period, ReportQuery,
    Snapshots, SortKey, audit_log, report,
};
use bams_tests::{MariaDb, patiently};
use tempfile::TempDir;

/// The last millisecond of an hour: 2026-01-01T10:59:59.999Z.
pub(crate) const NOW: i64 = 1_767_265_199_999;

/// The second quarter of that hour.
pub(crate) const SECOND_QUARTER: i64 = 1_767_262_500;

pub(crate) const CLICKS: &str = "click_id,banner_id,campaign_id\n1,141,12\n2,142,12\n";

/// An empty store.
pub(crate) struct World {
    pub(crate) database: Database,
    pub(crate) imports: Imports,
    pub(crate) folder: TempDir,
}

impl World {
    pub(crate) async fn new() -> Self {
        let folder = TempDir::new().expect("a folder");
        let url = format!("sqlite://{}/bams.db?mode=rwc", folder.path().display());
        Self::at(&url, folder).await
    }

    /// Makes a world on each kind of database.
    pub(crate) async fn both() -> [Self; 2] {
        let mariadb = MariaDb::shared().database();
        [Self::new().await, Self::at(&mariadb, TempDir::new().expect("a folder")).await]
    }

    async fn at(url: &str, folder: TempDir) -> Self {
        let database = patiently("connect", || Database::connect(url, 4)).await;
        database.migrate().await.expect("a schema");
        let imports = Imports::new(database.clone(), |banner| format!("image_{banner}.png"));
        Self { database, imports, folder }
    }

    pub(crate) async fn importing(&self, places: usize) -> Importing {
        let snapshots = Snapshots::load(self.database.clone()).await.expect("a snapshot");
        Importing::open(self.imports.clone(), places, snapshots).await.expect("a queue")
    }

    /// Returns the clicks in the 15 minutes that begin at a moment in unix seconds.
    pub(crate) async fn clicks_at(&self, start: i64) -> u64 {
        let (from, to) = (Slot::at(start), Slot::at(start + 900));
        let query = ReportQuery {
            group_by: Vec::new(),
            campaigns: Vec::new(),
            banners: Vec::new(),
            quarters: Vec::new(),
            period: Period { from: Some(from), to: Some(to) },
            local: LocalTime::utc(),
            compared: false,
            sort: SortKey::Clicks,
            descending: true,
        };
        let report = report(&self.database, &query, None, 1).await.expect("a report");
        report.totals.current.performance.clicks
    }

    /// Returns the names of those who have reverted something, in the order of the audit log.
    pub(crate) async fn reverters(&self) -> Vec<String> {
        let page = PageRequest { sort: (), descending: false, after: None, limit: 99 };
        let log = audit_log(&self.database, &AuditFilter::default(), &page).await.expect("a log");
        let reverts = log.items.into_iter().filter(|entry| entry.action == "revert");
        reverts.map(|entry| entry.actor_name).collect()
    }
}

pub(crate) fn file(name: &str, text: &str) -> ImportFile {
    let mut file = tempfile::tempfile().expect("a file");
    file.write_all(text.as_bytes()).expect("a written file");
    ImportFile::new(file, name)
}
