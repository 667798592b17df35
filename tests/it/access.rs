//! Every locked operation of the document is locked: generated from it, so that none is forgotten.

use bams_tests::reqwest::Method;
use bams_tests::{Ask, Bams};
use serde_json::Value;

/// Roles whose keys do not open what needs the role.
fn too_low(needed: &str) -> &'static [&'static str] {
    match needed {
        "viewer" => &["ingest", "postback", "metrics"],
        "ingest" => &["viewer", "postback", "metrics"],
        "editor" => &["ingest", "viewer", "postback", "metrics"],
        "admin" => &["ingest", "viewer", "editor", "postback", "metrics"],
        "metrics" => &["ingest", "viewer", "editor", "postback"],
        other => panic!("an operation needs the unknown role {other}"),
    }
}

/// Every operation: its method, a path with numbers for its parameters, the role it needs.
pub(crate) fn operations(document: &Value) -> Vec<(Method, String, Option<String>)> {
    let mut operations = Vec::new();
    for (path, of_path) in document["paths"].as_object().unwrap() {
        for (method, operation) in of_path.as_object().unwrap() {
            let Ok(method) = Method::from_bytes(method.to_uppercase().as_bytes()) else { continue };
            let mut concrete = path.clone();
            while let (Some(start), Some(end)) = (concrete.find('{'), concrete.find('}')) {
                concrete.replace_range(start..=end, "1");
            }
            let role = operation["security"][0]["key"][0].as_str().map(str::to_owned);
            assert_eq!(role.is_some(), operation["security"].is_array(), "{method} {path}");
            operations.push((method, concrete, role));
        }
    }
    operations
}

#[tokio::test]
async fn no_locked_operation_opens_for_the_wrong_key() {
    let bams = Bams::builder().start().await;
    let document = bams.get("/openapi.json").answer().await.expect(200);
    let roles =
        ["ingest", "viewer", "editor", "admin", "postback", "metrics"].map(|it| (it, bams.key(it)));
    let revoked = bams.key("admin");
    assert_eq!(bams.run(["key", "revoke", &revoked]).code, 0);
    let operations = operations(&document);
    let locked: Vec<_> =
        operations.iter().filter_map(|it| Some((&it.0, &it.1, it.2.as_deref()?))).collect();
    assert!(locked.len() >= 20, "{locked:?}");
    for (method, path, needed) in locked {
        let ask = || bams.request(method.clone(), path);
        let place = format!("{method} {path}");
        let none = ask().answer().await;
        assert_eq!(none.status, 401, "{place} without a key: {}", none.text());
        none.problem(401);
        let answer = ask().bearer_auth(&revoked).answer().await;
        assert_eq!(answer.status, 401, "{place} with a revoked key: {}", answer.text());
        for (role, key) in roles.iter().filter(|it| too_low(needed).contains(&it.0)) {
            let answer = ask().bearer_auth(key).answer().await;
            assert_eq!(answer.status, 403, "{place} as {role}: {}", answer.text());
        }
    }
}

#[tokio::test]
async fn a_parameter_that_is_not_in_the_document_is_refused_everywhere() {
    let bams = Bams::builder().start().await;
    let key = bams.key("admin");
    let document = bams.get("/openapi.json").answer().await.expect(200);
    let mut refused = 0;
    for (method, path, role) in operations(&document) {
        if role.is_none() {
            continue;
        }
        let ask = bams.request(method.clone(), &format!("{path}?colour=red")).bearer_auth(&key);
        let answer = ask.answer().await;
        let problem = answer.problem(422);
        let errors = problem["errors"].as_array().unwrap_or_else(|| panic!("{problem}"));
        let named = errors.iter().any(|it| it["pointer"] == "colour");
        assert!(named, "{method} {path}: {problem}");
        refused += 1;
    }
    assert!(refused > 30, "{refused}");
}

#[tokio::test]
async fn what_is_open_asks_for_no_key() {
    let bams = Bams::builder().start().await;
    let document = bams.get("/openapi.json").answer().await.expect(200);
    for (method, path, _) in operations(&document).iter().filter(|it| it.2.is_none()) {
        let answer = bams.request(method.clone(), path).answer().await;
        assert_ne!(answer.status, 401, "{method} {path}");
    }
}
