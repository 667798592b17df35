//! Changes are undone, campaigns are copied, and a campaign says why it shows nothing.

use std::time::Duration;

use bams_tests::reqwest::Method;
use bams_tests::{Answer, Ask, Bams, eventually};
use serde_json::{Value, json};

use crate::given::{both_databases, imported, number, shown, visitor};
use crate::person::Person;
use crate::studio::{GIF, Studio, png};

impl Person<'_> {
    /// The entries about one thing, oldest first.
    async fn entries(&self, kind: &str, id: &str) -> Vec<Value> {
        let path = format!("/audit?subject_kind={kind}&subject_id={id}");
        let list = self.get(&path).await.expect(200);
        let mut entries = list["items"].as_array().unwrap().clone();
        entries.reverse();
        entries
    }

    async fn revert(&self, entry: &Value) -> Answer {
        self.ask(Method::POST, &format!("/audit/{}/revert", entry["id"])).answer().await
    }
}

fn id_of(path: &str) -> &str {
    path.rsplit('/').next().unwrap()
}

#[tokio::test]
async fn a_change_is_reverted_and_reverted_again_on_both_databases() {
    for builder in both_databases() {
        let bams = builder.start().await;
        let ada = Person::new(&bams, "editor");
        let campaign = ada.campaign("Spring").await;
        ada.patch(&campaign, json!({ "status": "paused", "name": "Summer" })).await.expect(200);
        ada.patch(&campaign, json!({ "notes": "later" })).await.expect(200);
        let entries = ada.entries("campaign", id_of(&campaign)).await;
        let bob = Person::new(&bams, "editor");
        let reverted = bob.revert(&entries[1]).await.expect(200);
        assert_eq!(
            (&reverted["action"], &reverted["reverts"]),
            (&json!("revert"), &entries[1]["id"])
        );
        assert_eq!(reverted["actor_id"], bob.key.split('_').nth(1).unwrap());
        assert_eq!(reverted["after"]["name"], "Spring");
        let now = ada.get(&campaign).await.expect(200);
        let said = [&now["name"], &now["status"], &now["notes"]];
        assert_eq!(said, [&json!("Spring"), &json!("active"), &json!("later")]);
        assert_eq!(ada.entries("campaign", id_of(&campaign)).await.last(), Some(&reverted));

        let refused = ada.revert(&entries[1]).await.problem(409);
        assert_eq!(refused["code"], "changed_since");
        let named: Vec<_> =
            refused["errors"].as_array().unwrap().iter().map(|it| &it["pointer"]).collect();
        assert_eq!(named, ["/name", "/status"]);
        assert!(refused["detail"].as_str().unwrap().ends_with("has changed since: name, status"));
        ada.revert(&reverted).await.expect(200);
        assert_eq!(ada.get(&campaign).await.expect(200)["name"], "Summer");
        // A thing that was made is archived, and only as it was made.
        ada.revert(&entries[0]).await.problem(409);
        let other = ada.campaign("Other").await;
        let made = ada.entries("campaign", id_of(&other)).await;
        let archived = ada.revert(&made[0]).await.expect(200);
        assert_eq!(archived["after"]["status"], "archived");
    }
}

#[tokio::test]
async fn an_earlier_image_is_put_back_and_shown() {
    let studio = Studio::of(Bams::builder().start().await).await;
    let (large, small) = (png(300, 250), GIF);
    studio.put(large.clone()).await.expect(200);
    studio.put(small).await.expect(200);
    studio.shows(small).await;
    let editor = Person { bams: &studio.bams, key: studio.key.clone() };
    let entries = editor.entries("banner", &studio.banner.to_string()).await;
    editor.revert(entries.last().unwrap()).await.expect(200);
    let banner = studio.banner().await;
    assert_eq!((&banner["width"], &banner["height"]), (&json!(300), &json!(250)));
    assert_eq!(
        (&banner["image"]["media_type"], &banner["image"]["bytes"]),
        (&json!("image/png"), &json!(large.len()),)
    );
    studio.shows(&large).await;
}

#[tokio::test]
async fn a_file_that_changes_banners_is_put_back_banner_by_banner() {
    for builder in both_databases() {
        let bams = builder.start().await;
        let editor = Person::new(&bams, "editor");
        let blue = json!({ "name": "Blue", "landing_url": "https://shop.example/" });
        let blue = editor.post("/banners", blue).await.expect(201);
        let file = b"url,id,name,landing_url,alt\nwrong.png,1,Red,https://wrong.example/,Wrong\nnew.png,,New,,\n";
        let import = imported(&bams, &editor.key, ("images.csv", file), &[]).await;
        assert_eq!(import["accepted"], 2, "{import}");
        let refused = editor.ask(Method::POST, &format!("/imports/{}/revert", import["id"]));
        let refused = refused.answer().await.problem(409);
        assert!(refused["detail"].as_str().unwrap().contains("audit log"), "{refused}");

        let entries = editor.entries("banner", "1").await;
        assert_eq!(entries.len(), 2, "{entries:?}");
        let fields = |state: &str| [&entries[1][state]["name"], &entries[1][state]["landing_url"]];
        assert_eq!(fields("before"), [&json!("Blue"), &json!("https://shop.example/")]);
        assert_eq!(fields("after"), [&json!("Red"), &json!("https://wrong.example/")]);
        editor.revert(&entries[1]).await.expect(200);
        let now = editor.get("/banners/1").await.expect(200);
        for field in ["name", "landing_url", "alt", "image"] {
            assert_eq!(now[field], blue[field], "{field}");
        }
        // What a file makes is no change of something that was there.
        assert!(editor.entries("banner", "2").await.is_empty());
    }
}

#[tokio::test]
async fn who_may_read_and_revert_what() {
    let bams = Bams::builder().start().await;
    let (admin, editor, viewer) =
        (Person::new(&bams, "admin"), Person::new(&bams, "editor"), Person::new(&bams, "viewer"));
    let campaign = editor.campaign("Spring").await;
    let banner = editor.post("/banners", json!({ "name": "Blue" })).await.expect(201);
    let attached = json!({ "banner_ids": [banner["id"]] });
    editor.post(&format!("{campaign}/banners"), attached).await.expect(200);
    let clicks = ("clicks_1.csv", &b"click_id,banner_id,campaign_id\n1,5,9\n"[..]);
    imported(&bams, &editor.key, clicks, &[]).await;
    let kinds = async |person: &Person<'_>| {
        let list = person.get("/audit?sort=at").await.expect(200);
        let kinds = list["items"].as_array().unwrap().iter().map(|it| it["subject_kind"].clone());
        let mut kinds: Vec<_> = kinds.collect();
        kinds.dedup();
        kinds
    };
    assert_eq!(kinds(&editor).await, ["campaign", "banner", "campaign_banner", "import"]);
    assert!(kinds(&admin).await.contains(&json!("key")));
    editor.get("/audit?subject_kind=key").await.problem(403);
    viewer.get("/audit").await.problem(403);

    let entry = editor.entries("campaign", id_of(&campaign)).await.remove(0);
    viewer.revert(&entry).await.problem(403);
    for kind in ["key", "import"] {
        let list = admin.get(&format!("/audit?subject_kind={kind}")).await.expect(200);
        let refused = admin.revert(&list["items"][0]).await.problem(409);
        assert_eq!(refused["code"], "not_revertible", "{kind}");
    }
    let unknown = editor.revert(&json!({ "id": 4711 })).await.problem(404);
    assert_eq!(unknown["code"], "unknown_audit_entry");
    let again = async || {
        let post = editor.ask(Method::POST, &format!("/audit/{}/revert", entry["id"]));
        post.header("idempotency-key", "undo 1").answer().await
    };
    let first = again().await;
    assert_eq!(again().await.expect(200), first.expect(200));
    assert_eq!(again().await.header("idempotency-replayed"), "true");
}

#[tokio::test]
async fn a_campaign_is_copied_with_its_banners_and_pauses() {
    for builder in both_databases() {
        let bams = builder.start().await;
        let ada = Person::new(&bams, "editor");
        let campaign = ada.campaign("Spring").await;
        ada.patch(&campaign, json!({ "tags": ["shoes"], "page_size": 3 })).await.expect(200);
        let mut banners = Vec::new();
        for status in ["active", "paused"] {
            let banner = ada.post("/banners", json!({ "name": "Blue" })).await.expect(201);
            banners.push(number(&banner["id"]));
            let attached = json!({ "banner_ids": [banner["id"]], "status": status });
            ada.post(&format!("{campaign}/banners"), attached).await.expect(200);
        }
        let copy = ada.ask(Method::POST, &format!("{campaign}/copy")).answer().await;
        let made = copy.expect(201);
        let place = format!("/campaigns/{}", made["id"]);
        assert_eq!(copy.header("location"), format!("/api/v1{place}"));
        let read = ada.get(&place).await;
        assert_eq!((read.expect(200), read.header("etag")), (made.clone(), copy.header("etag")));
        let said = ["name", "status", "tags", "page_size"].map(|it| &made[it]);
        assert_eq!(
            said,
            [&json!("Copy of Spring"), &json!("draft"), &json!(["shoes"]), &json!(3),]
        );
        let attached = ada.get(&format!("{place}/banners")).await.expect(200);
        let attached = attached["items"].as_array().unwrap().iter();
        let attached: Vec<_> = attached.map(|it| json!([it["banner_id"], it["status"]])).collect();
        assert_eq!(attached, [json!([banners[0], "active"]), json!([banners[1], "paused"])]);

        let send = async || {
            let post = ada.ask(Method::POST, &format!("{campaign}/copy"));
            let post = post.header("idempotency-key", "copy 1");
            post.json(&json!({ "name": "Autumn" })).answer().await
        };
        let first = send().await.expect(201);
        assert_eq!((&first["name"], send().await.expect(201)), (&json!("Autumn"), first.clone()));
        ada.post(&format!("{campaign}/copy"), json!({ "name": "" })).await.problem(422);
        ada.post(&format!("{campaign}/copy"), json!({ "status": "active" })).await.problem(422);
        ada.post("/campaigns/999/copy", json!({})).await.problem(404);
        Person::new(&bams, "viewer")
            .post(&format!("{campaign}/copy"), json!({}))
            .await
            .problem(403);
    }
}

#[tokio::test]
async fn a_campaign_says_why_it_shows_nothing_wherever_it_is_read() {
    for builder in both_databases() {
        let studio = Studio::of(builder.start().await).await;
        let ada = Person { bams: &studio.bams, key: studio.key.clone() };
        let path = format!("/campaigns/{}", studio.campaign);
        let closed = async || {
            let read = ada.get(&path).await.expect(200)["closed"].clone();
            let ranked = ada.get(&format!("{path}/ranking")).await.expect(200)["closed"].clone();
            let listed = ada.get("/campaigns").await.expect(200)["items"][0]["closed"].clone();
            assert_eq!((&ranked, &listed), (&read, &read));
            read
        };
        let because = |reason: &str| json!({ "reason": reason, "since": null, "until": null });
        assert_eq!(closed().await, because("no_eligible_banner"));
        let tag = ada.get(&path).await.header("etag").to_owned();
        studio.put(png(300, 250)).await.expect(200);
        assert_eq!(closed().await, Value::Null);
        let read = ada.ask(Method::GET, &path).header("if-none-match", &tag).answer().await;
        assert_eq!(read.expect(200)["closed"], Value::Null, "the tag does not hide it");
        let change = ada.ask(Method::PATCH, &path).header("if-match", &tag);
        let paused = change.json(&json!({ "status": "paused" })).answer().await.expect(200);
        let since = &paused["updated_at"];
        let expected = json!({ "reason": "campaign_paused", "since": since, "until": null });
        assert_eq!((&paused["closed"], closed().await), (&expected, expected.clone()));
        let later = json!({ "status": "active", "starts_at": "2999-01-01T00:00:00Z" });
        let later = ada.patch(&path, later).await.expect(200);
        let until = json!({ "reason": "not_started", "since": null, "until": later["starts_at"] });
        assert_eq!(later["closed"], until);
        let over = json!({ "starts_at": null, "ends_at": "2026-01-01T00:00:00Z" });
        let over = ada.patch(&path, over).await.expect(200);
        assert_eq!(over["closed"]["since"], "2026-01-01T00:00:00Z");
        assert_eq!(over["closed"]["reason"], "ended");
    }
}

#[tokio::test]
async fn an_unknown_campaign_empties_its_own_placement_only() {
    let studio = Studio::of(Bams::builder().start().await).await;
    studio.put(GIF).await.expect(200);
    studio.shows(GIF).await;
    let decide = async |campaigns: &[u32]| {
        let placements: Vec<_> =
            campaigns.iter().map(|it| json!({ "id": it.to_string(), "campaign_id": it })).collect();
        let body = json!({ "placements": placements });
        let post = studio.bams.post("/api/v1/decisions").header("cookie", visitor());
        post.json(&body).answer().await.expect(200)
    };
    let decided = decide(&[998, studio.campaign, 999]).await;
    let of = |id: u32| &decided["placements"][id.to_string()];
    assert_eq!(shown(of(studio.campaign)), [studio.banner]);
    for id in [998, 999] {
        assert_eq!(
            of(id),
            &json!({
                "decision_id": decided["decision_id"],
                "campaign_id": id,
                "quarter": of(studio.campaign)["quarter"],
                "policy": "revenue_ladder",
                "rule": "clicks_then_random",
                "converting_banners": 0,
                "banners": [],
                "reason": "unknown_campaign",
            })
        );
    }
    let nothing = decide(&[999]).await;
    assert_eq!(nothing["placements"]["999"]["reason"], "unknown_campaign");
    for path in ["/api/v1/serve/999", "/campaigns/999/", "/embed/999"] {
        studio.bams.get(path).answer().await.problem(404);
    }
    let counted = async || {
        let key = studio.bams.key("admin");
        let text = studio.bams.get("/metrics").bearer_auth(&key).answer().await.text();
        text.contains("reason=\"unknown_campaign\"} 3")
    };
    eventually(Duration::from_secs(30), "they are counted", counted).await;
}
