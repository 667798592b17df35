//! Nothing that was acknowledged is lost and nothing counts twice, however often the server dies.

use std::sync::Arc;
use std::time::Duration;

use bams_tests::crowd::{Crowd, Entrance};
use bams_tests::ledger::reported;
use bams_tests::{Bams, BamsBuilder, Generated, MariaDb};
use tokio::time::sleep;

use crate::given::import;

/// How often the server dies, unless the environment says otherwise.
const CYCLES: u32 = 5;
const CYCLES_VARIABLE: &str = "BAMS_LEDGER_CYCLES";

const VISITORS: usize = 12;
const CAMPAIGNS: u32 = 3;

async fn survives(builder: BamsBuilder) {
    let cycles = std::env::var_os(CYCLES_VARIABLE);
    let cycles = cycles.map_or(CYCLES, |it| it.to_str().unwrap().parse().unwrap());
    let bams = Arc::new(builder.prepare());
    import(&bams, &Generated::new(CAMPAIGNS, 24, 600));
    bams.give_landing_urls().await;
    bams.start().await;
    let (viewer, ingest) = (bams.key("viewer"), bams.key("ingest"));
    let before = reported(&bams, &viewer).await;

    let node = Arc::clone(&bams);
    let entrance: Entrance = Arc::new(move |_| node.url(""));
    let visitors = Crowd::send(VISITORS, CAMPAIGNS as usize, (bams.folder(), &ingest), &entrance);
    let mut moment = 0x2545_F491_u32;
    for _ in 0..cycles {
        moment = moment.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        sleep(Duration::from_millis(50 + u64::from(moment >> 24))).await;
        bams.kill();
        bams.start().await;
    }
    let account = visitors.end().await;
    account.settle(&bams, &viewer, before).await;
    say(cycles, account.acknowledged);
}

#[expect(clippy::print_stderr, reason = "shown by cargo test -- --nocapture")]
fn say(cycles: u32, acknowledged: u64) {
    eprintln!("{cycles} times killed; acknowledged and stored: {acknowledged}");
}

#[tokio::test(flavor = "multi_thread")]
async fn no_acknowledged_event_is_lost_on_sqlite() {
    survives(Bams::builder()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn no_acknowledged_event_is_lost_on_mariadb() {
    survives(Bams::builder().database(&MariaDb::shared().database())).await;
}
