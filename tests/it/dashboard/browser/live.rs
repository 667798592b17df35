//! Pages that stay open: their figures, and what ends them.

use bams_tests::{Ask, Bams};
use serde_json::{Value, json};

use super::{DashboardGuest, GuestMeans};
use crate::browser::picture;
use crate::person::Person;

/// The page was never exchanged for another one.
const SAME: &str = "return window.same";

#[tokio::test]
async fn two_open_pages_renew_their_figures_and_end_with_their_session() {
    let bams = Bams::builder().start().await;
    let person = Person::new(&bams, "editor");
    let one = DashboardGuest::sign_in(&bams, &person.key, GuestMeans::Mouse).await;
    let other = DashboardGuest::sign_in(&bams, &person.key, GuestMeans::Mouse).await;
    for guest in [&one, &other] {
        guest.go("/dashboard/campaigns").await;
        guest.run("window.same = true").await;
    }
    person.campaign("Night sky").await;
    for guest in [&one, &other] {
        guest.reads("Night sky").await;
        assert_eq!(guest.run(SAME).await, json!(true));
        guest.console_is_empty("figures").await;
    }
    one.go("/dashboard/settings").await;
    one.press("button[name=everywhere]").await;
    one.is_at("/dashboard/sign-in").await;
    // The other page finds out by itself, and leads back once its person has signed in again.
    other.is_at("/dashboard/sign-in").await;
    assert_eq!(other.run("return location.search").await, "?next=%2Fdashboard%2Fcampaigns");
}

#[tokio::test]
async fn what_somebody_is_about_to_do_outlives_new_figures() {
    let bams = Bams::builder().start().await;
    let person = Person::new(&bams, "editor");
    person.campaign("Autumn coats").await;
    let guest = DashboardGuest::sign_in(&bams, &person.key, GuestMeans::Keyboard).await;
    guest.go("/dashboard/campaigns").await;
    guest.run("document.querySelector('#q').value = 'winter'").await;
    guest.step_to("tbody a").await;
    person.campaign("Night sky").await;
    guest.reads("Night sky").await;
    let focus = guest.run("return document.activeElement.closest('tr')?.rowIndex").await;
    assert_eq!(focus, json!(1), "the focus is in the row where it was");
    assert_eq!(guest.run("return document.querySelector('#q').value").await, "winter");
}

#[tokio::test]
async fn a_page_keeps_its_figures_while_the_server_is_away() {
    let bams = Bams::builder().start().await;
    let person = Person::new(&bams, "viewer");
    let guest = DashboardGuest::sign_in(&bams, &person.key, GuestMeans::Mouse).await;
    guest.go("/dashboard/campaigns").await;
    let counted = guest.run("return document.querySelector('main time').innerText").await;
    bams.kill();
    guest.reads(&format!("Showing data of {}", counted.as_str().unwrap())).await;
    let text = guest.run("return document.body.innerText").await.to_string();
    assert!(text.contains("No campaigns yet") && text.contains("Try now"), "{text}");
    assert!(!text.contains("All dependencies up"), "nobody knows that now: {text}");
}

#[tokio::test]
async fn a_report_is_read_by_its_link_and_prints_on_a4() {
    let bams = crate::given::with_a_banner(Bams::builder()).await;
    let guest = DashboardGuest::sign_in(&bams, &bams.key("editor"), GuestMeans::Mouse).await;
    let images = bams.folder().join("images");
    std::fs::create_dir_all(&images).unwrap();
    std::fs::write(images.join("image_5.png"), picture(300, 250)).unwrap();
    guest.go("/dashboard/campaigns/9/report?period=today").await;
    guest.press("form[action*='/report?'] .btn").await;
    let link = guest.run("return document.querySelector('#link').textContent").await;
    let link = link.as_str().unwrap().to_owned();
    // The link names the address under which the outside world reaches the server.
    let path = &link[link.find("/shared/").unwrap()..];
    guest.browser.delete_all_cookies().await.unwrap();
    guest.go(path).await;
    guest.reads("Report").await;
    assert_eq!(
        guest.run("return document.querySelectorAll('form, main a').length").await,
        json!(0)
    );
    let paper = json!({ "media": "print" });
    guest.browser.look(794, 1123, "light").await;
    guest.browser.devtools("Emulation.setEmulatedMedia", paper).await;
    let wide = "const it = document.documentElement; return it.scrollWidth - it.clientWidth";
    assert_eq!(guest.run(wide).await, json!(0));
    let a4 = json!({ "paperWidth": 8.27, "paperHeight": 11.69, "printBackground": true });
    let printed: Value = guest.browser.devtools("Page.printToPDF", a4).await;
    assert!(printed["data"].as_str().unwrap().starts_with("JVBERi0"), "a PDF");
    guest.console_is_empty("a report").await;
    let editor = DashboardGuest::sign_in(&bams, &bams.key("editor"), GuestMeans::Mouse).await;
    editor.go("/dashboard/settings").await;
    editor.press("#shared form button").await;
    editor.reads("Revoked").await;
    assert_eq!(bams.get(path).answer().await.status, 404);
}
