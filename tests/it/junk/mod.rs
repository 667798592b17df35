//! Random bytes wherever a client can put some: refused or harmless, never our fault.

mod asking;
mod body;
mod bytes;
mod wire;

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use bams_tests::{Ask, Bams, BamsBuilder, Generated, MariaDb};

use crate::given::import;

use asking::Asking;
use bytes::Bytes;
use wire::Wire;

/// Requests to each of two databases.
const REQUESTS: usize = 50_000;

/// Connections at a time.
const CONNECTIONS: u64 = 4;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn random_bytes_are_never_our_fault() {
    never_our_fault(Bams::builder(), 1).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn random_bytes_are_never_our_fault_on_mariadb() {
    never_our_fault(Bams::builder().database(&MariaDb::shared().database()), 2).await;
}

async fn never_our_fault(builder: BamsBuilder, seed: u64) {
    let builder = builder.set("limits.key_failures_per_minute", "0");
    let builder = builder.set("limits.visitor_changes_per_minute", "0");
    let bams = builder.set("limits.key_per_second", "0").prepare();
    import(&bams, &Generated::new(1, 12, 500));
    bams.give_landing_urls().await;
    bams.start().await;
    let asking = &Asking::of(&bams).await;
    let (left, failed) = (&AtomicUsize::new(REQUESTS), &AtomicBool::new(false));
    let address = bams.url("").trim_start_matches("http://").to_owned();
    let address = address.as_str();
    tokio::task::block_in_place(|| {
        std::thread::scope(|scope| {
            for connection in 0..CONNECTIONS {
                scope.spawn(move || {
                    let mut bytes = Bytes::seeded(seed * 1000 + connection);
                    let mut wire = Wire::new(address);
                    while !failed.load(Ordering::Relaxed) && take_one(left) {
                        let request = asking.request(&mut bytes);
                        let (status, answer) = wire.exchange(&request);
                        if !(200..500).contains(&status) {
                            failed.store(true, Ordering::Relaxed);
                            let request = String::from_utf8_lossy(&request);
                            panic!("seed {seed}: {status} {answer}\nto {request:?}");
                        }
                    }
                });
            }
        });
    });
    bams.get("/readyz").answer().await.expect(200);
    assert!(!bams.log().contains("panicked"), "{}", bams.log());
}

fn take_one(left: &AtomicUsize) -> bool {
    left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |it| it.checked_sub(1)).is_ok()
}
