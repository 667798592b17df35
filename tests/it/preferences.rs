//! What visitors ask for is minded, shown to them, and forgotten when they say so.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::time::Duration;

use bams_tests::reqwest::Method;
use bams_tests::{Answer, Ask, Bams, BamsBuilder, MariaDb, Redis, eventually};
use serde_json::{Value, json};

use crate::given::{both_databases, imported, node_of, number, shown, visitor};

/// How soon other nodes know.
const SOON: Duration = Duration::from_secs(30);

/// Eight banners of one campaign, none of them clicked: 5 and 6 are about travel, 4 about gambling.
async fn fill(bams: &Bams) {
    let editor = bams.key("editor");
    let mut rows = "banner_id,campaign_id\n".to_owned();
    for banner in 1..=8 {
        writeln!(rows, "{banner},1").expect("memory");
    }
    imported(bams, &editor, ("impressions_3.csv", rows.as_bytes()), &[]).await;
    for (banner, tag) in [(4, "gambling"), (5, "travel"), (6, "travel")] {
        let request = bams.request(Method::PATCH, &format!("/api/v1/banners/{banner}"));
        let request = request.bearer_auth(&editor).json(&json!({"tags": ["summer", tag]}));
        request.answer().await.expect(200);
    }
    eventually(SOON, "all banners are served", async || {
        shown(&serve(bams, &visitor(), 8).await).len() == 8
    })
    .await;
}

async fn serve(bams: &Bams, visitor: &str, count: usize) -> Value {
    let path = format!("/api/v1/serve/1?count={count}");
    let answer = bams.get(&path).header("cookie", visitor).answer().await;
    if answer.status == 404 { json!({"banners": []}) } else { answer.expect(200) }
}

async fn me(bams: &Bams, method: Method, visitor: &str) -> Answer {
    bams.request(method, "/api/v1/visitors/me").header("cookie", visitor).answer().await
}

async fn ask_for(bams: &Bams, visitor: &str, preferences: &Value) -> Value {
    let request = bams.request(Method::PUT, "/api/v1/visitors/me").header("cookie", visitor);
    request.json(preferences).answer().await.expect(200)
}

/// Whether nothing on a page was shown to the visitor before.
fn is_new(decision: &Value) -> bool {
    let banners = decision["banners"].as_array().expect("banners");
    !banners.is_empty() && banners.iter().all(|it| it["basis"] != "new_cycle")
}

/// One server on each database, and one with Redis.
async fn servers() -> Vec<Bams> {
    let redis = Redis::shared();
    let with_redis = Bams::builder().redis(redis, &redis.key_prefix()).set("redis.timeout", "5s");
    let mut servers = Vec::new();
    for builder in both_databases().into_iter().chain([with_redis]) {
        let bams = builder.start().await;
        fill(&bams).await;
        servers.push(bams);
    }
    servers
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_hidden_or_blocked_is_never_shown_again() {
    for bams in servers().await {
        let one = visitor();
        assert_eq!(shown(&serve(&bams, &one, 8).await).len(), 8);
        let wish = json!({"blocked_tags": ["gambling"], "hidden_banners": [3, 1, 3]});
        let kept = ask_for(&bams, &one, &wish).await;
        assert_eq!(kept["hidden_banners"], json!([1, 3]));
        let allowed = BTreeSet::from([2, 5, 6, 7, 8]);
        for _ in 0..5 {
            let decision = serve(&bams, &one, 8).await;
            assert_eq!(BTreeSet::from_iter(shown(&decision)), allowed, "{decision}");
            let older = bams.get("/campaigns/1/").header("cookie", &one).answer().await.expect(200);
            let older = older.as_object().expect("a map").keys().map(|it| it.parse().expect("id"));
            assert!(older.collect::<BTreeSet<u64>>().is_subset(&allowed));
            let request = json!({"placements": [{"id": "a", "campaign_id": 1, "count": 8}]});
            let request = bams.post("/api/v1/decisions").json(&request).header("cookie", &one);
            let several = request.answer().await.expect(200);
            assert_eq!(BTreeSet::from_iter(shown(&several["placements"]["a"])), allowed);
        }
        assert_eq!(shown(&serve(&bams, &visitor(), 8).await).len(), 8, "others see everything");

        ask_for(&bams, &one, &json!({"hidden_banners": [1, 2, 3, 4, 5, 6, 7, 8]})).await;
        let nothing = serve(&bams, &one, 8).await;
        assert_eq!((shown(&nothing).len(), &nothing["reason"]), (0, &json!("no_eligible_banner")));

        // The next start knows.
        bams.kill();
        bams.start().await;
        assert_eq!(shown(&serve(&bams, &one, 8).await).len(), 0);
        ask_for(&bams, &one, &json!({})).await;
        assert_eq!(shown(&serve(&bams, &one, 8).await).len(), 8);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn preferred_banners_come_first_among_equals() {
    for bams in servers().await {
        for _ in 0..3 {
            let one = visitor();
            ask_for(&bams, &one, &json!({"preferred_tags": ["travel"]})).await;
            let first = serve(&bams, &one, 2).await;
            assert_eq!(BTreeSet::from_iter(shown(&first)), BTreeSet::from([5, 6]), "{first}");
            assert!(first["banners"].as_array().unwrap().iter().all(|it| it["preferred"] == true));
            let next = serve(&bams, &one, 2).await;
            assert!(next["banners"].as_array().unwrap().iter().all(|it| it["preferred"] == false));
        }
        let other = serve(&bams, &visitor(), 2).await;
        assert!(other["banners"][0].get("preferred").is_none(), "{other}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_forgotten_begins_anew() {
    for bams in servers().await {
        let one = visitor();
        ask_for(&bams, &one, &json!({"hidden_banners": [8]})).await;
        assert!(is_new(&serve(&bams, &one, 5).await));
        let kept = me(&bams, Method::GET, &one).await.expect(200);
        assert_eq!(kept["preferences"]["hidden_banners"], json!([8]));
        assert!(kept["preferences"]["expires_at"].is_string(), "{kept}");
        let history = &kept["history"][0];
        assert_eq!(history["banners"].as_array().map(Vec::len), Some(5), "{kept}");
        assert!(number(&history["campaign_id"]) == 1 && history["expires_at"].is_string());
        assert!(!is_new(&serve(&bams, &one, 5).await));

        let forgotten = me(&bams, Method::DELETE, &one).await;
        assert_eq!((forgotten.status, forgotten.cookie("unique_id")), (204, Some(String::new())));
        assert!(forgotten.header("set-cookie").contains("Max-Age=0"));
        let kept = me(&bams, Method::GET, &one).await.expect(200);
        assert_eq!(
            (&kept["history"], &kept["preferences"]["hidden_banners"]),
            (&json!([]), &json!([]))
        );
        let again = serve(&bams, &one, 8).await;
        assert!(is_new(&again) && shown(&again).len() == 8, "{again}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn other_nodes_mind_and_forget_too() {
    let redis = Redis::shared();
    let prefix = redis.key_prefix();
    let shared = |node: BamsBuilder| node.redis(redis, &prefix).set("redis.timeout", "5s");
    for setup in [Some(shared), None] {
        let database = MariaDb::shared().database();
        let node = || setup.map_or_else(|| node_of(&database), |it| it(node_of(&database)));
        let (one, other) = (node().start().await, node().start().await);
        fill(&one).await;
        let visitor = visitor();
        eventually(SOON, "the other node serves", async || {
            shown(&serve(&other, &visitor, 8).await).len() == 8
        })
        .await;
        ask_for(&one, &visitor, &json!({"hidden_banners": [1, 2]})).await;
        eventually(SOON, "the other node minds", async || {
            shown(&serve(&other, &visitor, 8).await).len() == 6
        })
        .await;

        assert_eq!(me(&one, Method::DELETE, &visitor).await.status, 204);
        eventually(SOON, "the other node has forgotten", async || {
            let kept = me(&other, Method::GET, &visitor).await.expect(200);
            kept["history"] == json!([]) && kept["preferences"]["hidden_banners"] == json!([])
        })
        .await;
        assert!(is_new(&serve(&other, &visitor, 8).await));
    }
}

#[tokio::test]
async fn nothing_is_kept_of_who_does_not_want_it() {
    let bams = Bams::builder().start().await;
    let one = visitor();
    for (path, header) in [("", "dnt"), ("", "sec-gpc"), ("?notrack=true", "accept")]
        .map(|(query, header)| (format!("/api/v1/visitors/me{query}"), header))
    {
        let ask = |method| bams.request(method, &path).header(header, "1").header("cookie", &one);
        let kept = ask(Method::GET).answer().await;
        assert_eq!(kept.expect(200)["tracked"], false);
        let refused = ask(Method::PUT).json(&json!({"hidden_banners": [1]})).answer().await;
        assert_eq!(refused.problem(409)["code"], "visitor_untracked");
        assert!(kept.cookie("unique_id").is_none() && refused.cookie("unique_id").is_none());
    }
    let kept = me(&bams, Method::GET, &one).await.expect(200);
    assert_eq!(kept["preferences"]["hidden_banners"], json!([]));
    let kept = bams.get("/api/v1/visitors/me").answer().await;
    assert_eq!(
        (kept.cookie("unique_id"), kept.expect(200)["visitor_id"].clone()),
        (None, Value::Null)
    );
}

#[tokio::test]
async fn everything_wrong_with_preferences_is_said_at_once() {
    let bams = Bams::builder().start().await;
    let hidden: Vec<u32> = (1..=201).collect();
    let wish = json!({
        "preferred_tags": ["fine", 7, "a,b"], "blocked_tags": "all", "hidden_banners": hidden, "colour": "blue"
    });
    let request = bams.request(Method::PUT, "/api/v1/visitors/me").json(&wish);
    let problem = request.answer().await.problem(422);
    let errors = problem["errors"].as_array().expect("errors").iter();
    let pointers: BTreeSet<_> = errors.map(|it| it["pointer"].as_str().expect("a text")).collect();
    let expected =
        ["/preferred_tags/1", "/preferred_tags/2", "/blocked_tags", "/hidden_banners", "/colour"];
    assert_eq!(pointers, BTreeSet::from(expected));

    let request =
        bams.request(Method::PUT, "/api/v1/visitors/me").json(&json!({"hidden_banners": [3]}));
    let answer = request.answer().await;
    assert_eq!(answer.expect(200)["hidden_banners"], json!([3]));
    let cookie = format!("unique_id={}", answer.cookie("unique_id").expect("a new visitor"));
    let kept = me(&bams, Method::GET, &cookie).await.expect(200);
    assert_eq!(kept["preferences"]["hidden_banners"], json!([3]));
}
