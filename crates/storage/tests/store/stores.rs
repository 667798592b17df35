//! Fresh stores of both kinds, and what tests put into them.

use std::io::Write;
use std::sync::Arc;

use bams_domain::{BannerId, CampaignId, Policy, Quarter, Status};
use bams_storage::{
    BannerRecord, CampaignRecord, Catalog, Database, ImportFile, ImportKind, ImportOptions,
    ImportProgress, ImportState, Imports,
};
use bams_tests::{MariaDb, patiently};
use sea_orm::{ConnectionTrait, Database as SeaOrm, QueryResult, Statement};
use tempfile::TempDir;

/// 2026-01-01T10:20:00Z, in the second quarter of the hour.
pub(crate) const NOW: i64 = 1_767_262_800_000;

/// A database and the folder it may lie in.
pub(crate) struct Store {
    pub(crate) database: Database,
    pub(crate) url: String,
    pub(crate) folder: TempDir,
}

impl Store {
    /// Where nothing was migrated yet.
    pub(crate) async fn empty(url: String, folder: TempDir) -> Self {
        let database = patiently("connect", || Database::connect(&url, 4)).await;
        Self::opened(database, url, folder)
    }

    pub(crate) fn opened(database: Database, url: String, folder: TempDir) -> Self {
        Self { database, url, folder }
    }

    /// One of each kind, without a schema.
    pub(crate) async fn both_empty() -> [Self; 2] {
        let folder = || tempfile::tempdir().unwrap();
        let sqlite = folder();
        let file = format!("sqlite://{}?mode=rwc", sqlite.path().join("bams.db").display());
        let mariadb = MariaDb::shared().database();
        [Self::empty(file, sqlite).await, Self::empty(mariadb, folder()).await]
    }

    /// One of each kind, with the schema.
    pub(crate) async fn both() -> [Self; 2] {
        let stores = Self::both_empty().await;
        for store in &stores {
            store.database.migrate().await.unwrap();
        }
        stores
    }

    /// A second pool for the same database, as another process has it.
    pub(crate) async fn other_process(&self) -> Database {
        patiently("connect", || Database::connect(&self.url, 4)).await
    }

    /// Imports one file of a quarter.
    pub(crate) async fn import(&self, kind: ImportKind, quarter: Quarter, rows: &str) {
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(rows.as_bytes()).unwrap();
        let imports = Imports::new(self.database.clone(), |banner| format!("image_{banner}.png"));
        let options =
            ImportOptions { kind: Some(kind), quarter: Some(quarter), ..ImportOptions::default() };
        let file = ImportFile::new(file, "file.csv");
        let report = imports.import(file, options, NOW, Arc::new(ImportProgress::default())).await;
        let report = report.unwrap();
        assert_eq!(report.state, ImportState::Completed, "{:?}", report.errors);
    }

    /// Runs statements, as another program may.
    pub(crate) async fn execute(&self, statements: &[&str]) {
        Self::execute_at(&self.url, statements).await;
    }

    pub(crate) async fn execute_at(url: &str, statements: &[&str]) {
        let connection = SeaOrm::connect(url).await.unwrap();
        for sql in statements {
            connection.execute_unprepared(sql).await.unwrap();
        }
        connection.close().await.unwrap();
    }

    /// The rows of a query, with their numbers parted by spaces.
    pub(crate) async fn rows(&self, sql: &str) -> Vec<String> {
        let connection = SeaOrm::connect(&self.url).await.unwrap();
        let statement = Statement::from_string(connection.get_database_backend(), sql);
        let rows = connection.query_all_raw(statement).await.unwrap();
        connection.close().await.unwrap();
        let numbers = |row: &QueryResult| {
            let columns = row.column_names();
            let texts = columns.iter().map(|it| row.try_get::<i64>("", it).unwrap().to_string());
            texts.collect::<Vec<_>>().join(" ")
        };
        rows.iter().map(numbers).collect()
    }

    pub(crate) async fn write(&self, catalog: Catalog) {
        catalog.write(&self.database, NOW).await.unwrap();
    }
}

/// An active campaign.
pub(crate) fn campaign(id: u32) -> CampaignRecord {
    CampaignRecord {
        id: CampaignId(id),
        name: format!("Campaign {id}"),
        status: Status::Active,
        starts_at: None,
        ends_at: None,
        policy: Policy::RevenueLadder,
        tags: vec!["spring".to_owned()],
    }
}

/// An active banner with an image.
pub(crate) fn banner(id: u32) -> BannerRecord {
    BannerRecord {
        id: BannerId(id),
        name: format!("Banner {id}"),
        status: Status::Active,
        landing_url: Some("https://example.com/".to_owned()),
        alt: "Blaue Schuhe 👟".to_owned(),
        size: Some((300, 250)),
        tags: Vec::new(),
        image_key: Some(format!("banners/{id}.png")),
    }
}

/// One campaign with banners.
pub(crate) fn catalog(
    campaign: CampaignRecord,
    banners: impl IntoIterator<Item = BannerRecord>,
) -> Catalog {
    let banners: Vec<_> = banners.into_iter().collect();
    let attached = banners.iter().map(|it| (campaign.id, it.id)).collect();
    Catalog { campaigns: vec![campaign], banners, attached }
}
