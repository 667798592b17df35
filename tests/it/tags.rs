//! Tags say which version of a thing somebody has seen.

use bams_tests::reqwest::Method;
use bams_tests::{Ask, Bams};
use serde_json::{Value, json};

use crate::given::{both_databases, imported};
use crate::person::Person;

#[tokio::test]
async fn two_editors_do_not_overwrite_each_other() {
    for builder in both_databases() {
        let bams = builder.start().await;
        let (ada, bob) = (Person::new(&bams, "editor"), Person::new(&bams, "editor"));
        let campaign = ada.campaign("Shoes").await;
        let read = ada.get(&campaign).await;
        let known = read.header("etag").to_owned();
        let change = async |person: &Person<'_>, body: Value| {
            let change = person.ask(Method::PATCH, &campaign).header("if-match", &known);
            change.json(&body).answer().await
        };
        let first = change(&ada, json!({ "name": "Boots" })).await;
        first.expect(200);
        assert_ne!(first.header("etag"), known);
        change(&bob, json!({ "notes": "mine" })).await.problem(412);
        let now = ada.get(&campaign).await;
        assert_eq!(now.header("etag"), first.header("etag"));
        let kept = now.expect(200);
        assert_eq!((&kept["name"], &kept["notes"]), (&json!("Boots"), &json!("")));
        let unchanged =
            ada.ask(Method::GET, &campaign).header("if-none-match", first.header("etag"));
        assert_eq!(unchanged.answer().await.status, 304);
        assert_eq!(ada.ask(Method::HEAD, &campaign).answer().await.status, 200);
    }
}

#[tokio::test]
async fn every_single_thing_has_a_tag_by_which_it_is_read_once() {
    let bams = Bams::builder().start().await;
    let ada = Person::new(&bams, "admin");
    let file = ("clicks_1.csv", &b"click_id,banner_id,campaign_id\n1,5,9\n"[..]);
    let import = imported(&bams, &ada.key, file, &[]).await;
    let key = ada.post("/keys", json!({ "name": "reports", "role": "viewer" })).await.expect(201);
    let key = format!("/keys/{}", key["id"].as_str().unwrap());
    let import = format!("/imports/{}", import["id"]);
    let attachment = "/campaigns/9/banners/5";
    for path in [&key, &import, attachment, "/campaigns/9", "/banners/5"] {
        let read = ada.get(path).await;
        read.expect(200);
        let tag = read.header("etag");
        assert!(tag.starts_with('"') && tag.ends_with('"') && tag.len() > 2, "{path}: {tag}");
        let again = ada.ask(Method::GET, path).header("if-none-match", tag).answer().await;
        assert_eq!((again.status, again.header("etag")), (304, tag), "{path}");
        let other = ada.ask(Method::GET, path).header("if-none-match", "\"other\"").answer().await;
        other.expect(200);
    }
    let tag = ada.get(attachment).await.header("etag").to_owned();
    let pause = ada.ask(Method::PUT, attachment).json(&json!({ "status": "paused" }));
    pause.answer().await.expect(200);
    let changed = ada.ask(Method::GET, attachment).header("if-none-match", &tag).answer().await;
    assert_ne!(changed.header("etag"), tag);
    assert_eq!(changed.expect(200)["status"], "paused");
}

#[tokio::test]
async fn what_somebody_else_changed_is_neither_changed_nor_removed_by_an_old_tag() {
    for builder in both_databases() {
        let bams = builder.start().await;
        let ada = Person::new(&bams, "admin");
        let campaign = ada.campaign("Shoes").await;
        let banner = ada.post("/banners", json!({ "name": "x" })).await.expect(201);
        let attachment = format!("{campaign}/banners/{}", banner["id"]);
        let send = async |method: Method, path: &str, tag: &str, body: &Value| {
            ada.ask(method, path).header("if-match", tag).json(body).answer().await
        };
        let put = async |tag: &str, status: &str| {
            send(Method::PUT, &attachment, tag, &json!({ "status": status })).await
        };
        let none = put("*", "active").await.problem(412);
        assert_eq!(none["detail"], "there is no version of it yet");
        let attached = ada.ask(Method::PUT, &attachment).answer().await;
        attached.expect(200);
        let first = attached.header("etag");
        assert_eq!(ada.get(&attachment).await.header("etag"), first);
        let paused = put(first, "paused").await;
        paused.expect(200);
        put(first, "active").await.problem(412);
        let detach = async |tag: &str| send(Method::DELETE, &attachment, tag, &Value::Null).await;
        detach(first).await.problem(412);
        assert_eq!(ada.get(&attachment).await.expect(200)["status"], "paused");
        detach(paused.header("etag")).await.expect(200);

        let key = json!({ "name": "x", "role": "viewer" });
        let key = ada.post("/keys", key).await.expect(201);
        let key = format!("/keys/{}", key["id"].as_str().unwrap());
        let seen = ada.get(&key).await.header("etag").to_owned();
        let revoke = async |tag: &str| send(Method::DELETE, &key, tag, &Value::Null).await;
        revoke("\"other\"").await.problem(412);
        let revoked = revoke(&seen).await;
        assert!(revoked.expect(200)["revoked_at"].is_string());
        assert_eq!(ada.get(&key).await.header("etag"), revoked.header("etag"));
        revoke(&seen).await.problem(412);
    }
}
