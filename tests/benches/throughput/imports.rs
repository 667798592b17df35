//! How fast files are imported beside bare inserts of the same rows, and in how much memory.

use bams_tests::{Bams, MariaDb};

use crate::bare_inserts::BareInserts;
use crate::contender::median;
use crate::csv::{KINDS, Kind, Record, records};
use crate::options::Options;
use crate::peak_memory::{Watched, watch};
use crate::table::{Row, count, tell};

/// How many times as long the file is that shows whether memory grows.
const LONGER: u32 = 10;

/// The files of one kind in all rounds.
#[derive(Debug, Default)]
struct Rounds {
    imports: Vec<Watched>,
    /// Seconds of the bare inserts.
    bare: Vec<f64>,
}

pub(crate) async fn measure(options: &Options) -> Vec<Row> {
    let rows = options.rows();
    let mut table = Vec::new();
    for name in ["SQLite", "MariaDB"] {
        let rounds = compare(name, options).await;
        for (kind, rounds) in KINDS.iter().zip(&rounds) {
            let imported = median(rounds.imports.iter().map(|it| it.time.as_secs_f64()));
            let bare = median(rounds.bare.iter().copied());
            table.push(speed(rows, *kind, name, imported, bare));
        }
        if name == "SQLite" {
            table.extend(longer(rows, &rounds).await);
        }
    }
    table
}

async fn compare(database: &str, options: &Options) -> [Rounds; 3] {
    let records: Vec<Record> = records(options.rows()).collect();
    let mut all = KINDS.map(|_| Rounds::default());
    for round in 1..=options.import_rounds() {
        tell(&format!("imports, {database}, round {round}"));
        let (_bams, url) = empty(database);
        let mut bare = BareInserts::connect(&url).await;
        let (bams, _) = empty(database);
        for (kind, rounds) in KINDS.into_iter().zip(&mut all) {
            rounds.bare.push(bare.insert(kind, &records).await.as_secs_f64());
            rounds.imports.push(import(&bams, kind, options.rows()));
        }
    }
    all
}

/// An instance on an empty database that has its tables, and the database's URL.
pub(crate) fn empty(database: &str) -> (Bams, String) {
    let (bams, url) = if database == "SQLite" {
        let bams = Bams::builder().prepare();
        let url = format!("sqlite://{}?mode=rwc", bams.folder().join("bams.db").display());
        (bams, url)
    } else {
        let url = MariaDb::shared().database();
        (Bams::builder().database(&url).prepare(), url)
    };
    assert_eq!(bams.run(["migrate"]).code, 0);
    (bams, url)
}

fn import(bams: &Bams, kind: Kind, rows: u32) -> Watched {
    let file = kind.write(&bams.folder().join("data"), 1, records(rows));
    watch(bams, ["import".as_ref(), file.as_os_str()])
}

/// Imported and inserted in so many seconds.
fn speed(rows: u32, kind: Kind, database: &str, imported: f64, bare: f64) -> Row {
    let per_second = |seconds: f64| count(f64::from(rows) / seconds);
    Row {
        what: format!("import of {} {}, {database}", count(rows), kind.name()),
        measured: format!("{} rows/s", per_second(imported)),
        beside: format!("bare inserts: {} rows/s", per_second(bare)),
        ratio: Some(bare / imported),
        target: "≥ 0.5",
    }
}

/// One long file of each kind: what does not grow with the file weighs less in it, and memory
/// must not grow.
async fn longer(rows: u32, rounds: &[Rounds; 3]) -> Vec<Row> {
    tell("imports, longer files");
    let (_bams, url) = empty("SQLite");
    let mut bare = BareInserts::connect(&url).await;
    let (bams, _) = empty("SQLite");
    let idle = watch(&bams, ["migrate"]).peak_mib;
    let many = LONGER * rows;
    let records: Vec<Record> = records(many).collect();
    let mut table = Vec::new();
    for (kind, rounds) in KINDS.into_iter().zip(rounds) {
        let inserted = bare.insert(kind, &records).await.as_secs_f64();
        let long = import(&bams, kind, many);
        table.push(speed(many, kind, "SQLite", long.time.as_secs_f64(), inserted));
        let short = median(rounds.imports.iter().map(|it| it.peak_mib));
        let above = |peak: f64| format!("{:.0} MiB", peak - idle);
        table.push(Row {
            what: format!("memory of importing {} {}, above idle", count(many), kind.name()),
            measured: above(long.peak_mib),
            beside: format!("{} rows: {}", count(rows), above(short)),
            ratio: None,
            target: "≤ 64 MiB",
        });
    }
    table
}
