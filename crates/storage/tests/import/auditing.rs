//! The audit log knows every import that stored something, and no other.

use bams_storage::{Actor, AuditFilter, ImportOptions, ImportProgress, PageRequest, audit_log};
use serde_json::json;

use crate::world::{NOW, SKIP, World, clicks, file};

#[tokio::test]
async fn what_an_import_stored_is_in_the_audit_log_once() {
    for world in World::each().await {
        let text = clicks(0..3);
        let ada = Actor { id: "4f1d0a7be2c35968".to_owned(), name: "Ada".to_owned() };
        let sent = || file("clicks_1.csv", &text).sent_by(ada.clone());
        let dry = ImportOptions { dry_run: true, ..ImportOptions::default() };
        // Tried, stored, known already, refused, and half of it stored by nobody with a key.
        let import = async |file, options| {
            let progress = std::sync::Arc::new(ImportProgress::default());
            world.imports.import(file, options, NOW, progress).await.unwrap()
        };
        import(sent(), dry).await;
        let stored = import(sent(), ImportOptions::default()).await;
        import(sent(), ImportOptions::default()).await;
        let bad = "click_id,banner_id,campaign_id\n77,1,1\n78,x,1\n";
        import(file("clicks_2.csv", bad), ImportOptions::default()).await;
        let half = import(file("clicks_2.csv", bad), SKIP).await;

        let page = PageRequest { sort: (), descending: false, after: None, limit: 9 };
        let log = audit_log(&world.database, &AuditFilter::default(), &page).await.unwrap();
        let log: Vec<_> = log
            .items
            .into_iter()
            .map(|it| (it.actor_name, it.action, it.subject_kind, it.subject_id, it.after))
            .collect();
        let entry = |actor: &str, id: Option<i64>, after| {
            let [action, kind] = ["import", "import"].map(str::to_owned);
            (actor.to_owned(), action, kind, id.unwrap().to_string(), Some(after))
        };
        let first = json!({
            "kind": "clicks", "quarter": 1, "file_name": "clicks_1.csv", "sha256": stored.sha256,
            "rows": 3, "accepted": 3, "duplicates": 0, "rejected": 0,
        });
        let second = json!({
            "kind": "clicks", "quarter": 2, "file_name": "clicks_2.csv", "sha256": half.sha256,
            "rows": 2, "accepted": 1, "duplicates": 0, "rejected": 1,
        });
        let expected = [entry("Ada", stored.id, first), entry("command line", half.id, second)];
        assert_eq!(log, expected, "{}", world.name);
    }
}
