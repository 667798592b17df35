//! The audit log, however long what stands in it is.

use bams_tests::Bams;
use serde_json::json;

use super::{DashboardGuest, GuestMeans};
use crate::dashboard::Visit;
use crate::person::Person;

/// How far the log reaches beyond its panel, and whether each button that undoes is seen.
const REACH: &str = "
    const log = document.querySelector('#audit .scroll'), end = log.getBoundingClientRect().right;
    const undo = [...log.querySelectorAll('button')];
    return [log.scrollWidth - log.clientWidth,
        undo.length > 2 && undo.every((it) => it.getBoundingClientRect().right <= end)];";

#[tokio::test]
async fn nothing_pushes_undo_out_of_the_audit_log() {
    let bams = Bams::builder().start().await;
    let admin = Person::new(&bams, "admin");
    let campaign = admin.campaign(&"Spring".repeat(30)).await;
    admin.patch(&campaign, json!({ "notes": "x".repeat(500) })).await.expect(200);
    let named = json!({ "name": "somebody".repeat(25), "role": "editor" });
    let key = admin.post("/keys", named).await.expect(201)["secret"].as_str().unwrap().to_owned();
    let somebody = Person { bams: &bams, key };
    somebody.patch(&campaign, json!({ "tags": ["autumn"] })).await.expect(200);
    let visit = Visit::with(&bams, &somebody.key).await;
    let period = [("from", "1970000"), ("to", "1970096")];
    assert_eq!(visit.submit("/dashboard/campaigns/1/report", &period).await.status, 200);
    let guest = DashboardGuest::sign_in(&bams, &admin.key, GuestMeans::Mouse).await;
    guest.go("/dashboard/settings").await;
    guest.reads("created shared report of campaign 1").await;
    for width in [1440, 390] {
        guest.browser.look(width, 1000, "light").await;
        assert_eq!(guest.run(REACH).await, json!([0, true]), "{width} px");
    }
}
