//! A site whose banners lead to a shop.

use bams_tests::{Answer, Bams, BamsBuilder, Generated};
use serde_json::Value;

use crate::given::{decision, import, ranking, total, visitor};
use bams_tests::ledger::LANDING;

/// The campaign of [`Generated`] that earned nothing: the first conversion changes its rule.
pub(crate) const IDLE: u32 = 4;

/// A server with generated data whose banners lead somewhere.
pub(crate) async fn shop(builder: BamsBuilder) -> Bams {
    let bams = builder.prepare();
    import(&bams, &Generated::new(IDLE, 24, 1500));
    bams.give_landing_urls().await;
    bams.start().await;
    bams
}

/// A link of the first banner of a new decision for the idle campaign, and the decision.
pub(crate) async fn link(bams: &Bams, kind: &str) -> (String, Value) {
    let decision = decision(bams, IDLE, &visitor()).await;
    let banner = decision["banners"][0].clone();
    let link = banner[kind].as_str().unwrap_or_else(|| panic!("no {kind}: {banner}"));
    (link.to_owned(), decision)
}

/// Counts of the idle campaign in all quarters.
pub(crate) async fn counted(bams: &Bams, key: &str) -> [u64; 4] {
    let mut counted = [0; 4];
    for quarter in 1..=4 {
        let ranking = ranking(bams, key, IDLE, quarter).await;
        let counts = ["impressions", "clicks", "conversions", "revenue_micros"];
        let counts = counts.map(|it| total(&ranking, it));
        counted = std::array::from_fn(|it| counted[it] + counts[it]);
    }
    counted
}

/// Follows a click and answers where it led and the id it was given.
#[track_caller]
pub(crate) fn led_to(answer: &Answer) -> (String, String) {
    assert_eq!(answer.status, 302, "{}", answer.text());
    assert_eq!(answer.header("cache-control"), "no-store");
    let location = answer.header("location").to_owned();
    let id = location.strip_prefix(LANDING).unwrap_or_else(|| panic!("led to {location}"));
    (location.clone(), id.to_owned())
}

/// Asserts that `bams verify` finds nothing.
#[track_caller]
pub(crate) fn assert_balanced(bams: &Bams) {
    let verified = bams.run(["verify"]);
    assert_eq!(verified.code, 0, "{}{}", verified.output, verified.errors);
}
