//! A database of either kind, and files to import into it.

use std::collections::BTreeMap;
use std::io::Write;
use std::sync::Arc;

use bams_storage::{
    Database, ImportError, ImportFile, ImportOptions, ImportProgress, ImportReport, Imports,
    OnError,
};
use bams_tests::{MariaDb, patiently};
use sea_orm::{
    ConnectionTrait, DatabaseConnection, DatabaseTransaction, Statement, TransactionTrait,
};
use tempfile::TempDir;

/// 2026-01-01T10:05:00Z.
pub(crate) const NOW: i64 = 1_767_261_900_000;

/// The slots of that hour.
pub(crate) const SLOTS: [i64; 4] = [1_963_624, 1_963_625, 1_963_626, 1_963_627];

pub(crate) const SKIP: ImportOptions =
    ImportOptions { kind: None, quarter: None, on_error: OnError::Skip, dry_run: false };

/// An empty, migrated database.
pub(crate) struct World {
    pub(crate) name: &'static str,
    pub(crate) database: Database,
    pub(crate) imports: Imports,
    pub(crate) url: String,
    connection: DatabaseConnection,
    _folder: Option<TempDir>,
}

impl World {
    /// One of each kind.
    pub(crate) async fn each() -> [Self; 2] {
        [Self::sqlite().await, Self::mariadb().await]
    }

    pub(crate) async fn sqlite() -> Self {
        let folder = TempDir::new().expect("a folder");
        let url = format!("sqlite://{}/bams.db?mode=rwc", folder.path().display());
        Self::open("SQLite", &url, Some(folder)).await
    }

    pub(crate) async fn mariadb() -> Self {
        let url = tokio::task::spawn_blocking(|| MariaDb::shared().database()).await;
        Self::open("MariaDB", &url.expect("a database"), None).await
    }

    pub(crate) async fn open(name: &'static str, url: &str, folder: Option<TempDir>) -> Self {
        let database = patiently("connect", || Database::connect(url, 4)).await;
        database.migrate().await.expect("a schema");
        let imports = node(&database);
        let connection = sea_orm::Database::connect(url).await.expect("a connection");
        Self { name, database, imports, url: url.to_owned(), connection, _folder: folder }
    }

    /// Another node with the same database.
    pub(crate) fn another_node(&self) -> Imports {
        node(&self.database)
    }

    pub(crate) async fn import(&self, name: &str, text: &str) -> ImportReport {
        self.import_with(name, text, ImportOptions::default()).await
    }

    pub(crate) async fn import_with(
        &self,
        name: &str,
        text: &str,
        options: ImportOptions,
    ) -> ImportReport {
        import(&self.imports, name, text, options).await.expect("a report")
    }

    /// The rows of a query, with their columns parted by spaces.
    pub(crate) async fn rows(&self, sql: &str) -> Vec<String> {
        let statement = Statement::from_string(self.connection.get_database_backend(), sql);
        let rows = self.connection.query_all_raw(statement).await.expect("rows");
        rows.iter()
            .map(|row| {
                let value = |column: &String| {
                    let number = row
                        .try_get::<Option<i64>>("", column)
                        .map(|it| it.map(|it| it.to_string()));
                    let text = number.or_else(|_| row.try_get::<Option<String>>("", column));
                    text.expect("a number or a text").unwrap_or_else(|| "-".to_owned())
                };
                row.column_names().iter().map(value).collect::<Vec<_>>().join(" ")
            })
            .collect()
    }

    pub(crate) async fn execute(&self, sql: &str) {
        self.connection.execute_unprepared(sql).await.expect("a statement");
    }

    /// A transaction of somebody else.
    pub(crate) async fn begin(&self) -> DatabaseTransaction {
        self.connection.begin().await.expect("a transaction")
    }

    pub(crate) async fn count(&self, table: &str) -> u64 {
        let rows = self.rows(&format!("SELECT COUNT(*) AS n FROM {table}")).await;
        rows[0].parse().expect("a number")
    }

    /// How many rows all tables have that an import may write, except `imports` itself.
    pub(crate) async fn written(&self) -> u64 {
        let mut written = 0;
        for table in [
            "campaigns",
            "banners",
            "campaign_banners",
            "performance",
            "quarter_performance",
            "imported_impressions",
            "clicks",
            "campaign_conversions",
            "staged_imports",
            "staged_performance",
            "campaign_revisions",
        ] {
            written += self.count(table).await;
        }
        written
    }

    /// Performance by campaign, banner and slot: impressions, clicks, conversions, micros.
    pub(crate) async fn performance(&self) -> BTreeMap<(i64, i64, i64), [i64; 4]> {
        let rows = self.rows("SELECT * FROM performance").await;
        rows.iter()
            .map(|row| {
                let numbers: Vec<i64> =
                    row.split(' ').map(|it| it.parse().expect("a number")).collect();
                (
                    (numbers[0], numbers[1], numbers[2]),
                    [numbers[3], numbers[4], numbers[5], numbers[6]],
                )
            })
            .collect()
    }

    /// Fails if performance is not what the raw rows add up to.
    pub(crate) async fn assert_reconciled(&self) {
        let mut differences = Vec::new();
        let verified = bams_storage::verify(&self.database, |it| differences.push(it)).await;
        verified.expect("a comparison");
        assert_eq!(differences, [], "{}", self.name);
    }
}

fn node(database: &Database) -> Imports {
    Imports::new(database.clone(), |banner| format!("image_{banner}.png"))
}

pub(crate) fn file(name: &str, text: impl AsRef<[u8]>) -> ImportFile {
    let mut file = tempfile::tempfile().expect("a file");
    file.write_all(text.as_ref()).expect("a written file");
    ImportFile::new(file, name)
}

pub(crate) async fn import(
    imports: &Imports,
    name: &str,
    text: impl AsRef<[u8]>,
    options: ImportOptions,
) -> Result<ImportReport, ImportError> {
    imports.import(file(name, text), options, NOW, Arc::new(ImportProgress::default())).await
}

/// The errors of a report as `line column code`.
pub(crate) fn errors(report: &ImportReport) -> Vec<String> {
    let short = report.errors.iter();
    short.map(|it| format!("{} {} {}", it.line, it.column, it.code.name())).collect()
}

/// Rows of accepted, duplicate and rejected ones.
pub(crate) fn counts(report: &ImportReport) -> [u64; 4] {
    [report.rows, report.accepted, report.duplicates, report.rejected]
}

/// Campaign and banner of the n-th generated row: 7 campaigns with 40 banners each.
pub(crate) fn place(n: u64) -> (u64, u64) {
    (1 + n * 13 % 7, 100 + n * 31 % 40)
}

pub(crate) fn impressions(rows: std::ops::Range<u64>) -> String {
    let rows = rows.map(place).map(|(campaign, banner)| format!("{banner},{campaign}\n"));
    "banner_id,campaign_id\n".to_owned() + &rows.collect::<String>()
}

pub(crate) fn clicks(ids: impl IntoIterator<Item = u64>) -> String {
    let rows = ids.into_iter().map(|id| {
        let (campaign, banner) = place(id);
        format!("{id},{banner},{campaign}\n")
    });
    "click_id,banner_id,campaign_id\n".to_owned() + &rows.collect::<String>()
}

/// Conversions of clicks with the same id, at 1.5 each.
pub(crate) fn conversions(ids: impl IntoIterator<Item = u64>) -> String {
    let rows = ids.into_iter().map(|id| format!("{},{id},1.5\n", id + 1_000_000));
    "conversion_id,click_id,revenue\n".to_owned() + &rows.collect::<String>()
}
