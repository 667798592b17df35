//! Campaigns from the browser: made, filled, paused, mended, undone.

use bams_tests::reqwest::multipart::{Form, Part};
use bams_tests::{Ask, Bams};
use serde_json::{Value, json};

use super::Visit;
use super::pages::number_after;
use crate::given::imported;
use crate::person::Person;

/// The bytes of a small picture.
pub(crate) const PICTURE: &[u8] =
    include_bytes!("../../../crates/media/fuzz/seeds/picture/dot.png");

/// A picture as a browser sends it.
pub(crate) fn picture(name: &str) -> Part {
    Part::bytes(PICTURE.to_vec()).file_name(name.to_owned()).mime_str("image/png").unwrap()
}

async fn stored(bams: &Bams, key: &str, path: &str) -> Value {
    bams.get(&format!("/api/v1{path}")).bearer_auth(key).answer().await.expect(200)
}

#[tokio::test]
async fn from_an_empty_store_to_a_decision_in_the_browser_alone() {
    let bams = Bams::builder().start().await;
    let key = bams.key("editor");
    let visit = Visit::with(&bams, &key).await;
    assert!(visit.page("/dashboard/").await.contains("This store is empty"));
    let fields = [
        ("name", "Spring shoes"),
        ("status", "active"),
        ("zone", "Europe/Amsterdam"),
        ("starts_at", "2026-01-01T00:00"),
        ("ends_at", "2099-07-01T12:30"),
        ("page_size", "3"),
        ("tags", "fashion, spring"),
        ("notes", "Agreed until summer."),
    ];
    let led = visit.led("/dashboard/campaigns/new", &fields).await;
    let id = number_after(&led, "/dashboard/campaigns/");
    assert_eq!(led, format!("/dashboard/campaigns/{id}/banners"));
    let campaign = stored(&bams, &key, &format!("/campaigns/{id}")).await;
    assert_eq!(campaign["starts_at"], "2025-12-31T23:00:00Z");
    assert_eq!(campaign["ends_at"], "2099-07-01T10:30:00Z");
    assert_eq!((&campaign["page_size"], &campaign["tags"][1]), (&3.into(), &"spring".into()));

    let form = ["a.png", "b.png", "c.png"]
        .iter()
        .fold(Form::new(), |form, name| form.part("images", picture(name)));
    let form = form.text("landing_url", "https://shop.example/?c={click_id}").text("tags", "");
    let uploaded = visit.upload(&format!("/dashboard/campaigns/{id}/upload"), form).await;
    assert_eq!(uploaded.status, 303, "{}", uploaded.text());
    let banners = stored(&bams, &key, &format!("/banners?campaign_id={id}&sort=id")).await;
    let names: Vec<&str> = banners["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| it["name"].as_str().unwrap())
        .collect();
    assert_eq!(names, ["a", "b", "c"]);
    assert_eq!(banners["items"][0]["landing_url"], "https://shop.example/?c={click_id}");
    assert_eq!(banners["items"][0]["alt"], "a");

    let page = visit.page(&format!("/dashboard/campaigns/{id}")).await;
    assert!(
        page.contains("data-bams-campaign=&#34;") || page.contains("data-bams-campaign=&quot;"),
        "the snippet"
    );
    let framed = visit.page(&format!("/dashboard/campaigns/{id}?embed=frame")).await;
    let size = &banners["items"][0];
    let size = format!("size={}x{}", size["width"], size["height"]);
    assert!(framed.contains(&size), "the frame fits the banners: {size}");
    let decision = bams.get(&format!("/api/v1/serve/{id}?notrack=true")).answer().await.expect(200);
    assert_eq!(decision["banners"].as_array().unwrap().len(), 3);
    let preview = visit.page(&format!("/dashboard/preview?campaign={id}")).await;
    assert_eq!(preview.matches("<b>No rank yet</b>").count(), 3);
}

#[tokio::test]
async fn what_is_wrong_with_a_form_is_said_at_its_fields_at_once() {
    let bams = Bams::builder().start().await;
    let visit = Visit::of(&bams, "editor").await;
    let fields = [
        ("name", ""),
        ("status", "active"),
        ("starts_at", "2026-03-01T00:00"),
        ("ends_at", "2026-02-01T00:00"),
        ("page_size", "many"),
        ("notes", "stay here"),
    ];
    let refused = visit.submit("/dashboard/campaigns/new", &fields).await;
    assert_eq!(refused.status, 422);
    let page = refused.text();
    for text in [
        "Name is empty",
        "The end lies before the start",
        "Page size is no whole number",
        "stay here",
        "3 things to mend",
    ] {
        assert!(page.contains(text), "{text}: {page}");
    }
    assert_eq!(page.matches("aria-invalid=\"true\"").count(), 3);
}

#[tokio::test]
async fn an_image_that_is_refused_keeps_no_other_away_and_is_told_where_it_was_sent() {
    let bams = Bams::builder().start().await;
    let key = bams.key("editor");
    let visit = Visit::with(&bams, &key).await;
    let fields = [("name", "Spring shoes"), ("status", "active")];
    let own = visit.led("/dashboard/campaigns/new", &fields).await;
    let upload = own.replace("/banners", "/upload");
    let broken = Part::bytes(b"<svg/>".to_vec()).file_name("logo.png");
    let form = Form::new().part("images", picture("boot.png")).part("images", broken);
    let form = form.text("landing_url", "https://shop.example/").text("tags", "fashion");
    let refused = visit.upload(&upload, form).await;
    let page = refused.text();
    assert_eq!(refused.status, 422, "{page}");
    for text in [
        "Not everything was taken",
        "1 banner was created.",
        "logo: ",
        "<h1>Banners</h1>",
        ">boot<",
        "value=\"https://shop.example/\"",
        "value=\"fashion\"",
        &format!("action=\"{upload}\""),
    ] {
        assert!(page.contains(text), "{text}: {page}");
    }
    // A field that is wrong for all of them is told once, beside it, and nothing is made.
    let form = Form::new().part("images", picture("heel.png")).part("images", picture("clog.png"));
    let form = form.text("landing_url", "shop.example/sale");
    let page = visit.upload(&upload, form).await.text();
    assert!(page.contains("Nothing was taken") && !page.contains("heel"), "{page}");
    assert!(page.contains("href=\"#landing_url\">A landing URL begins with http"), "{page}");
    assert_eq!((page.matches("landing_url: ").count(), page.matches("-e\">").count()), (0, 1));
    // Nothing is made for a campaign that is not there.
    let form = Form::new().part("images", picture("heel.png"));
    assert_eq!(visit.upload("/dashboard/campaigns/4711/upload", form).await.status, 404);
    let banners = stored(&bams, &key, "/banners").await;
    assert_eq!(banners["items"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn a_form_that_is_older_than_the_campaign_changes_nothing() {
    let bams = Bams::builder().start().await;
    let person = Person::new(&bams, "editor");
    let visit = Visit::with(&bams, &person.key).await;
    let path = person.campaign("Spring shoes").await;
    let fields = [("name", "Mine"), ("status", "active"), ("version", "1")];
    person.patch(&path, json!({ "name": "Theirs" })).await.expect(200);
    let refused = visit.submit(&format!("/dashboard{path}/edit"), &fields).await;
    assert_eq!(refused.status, 422);
    assert!(
        refused.text().contains("Someone was faster") && refused.text().contains("value=\"Mine\"")
    );
    assert_eq!(person.get(&path).await.expect(200)["name"], "Theirs");
    let fields = [("name", "Mine"), ("status", "active"), ("version", "2")];
    visit.led(&format!("/dashboard{path}/edit"), &fields).await;
    assert_eq!(person.get(&path).await.expect(200)["name"], "Mine");
}

#[tokio::test]
async fn a_campaign_that_shows_nothing_says_why_and_is_mended_in_place() {
    let bams = Bams::builder().start().await;
    let key = bams.key("editor");
    let visit = Visit::with(&bams, &key).await;
    let led = visit
        .led("/dashboard/campaigns/new", &[("name", "Coffee club"), ("status", "active")])
        .await;
    let id = number_after(&led, "/dashboard/campaigns/");
    let own = format!("/dashboard/campaigns/{id}");
    assert!(visit.page("/dashboard/").await.contains("Coffee club is empty"));
    let form = Form::new().part("images", picture("a.png")).part("images", picture("b.png"));
    assert_eq!(visit.upload(&format!("{own}/upload"), form).await.status, 303);
    let banners = stored(&bams, &key, &format!("/banners?campaign_id={id}&sort=id")).await;
    let [a, b] = [0, 1].map(|it| banners["items"][it]["id"].as_u64().unwrap().to_string());
    // Pages have shown the campaign until now.
    let clicks = format!("click_id,banner_id,campaign_id\n1,{a},{id}\n");
    imported(&bams, &key, ("clicks_1.csv", clicks.as_bytes()), &[]).await;
    visit.led(&format!("/dashboard/banners/{a}/status"), &[("status", "paused")]).await;
    let both = [("banner", b.as_str()), ("status", "paused")];
    visit.led(&format!("{own}/attach"), &both).await;
    let overview = visit.page("/dashboard/").await;
    assert!(
        overview.contains("Coffee club shows nothing")
            && overview.contains("has shown nothing since"),
        "{overview}"
    );
    let page = visit.page(&own).await;
    for text in [
        "Visitors see none of these 2 banners",
        "banner_paused",
        "paused_in_campaign",
        "Resume here",
        "Resume 2",
    ] {
        assert!(page.contains(text), "{text}");
    }
    let mended = visit.led(&format!("{own}/banners/{b}/status"), &[("status", "active")]).await;
    assert!(mended.starts_with(&format!("{own}?undo=")), "{mended}");
    assert!(visit.page(&mended).await.contains("is shown in campaign"));
    assert!(!visit.page("/dashboard/").await.contains("shows nothing"));
    let resumed = visit.page(&visit.led(&format!("{own}/resume"), &[]).await).await;
    assert!(resumed.contains("Every attached banner may be shown"), "{resumed}");
    assert!(resumed.contains("1 banner is shown again"), "{resumed}");
}

#[tokio::test]
async fn the_statuses_to_filter_by_are_those_of_the_column() {
    let bams = Bams::builder().start().await;
    let person = Person::new(&bams, "editor");
    for (name, from, until, status) in [
        ("Autumn", json!(null), json!(null), "active"),
        ("Winter", json!(null), json!("2020-02-01T00:00:00Z"), "active"),
        ("Spring", json!("2099-03-01T00:00:00Z"), json!(null), "active"),
        ("Summer", json!("2099-06-01T00:00:00Z"), json!(null), "paused"),
    ] {
        let fields = json!({ "name": name, "starts_at": from, "ends_at": until, "status": status });
        person.post("/campaigns", fields).await.expect(201);
    }
    let visit = Visit::with(&bams, &person.key).await;
    let all = visit.page("/dashboard/campaigns").await;
    for (word, name, only) in [
        ("Active", "active", "Autumn"),
        ("Ended", "ended", "Winter"),
        ("Not started", "not_started", "Spring"),
        ("Paused", "paused", "Summer"),
    ] {
        assert!(all.contains(&format!(">{word} <span class=\"m\">1</span>")), "{word}: {all}");
        let page = visit.page(&format!("/dashboard/campaigns?status={name}")).await;
        let found: Vec<_> = ["Autumn", "Winter", "Spring", "Summer"]
            .into_iter()
            .filter(|it| page.contains(&format!("<bdi>{it}</bdi>")))
            .collect();
        assert_eq!(found, [only], "{word}");
    }
}

#[tokio::test]
async fn a_pause_is_undone_and_a_copy_is_a_draft() {
    let bams = Bams::builder().start().await;
    let person = Person::new(&bams, "editor");
    let visit = Visit::with(&bams, &person.key).await;
    let path = person.campaign("Spring shoes").await;
    let paused = visit.led(&format!("/dashboard{path}/status"), &[("status", "paused")]).await;
    let page = visit.page(&paused).await;
    assert!(page.contains("Spring shoes is paused") && page.contains("Undo"), "{page}");
    assert!(page.contains("<div class=\"note\">"), "what is meant is nothing wrong: {page}");
    let entry = number_after(&paused, "undo=");
    let back = format!("/dashboard{path}");
    assert_eq!(
        visit.led(&format!("/dashboard/audit/{entry}/revert"), &[("back", &back)]).await,
        back
    );
    assert_eq!(person.get(&path).await.expect(200)["status"], "active");
    let copy = visit.led(&format!("/dashboard{path}/copy"), &[]).await;
    let id = number_after(&copy, "/dashboard/campaigns/");
    let copied = person.get(&format!("/campaigns/{id}")).await.expect(200);
    assert_eq!(
        (&copied["name"], &copied["status"]),
        (&"Copy of Spring shoes".into(), &"draft".into())
    );
}
