//! Banners from the browser.

use bams_tests::Bams;
use bams_tests::reqwest::multipart::{Form, Part};

use super::Visit;
use super::campaigns::picture;
use super::pages::number_after;
use crate::given::imported;
use crate::person::Person;

#[tokio::test]
async fn a_banner_is_made_of_an_image_changed_and_found() {
    let bams = Bams::builder().start().await;
    let person = Person::new(&bams, "editor");
    let visit = Visit::with(&bams, &person.key).await;
    let form = Form::new()
        .part("images", picture("trail runner.png"))
        .text("name", "")
        .text("landing_url", "");
    let made = visit.upload("/dashboard/banners/new", form).await;
    assert_eq!(made.status, 303, "{}", made.text());
    let own = made.header("location").to_owned();
    let id = number_after(&own, "/dashboard/banners/");
    let page = visit.page(&own).await;
    assert!(
        page.contains("trail runner")
            && page.contains("nobody can click it")
            && page.contains("in no campaign")
    );
    assert!(visit.page("/dashboard/banners?lacks=landing_url").await.contains("trail runner"));
    assert!(visit.page("/dashboard/banners?lacks=campaign").await.contains("trail runner"));
    assert!(!visit.page("/dashboard/banners?lacks=image").await.contains("trail runner"));
    let refused = [
        ("name", "Runner"),
        ("status", "active"),
        ("version", "2"),
        ("landing_url", "javascript:alert(1)"),
    ];
    let answer = visit.submit(&format!("{own}/edit"), &refused).await;
    assert_eq!(answer.status, 422);
    assert!(answer.text().contains("aria-invalid"), "{}", answer.text());
    let version = page_version(&visit, &own).await;
    let fields = [
        ("name", "Runner"),
        ("status", "active"),
        ("version", version.as_str()),
        ("landing_url", "https://shop.example/{click_id}"),
        ("alt", "A runner"),
        ("width", "300"),
        ("height", "250"),
        ("tags", "a,b"),
    ];
    visit.led(&format!("{own}/edit"), &fields).await;
    let stored = person.get(&format!("/banners/{id}")).await.expect(200);
    assert_eq!(
        (&stored["name"], &stored["width"], &stored["tags"][1]),
        (&"Runner".into(), &300.into(), &"b".into())
    );
    let page = visit.page(&own).await;
    assert!(page.contains("https://shop.example/test"), "the test click counts nothing");
}

async fn page_version(visit: &Visit<'_>, own: &str) -> String {
    let form = visit.page(&format!("{own}/edit")).await;
    let rest = form.split("name=\"version\" value=\"").nth(1).unwrap();
    rest.split('"').next().unwrap().to_owned()
}

#[tokio::test]
async fn what_is_no_image_is_refused_by_name_and_keeps_nothing_else_away() {
    let bams = Bams::builder().start().await;
    let person = Person::new(&bams, "editor");
    let visit = Visit::with(&bams, &person.key).await;
    let page = Part::bytes(b"<html>no image</html>".to_vec()).file_name("page.png".to_owned());
    let form = Form::new().part("images", picture("good.png")).part("images", page);
    let answer = visit.upload("/dashboard/banners/new", form).await;
    assert_eq!(answer.status, 422);
    assert!(
        answer.text().contains("page:") && answer.text().contains("1 banner was created."),
        "{}",
        answer.text()
    );
    let banners = person.get("/banners").await.expect(200);
    assert_eq!(banners["items"].as_array().unwrap().len(), 1);
    let id = &banners["items"][0]["id"];
    let form = Form::new().part("image", picture("other.png"));
    let replaced = visit.upload(&format!("/dashboard/banners/{id}/image"), form).await;
    assert_eq!(replaced.status, 303, "{}", replaced.text());
}

#[tokio::test]
async fn a_banners_page_tells_what_it_achieved_in_a_period_in_all_campaigns() {
    let bams = Bams::builder().start().await;
    let key = bams.key("editor");
    let visit = Visit::with(&bams, &key).await;
    let clicks = b"click_id,banner_id,campaign_id\n1,5,9\n2,5,9\n3,5,8\n";
    imported(&bams, &key, ("clicks_1.csv", clicks), &[]).await;
    // Without an asked period the page takes today, because nothing else has counts.
    let own = "/dashboard/banners/5?metric=clicks&campaign=9";
    let today = visit.page(own).await;
    for text in [
        "in all its campaigns",
        "<span class=\"k\">Clicks</span><span class=\"v\">3</span>",
        "Clicks by hour",
        "aria-current=\"true\">Today</a>",
        "Counted up to",
    ] {
        assert!(today.contains(text), "{text}: {today}");
    }
    let week = visit.page(&format!("{own}&period=7d")).await;
    assert!(week.contains("<span class=\"k\">Clicks</span><span class=\"v\">0</span>"), "{week}");
    let custom = visit.page(&format!("{own}&period=custom")).await;
    assert!(custom.contains("name=\"campaign\" value=\"9\""), "the form keeps the campaign");
}
