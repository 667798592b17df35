//! What only the keyboard does, and what a browser keeps for somebody.

use bams_tests::Bams;
use fantoccini::key::Key;
use serde_json::json;

use super::{DashboardGuest, GuestMeans};
use crate::person::Person;

#[tokio::test]
async fn single_keys_lead_through_the_pages() {
    let bams = Bams::builder().start().await;
    let person = Person::new(&bams, "editor");
    for name in ["Autumn coats", "Spring shoes"] {
        person.campaign(name).await;
    }
    let guest = DashboardGuest::sign_in(&bams, &person.key, GuestMeans::Keyboard).await;
    guest.type_in("gc").await;
    guest.is_at("/dashboard/campaigns").await;
    guest.type_in("jj").await;
    let focus = "return document.activeElement.innerText";
    assert_eq!(guest.run(focus).await, "Spring shoes");
    guest.type_in("k").await;
    assert_eq!(guest.run(focus).await, "Autumn coats");
    guest.type_in(&char::from(Key::Enter).to_string()).await;
    guest.is_at("/dashboard/campaigns/1").await;
    guest.type_in("gp").await;
    guest.is_at("/dashboard/preview").await;
    guest.type_in("/").await;
    guest.type_in("2").await;
    guest.type_in(&char::from(Key::Enter).to_string()).await;
    guest.browser.until("return location.search.startsWith('?campaign=2')").await;
    guest.type_in("?").await;
    guest.browser.until("return document.querySelector('#keys:popover-open')").await;
    guest.console_is_empty("keys").await;
}

#[tokio::test]
async fn times_and_days_are_those_of_the_browser() {
    let bams = Bams::builder().start().await;
    let person = Person::new(&bams, "editor");
    let campaign = person.campaign("Spring shoes").await;
    let until = json!({ "ends_at": "2099-07-01T10:30:00Z" });
    person.patch(&campaign, until).await.expect(200);
    let guest = DashboardGuest::sign_in(&bams, &person.key, GuestMeans::Mouse).await;
    let zone = json!({ "timezoneId": "Asia/Tokyo" });
    guest.browser.devtools("Emulation.setTimezoneOverride", zone).await;
    guest.go("/dashboard/").await;
    guest.browser.until("return document.cookie.includes('bams_zone=Asia/Tokyo')").await;
    guest.go("/dashboard/campaigns/1?period=7d").await;
    guest.reads("Days are those of Asia/Tokyo").await;
    guest.go("/dashboard/campaigns/1/edit").await;
    guest.reads("2099-07-01 10:30 UTC").await;
    let field = "return document.querySelector('#ends_at').value";
    assert_eq!(guest.run(field).await, "2099-07-01T19:30");
    let change = "document.querySelector('#ends_at').value = '2099-07-02T00:00'";
    guest.run(change).await;
    guest.press("main form .primary").await;
    guest.is_at("/dashboard/campaigns/1").await;
    let stored = person.get(&campaign).await.expect(200);
    assert_eq!(stored["ends_at"], "2099-07-01T15:00:00Z");
    guest.reads("until 2099-07-02 00:00 Asia/Tokyo · until 2099-07-01 15:00 UTC").await;
    guest.console_is_empty("times").await;
}

#[tokio::test]
async fn the_theme_is_the_systems_until_somebody_chooses() {
    let bams = Bams::builder().start().await;
    let guest = DashboardGuest::sign_in(&bams, &bams.key("viewer"), GuestMeans::Mouse).await;
    let ground = "return getComputedStyle(document.body).backgroundColor";
    guest.browser.look(1440, 1000, "light").await;
    let light = guest.run(ground).await;
    guest.browser.look(1440, 1000, "dark").await;
    let dark = guest.run(ground).await;
    assert_ne!(light, dark);
    guest.go("/dashboard/settings").await;
    guest.press("button[data-light]").await;
    guest.browser.until("return document.documentElement.dataset.theme == 'light'").await;
    assert_eq!(guest.run(ground).await, light);
    guest.console_is_empty("the theme").await;
}
