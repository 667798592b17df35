//! A disk that takes nothing for a while, and then does again.

use std::process::Command;

use bams_tests::reqwest::StatusCode;
use bams_tests::{Ask, Bams};
use serde_json::json;

use crate::given::{decision, visitor};
use crate::person::Person;
use crate::shop::{IDLE, counted, shop};

/// How many links each part of a test follows.
const VISITS: usize = 20;

/// Lets the server's files grow no further, or again as they like.
///
/// For SQLite it is an error of the file like any other: its commit fails, and it rolls back.
fn writable(bams: &Bams, writable: bool) {
    let limit = if writable { "--fsize=unlimited:" } else { "--fsize=1:" };
    let pid = bams.pid().to_string();
    let status = Command::new("prlimit").args(["--pid", &pid, limit]).status();
    assert!(status.expect("prlimit is part of every Linux").success());
}

/// Links of showings that nobody saw yet.
async fn links(bams: &Bams) -> Vec<String> {
    let mut links = Vec::new();
    for _ in 0..VISITS {
        let decision = decision(bams, IDLE, &visitor()).await;
        links.push(decision["banners"][0]["impression_url"].as_str().unwrap().to_owned());
    }
    links
}

async fn visit(bams: &Bams, link: &str) -> StatusCode {
    StatusCode::from_u16(bams.get(link).answer().await.status).unwrap()
}

#[tokio::test]
async fn what_is_acknowledged_after_failed_commits_is_stored() {
    let bams = shop(Bams::builder()).await;
    let editor = Person::new(&bams, "editor");
    let viewer = bams.key("viewer");
    let links = links(&bams).await;
    let before = counted(&bams, &viewer).await;

    writable(&bams, false);
    for link in &links[..3] {
        assert_eq!(visit(&bams, link).await, StatusCode::SERVICE_UNAVAILABLE);
        editor.post("/campaigns", json!({ "name": "Autumn" })).await.problem(503);
    }
    writable(&bams, true);

    for link in &links {
        assert_eq!(visit(&bams, link).await, StatusCode::OK);
    }
    let campaign = editor.campaign("Winter").await;
    bams.kill();
    bams.start().await;
    let mut expected = before;
    expected[0] += links.len() as u64;
    assert_eq!(counted(&bams, &viewer).await, expected);
    assert_eq!(editor.get(&campaign).await.expect(200)["name"], "Winter");
}
