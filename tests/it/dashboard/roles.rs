//! Who may see and do what: every page and every form with every role.

use bams_tests::Bams;
use bams_tests::reqwest::multipart::Form;

use super::Visit;
use super::campaigns::picture;
use super::pages::number_after;
use crate::person::Person;

/// Pages that only those may see who may change something.
const FOR_EDITORS: [&str; 4] = [
    "/dashboard/campaigns/new",
    "/dashboard/campaigns/1/edit",
    "/dashboard/banners/new",
    "/dashboard/banners/1/edit",
];

/// Forms of editors.
const FORMS: [&str; 12] = [
    "/dashboard/campaigns/new",
    "/dashboard/campaigns/1/edit",
    "/dashboard/campaigns/1/status",
    "/dashboard/campaigns/1/copy",
    "/dashboard/campaigns/1/resume",
    "/dashboard/campaigns/1/attach",
    "/dashboard/campaigns/1/detach",
    "/dashboard/campaigns/1/banners/1/status",
    "/dashboard/banners/1/edit",
    "/dashboard/banners/1/status",
    "/dashboard/audit/1/revert",
    "/dashboard/settings/keys",
];

/// Forms with files.
const UPLOADS: [(&str, &str); 4] = [
    ("/dashboard/campaigns/1/upload", "images"),
    ("/dashboard/banners/new", "images"),
    ("/dashboard/banners/1/image", "image"),
    ("/dashboard/imports", "file"),
];

#[tokio::test]
async fn a_role_sees_and_does_what_it_may() {
    let bams = Bams::builder().start().await;
    let admin = Person::new(&bams, "admin");
    assert_eq!(admin.campaign("Spring shoes").await, "/campaigns/1");
    let editor = Visit::of(&bams, "editor").await;
    let form = Form::new().part("images", picture("a.png"));
    let made = editor.upload("/dashboard/campaigns/1/upload", form).await;
    assert_eq!(made.status, 303, "{}", made.text());
    let viewer = Visit::of(&bams, "viewer").await;
    let before = admin.get("/audit?limit=200").await.expect(200);
    for path in FOR_EDITORS {
        assert_eq!(viewer.get(path).await.status, 403, "{path}");
        assert_eq!(editor.get(path).await.status, 200, "{path}");
    }
    for path in FORMS {
        let refused =
            viewer.submit(path, &[("name", "x"), ("status", "archived"), ("role", "admin")]).await;
        assert_eq!(refused.status, 403, "{path}: {}", refused.text());
    }
    for (path, field) in UPLOADS {
        let refused = viewer.upload(path, Form::new().part(field, picture("a.png"))).await;
        assert_eq!(refused.status, 403, "{path}: {}", refused.text());
    }
    let key = admin.get("/keys").await.expect(200)["items"][0]["id"].as_str().unwrap().to_owned();
    for visit in [&viewer, &editor] {
        let revoke = format!("/dashboard/settings/keys/{key}/revoke");
        assert_eq!(visit.get(&revoke).await.status, 403);
        assert_eq!(visit.submit(&revoke, &[]).await.status, 403);
        let made =
            visit.submit("/dashboard/settings/keys", &[("name", "x"), ("role", "admin")]).await;
        assert_eq!(made.status, 403);
        assert!(!visit.page("/dashboard/settings").await.contains("Create key"));
    }
    assert_eq!(admin.get("/audit?limit=200").await.expect(200)["items"], before["items"]);
    let settings = viewer.page("/dashboard/settings").await;
    assert!(!settings.contains("id=\"audit\"") && settings.contains("id=\"health\""));
    assert!(editor.page("/dashboard/settings").await.contains("id=\"audit\""));
    let page = viewer.page("/dashboard/campaigns/1").await;
    for word in ["/edit\"", "/status\"", "/copy\""] {
        assert!(!page.contains(word), "a viewer is shown {word}");
    }
    assert_eq!(number_after(&page, "/dashboard/preview?campaign="), 1);
}
