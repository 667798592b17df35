//! Visitors who look at pages, click and buy, and keep a ledger.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use reqwest::{Client, RequestBuilder};
use serde_json::{Value, json};
use tokio::task::JoinSet;
use tokio::time::sleep;

use crate::answer::Answer;
use crate::ledger::{Account, LANDING, Ledger};

/// How long a visitor waits before the same is sent again.
const PAUSE: Duration = Duration::from_millis(10);

/// How many campaigns later than the one before it a visitor begins.
const APART: usize = 7;

/// The address for each attempt of a visitor, counted from 0.
pub type Entrance = Arc<dyn Fn(usize) -> String + Send + Sync>;

/// Visitors who look at pages, click and buy without a pause.
#[derive(Debug)]
pub struct Crowd {
    ended: Arc<AtomicBool>,
    ledger: Arc<Ledger>,
    clients: JoinSet<()>,
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
        let ledger = Arc::new(Ledger::begin(folder));
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

    /// Returns the events that were acknowledged so far.
    pub fn acknowledged(&self) -> u64 {
        self.ledger.acknowledged.load(Ordering::Relaxed)
    }

    /// Returns the decisions so far: answered with 200, and with something else.
    pub fn decisions(&self) -> (u64, u64) {
        let Ledger { decided, refused, .. } = &*self.ledger;
        (decided.load(Ordering::Relaxed), refused.load(Ordering::Relaxed))
    }

    /// Returns the requests that had to be sent again, for whatever reason.
    pub fn failures(&self) -> u64 {
        self.ledger.failures.load(Ordering::Relaxed)
    }

    /// Lets every visitor finish, and reads the ledger.
    pub async fn end(mut self) -> Account {
        self.ended.store(true, Ordering::Relaxed);
        while let Some(client) = self.clients.join_next().await {
            client.expect("a visitor got what it was promised");
        }
        self.ledger.read()
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
            let path = format!("/api/v1/serve/{}", 1 + (number * APART + visits) % campaigns);
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

    /// Returns a request for a path, or for that of a link: the server's address changes with every start.
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
