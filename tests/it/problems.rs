//! Every refusal is a problem (RFC 9457).

use bams_tests::reqwest::Method;
use bams_tests::{Answer, Ask, Bams};
use serde_json::json;

#[tokio::test]
async fn an_unknown_path_and_a_wrong_method_are_problems() {
    let bams = Bams::builder().start().await;
    for path in ["/nothing", "/api/v1/nothing", "/api/v1/serve/", "/t/i/"] {
        bams.get(path).answer().await.problem(404);
    }
    for (method, path) in [
        (Method::DELETE, "/api/v1/serve/1"),
        (Method::GET, "/api/v1/decisions"),
        (Method::POST, "/healthz"),
        (Method::PATCH, "/api/v1/imports"),
        (Method::POST, "/"),
        (Method::PATCH, "/docs"),
        (Method::PATCH, "/docs/"),
        (Method::PUT, "/docs/index.css"),
        (Method::DELETE, "/openapi.json"),
    ] {
        let answer = bams.request(method, path).answer().await;
        answer.problem(405);
        assert!(!answer.header("allow").is_empty(), "{path}");
    }
}

#[tokio::test]
async fn a_malformed_path_or_query_is_a_problem() {
    let bams = Bams::builder().start().await;
    for path in [
        "/api/v1/serve/abc",
        "/api/v1/serve/-1",
        "/api/v1/serve/99999999999999999999",
        "/api/v1/serve/1?count=many",
        "/api/v1/serve/1?colour=red",
        "/campaigns/abc/",
    ] {
        let answer = bams.get(path).answer().await;
        assert!([400, 404, 422].contains(&answer.status), "{path}: {}", answer.text());
        answer.problem(answer.status);
    }
}

#[tokio::test]
async fn a_malformed_body_is_a_problem() {
    let bams = Bams::builder().start().await;
    let deep = "[".repeat(100_000);
    for body in ["", "{", "[]", "nonsense", "\0", deep.as_str()] {
        let request = bams.post("/api/v1/decisions").header("content-type", "application/json");
        let answer = request.body(body.to_owned()).answer().await;
        assert!([400, 413, 422].contains(&answer.status), "{}", answer.text());
        answer.problem(answer.status);
    }
    for body in [
        json!({}),
        json!({"placements": []}),
        json!({"placements": 7}),
        json!({"placements": [{"id": "top", "campaign_id": 1, "count": 0}]}),
        json!({"placements": [{"id": "top", "campaign_id": 1}], "colour": "red"}),
    ] {
        let answer = bams.post("/api/v1/decisions").json(&body).answer().await;
        assert!([400, 422].contains(&answer.status), "{body}: {}", answer.text());
        answer.problem(answer.status);
    }
    for (body, place) in [
        (json!({"placements": [{"id": "top"}]}), "/placements/0/campaign_id"),
        (json!({"placements": [{"id": "top", "campaign_id": "1"}]}), "/placements/0/campaign_id"),
        (
            json!({"placements": [{"id": "top", "campaign_id": 1}], "exclude": [1, -1]}),
            "/exclude/1",
        ),
        (json!({"placements": [["top", 1, 1]]}), "/placements/0"),
        (
            json!({"placements": [{"id": "a", "campaign_id": 1}, {"id": "a", "campaign_id": 1}]}),
            "/placements/1/id",
        ),
        (json!({"placements": [{"id": "top", "campaign_id": 1}], "colour": "red"}), "/colour"),
    ] {
        let problem = bams.post("/api/v1/decisions").json(&body).answer().await.problem(422);
        assert_eq!(problem["errors"][0]["pointer"], place, "{problem}");
    }
    let request = bams.post("/api/v1/decisions").header("content-type", "text/plain");
    let answer = request.body("{}").answer().await;
    assert!([400, 415].contains(&answer.status), "{}", answer.text());
    answer.problem(answer.status);
}

#[tokio::test]
async fn a_body_of_another_media_type_is_refused_by_every_route() {
    let bams = Bams::builder().start().await;
    let key = bams.key("admin");
    let document = bams.get("/openapi.json").answer().await.expect(200);
    let mut refused = 0;
    for (path, operations) in document["paths"].as_object().unwrap() {
        for (method, operation) in operations.as_object().unwrap() {
            let taken = &operation["requestBody"]["content"];
            // The type of an image is told by its bytes.
            if !taken.is_object() || taken["application/octet-stream"].is_object() {
                continue;
            }
            let path = path.replace("{campaign_id}", "1").replace("{banner_id}", "1");
            let method = Method::from_bytes(method.to_uppercase().as_bytes()).unwrap();
            let ask = || bams.request(method.clone(), &path).bearer_auth(&key).body("{}");
            ask().answer().await.problem(415);
            for media_type in ["text/plain", "application/x-www-form-urlencoded", "image/png", "?"]
            {
                let answer = ask().header("content-type", media_type).answer().await;
                assert_eq!(answer.problem(415)["code"], "unsupported_media_type", "{path}");
                refused += 1;
            }
        }
    }
    assert!(refused > 40, "{refused}");
}

#[tokio::test]
async fn what_the_document_shows_as_a_request_is_well_formed() {
    let bams = Bams::builder().start().await;
    let key = bams.key("admin");
    let document = bams.get("/openapi.json").answer().await.expect(200);
    let mut sent = 0;
    for (path, operations) in document["paths"].as_object().unwrap() {
        for (method, operation) in operations.as_object().unwrap() {
            let taken = &operation["requestBody"]["content"]["application/json"];
            if !taken.is_object() {
                continue;
            }
            let path = path.replace("{campaign_id}", "1").replace("{banner_id}", "1");
            let method = Method::from_bytes(method.to_uppercase().as_bytes()).unwrap();
            let ask = bams.request(method, &path).bearer_auth(&key).json(&taken["example"]);
            let answer = ask.answer().await;
            let text = answer.text();
            let absent = ["unknown_banner", "unknown_click"].iter().any(|it| text.contains(it));
            assert!(absent || ![400, 415, 422].contains(&answer.status), "{path}: {text}");
            sent += 1;
        }
    }
    assert!(sent >= 10, "{sent}");
}

#[tokio::test]
async fn a_huge_body_is_refused() {
    let bams = Bams::builder().start().await;
    let body = format!("{{\"placements\": [], \"exclude\": [{}1]}}", "1,".repeat(5_000_000));
    let request = bams.post("/api/v1/decisions").header("content-type", "application/json");
    // The server may hang up before it has read everything.
    if let Ok(answer) = Answer::to(request.body(body)).await {
        let problem = answer.problem(413);
        assert_eq!(problem["detail"], "a JSON body has at most 262144 bytes");
    }
    assert_eq!(bams.get("/healthz").answer().await.status, 200);
}

#[tokio::test]
async fn a_problem_names_its_request() {
    let bams = Bams::builder().start().await;
    let problem = bams.get("/nothing").answer().await.problem(404);
    assert!(problem["request_id"].is_string(), "{problem}");
    assert_eq!(problem["instance"], "/nothing", "{problem}");
}

#[tokio::test]
async fn the_same_mistake_in_a_query_is_the_same_refusal_everywhere() {
    let bams = Bams::builder().start().await;
    let key = bams.key("admin");
    let places = [
        ("/api/v1/serve/1", "count"),
        ("/embed/1", "count"),
        ("/api/v1/campaigns", "limit"),
        ("/api/v1/reports/performance", "limit"),
        ("/api/v1/campaigns/1/ranking", "quarter"),
    ];
    for (path, number) in places {
        for (query, pointer, code) in [
            (format!("{number}=abc"), number, "not_a_number"),
            (format!("{number}="), number, "not_a_number"),
            (format!("{number}=0"), number, "out_of_range"),
            (format!("{number}=99999999999999999999"), number, "out_of_range"),
            (format!("{number}=-1"), number, "out_of_range"),
            (format!("{number}=1&{number}=2"), number, "duplicate"),
            ("colour=red".to_owned(), "colour", "unknown_parameter"),
        ] {
            let answer = bams.get(&format!("{path}?{query}")).bearer_auth(&key).answer().await;
            let problem = answer.problem(422);
            let found = &problem["errors"][0];
            let found = (found["pointer"].as_str(), found["code"].as_str());
            assert_eq!(found, (Some(pointer), Some(code)), "{path}?{query}");
        }
    }
    for (path, code) in [
        ("/api/v1/serve/1?notrack=maybe", "unknown_value"),
        ("/api/v1/serve/1?exclude=1,x", "not_a_number"),
        ("/api/v1/visitors/me?notrack=maybe", "unknown_value"),
        ("/api/v1/campaigns?sort=colour", "unknown_value"),
        ("/api/v1/reports/performance?sort=colour", "unknown_value"),
    ] {
        let problem = bams.get(path).bearer_auth(&key).answer().await.problem(422);
        assert_eq!(problem["errors"][0]["code"], code, "{path}: {problem}");
    }
    bams.get("/api/v1/campaigns/1/ranking?quarter=x").answer().await.problem(401);
}
