//! Campaigns, banners and keys are set up over HTTP alone.

use std::time::Duration;

use bams_tests::reqwest::Method;
use bams_tests::{Ask, Bams, eventually};
use serde_json::{Value, json};

use crate::given::{both_databases, decision, number, shown, visitor};
use crate::person::Person;

fn codes(problem: &Value) -> Vec<(String, String)> {
    let errors = problem["errors"].as_array().unwrap_or_else(|| panic!("{problem}"));
    let text = |it: &Value| it.as_str().unwrap_or_default().to_owned();
    errors.iter().map(|it| (text(&it["pointer"]), text(&it["code"]))).collect()
}

#[tokio::test]
async fn a_campaign_is_set_up_and_paused_on_both_databases() {
    for builder in both_databases() {
        let bams = builder.start().await;
        let ada = Person::new(&bams, "admin");
        let campaign = ada.campaign("Spring shoes").await;
        let id: u32 = campaign.rsplit('/').next().unwrap().parse().unwrap();
        let mut banners = Vec::new();
        for colour in ["blue", "red", "green"] {
            let banner = json!({
                "name": format!("Shoes, {colour}"),
                "landing_url": "https://shop.example/?click={click_id}",
                "tags": [colour, "shoes"],
            });
            let created = ada.post("/banners", banner).await.expect(201);
            assert_eq!((&created["status"], &created["image"]), (&json!("active"), &Value::Null));
            banners.push(number(&created["id"]));
        }
        let attached = json!({ "banner_ids": banners });
        let attached = ada.post(&format!("{campaign}/banners"), attached).await.expect(200);
        assert_eq!(attached["changed"], json!(banners));
        let empty = async |reason: &str| {
            let answer = decision(&bams, id, &visitor()).await;
            answer["reason"] == reason && shown(&answer).is_empty()
        };
        let within = Duration::from_secs(30);
        eventually(within, "the campaign is known", async || {
            bams.get(&format!("/api/v1/serve/{id}")).answer().await.status == 200
        })
        .await;
        eventually(within, "no banner has an image", async || empty("no_eligible_banner").await)
            .await;

        let paused = ada.patch(&campaign, json!({ "status": "paused" })).await.expect(200);
        assert_eq!(
            (&paused["status"], &paused["name"]),
            (&json!("paused"), &json!("Spring shoes"))
        );
        eventually(within, "the campaign is paused", async || empty("campaign_paused").await).await;
        let later = json!({ "status": "active", "starts_at": "2999-01-01T00:00:00+01:00" });
        let later = ada.patch(&campaign, later).await.expect(200);
        assert_eq!(later["starts_at"], "2998-12-31T23:00:00Z");
        eventually(within, "it begins later", async || empty("not_started").await).await;
        let archived = ada.ask(Method::DELETE, &campaign).answer().await.expect(200);
        assert_eq!(archived["status"], "archived");
        eventually(within, "it is over", async || empty("ended").await).await;

        let log = ada.get("/audit?subject_kind=campaign&sort=at").await.expect(200);
        let actions: Vec<_> =
            log["items"].as_array().unwrap().iter().map(|it| &it["action"]).collect();
        assert_eq!(actions, ["create", "change", "change", "change"]);
        let pausing = &log["items"][1];
        assert_eq!(
            (&pausing["before"]["status"], &pausing["after"]["status"]),
            (&json!("active"), &json!("paused"))
        );
        assert_eq!(log["items"][2]["after"]["starts_at"], "2998-12-31T23:00:00Z");
        assert_eq!(pausing["actor_id"], ada.key.split('_').nth(1).unwrap());
    }
}

#[tokio::test]
async fn everything_wrong_is_said_at_once() {
    let bams = Bams::builder().start().await;
    let ada = Person::new(&bams, "editor");
    let refused = ada
        .post(
            "/campaigns",
            json!({
                "name": " ", "status": "running", "starts_at": "soon", "page_size": 51,
                "tags": ["a", 7, "b,c"], "notes": null, "colour": "red",
            }),
        )
        .await
        .problem(422);
    let named: Vec<String> = codes(&refused).into_iter().map(|it| it.0).collect();
    assert_eq!(
        named,
        ["/name", "/status", "/starts_at", "/page_size", "/tags/1", "/tags/2", "/notes", "/colour"],
        "{refused}"
    );
    let bounds = json!({
        "name": "x", "starts_at": "2026-01-02T00:00:00Z", "ends_at": "2026-01-01T00:00:00Z",
    });
    let refused = ada.post("/campaigns", bounds).await.problem(422);
    assert_eq!(codes(&refused), [("/ends_at".to_owned(), "before_start".to_owned())]);
    for url in ["javascript:alert(1)", "//x", "https://a b", "https://x/\r\n"] {
        let banner = json!({ "name": "x", "landing_url": url });
        let refused = ada.post("/banners", banner).await.problem(422);
        assert_eq!(codes(&refused)[0].0, "/landing_url", "{url}");
    }
    let refused = ada.get("/campaigns?limit=0&sort=colour&status=active,odd&cursor=x&x=1").await;
    let named: Vec<String> = codes(&refused.problem(422)).into_iter().map(|it| it.0).collect();
    assert_eq!(named, ["status", "limit", "sort", "cursor", "x"]);
    assert_eq!(ada.get("/campaigns").await.expect(200)["items"], json!([]));
}

#[tokio::test]
async fn a_request_that_is_sent_again_is_answered_again() {
    for builder in both_databases() {
        let bams = builder.start().await;
        let ada = Person::new(&bams, "admin");
        let send = async |name: &str| {
            let post = ada.ask(Method::POST, "/campaigns").header("idempotency-key", "order 7");
            post.json(&json!({ "name": name })).answer().await
        };
        let first = send("Once").await;
        first.expect(201);
        assert_eq!(first.header("idempotency-replayed"), "");
        let again = send("Once").await;
        assert_eq!(again.expect(201), first.json());
        assert_eq!(again.header("idempotency-replayed"), "true");
        for header in ["location", "etag"] {
            assert_eq!(again.header(header), first.header(header));
        }
        send("Twice").await.problem(422);
        let bob = Person::new(&bams, "admin");
        let other = bob.ask(Method::POST, "/campaigns").header("idempotency-key", "order 7");
        other.json(&json!({ "name": "Bob's" })).answer().await.expect(201);
        assert_eq!(ada.get("/campaigns").await.expect(200)["items"].as_array().unwrap().len(), 2);

        let make = async || {
            let post = ada.ask(Method::POST, "/keys").header("idempotency-key", "key");
            post.json(&json!({ "name": "x", "role": "viewer" })).answer().await.expect(201)
        };
        let (first, again) = (make().await, make().await);
        assert!(first["secret"].is_string() && again["secret"].is_null(), "{again}");
        assert_eq!(first["id"], again["id"]);
    }
}

#[tokio::test]
async fn lists_lead_from_page_to_page() {
    let bams = Bams::builder().start().await;
    let ada = Person::new(&bams, "editor");
    for name in ["b", "a", "c", "a", "b"] {
        ada.campaign(name).await;
    }
    let mut path = "/campaigns?sort=-name&limit=2".to_owned();
    let mut names = Vec::new();
    for page in 0..3 {
        let answer = ada.get(&path).await;
        let list = answer.expect(200);
        names.extend(list["items"].as_array().unwrap().iter().map(|it| it["name"].clone()));
        if page == 2 {
            assert_eq!((&list["next_cursor"], answer.header("link")), (&Value::Null, ""));
            break;
        }
        let link = answer.header("link");
        let next = link.strip_suffix(">; rel=\"next\"").unwrap_or_else(|| panic!("{link}"));
        path = next.strip_prefix("</api/v1").unwrap().to_owned();
        assert!(path.contains("sort=-name") && path.contains("limit=2"), "{path}");
    }
    assert_eq!(names, ["c", "b", "b", "a", "a"]);
}

#[tokio::test]
async fn a_banner_can_be_paused_in_one_campaign_only() {
    let bams = Bams::builder().start().await;
    let ada = Person::new(&bams, "editor");
    let (one, two) = (ada.campaign("one").await, ada.campaign("two").await);
    let banner = ada.post("/banners", json!({ "name": "x" })).await.expect(201);
    let id = number(&banner["id"]);
    for campaign in [&one, &two] {
        ada.ask(Method::PUT, &format!("{campaign}/banners/{id}")).answer().await.expect(200);
    }
    let put = ada.ask(Method::PUT, &format!("{one}/banners/{id}"));
    put.json(&json!({ "status": "paused" })).answer().await.expect(200);
    let left_out = async |campaign: &str| {
        let ranking = ada.get(&format!("{campaign}/ranking")).await.expect(200);
        ranking["left_out"][0]["reason"].clone()
    };
    assert_eq!(left_out(&one).await, "paused_in_campaign");
    assert_eq!(left_out(&two).await, "no_image");
    let there = ada.get(&format!("{one}/banners?status=paused")).await.expect(200);
    assert_eq!(there["items"][0]["banner_id"], id);
    let detach = |campaign: &str| ada.ask(Method::DELETE, &format!("{campaign}/banners/{id}"));
    detach(&one).answer().await.expect(200);
    detach(&one).answer().await.problem(404);
    let many = ada.ask(Method::DELETE, &format!("{two}/banners?banner_ids={id},77"));
    assert_eq!(many.answer().await.expect(200)["changed"], json!([id]));
    let unknown = ada.post(&format!("{one}/banners"), json!({ "banner_ids": [id, 77, 78] })).await;
    let missing = codes(&unknown.problem(422));
    assert_eq!(
        missing,
        ["77", "78"].map(|_| ("/banner_ids".to_owned(), "unknown_banner".to_owned()))
    );
    assert_eq!(ada.get(&format!("{one}/banners")).await.expect(200)["items"], json!([]));
}

#[tokio::test]
async fn a_fresh_store_shows_its_first_admin_key_once() {
    let bams = Bams::builder().start().await;
    let log = bams.log();
    let shown = log.split_whitespace().find(|it| it.starts_with("bams_"));
    let key = shown.unwrap_or_else(|| panic!("{log}")).to_owned();
    assert!(!bams.errors().contains(&key), "the log has a key");
    let keys = bams.get("/api/v1/keys").bearer_auth(&key).answer().await.expect(200);
    assert_eq!(keys["items"][0]["role"], "admin");
    let admin = Person { bams: &bams, key };
    let made =
        admin.post("/keys", json!({ "name": "reports", "role": "viewer" })).await.expect(201);
    let secret = made["secret"].as_str().unwrap();
    bams.get("/api/v1/campaigns").bearer_auth(secret).answer().await.expect(200);
    let path = format!("/keys/{}", made["id"].as_str().unwrap());
    let used = async || !admin.get(&path).await.expect(200)["last_used_at"].is_null();
    eventually(Duration::from_secs(30), "its use is written down", used).await;
    admin.ask(Method::DELETE, &path).answer().await.expect(200);
    bams.get("/api/v1/campaigns").bearer_auth(secret).answer().await.problem(401);
    let listed = admin.get("/keys").await.text();
    assert!(!listed.contains(secret.rsplit('_').next().unwrap()));
}
