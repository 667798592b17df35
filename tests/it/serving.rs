//! Which banners are shown, and in which order they come round.

use std::collections::BTreeSet;

use bams_tests::{Ask, Bams, Generated, Redis};
use serde_json::{Value, json};

use crate::given::{decision, number, shown, site, visitor};

const BANNERS: usize = 24;
const CAMPAIGNS: u32 = 4;

fn data() -> Generated {
    Generated::new(CAMPAIGNS, 24, 3000)
}

#[tokio::test]
async fn every_banner_is_seen_once_before_any_repeats() {
    let data = data();
    let bams = site(Bams::builder(), &data).await;
    for campaign in 1..=CAMPAIGNS {
        sees_every_banner_once(&bams, &data, campaign).await;
    }
}

#[tokio::test]
async fn every_banner_is_seen_once_before_any_repeats_with_redis() {
    let (data, redis) = (data(), Redis::shared());
    let bams = site(Bams::builder().redis(redis, &redis.key_prefix()), &data).await;
    for campaign in 1..=CAMPAIGNS {
        sees_every_banner_once(&bams, &data, campaign).await;
    }
}

/// Follows a new visitor through one cycle of a campaign.
async fn sees_every_banner_once(bams: &Bams, data: &Generated, campaign: u32) {
    let visitor = visitor();
    let mut seen = BTreeSet::new();
    while seen.len() < BANNERS {
        let decision = decision(bams, campaign, &visitor).await;
        let size = follows_the_rule(data, campaign, &decision);
        let page = BTreeSet::from_iter(shown(&decision));
        assert_eq!(page.len(), size, "{decision}");
        let repeated = page.intersection(&seen).count();
        let left = BANNERS - seen.len();
        // Only a page that the unseen banners cannot fill begins a new cycle.
        assert_eq!(repeated, size.saturating_sub(left), "{seen:?} then {decision}");
        seen.extend(page);
    }
    assert_eq!(seen.len(), BANNERS);
}

/// Asserts that a decision names the right rule for its quarter; its page size.
fn follows_the_rule(data: &Generated, campaign: u32, decision: &Value) -> usize {
    let quarter = u8::try_from(number(&decision["quarter"])).unwrap();
    let converting = data.converting(campaign, quarter);
    let (rule, size) = match converting {
        0 => ("clicks_then_random", 5),
        1..5 => ("revenue_then_clicks", 5),
        5..10 => ("all_by_revenue", converting),
        _ => ("top_ten_by_revenue", 10),
    };
    assert_eq!(decision["rule"], rule, "{decision}");
    assert_eq!(decision["converting_banners"], converting, "{decision}");
    assert_eq!(decision["campaign_id"], campaign);
    assert_eq!(decision["policy"], "revenue_ladder");
    assert_eq!(decision["reason"], Value::Null);
    size
}

#[tokio::test]
async fn the_first_page_is_the_top_of_the_ladder() {
    let data = data();
    let bams = site(Bams::builder(), &data).await;
    for campaign in 1..=CAMPAIGNS {
        let decision = decision(&bams, campaign, &visitor()).await;
        let quarter = u8::try_from(number(&decision["quarter"])).unwrap();
        let size = follows_the_rule(&data, campaign, &decision);
        let best = data.ranking(campaign, quarter).into_iter().take(size);

        let banners = decision["banners"].as_array().unwrap();
        let mut ranked: Vec<_> =
            banners.iter().map(|it| (number(&it["rank"]), number(&it["banner_id"]))).collect();
        ranked.sort_unstable();
        assert_eq!(ranked, (1..).zip(best.map(u64::from)).collect::<Vec<_>>(), "{decision}");
    }
}

#[tokio::test]
async fn a_decision_says_all_a_page_needs() {
    let bams = site(Bams::builder(), &data()).await;
    let decision = decision(&bams, 1, &visitor()).await;
    assert!(decision["decision_id"].is_string());
    for banner in decision["banners"].as_array().unwrap() {
        assert!(banner["image_url"].as_str().is_some_and(|it| it.starts_with("http")), "{banner}");
        assert!(banner["image_expires_at"].as_str().is_some_and(|it| it.ends_with('Z')));
        assert_eq!(banner["basis"], "revenue");
    }
}

/// The names of an object's fields.
fn fields(object: &Value) -> BTreeSet<&str> {
    object.as_object().unwrap_or_else(|| panic!("{object}")).keys().map(String::as_str).collect()
}

#[tokio::test]
async fn a_decision_has_the_documented_fields_and_no_others() {
    let bams = site(Bams::builder(), &data()).await;
    let document = bams.get("/openapi.json").answer().await.expect(200);
    let documented = |name: &str| document["components"]["schemas"][name]["properties"].clone();
    let decision = decision(&bams, 1, &visitor()).await;
    assert_eq!(fields(&decision), fields(&documented("Decision")));
    for banner in decision["banners"].as_array().unwrap() {
        // `preferred` is there for visitors who prefer something.
        let of_banner = documented("DecisionBanner");
        let everybodys = fields(&of_banner).into_iter().filter(|it| *it != "preferred");
        assert_eq!(fields(banner), everybodys.collect());
    }
    let request = json!({"placements": [{"id": "a \"quoted\" spot", "campaign_id": 1}]});
    let decisions = bams.post("/api/v1/decisions").json(&request).answer().await.expect(200);
    assert_eq!(fields(&decisions), fields(&documented("Decisions")));
    let of_spot = &decisions["placements"]["a \"quoted\" spot"];
    assert_eq!(fields(of_spot), fields(&documented("Decision")));
    assert_eq!(of_spot["decision_id"], decisions["decision_id"]);
}

#[tokio::test]
async fn placements_of_one_request_share_no_banner() {
    let bams = site(Bams::builder(), &data()).await;
    let request = json!({"placements": [
        {"id": "top", "campaign_id": 1, "count": 6},
        {"id": "side", "campaign_id": 1, "count": 6},
        {"id": "foot", "campaign_id": 2, "count": 6},
    ]});
    let answer = bams.post("/api/v1/decisions").json(&request).answer().await.expect(200);
    let placements = answer["placements"].as_object().unwrap();
    assert_eq!(placements.len(), 3);
    let all: Vec<_> = placements.values().flat_map(shown).collect();
    assert_eq!(all.len(), 18);
    assert_eq!(BTreeSet::from_iter(&all).len(), 18, "{answer}");
}

#[tokio::test]
async fn a_request_may_ask_for_a_number_and_leave_banners_out() {
    let bams = site(Bams::builder(), &data()).await;
    let path = "/api/v1/serve/1?count=23&exclude=102,101";
    let placement = json!({"id": "top", "campaign_id": 1, "count": 23});
    let request = json!({"placements": [placement], "exclude": [102, 101]});
    let decided = bams.post("/api/v1/decisions").json(&request).answer().await.expect(200);
    for decision in [&bams.get(path).answer().await.expect(200), &decided["placements"]["top"]] {
        let banners = shown(decision);
        assert_eq!(banners.len(), BANNERS - 2);
        assert!(!banners.contains(&101) && !banners.contains(&102), "{decision}");
    }

    for count in ["0", "51", "-1", "many"] {
        let answer = bams.get(&format!("/api/v1/serve/1?count={count}")).answer().await;
        assert!([400, 422].contains(&answer.status), "{count}: {}", answer.text());
        answer.problem(answer.status);
    }
}

#[tokio::test]
async fn an_unknown_campaign_is_a_problem() {
    let bams = site(Bams::builder(), &data()).await;
    bams.get("/api/v1/serve/999").answer().await.problem(404);
    bams.get("/campaigns/999/").answer().await.problem(404);
}

#[tokio::test]
async fn older_clients_get_a_map_of_image_urls() {
    let bams = site(Bams::builder(), &data()).await;
    let map = bams.get("/campaigns/1/").answer().await.expect(200);
    let map = map.as_object().unwrap();
    assert_eq!(map.len(), 10);
    for (banner, url) in map {
        assert!(banner.parse::<u32>().is_ok(), "{banner}");
        assert!(url.as_str().is_some_and(|it| it.starts_with("http")), "{url}");
    }
}

#[tokio::test]
async fn older_addresses_without_their_last_slash_lead_to_those_with_it() {
    let bams = Bams::builder().set("server.public_url", "http://127.0.0.1/ads").start().await;
    let ask = |method: &str, path: &str| bams.request(method.parse().unwrap(), path).answer();
    for (method, path, leads_to) in [
        ("GET", "/campaigns/1", "/ads/campaigns/1/"),
        ("HEAD", "/campaigns/1?page=2&x=%2F", "/ads/campaigns/1/?page=2&x=%2F"),
        ("POST", "/upload/csv/api", "/ads/upload/csv/api/"),
    ] {
        let answer = ask(method, path).await;
        assert_eq!((answer.status, answer.header("location")), (307, leads_to), "{method} {path}");
    }
    for (method, status) in [("POST", 405), ("OPTIONS", 204)] {
        let answer = ask(method, "/campaigns/1").await;
        assert_eq!((answer.status, answer.header("allow")), (status, "GET, HEAD"), "{method}");
    }
    for path in ["/campaigns", "/campaigns/1/2", "/upload/csv", "/api/v1", "/media"] {
        ask("GET", path).await.problem(404);
    }
}
