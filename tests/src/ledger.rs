//! The ledger of visitors, and what it says in the end.
//!
//! They write down what they are about to send, and what was acknowledged, each on disk before they
//! go on. In the end the ledger is compared with the database and with what the server reports.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use sea_orm::{ConnectionTrait, Database, Statement};

use crate::answer::Ask;
use crate::bams::Bams;
use crate::place;

/// What each conversion of a visitor earned, in micros.
const EARNED: u64 = 250_000;

/// How every landing URL of [`Bams::give_landing_urls`] begins; the id of the click follows.
pub const LANDING: &str = "https://shop.example/?click=";

/// The ids of each kind of event.
pub type Ids = BTreeMap<String, BTreeSet<String>>;

/// What visitors intended and what was acknowledged.
#[derive(Debug)]
pub(crate) struct Ledger {
    file: Mutex<File>,
    path: PathBuf,
    pub(crate) acknowledged: AtomicU64,
    pub(crate) decided: AtomicU64,
    /// Decisions that were answered with something else than 200.
    pub(crate) refused: AtomicU64,
    /// Requests that had to be sent again.
    pub(crate) failures: AtomicU64,
    pub(crate) sales: AtomicU64,
    /// A part of the conversions' ids that no other ledger has.
    pub(crate) name: u32,
}

/// The end of a ledger.
#[derive(Debug)]
pub struct Account {
    /// The events that were acknowledged.
    pub acknowledged: u64,
    /// The decisions that were answered with 200.
    pub decided: u64,
    /// The decisions that were answered with something else.
    pub refused: u64,
    intended: Ids,
    kept: Ids,
}

impl fmt::Display for Account {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { acknowledged, decided, refused, .. } = self;
        write!(
            formatter,
            "{acknowledged} acknowledged: 0 lost, 0 twice; {decided} decisions, {refused} refused"
        )
    }
}

impl Account {
    /// Asserts that all that was acknowledged is stored once, nothing that was never sent, and that the
    /// server reports it: `before` is what [`reported`] said before the visitors came.
    pub async fn settle(&self, bams: &Bams, viewer: &str, before: [u64; 4]) {
        let stored = stored(&bams.database()).await;
        let sizes: Vec<_> = stored.iter().map(|(kind, ids)| (kind.as_str(), ids.len())).collect();
        for (kind, stored) in &stored {
            let nothing = BTreeSet::new();
            let kept = self.kept.get(kind).unwrap_or(&nothing);
            let lost: Vec<_> = kept.difference(stored).collect();
            assert!(lost.is_empty(), "acknowledged but lost, {kind}: {lost:?}");
            let intended = self.intended.get(kind).unwrap_or(&nothing);
            let invented: Vec<_> = stored.difference(intended).collect();
            assert!(invented.is_empty(), "stored but never sent, {kind}: {invented:?}");
        }
        let after = reported(bams, viewer).await;
        let grown: Vec<_> =
            after.iter().zip(before).map(|(after, before)| after - before).collect();
        let stored = |kind: &str| stored[kind].len() as u64;
        let sold = stored("conversion");
        let expected = [stored("impression"), stored("click"), sold, sold * EARNED];
        assert_eq!(grown, expected, "reports differ from what is stored: {sizes:?}");
        let verified = bams.run(["verify"]);
        assert_eq!(verified.code, 0, "{}{}", verified.output, verified.errors);
    }
}

impl Bams {
    /// Gives every banner a landing URL, before the server starts.
    pub async fn give_landing_urls(&self) {
        let update = format!("UPDATE banners SET landing_url = '{LANDING}{{click_id}}'");
        self.execute(&[&update]).await;
    }

    /// Runs statements in the instance's database, as another program may.
    pub async fn execute(&self, statements: &[&str]) {
        let database = Database::connect(self.database()).await.expect("the database");
        for sql in statements {
            database.execute_unprepared(sql).await.expect(sql);
        }
        database.close().await.expect("a closed connection");
    }
}

/// Returns what the server reports over all campaigns: impressions, clicks, conversions, micros.
pub async fn reported(bams: &Bams, viewer: &str) -> [u64; 4] {
    let report = bams.get("/api/v1/reports/performance").bearer_auth(viewer);
    let totals = report.answer().await.expect(200)["totals"].clone();
    ["impressions", "clicks", "conversions", "revenue_micros"]
        .map(|name| totals[name].as_u64().unwrap_or_else(|| panic!("not a number: {totals}")))
}

/// Returns the ids of live events in the database; a row that is there twice would not be a set.
pub async fn stored(url: &str) -> Ids {
    let database = Database::connect(url).await.expect("the database");
    let mut stored = Ids::new();
    for (kind, sql) in [
        ("impression", "SELECT LOWER(HEX(decision_id)) AS id, banner_id FROM impressions"),
        ("click", "SELECT id, banner_id FROM clicks WHERE import_id IS NULL"),
        (
            "conversion",
            "SELECT id, slot AS banner_id FROM campaign_conversions WHERE import_id IS NULL",
        ),
    ] {
        let query = Statement::from_string(database.get_database_backend(), sql);
        let rows = database.query_all_raw(query).await.expect("live events");
        let count = rows.len();
        let ids = rows.into_iter().map(|row| {
            let (id, banner): (String, i64) = row.try_get_many_by_index().expect("an id");
            if kind == "impression" { format!("{id}-{banner}") } else { id }
        });
        let ids: BTreeSet<String> = ids.collect();
        assert_eq!(ids.len(), count, "a {kind} is stored twice");
        stored.insert(kind.to_owned(), ids);
    }
    database.close().await.expect("a closed connection");
    stored
}

fn written(ledger: &str, what: &str) -> Ids {
    let mut ids = Ids::new();
    for line in ledger.lines() {
        let [entry, kind, id] = line.splitn(3, ' ').collect::<Vec<_>>()[..] else {
            panic!("{line}")
        };
        if entry == what {
            ids.entry(kind.to_owned()).or_default().insert(id.to_owned());
        }
    }
    ids
}

impl Ledger {
    /// Makes a new ledger in a folder.
    pub(crate) fn begin(folder: &Path) -> Self {
        let path = folder.join("ledger");
        Self {
            file: Mutex::new(File::create(&path).expect("a ledger")),
            path,
            acknowledged: AtomicU64::new(0),
            decided: AtomicU64::new(0),
            refused: AtomicU64::new(0),
            failures: AtomicU64::new(0),
            sales: AtomicU64::new(0),
            name: place::unique(),
        }
    }

    /// Returns everything that it has, at its end.
    pub(crate) fn read(&self) -> Account {
        let text = std::fs::read_to_string(&self.path).expect("the ledger");
        let count = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        Account {
            acknowledged: count(&self.acknowledged),
            decided: count(&self.decided),
            refused: count(&self.refused),
            intended: written(&text, "intent"),
            kept: written(&text, "ack"),
        }
    }

    /// Writes a line, which is on disk when this returns.
    pub(crate) fn write(&self, what: &str, kind: &str, id: &str) {
        let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        writeln!(file, "{what} {kind} {id}").expect("a line of the ledger");
        file.sync_data().expect("a ledger on disk");
        if what == "ack" {
            self.acknowledged.fetch_add(1, Ordering::Relaxed);
        }
    }
}
