//! Visitors who keep a ledger, and what it says in the end.
//!
//! They write down what they are about to send, send it until it is acknowledged, and write that
//! down, too, each on disk before they go on. In the end the ledger is compared with the database
//! and with what the server reports.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use reqwest::{Client, RequestBuilder};
use sea_orm::{ConnectionTrait, Database, Statement};
use serde_json::{Value, json};
use tokio::task::JoinSet;
use tokio::time::sleep;

use crate::answer::{Answer, Ask};
use crate::bams::Bams;
use crate::place;

/// How long a visitor waits before the same is sent again.
const PAUSE: Duration = Duration::from_millis(10);

/// What each conversion of a visitor earned, in micros.
const EARNED: u64 = 250_000;

/// How every landing URL of [`Bams::give_landing_urls`] begins; the id of the click follows.
pub const LANDING: &str = "https://shop.example/?click=";

/// The address for each attempt of a visitor, counted from 0.
pub type Entrance = Arc<dyn Fn(usize) -> String + Send + Sync>;

/// The ids of each kind of event.
pub type Ids = BTreeMap<String, BTreeSet<String>>;

/// Visitors who look at pages, click and buy without a pause.
#[derive(Debug)]
pub struct Crowd {
    ended: Arc<AtomicBool>,
    ledger: Arc<Ledger>,
    clients: JoinSet<()>,
}

/// What visitors intended and what was acknowledged.
#[derive(Debug)]
struct Ledger {
    file: Mutex<File>,
    path: PathBuf,
    acknowledged: AtomicU64,
    decided: AtomicU64,
    /// Decisions that were answered with something else than 200.
    refused: AtomicU64,
    /// Requests that had to be sent again.
    failures: AtomicU64,
    sales: AtomicU64,
    /// A part of the conversions' ids that no other ledger has.
    name: u32,
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

impl Crowd {
    /// Sends so many visitors, each to its own address among the `campaigns` from 1 on. The ledger is
    /// a new file in `folder`, and `key` may send conversions.
    pub fn send(
        count: usize,
        campaigns: usize,
        (folder, key): (&Path, &str),
        entrance: &Entrance,
    ) -> Self {
        let path = folder.join("ledger");
        let ledger = Arc::new(Ledger {
            file: Mutex::new(File::create(&path).expect("a ledger")),
            path,
            acknowledged: AtomicU64::new(0),
            decided: AtomicU64::new(0),
            refused: AtomicU64::new(0),
            failures: AtomicU64::new(0),
            sales: AtomicU64::new(0),
            name: place::unique(),
        });
        let ended = Arc::new(AtomicBool::new(false));
        let client = Client::builder().redirect(reqwest::redirect::Policy::none()).no_proxy();
        let client = client.timeout(Duration::from_secs(20)).build().expect("an HTTP client");
        let mut clients = JoinSet::new();
        for number in 0..count {
            let visitor = Guest {
                client: client.clone(),
                entrance: Arc::clone(entrance),
                attempt: number,
                ledger: Arc::clone(&ledger),
                key: key.to_owned(),
            };
            clients.spawn(visitor.live(number, campaigns, Arc::clone(&ended)));
        }
        Self { ended, ledger, clients }
    }

    /// The events that were acknowledged so far.
    pub fn acknowledged(&self) -> u64 {
        self.ledger.acknowledged.load(Ordering::Relaxed)
    }

    /// The decisions so far: answered with 200, and with something else.
    pub fn decisions(&self) -> (u64, u64) {
        let Ledger { decided, refused, .. } = &*self.ledger;
        (decided.load(Ordering::Relaxed), refused.load(Ordering::Relaxed))
    }

    /// The requests that had to be sent again, for whatever reason.
    pub fn failures(&self) -> u64 {
        self.ledger.failures.load(Ordering::Relaxed)
    }

    /// Lets every visitor finish, and reads the ledger.
    pub async fn end(mut self) -> Account {
        self.ended.store(true, Ordering::Relaxed);
        while let Some(client) = self.clients.join_next().await {
            client.expect("a visitor got what it was promised");
        }
        let text = std::fs::read_to_string(&self.ledger.path).expect("the ledger");
        let (decided, refused) = self.decisions();
        Account {
            acknowledged: self.acknowledged(),
            decided,
            refused,
            intended: written(&text, "intent"),
            kept: written(&text, "ack"),
        }
    }
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

/// What the server reports over all campaigns: impressions, clicks, conversions, micros.
pub async fn reported(bams: &Bams, viewer: &str) -> [u64; 4] {
    let report = bams.get("/api/v1/reports/performance").bearer_auth(viewer);
    let totals = report.answer().await.expect(200)["totals"].clone();
    ["impressions", "clicks", "conversions", "revenue_micros"]
        .map(|name| totals[name].as_u64().unwrap_or_else(|| panic!("not a number: {totals}")))
}

/// The ids of live events in the database; a row that is there twice would not be a set.
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
    fn write(&self, what: &str, kind: &str, id: &str) {
        let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        writeln!(file, "{what} {kind} {id}").expect("a line of the ledger");
        file.sync_data().expect("a ledger on disk");
        if what == "ack" {
            self.acknowledged.fetch_add(1, Ordering::Relaxed);
        }
    }
}

struct Guest {
    client: Client,
    entrance: Entrance,
    /// Moves on with every failure, so that a visitor of several nodes tries the next one.
    attempt: usize,
    ledger: Arc<Ledger>,
    key: String,
}

impl Guest {
    /// Looks at pages, clicks and buys until all is over; ends with nothing under way.
    async fn live(mut self, number: usize, campaigns: usize, ended: Arc<AtomicBool>) {
        let mut visits = 0;
        while !ended.load(Ordering::Relaxed) {
            visits += 1;
            let cookie = format!("unique_id=01234567-89ab-4cde-8f{number:02x}-{visits:012x}");
            let path = format!("/api/v1/serve/{}", 1 + visits % campaigns);
            match Answer::to(self.get(&path).header("cookie", cookie)).await {
                Ok(answer) if answer.status == 200 => {
                    self.ledger.decided.fetch_add(1, Ordering::Relaxed);
                    self.look_at(&answer.json()).await;
                }
                failed => {
                    if failed.is_ok() {
                        self.ledger.refused.fetch_add(1, Ordering::Relaxed);
                    }
                    self.pause().await;
                }
            }
        }
    }

    async fn look_at(&mut self, decision: &Value) {
        let of_decision = decision["decision_id"].as_str().expect("an id").replace('-', "");
        let banners = decision["banners"].as_array().expect("banners");
        for banner in banners.iter().take(3) {
            let id = format!("{of_decision}-{}", banner["banner_id"]);
            self.ledger.write("intent", "impression", &id);
            self.until(200, &banner["impression_url"]).await;
            self.ledger.write("ack", "impression", &id);
        }
        let Some(banner) = banners.first() else { return };
        let click = format!("{of_decision}-{}", banner["banner_id"]);
        self.ledger.write("intent", "click", &click);
        let led = self.until(302, &banner["click_url"]).await;
        assert_eq!(led.header("location"), format!("{LANDING}{click}"));

        let number = self.ledger.sales.fetch_add(1, Ordering::Relaxed);
        let sale = format!("order-{}-{number}", self.ledger.name);
        self.ledger.write("intent", "conversion", &sale);
        let body = json!({"conversion_id": sale, "click_id": click, "revenue": "0.25"});
        loop {
            let url = format!("{}/api/v1/conversions", (self.entrance)(self.attempt));
            let post = self.client.post(url).bearer_auth(&self.key).json(&body);
            match Answer::to(post).await.map(|answer| answer.status) {
                Ok(200 | 201) => break,
                // A click leads on even when it could not be recorded.
                Ok(422) => drop(self.until(302, &banner["click_url"]).await),
                _ => self.pause().await,
            }
        }
        self.ledger.write("ack", "click", &click);
        self.ledger.write("ack", "conversion", &sale);
    }

    /// A request for a path, or for that of a link: the server's address changes with every start.
    fn get(&self, link: &str) -> RequestBuilder {
        let path = link.find("/t/").map_or(link, |start| &link[start..]);
        self.client.get(format!("{}{path}", (self.entrance)(self.attempt)))
    }

    /// Sends the same again until the answer has a status.
    async fn until(&mut self, status: u16, link: &Value) -> Answer {
        let link = link.as_str().expect("a link");
        loop {
            match Answer::to(self.get(link)).await {
                Ok(answer) if answer.status == status => return answer,
                _ => self.pause().await,
            }
        }
    }

    async fn pause(&mut self) {
        self.attempt += 1;
        self.ledger.failures.fetch_add(1, Ordering::Relaxed);
        sleep(PAUSE).await;
    }
}
