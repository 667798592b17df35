//! Reports to hand over: a page that prints, and a link for people without a key.

use bams_tests::{Ask, Bams};

use super::Visit;
use crate::given::with_a_banner;

#[tokio::test]
async fn a_link_opens_one_report_until_it_is_ended() {
    let bams = with_a_banner(Bams::builder()).await;
    let visit = Visit::of(&bams, "editor").await;
    let other = visit
        .led("/dashboard/campaigns/new", &[("name", "Secret campaign"), ("status", "active")])
        .await;
    assert!(other.contains("/dashboard/campaigns/"));
    let page = visit.page("/dashboard/campaigns/9/report?period=today").await;
    let field = |name: &str| {
        let rest = page.split(&format!("name=\"{name}\" value=\"")).nth(1).unwrap();
        rest.split('"').next().unwrap().to_owned()
    };
    let (from, to) = (field("from"), field("to"));
    let fields = [("from", from.as_str()), ("to", to.as_str()), ("days", "7")];
    // The form is sent to the page on which it stands, which shows the same period afterwards.
    let own = "/dashboard/campaigns/9/report?period=today";
    assert!(page.contains(&format!("action=\"{own}\"")), "{page}");
    let made = visit.submit(own, &fields).await;
    assert_eq!(made.status, 200, "{}", made.text());
    let text = made.text();
    assert!(text.contains("aria-current=\"true\">Today</a>"), "{text}");
    let start = text.find("/shared/").expect("the link is shown");
    let path = text[start..].split('<').next().unwrap().to_owned();
    let read = || bams.get(&path).header("accept", "text/html");
    let report = read().answer().await;
    assert_eq!(report.status, 200);
    assert_eq!(report.header("x-robots-tag"), "noindex");
    let shown = report.text();
    assert!(shown.contains("<p class=\"m\">Report</p>") && !shown.contains("Secret campaign"));
    assert!(!shown.contains("/dashboard/campaigns") && !shown.contains("Make a link"), "{shown}");
    let token = path.trim_start_matches("/shared/").to_owned();
    assert!(!bams.log().contains(&token), "the log names no token");
    assert!(!visit.page("/dashboard/settings").await.contains(&token), "it is shown once");

    let settings = visit.page("/dashboard/settings").await;
    let revoke = settings.split("action=\"/dashboard/settings/shared/").nth(1).unwrap();
    let id = revoke.split('/').next().unwrap();
    let viewer = Visit::of(&bams, "viewer").await;
    let path_of = format!("/dashboard/settings/shared/{id}/revoke");
    assert_eq!(viewer.submit(&path_of, &[]).await.status, 403);
    assert_eq!(viewer.submit("/dashboard/campaigns/9/report", &fields).await.status, 403);
    visit.led(&path_of, &[]).await;
    assert_eq!(read().answer().await.status, 404);
    let problem = bams.get(&path).answer().await.problem(404);
    assert_eq!(
        (&problem["code"], &problem["instance"]),
        (&"unknown_shared_report".into(), &"/shared/…".into())
    );
    let audit = visit.page("/dashboard/settings").await;
    assert!(!audit.contains("shared report"), "editors do not read of links in the audit log");
}
