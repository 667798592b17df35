//! The times that pages say, with a script and without one.

use std::time::Duration;

use bams_tests::{Bams, eventually};

use super::{DashboardGuest, GuestMeans};

/// True if the frame tells the time and the quarter of the browser's clock.
const FRAME_IS_RIGHT: &str = "
    const at = new Date(Date.now()), minutes = at.getUTCMinutes();
    const face = document.querySelector('.now'), [time, left] = face.querySelectorAll('time');
    const quarter = Math.floor(minutes / 15), turn = `rotate(${quarter * 90} 14 14)`;
    return time.textContent == at.toISOString().slice(11, 16) + ' UTC'
        && face.querySelector('b').textContent == `Quarter ${quarter + 1}`
        && (face.querySelector('path').getAttribute('transform') ?? 'rotate(0 14 14)') == turn
        && +left.textContent == Math.ceil(15 - minutes % 15 - at.getUTCSeconds() / 60);";

#[tokio::test]
async fn the_clock_of_the_frame_goes_on_by_itself() {
    let bams = Bams::builder().set("dashboard.time_zone", "UTC").start().await;
    let guest = DashboardGuest::sign_in(&bams, &bams.key("viewer"), GuestMeans::Mouse).await;
    guest.go("/dashboard/settings").await;
    guest.browser.until(FRAME_IS_RIGHT).await;
    // The page stays open for a quarter of an hour and a minute.
    guest.run("const now = Date.now; Date.now = () => now() + 960_000").await;
    guest.browser.until(FRAME_IS_RIGHT).await;
    guest.console_is_empty("the clock").await;
}

#[tokio::test]
async fn a_page_that_is_asked_for_again_is_of_now() {
    let bams = Bams::builder().start().await;
    let key = bams.key("viewer");
    let guest = DashboardGuest::sign_in(&bams, &key, GuestMeans::MouseWithoutScript).await;
    guest.go("/dashboard/campaigns").await;
    let counted = "return document.querySelector('main time').textContent";
    let first = guest.run(counted).await;
    eventually(Duration::from_secs(30), "the page tells a later time", async || {
        guest.browser.refresh().await.unwrap();
        guest.run(counted).await != first
    })
    .await;
}

#[tokio::test]
async fn an_open_page_on_which_nothing_happens_goes_on_telling_the_time() {
    let bams = Bams::builder().start().await;
    let guest = DashboardGuest::sign_in(&bams, &bams.key("viewer"), GuestMeans::Mouse).await;
    guest.go("/dashboard/campaigns").await;
    let renew =
        "document.onvisibilitychange(); return document.querySelector('main time').textContent";
    let unchanged = "return performance.getEntriesByType('resource')
        .some((it) => it.initiatorType == 'fetch' && it.responseStatus == 304)";
    let patience = Duration::from_secs(30);
    eventually(patience, "an answer without the page", async || {
        guest.run(renew).await;
        guest.run(unchanged).await == true
    })
    .await;
    let first = guest.run(renew).await;
    eventually(patience, "a later time", async || guest.run(renew).await != first).await;
    guest.console_is_empty("a page that did not change").await;
}
