//! Imports that are killed: all of a file counts or nothing, at every moment.

use std::path::{Path, PathBuf};
use std::time::Duration;

use bams_tests::{Answer, Bams, Generated, Running, eventually};
use sea_orm::{ConnectionTrait, Database, DatabaseConnection, Statement};

use crate::given::{both_databases, number};

const SOON: Duration = Duration::from_mins(1);

/// The database of an instance, looked at by somebody else.
struct Looked(DatabaseConnection);

impl Looked {
    async fn at(bams: &Bams) -> Self {
        Self(Database::connect(bams.database()).await.unwrap())
    }

    /// The number that a query gives.
    async fn number(&self, sql: &str) -> i64 {
        let query = Statement::from_string(self.0.get_database_backend(), sql);
        self.0.query_one_raw(query).await.unwrap().unwrap().try_get_by_index(0).unwrap()
    }

    /// Waits until a query gives a positive number or the import has ended, and kills it then.
    async fn kill_when(&self, running: &Running, sql: &str) {
        while running.is_alive() && self.number(sql).await <= 0 {}
        running.kill();
    }
}

fn file(bams: &Bams, data: &Generated, quarter: u8) -> PathBuf {
    data.write_file(bams.folder(), "clicks", quarter)
}

async fn clicks(bams: &Bams, key: &str) -> u64 {
    let path = "/api/v1/reports/performance";
    let report = Answer::to(bams.get(path).bearer_auth(key)).await.unwrap().expect(200);
    number(&report["totals"]["clicks"])
}

fn assert_verified(bams: &Bams) {
    let verified = bams.run(["verify"]);
    assert_eq!(verified.code, 0, "{}{}", verified.output, verified.errors);
}

fn imported(bams: &Bams, file: &Path) -> String {
    let outcome = bams.run([Path::new("import"), file]);
    assert_eq!(outcome.code, 0, "{}{}", outcome.output, outcome.errors);
    outcome.output
}

#[tokio::test]
async fn an_import_killed_in_the_middle_leaves_nothing_and_its_repeat_loads_all() {
    let data = Generated::new(2, 24, 300_000);
    for database in both_databases() {
        let bams = database.start().await;
        let (key, looked) = (bams.key("viewer"), Looked::at(&bams).await);
        let file = file(&bams, &data, 1);
        for stored in [1, 30_000] {
            let running = bams.spawn([Path::new("import"), &file]);
            let sql = format!("SELECT COUNT(*) - {stored} FROM clicks");
            looked.kill_when(&running, &sql).await;
            assert_eq!(
                looked.number("SELECT COUNT(*) FROM imports WHERE identity IS NOT NULL").await,
                0
            );
            assert_eq!(clicks(&bams, &key).await, 0);
            assert_verified(&bams);
            bams.kill();
            bams.start().await;
            assert_eq!(clicks(&bams, &key).await, 0);
            // The server notices that nobody goes on.
            eventually(SOON, "nothing is left", async || {
                looked.number("SELECT COUNT(*) FROM staged_imports").await == 0
            })
            .await;
            assert_eq!(looked.number("SELECT COUNT(*) FROM clicks").await, 0);
            assert_verified(&bams);
        }
        imported(&bams, &file);
        assert_eq!(clicks(&bams, &key).await, data.rows("clicks", 1) as u64);
        assert_verified(&bams);
    }
}

#[tokio::test]
async fn an_import_killed_when_it_counts_counts_as_a_whole_and_once() {
    let data = Generated::new(50, 400, 60_000);
    for database in both_databases() {
        let bams = database.start().await;
        let (key, looked) = (bams.key("viewer"), Looked::at(&bams).await);
        let (mut quarter, mut caught, mut expected) = (1, false, 0);
        // An import may be merged before it is killed. Not all four are.
        while !caught {
            let file = file(&bams, &data, quarter);
            let running = bams.spawn([Path::new("import"), &file]);
            let counts = "SELECT COUNT(*) FROM staged_imports WHERE turn IS NULL";
            looked.kill_when(&running, counts).await;
            expected += data.rows("clicks", quarter) as u64;
            let unmerged = "SELECT COUNT(*) FROM staged_performance";
            caught = looked.number(unmerged).await > 0;
            assert_eq!(clicks(&bams, &key).await, expected);
            assert_verified(&bams);
            bams.kill();
            bams.start().await;
            assert_eq!(clicks(&bams, &key).await, expected);
            eventually(SOON, "all is merged", async || {
                looked.number("SELECT COUNT(*) FROM staged_imports").await == 0
            })
            .await;
            assert_eq!(clicks(&bams, &key).await, expected);
            assert_verified(&bams);
            assert!(imported(&bams, &file).contains("unchanged"));
            quarter += 1;
        }
    }
}
