//! What comes in and does not count: reports say how much of it there was, and why.

use std::time::Duration;

use bams_tests::reqwest::Method;
use bams_tests::{Answer, Ask, Bams, eventually};
use serde_json::{Value, json};
use tokio::task::JoinSet;

use crate::given::{both_databases, decision, number, visitor};
use crate::shop::{IDLE, assert_balanced, led_to, link, shop};

/// How soon what was filtered is in reports.
const SOON: Duration = Duration::from_secs(30);

const BOT: &str = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)";

/// What counts of the idle campaign, what does not, and why.
#[derive(Debug, PartialEq)]
struct Reported {
    /// Impressions, clicks and conversions.
    net: [u64; 3],
    filtered: [u64; 3],
    reasons: Value,
}

async fn reported(bams: &Bams, key: &str) -> Reported {
    let path = format!("/api/v1/reports/performance?campaign_id={IDLE}");
    let report = bams.get(&path).bearer_auth(key).answer().await.expect(200);
    let counts = |of: &Value| ["impressions", "clicks", "conversions"].map(|it| number(&of[it]));
    let totals = &report["totals"];
    let reasons = report["filtered_by_reason"].clone();
    Reported { net: counts(totals), filtered: counts(&totals["filtered"]), reasons }
}

/// Awaits that so many impressions, clicks and conversions more count, and that others do not.
async fn awaits(
    bams: &Bams,
    key: &str,
    before: &Reported,
    net: [u64; 3],
    filtered: [u64; 3],
) -> Value {
    let more = |now: [u64; 3], before: [u64; 3]| {
        std::array::from_fn::<_, 3, _>(|it| now[it].saturating_sub(before[it]))
    };
    let now = async || {
        let now = reported(bams, key).await;
        (more(now.net, before.net), more(now.filtered, before.filtered))
    };
    eventually(SOON, "all is reported", async || now().await == (net, filtered)).await;
    reported(bams, key).await.reasons
}

/// The counts of a reason.
fn reason(impressions: u64, clicks: u64, conversions: u64) -> Value {
    json!({ "impressions": impressions, "clicks": clicks, "conversions": conversions })
}

#[tokio::test(flavor = "multi_thread")]
async fn what_no_person_did_is_reported_with_its_reason() {
    for builder in both_databases() {
        let bams = shop(builder).await;
        let (viewer, ingest) = (bams.key("viewer"), bams.key("ingest"));
        let before = reported(&bams, &viewer).await;
        assert_eq!((before.filtered, &before.reasons), ([0; 3], &json!({})));
        let (seen, decision) = link(&bams, "impression_url").await;
        let clicked = decision["banners"][0]["click_url"].as_str().unwrap();
        for (method, header, value) in [
            (Method::HEAD, "accept", "*/*"),
            (Method::GET, "sec-purpose", "prefetch;prerender"),
            (Method::GET, "purpose", "prefetch"),
            (Method::GET, "user-agent", BOT),
        ] {
            let ask = |link: &str| bams.request(method.clone(), link).header(header, value);
            assert_eq!(ask(&seen).answer().await.status, 200, "{header}: {value}");
            led_to(&ask(clicked).answer().await);
        }
        let reasons = awaits(&bams, &viewer, &before, [0, 0, 0], [4, 4, 0]).await;
        let expected = json!({
            "bot": reason(1, 1, 0), "head": reason(1, 1, 0), "prefetch": reason(2, 2, 0)
        });
        assert_eq!(reasons, expected);

        let mut click_id = String::new();
        for _ in 0..3 {
            assert_eq!(bams.get(&seen).answer().await.status, 200);
            (_, click_id) = led_to(&bams.get(clicked).answer().await);
        }
        let sale = json!({"conversion_id": "order-1", "click_id": click_id, "revenue": 2});
        for status in [201, 200] {
            let post = bams.post("/api/v1/conversions").bearer_auth(&ingest).json(&sale);
            post.answer().await.expect(status);
        }
        let reasons = awaits(&bams, &viewer, &before, [1, 1, 1], [6, 6, 1]).await;
        assert_eq!(reasons["duplicate"], reason(2, 2, 1), "{reasons}");
        assert_balanced(&bams);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_expired_link_leads_on_and_is_reported() {
    for builder in both_databases() {
        let bams = shop(builder.set("tracking.link_ttl", "1ms")).await;
        let viewer = bams.key("viewer");
        let before = reported(&bams, &viewer).await;
        let (seen, decision) = link(&bams, "impression_url").await;
        assert_eq!(bams.get(&seen).answer().await.status, 200);
        led_to(&bams.get(decision["banners"][0]["click_url"].as_str().unwrap()).answer().await);
        let reasons = awaits(&bams, &viewer, &before, [0, 0, 0], [1, 1, 0]).await;
        assert_eq!(reasons, json!({ "expired": reason(1, 1, 0) }));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn one_visitor_counts_as_often_as_a_person_can() {
    for builder in both_databases() {
        let bams = shop(builder.set("tracking.visitor_limit", "7")).await;
        let (viewer, visitor) = (bams.key("viewer"), visitor());
        let before = reported(&bams, &viewer).await;
        for _ in 0..4 {
            let decision = decision(&bams, IDLE, &visitor).await;
            for banner in decision["banners"].as_array().unwrap() {
                let seen = bams.get(banner["impression_url"].as_str().unwrap());
                assert_eq!(seen.header("cookie", &visitor).answer().await.status, 200);
            }
        }
        let sent = async || {
            let now = reported(&bams, &viewer).await;
            now.net[0] - before.net[0] + now.filtered[0] == 20
        };
        eventually(SOON, "net and filtered are all that was sent", sent).await;
        let now = reported(&bams, &viewer).await;
        // One more comes every nine seconds.
        let seen = now.net[0] - before.net[0];
        assert!((7..=9).contains(&seen), "{seen}");
        assert_eq!(now.reasons, json!({ "burst": reason(20 - seen, 0, 0) }));
    }
}

/// Numbers that look random and are always the same (xorshift64).
struct Dice(u64);

impl Dice {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 33).unwrap() % limit
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn tampered_links_lead_nowhere_and_count_nothing() {
    let bams = shop(Bams::builder()).await;
    let viewer = bams.key("viewer");
    let before = reported(&bams, &viewer).await;
    let (seen, other) = (link(&bams, "impression_url").await.0, link(&bams, "click_url").await.0);
    let token = |link: &str| link.rsplit('/').next().unwrap().as_bytes().to_vec();
    let (one, other) = (token(&seen), token(&other));
    let letters = b"ABCXYZabcxyz019-_~.%=+";
    let mut dice = Dice(0x2545_F491_4F6C_DD1D);
    let mut asking = JoinSet::new();
    for turn in 0..10_000 {
        let mut forged = if turn % 2 == 0 { one.clone() } else { other.clone() };
        let (place, length) = (dice.below(forged.len()), forged.len());
        match turn % 5 {
            0 => forged[place] = letters[dice.below(letters.len())],
            1 => forged.truncate(place.max(1)),
            2 => forged.insert(place, letters[dice.below(letters.len())]),
            3 => {
                let names = if turn % 2 == 0 { &other } else { &one };
                forged[..40].copy_from_slice(&names[..40]);
            }
            _ => forged.swap(place, dice.below(length)),
        }
        if forged == one || forged == other {
            continue;
        }
        let kind = ["i", "c"][dice.below(2)];
        let path = format!("/t/{kind}/{}", String::from_utf8(forged).unwrap());
        let request = bams.get(&path);
        asking.spawn(async move { (path, request.answer().await) });
        if asking.len() == 32 {
            refused(asking.join_next().await);
        }
    }
    while let Some(answer) = asking.join_next().await {
        refused(Some(answer));
    }
    assert_eq!(reported(&bams, &viewer).await, before);
}

fn refused(answer: Option<Result<(String, Answer), tokio::task::JoinError>>) {
    let (path, answer) = answer.unwrap().unwrap();
    assert_eq!((answer.status, answer.header("location")), (404, ""), "{path}");
    answer.problem(404);
}
