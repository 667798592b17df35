//! Nodes with a site, and visitors who keep a ledger.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bams_tests::crowd::{Crowd, Entrance};
use bams_tests::ledger::reported;
use bams_tests::{Answer, Bams, BamsBuilder, Generated, eventually};

/// How soon a node works on after a fault is over.
pub(crate) const RECOVERY: Duration = Duration::from_secs(5);

/// How many campaigns a small site has, and how many banners each of them.
const CAMPAIGNS: u32 = 3;
const BANNERS: u32 = 24;

/// How many impressions a site has at least in each quarter.
const ROWS: u32 = 600;

/// A key for the links of several nodes.
const SIGNING_KEY: &str = "0123456789abcdef0123456789abcdef-for-tests-only";

/// Nodes of one installation, with what its report said before anybody came.
pub(crate) struct Stage {
    pub(crate) nodes: Vec<Arc<Bams>>,
    pub(crate) viewer: String,
    pub(crate) editor: String,
    ingest: String,
    /// How many campaigns visitors look at.
    campaigns: u32,
    before: [u64; 4],
}

/// A node that shares a database with others.
pub(crate) fn node_of(database: &str) -> BamsBuilder {
    Bams::builder().database(database).set("secrets.signing_key", SIGNING_KEY)
}

impl Stage {
    /// Starts nodes, of which the first one imports a small site.
    pub(crate) async fn open(builders: impl IntoIterator<Item = BamsBuilder>) -> Self {
        Self::with(CAMPAIGNS, builders).await
    }

    /// Starts nodes, of which the first one imports a site with so many campaigns, each with every banner.
    pub(crate) async fn with(
        campaigns: u32,
        builders: impl IntoIterator<Item = BamsBuilder>,
    ) -> Self {
        let nodes: Vec<_> = builders.into_iter().map(|it| Arc::new(it.prepare())).collect();
        let first = &nodes[0];
        import(first, &Generated::new(campaigns, BANNERS, ROWS.max(campaigns * BANNERS)));
        first.give_landing_urls().await;
        for node in &nodes {
            node.start().await;
        }
        let [viewer, editor, ingest] = ["viewer", "editor", "ingest"].map(|role| first.key(role));
        let before = reported(first, &viewer).await;
        Self { nodes, viewer, editor, ingest, campaigns, before }
    }

    /// The first node.
    pub(crate) fn node(&self) -> &Bams {
        &self.nodes[0]
    }

    /// Sends visitors, who ask one node after the other when one does not answer.
    pub(crate) fn visitors(&self, count: usize) -> Crowd {
        let nodes = self.nodes.clone();
        let entrance: Entrance = Arc::new(move |turn| nodes[turn % nodes.len()].url(""));
        self.visitors_at(count, &entrance)
    }

    /// Sends visitors to an address.
    pub(crate) fn visitors_at(&self, count: usize, entrance: &Entrance) -> Crowd {
        let key = (self.node().folder(), self.ingest.as_str());
        Crowd::send(count, self.campaigns as usize, key, entrance)
    }

    /// Ends the visits, and asserts that nothing was lost and nothing counted twice.
    pub(crate) async fn settle(&self, visitors: Crowd) {
        self.settle_beside(visitors, [0; 4]).await;
    }

    /// Ends the visits as [`Stage::settle`] does, after others added so many impressions, clicks,
    /// conversions and micros of revenue.
    pub(crate) async fn settle_beside(&self, visitors: Crowd, others: [u64; 4]) {
        let account = visitors.end().await;
        let before = std::array::from_fn(|index| self.before[index] + others[index]);
        account.settle(self.node(), &self.viewer, before).await;
        say(&format!("{account}"));
    }
}

/// Imports generated data by the command line.
pub(crate) fn import(bams: &Bams, data: &Generated) {
    let folder = bams.folder().join("data");
    data.write(&folder);
    let outcome = bams.run([Path::new("import"), &folder]);
    assert_eq!(outcome.code, 0, "{}{}", outcome.output, outcome.errors);
}

/// Waits until visitors got so many more acknowledgements, and returns how long it took.
pub(crate) async fn goes_on(visitors: &Crowd, within: Duration, more: u64) -> Duration {
    let (begun, before) = (Instant::now(), visitors.acknowledged());
    eventually(within, "events are acknowledged again", async || {
        visitors.acknowledged() >= before + more
    })
    .await;
    begun.elapsed()
}

/// Asks for decisions for so long, one after the other, each of which must be answered whatever the
/// fault is. Returns how long 99 % of them took at most.
pub(crate) async fn decides_for(bams: &Bams, lasts: Duration) -> Duration {
    let (begun, mut times) = (Instant::now(), Vec::new());
    while begun.elapsed() < lasts {
        times.push(decides(bams).await);
    }
    times.sort_unstable();
    times[times.len() * 99 / 100]
}

/// Asks for a decision, which must be answered whatever the fault is, and returns how long it took.
pub(crate) async fn decides(bams: &Bams) -> Duration {
    let begun = Instant::now();
    let answer = Answer::to(bams.get("/api/v1/serve/1")).await.expect("an answer");
    assert_eq!(answer.status, 200, "{}", answer.text());
    begun.elapsed()
}

/// Prints a figure of the run.
#[expect(clippy::print_stderr, reason = "shown by cargo test -- --nocapture")]
pub(crate) fn say(text: &str) {
    eprintln!("{text}");
}
