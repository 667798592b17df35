//! What the document promises, tried with generated requests: right ones and wrong ones.

use std::fmt::Write as _;
use std::path::Path;

use bams_tests::reqwest::Method;
use bams_tests::{Ask, Bams, Tools, passes};

use serde_json::{Value, json};

use crate::given::{decision, visitor};

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/schemathesis");

const SEEDS: [u32; 3] = [1, 2, 3];

/// Requests of each kind for each operation.
const EXAMPLES: u32 = 10;

/// A server on which the examples of the document exist: campaign 12, banner 141, click 1.
async fn server() -> Bams {
    let builder = Bams::builder().set("limits.visitor_changes_per_minute", "0");
    // The keys in the addresses of postbacks are made up.
    let bams = builder.set("limits.key_failures_per_minute", "0").prepare();
    let rows = |head: &str, row: &dyn Fn(u32) -> String| {
        (1..=40).fold(format!("{head}\n"), |mut text, number| {
            let _ = writeln!(text, "{}", row(number));
            text
        })
    };
    let files = [
        ("impressions_2.csv", rows("banner_id,campaign_id", &|it| format!("{},12", 120 + it))),
        ("clicks_2.csv", rows("click_id,banner_id,campaign_id", &|it| format!("{it},141,12"))),
        (
            "conversions_2.csv",
            rows("conversion_id,click_id,revenue", &|it| format!("{it},{it},1.5")),
        ),
    ];
    for (name, text) in files {
        let path = bams.folder().join(name);
        std::fs::write(&path, text).unwrap();
        let outcome = bams.run([Path::new("import"), &path]);
        assert_eq!(outcome.code, 0, "{}{}", outcome.output, outcome.errors);
    }
    bams.start().await;
    // A click leads somewhere.
    let banner = &decision(&bams, 12, &visitor()).await["banners"][0]["banner_id"];
    let landing = json!({ "landing_url": "https://shop.example/?click={click_id}" });
    let change = bams.request(Method::PATCH, &format!("/api/v1/banners/{banner}"));
    change.bearer_auth(bams.key("editor")).json(&landing).answer().await.expect(200);
    bams
}

/// Runs all checks of schemathesis; fails with its report when it finds something.
async fn try_everything(bams: &Bams, key: Option<&str>, seed: u32) {
    let shown = decision(bams, 12, &visitor()).await;
    let banners = shown["banners"].as_array().into_iter().flatten();
    let leading = banners.max_by_key(|it| it["click_url"].is_string()).unwrap_or(&Value::Null);
    let link = leading["impression_url"].as_str().unwrap_or_else(|| panic!("{shown}"));
    let mut run = Tools::shared().python("schemathesis");
    let config = Path::new(FOLDER).join("schemathesis.toml");
    run.arg("--config-file").arg(config).args(["run", &bams.url("/openapi.json")]);
    run.args(["--url", &bams.url(""), "--seed", &seed.to_string()]);
    run.args(["--max-examples", &EXAMPLES.to_string(), "--continue-on-failure", "--no-color"]);
    run.args(["--generation-database", "none"]).current_dir(bams.folder());
    run.env("SCHEMATHESIS_HOOKS", "hooks").env("PYTHONPATH", FOLDER);
    run.env("PYTHONDONTWRITEBYTECODE", "1");
    run.env("BAMS_TOKEN", link.rsplit('/').next().unwrap_or_default());
    if let Some(key) = key {
        run.args(["--header", &format!("Authorization: Bearer {key}")]);
        run.env("BAMS_KEY_ID", key.split('_').nth(1).unwrap_or_default());
    }
    let report = passes(&mut run);
    assert!(report.contains("Test cases:"), "{report}");
}

#[tokio::test(flavor = "multi_thread")]
async fn schemathesis_finds_nothing_with_a_key() {
    for seed in SEEDS {
        let bams = server().await;
        let key = bams.key("admin");
        try_everything(&bams, Some(&key), seed).await;
        // Otherwise most of it was tried without a key.
        bams.get("/api/v1/keys").bearer_auth(&key).answer().await.expect(200);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn schemathesis_finds_nothing_without_a_key() {
    for seed in SEEDS {
        let bams = server().await;
        try_everything(&bams, None, seed).await;
    }
}
