//! Nothing that was acknowledged is lost and nothing counts twice, however often the server dies.
//!
//! Clients write down what they are about to send, send it until it is acknowledged, and write
//! that down, too. Meanwhile the server is killed at random moments and started again. In the end
//! their ledger is compared with the database and with what the server reports.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::Write;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bams_tests::{Answer, Bams, BamsBuilder, Generated, MariaDb, reqwest};
use sea_orm::{ConnectionTrait, Database, Statement};
use serde_json::{Value, json};
use tokio::task::JoinSet;
use tokio::time::sleep;

use crate::given::{import, number};
use crate::landing::{LANDING, give_landing_urls};

/// How often the server dies, unless the environment says otherwise.
const CYCLES: u32 = 5;
const CYCLES_VARIABLE: &str = "BAMS_LEDGER_CYCLES";

const CLIENTS: u32 = 12;
const CAMPAIGNS: u32 = 3;

/// Lines of what clients intended and what was acknowledged, each on disk before they go on.
struct Ledger(Mutex<File>);

impl Ledger {
    fn write(&self, what: &str, kind: &str, id: &str) {
        let mut file = self.0.lock().unwrap();
        writeln!(file, "{what} {kind} {id}").unwrap();
        file.sync_data().unwrap();
    }
}

/// The ids of each kind of event.
pub(crate) type Ids = BTreeMap<String, BTreeSet<String>>;

struct Client {
    bams: Arc<Bams>,
    ledger: Arc<Ledger>,
    key: String,
    ended: Arc<AtomicBool>,
    sales: Arc<AtomicU32>,
}

impl Client {
    /// Looks at pages, clicks and buys until all is over; ends with nothing under way.
    async fn live(self, number: u32) {
        let mut visits = 0;
        while !self.ended.load(Ordering::Relaxed) {
            visits += 1;
            let visitor = format!("unique_id=01234567-89ab-4cde-8f{number:02x}-{visits:012x}");
            let path = format!("/api/v1/serve/{}", 1 + visits % CAMPAIGNS);
            let asked = self.bams.get(&path).header("cookie", visitor);
            let decision = match Answer::to(asked).await {
                Ok(answer) if answer.status == 200 => answer.json(),
                _ => {
                    sleep(Duration::from_millis(10)).await;
                    continue;
                }
            };
            self.look_at(&decision).await;
        }
    }

    async fn look_at(&self, decision: &Value) {
        let of_decision = decision["decision_id"].as_str().unwrap().replace('-', "");
        for banner in decision["banners"].as_array().unwrap().iter().take(3) {
            let id = format!("{of_decision}-{}", banner["banner_id"]);
            self.ledger.write("intent", "impression", &id);
            self.until(200, || self.get(&banner["impression_url"])).await;
            self.ledger.write("ack", "impression", &id);
        }
        let banner = &decision["banners"][0];
        let click = format!("{of_decision}-{}", banner["banner_id"]);
        self.ledger.write("intent", "click", &click);
        let led = self.until(302, || self.get(&banner["click_url"])).await;
        assert_eq!(led.header("location"), format!("{LANDING}{click}"));

        let sale = format!("order-{}", self.sales.fetch_add(1, Ordering::Relaxed));
        self.ledger.write("intent", "conversion", &sale);
        let body = json!({"conversion_id": sale, "click_id": click, "revenue": "0.25"});
        loop {
            let post = self.bams.post("/api/v1/conversions").bearer_auth(&self.key).json(&body);
            match Answer::to(post).await.map(|it| it.status) {
                Ok(200 | 201) => break,
                // A click leads on even when it could not be recorded.
                Ok(422) => drop(self.until(302, || self.get(&banner["click_url"])).await),
                _ => sleep(Duration::from_millis(10)).await,
            }
        }
        self.ledger.write("ack", "click", &click);
        self.ledger.write("ack", "conversion", &sale);
    }

    /// The server's address changes with every start.
    fn get(&self, link: &Value) -> reqwest::RequestBuilder {
        let link = link.as_str().unwrap();
        self.bams.get(&link[link.find("/t/").unwrap()..])
    }

    /// Sends the same again until the answer has a status.
    async fn until(&self, status: u16, request: impl Fn() -> reqwest::RequestBuilder) -> Answer {
        loop {
            match Answer::to(request()).await {
                Ok(answer) if answer.status == status => return answer,
                _ => sleep(Duration::from_millis(10)).await,
            }
        }
    }
}

/// What the server reports over all campaigns: impressions, clicks, conversions, micros.
async fn reported(bams: &Bams, key: &str) -> [u64; 4] {
    let path = "/api/v1/reports/performance";
    let answer = Answer::to(bams.get(path).bearer_auth(key)).await.unwrap();
    let totals = answer.expect(200)["totals"].clone();
    ["impressions", "clicks", "conversions", "revenue_micros"].map(|it| number(&totals[it]))
}

/// The ids of live events in the database; a row that is there twice would not be a set.
pub(crate) async fn stored(bams: &Bams) -> Ids {
    let database = Database::connect(bams.database()).await.unwrap();
    let mut stored = Ids::new();
    for (kind, sql) in [
        ("impression", "SELECT LOWER(HEX(decision_id)) AS id, banner_id FROM impressions"),
        ("click", "SELECT id, banner_id FROM clicks WHERE import_id IS NULL"),
        ("conversion", "SELECT id, slot AS banner_id FROM conversions WHERE import_id IS NULL"),
    ] {
        let query = Statement::from_string(database.get_database_backend(), sql);
        let rows = database.query_all_raw(query).await.unwrap();
        let count = rows.len();
        let ids = rows.into_iter().map(|row| {
            let (id, banner): (String, i64) = row.try_get_many_by_index().unwrap();
            if kind == "impression" { format!("{id}-{banner}") } else { id }
        });
        let ids: BTreeSet<String> = ids.collect();
        assert_eq!(ids.len(), count, "a {kind} is stored twice");
        stored.insert(kind.to_owned(), ids);
    }
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

async fn survives(builder: BamsBuilder) {
    let cycles = std::env::var_os(CYCLES_VARIABLE);
    let cycles = cycles.map_or(CYCLES, |it| it.to_str().unwrap().parse().unwrap());
    let bams = Arc::new(builder.prepare());
    import(&bams, &Generated::new(CAMPAIGNS, 24, 600));
    give_landing_urls(&bams).await;
    bams.start().await;
    let (viewer, ingest) = (bams.key("viewer"), bams.key("ingest"));
    let before = reported(&bams, &viewer).await;

    let file = bams.folder().join("ledger");
    let ledger = Arc::new(Ledger(Mutex::new(File::create(&file).unwrap())));
    let (ended, sales) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicU32::new(0)));
    let mut clients = JoinSet::new();
    for number in 0..CLIENTS {
        let (bams, ledger) = (Arc::clone(&bams), Arc::clone(&ledger));
        let (ended, sales) = (Arc::clone(&ended), Arc::clone(&sales));
        let client = Client { bams, ledger, key: ingest.clone(), ended, sales };
        clients.spawn(client.live(number));
    }
    let mut moment = 0x2545_F491_u32;
    for _ in 0..cycles {
        moment = moment.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        sleep(Duration::from_millis(50 + u64::from(moment >> 24))).await;
        bams.kill();
        bams.start().await;
    }
    ended.store(true, Ordering::Relaxed);
    while let Some(client) = clients.join_next().await {
        client.unwrap();
    }

    let ledger = std::fs::read_to_string(&file).unwrap();
    let (intended, acknowledged) = (written(&ledger, "intent"), written(&ledger, "ack"));
    let stored = stored(&bams).await;
    let sizes: Vec<_> = stored.iter().map(|(kind, ids)| (kind.as_str(), ids.len())).collect();
    for (kind, stored) in &stored {
        let lost: Vec<_> = acknowledged[kind].difference(stored).collect();
        assert!(lost.is_empty(), "acknowledged but lost, {kind}: {lost:?}");
        let invented: Vec<_> = stored.difference(&intended[kind]).collect();
        assert!(invented.is_empty(), "stored but never sent, {kind}: {invented:?}");
    }
    let after = reported(&bams, &viewer).await;
    let grown: Vec<u64> = after.iter().zip(before).map(|(after, before)| after - before).collect();
    let stored = |kind: &str| stored[kind].len() as u64;
    let sold = stored("conversion");
    let expected = [stored("impression"), stored("click"), sold, sold * 250_000];
    assert_eq!(grown, expected, "reports differ from what is stored: {sizes:?}");
    let verified = bams.run(["verify"]);
    assert_eq!(verified.code, 0, "{}{}", verified.output, verified.errors);
    say(cycles, &sizes);
}

#[expect(clippy::print_stderr, reason = "shown by cargo test -- --nocapture")]
fn say(cycles: u32, sizes: &[(&str, usize)]) {
    eprintln!("{cycles} times killed; stored and acknowledged: {sizes:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn no_acknowledged_event_is_lost_on_sqlite() {
    survives(Bams::builder()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn no_acknowledged_event_is_lost_on_mariadb() {
    survives(Bams::builder().database(&MariaDb::shared().database())).await;
}
