//! Settings: keys shown once, the audit log, health.

use bams_tests::{Ask, Bams};

use super::Visit;
use crate::person::Person;

#[tokio::test]
async fn a_key_is_shown_once_and_revoked_after_a_question() {
    let bams = Bams::builder().start().await;
    let visit = Visit::of(&bams, "admin").await;
    let fields = [("name", "nightly reports"), ("role", "viewer"), ("expires_at", "")];
    let made = visit.submit("/dashboard/settings/keys", &fields).await;
    assert_eq!((made.status, made.header("cache-control")), (200, "no-store"));
    let text = made.text();
    let key = text.split("bams_").find_map(|rest| {
        let rest: String =
            rest.chars().take_while(|it| it.is_ascii_alphanumeric() || *it == '_').collect();
        (rest.len() == 16 + 1 + 64).then(|| format!("bams_{rest}"))
    });
    let key = key.expect("the key is shown");
    let ask = || bams.get("/api/v1/campaigns").bearer_auth(&key);
    ask().answer().await.expect(200);
    assert!(!visit.page("/dashboard/settings").await.contains(&key), "it is shown once");
    let id = key.split('_').nth(1).unwrap();
    let question = visit.page(&format!("/dashboard/settings/keys/{id}/revoke")).await;
    assert!(
        question.contains("Revoke “<bdi>nightly reports</bdi>”?")
            && question.contains("cannot be undone")
    );
    ask().answer().await.expect(200);
    visit.led(&format!("/dashboard/settings/keys/{id}/revoke"), &[]).await;
    ask().answer().await.problem(401);
    let refused =
        visit.submit("/dashboard/settings/keys", &[("name", ""), ("role", "viewer")]).await;
    assert_eq!(refused.status, 422);
}

#[tokio::test]
async fn changes_are_listed_filtered_and_undone() {
    let bams = Bams::builder().start().await;
    let person = Person::new(&bams, "admin");
    let visit = Visit::with(&bams, &person.key).await;
    let path = person.campaign("Spring shoes").await;
    person.patch(&path, serde_json::json!({ "name": "Autumn shoes" })).await.expect(200);
    let page = visit.page("/dashboard/settings").await;
    assert!(page.contains("name Spring shoes → Autumn shoes"), "{page}");
    let keys_only = visit.page("/dashboard/settings?subject_kind=key").await;
    assert!(!keys_only.contains("Autumn shoes"));
    let entry = page.split("/dashboard/audit/").nth(1).unwrap().split('/').next().unwrap();
    visit
        .led(&format!("/dashboard/audit/{entry}/revert"), &[("back", "/dashboard/settings")])
        .await;
    assert_eq!(person.get(&path).await.expect(200)["name"], "Spring shoes");
}

#[tokio::test]
async fn the_theme_and_the_zone_are_remembered() {
    let bams = Bams::builder().start().await;
    let visit = Visit::of(&bams, "viewer").await;
    let dark = visit
        .submit("/dashboard/look", &[("theme", "dark"), ("back", "/dashboard/campaigns")])
        .await;
    assert_eq!((dark.status, dark.header("location")), (303, "/dashboard/campaigns"));
    assert_eq!(dark.cookie("bams_theme").as_deref(), Some("dark"));
    let cookie = format!("{}; bams_theme=dark; bams_zone=Asia/Tokyo", visit.cookie);
    let page = bams.get("/dashboard/settings").header("cookie", &cookie).answer().await.text();
    assert!(
        page.contains("data-theme=\"dark\"") && page.contains("Times are in Asia/Tokyo"),
        "{page}"
    );
    let fixed = Bams::builder()
        .set("dashboard.time_zone", "Europe/Amsterdam")
        .set("dashboard.currency", "EUR")
        .start()
        .await;
    let visit = Visit::of(&fixed, "viewer").await;
    let cookie = format!("{}; bams_zone=Asia/Tokyo", visit.cookie);
    let page = fixed.get("/dashboard/settings").header("cookie", &cookie).answer().await.text();
    assert!(page.contains("Times are in Europe/Amsterdam"), "{page}");
    assert!(visit.page("/dashboard/?period=7d").await.contains("Revenue, EUR"));
}
