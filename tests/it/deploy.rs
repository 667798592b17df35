//! The files under `deploy/`, as far as they can be tried without the programs that run them.

use std::collections::BTreeSet;
use std::fs::{create_dir_all, read_to_string, write};
use std::path::Path;
use std::process::Command;

use bams_tests::{Ask, Bams, Tools, passes};
use serde_json::Value;

const DEPLOY: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../deploy");

/// The metric that is there only after the first comparison, minutes after the start.
const LATE: &str = "bams_reconcile_differences";

fn text(file: &str) -> String {
    read_to_string(format!("{DEPLOY}/{file}")).unwrap()
}

#[test]
fn the_programs_that_read_them_understand_them() {
    let tools = Tools::shared();
    passes(tools.python("hadolint").arg(format!("{DEPLOY}/Dockerfile")));
    let schema = ["--builtin-schema", "vendor.compose-spec"];
    passes(tools.python("check-jsonschema").args(schema).arg(format!("{DEPLOY}/compose.yaml")));
    passes(Command::new("haproxy").args(["-c", "-f"]).arg(format!("{DEPLOY}/haproxy/haproxy.cfg")));
    let rules = format!("{DEPLOY}/prometheus/alerts.yml");
    passes(Command::new("promtool").args(["check", "rules", &rules]));
}

/// Reads a duration such as `500ms` or `2s`, in milliseconds.
fn millis(text: &str) -> u64 {
    let (number, unit) = match text.strip_suffix("ms") {
        Some(number) => (number, 1),
        None => (text.trim_end_matches('s'), 1000),
    };
    number.parse::<u64>().unwrap() * unit
}

/// Returns the word behind another one, outside of comments.
fn behind(text: &str, word: &str) -> String {
    let lines = text.lines().filter(|line| !line.trim_start().starts_with('#'));
    let mut words = lines.flat_map(str::split_whitespace).skip_while(|it| *it != word);
    words.nth(1).unwrap_or_else(|| panic!("{word}")).trim_matches('"').to_owned()
}

#[test]
fn a_balancer_leaves_a_node_before_the_node_stops() {
    let balancer = text("haproxy/haproxy.cfg");
    assert!(balancer.contains("\n    option redispatch"));
    let failures: u64 = behind(&balancer, "fall").parse().unwrap();
    let checks = millis(&behind(&balancer, "inter"));
    let leaves = checks + (failures - 1) * millis(&behind(&balancer, "fastinter"));
    let defaults = read_to_string(format!("{DEPLOY}/../config/default.toml")).unwrap();
    let production = read_to_string(format!("{DEPLOY}/../config/production.toml")).unwrap();
    let compose = text("compose.yaml");
    let drained = |text: &str, word: &str| millis(&behind(&text.replace(" = ", " "), word));
    for (text, word) in [
        (&defaults, "drain_delay"),
        (&production, "drain_delay"),
        (&compose, "BAMS__SERVER__DRAIN_DELAY:"),
    ] {
        assert!(drained(text, word) > leaves, "{word}: {leaves} ms");
    }
    let stops =
        drained(&compose, "BAMS__SERVER__DRAIN_DELAY:") + drained(&defaults, "shutdown_timeout");
    assert!(millis(&behind(&compose, "stop_grace_period:")) > stops);
}

#[test]
fn nginx_understands_its_block() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).display().to_string();
    let make =
        ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=pictures.example.com"];
    passes(Command::new("openssl").args(make).args([
        "-keyout",
        &path("key"),
        "-out",
        &path("pem"),
    ]));
    let block = text("nginx.conf")
        .replace("/etc/ssl/pictures.example.com.pem", &path("pem"))
        .replace("/etc/ssl/pictures.example.com.key", &path("key"));
    let all = format!("pid {};\nevents {{}}\nhttp {{\n{block}\n}}\n", path("pid"));
    write(folder.path().join("nginx.conf"), all).unwrap();
    passes(Command::new("nginx").args(["-t", "-c", &path("nginx.conf"), "-e", &path("log")]));
}

#[test]
fn systemd_understands_the_unit_and_keeps_it_apart() {
    let unit = format!("{DEPLOY}/systemd/bams.service");
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path().join("bams.service");
    // It looks whether the program is there.
    write(&here, text("systemd/bams.service").replace("/usr/bin/bams", "/bin/sh")).unwrap();
    let said = passes(Command::new("systemd-analyze").args(["verify", "--man=no"]).arg(&here));
    assert!(!said.contains("bams.service:"), "{said}");
    let judged = passes(Command::new("systemd-analyze").args([
        "security",
        "--offline=true",
        "--threshold=20",
        &unit,
    ]));
    assert!(judged.contains("Overall exposure level"), "{judged}");
}

#[test]
fn systemd_makes_the_user_of_the_unit() {
    let root = tempfile::tempdir().unwrap();
    let folder = root.path().join("usr/lib/sysusers.d");
    create_dir_all(&folder).unwrap();
    create_dir_all(root.path().join("etc")).unwrap();
    write(folder.join("bams.conf"), text("systemd/bams.sysusers")).unwrap();
    passes(Command::new("systemd-sysusers").arg(format!("--root={}", root.path().display())));
    let users = read_to_string(root.path().join("etc/passwd")).unwrap();
    assert!(users.lines().any(|it| it.starts_with("bams:") && it.ends_with("nologin")), "{users}");
}

#[test]
fn the_debian_package_has_its_files_and_scripts_that_start_nothing() {
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/..");
    let asked = ["metadata", "--no-deps", "--format-version", "1", "--offline"];
    let mut cargo = Command::new(env!("CARGO"));
    let output = cargo.args(asked).current_dir(root).output().unwrap();
    let told: Value = serde_json::from_slice(&output.stdout).unwrap();
    let packages = told["packages"].as_array().unwrap();
    let package = packages.iter().find(|it| it["name"] == "bams-api").unwrap();
    let package = &package["metadata"]["deb"];
    let api = format!("{root}/crates/api");
    let mut found = 0;
    for asset in package["assets"].as_array().unwrap() {
        let source = asset[0].as_str().unwrap();
        if !source.starts_with("target/") {
            let file = Path::new(&api).join(source.trim_end_matches('*'));
            assert!(file.exists(), "{source}");
            found += 1;
        }
    }
    assert!(found >= 8);
    // Without it there are no scripts at all.
    let scripts = package["maintainer-scripts"].as_str().unwrap();
    assert!(Path::new(&api).join(scripts).join("bams.service").exists(), "{scripts}");
    let units = &package["systemd-units"];
    for (option, expected) in [("enable", false), ("start", false), ("restart-after-upgrade", true)]
    {
        assert_eq!(units[option], expected, "{option}");
    }
}

#[tokio::test]
async fn every_setting_in_them_is_one() {
    let values = [
        ("${SIGNING_KEY:?}", "0123456789abcdef0123456789abcdef01234567"),
        ("${IMAGES_URL:?}", "http://images.example.com"),
        ("${PUBLIC_URL:?}", "http://pictures.example.com"),
        ("${DATABASE_PASSWORD:?}", "secret"),
    ];
    let filled = |text: &str| {
        values.iter().fold(text.to_owned(), |text, (name, value)| text.replace(name, value))
    };
    for (file, separator) in [("compose.yaml", ": "), ("Dockerfile", "=")] {
        let mut builder = Bams::builder();
        let mut given = 0;
        for line in text(file).lines().filter(|line| line.contains("BAMS__")) {
            let line = &line[line.find("BAMS__").unwrap()..];
            let Some((name, value)) = line.split_once(separator) else { continue };
            builder = builder.env(name, filled(value.trim_end_matches(" \\").trim_matches('"')));
            given += 1;
        }
        assert!(given >= 2, "{file}");
        let printed = builder.prepare().run(["config"]);
        assert_eq!(printed.code, 0, "{file}: {}", printed.errors);
    }
    let file = format!("{DEPLOY}/systemd/bams.toml");
    assert_eq!(Bams::builder().prepare().run(["--config", &file, "config"]).code, 0);
}

#[tokio::test]
async fn every_metric_in_them_and_in_the_manual_is_measured() {
    let bams = Bams::builder().start().await;
    let key = bams.key("metrics");
    let scraped = bams.get("/metrics").bearer_auth(&key).answer().await.text();
    let measured: BTreeSet<_> =
        scraped.lines().filter_map(|line| line.split(['{', ' ']).next()).chain([LATE]).collect();
    let described: BTreeSet<_> =
        scraped.lines().filter_map(|it| it.strip_prefix("# HELP ")?.split(' ').next()).collect();
    let dashboard: Value = serde_json::from_str(&text("grafana/bams.json")).unwrap();
    let panels = dashboard["panels"].as_array().unwrap();
    let targets = panels.iter().flat_map(|panel| panel["targets"].as_array().unwrap());
    let mut expressions: Vec<_> =
        targets.map(|target| target["expr"].as_str().unwrap().to_owned()).collect();
    expressions.push(text("prometheus/alerts.yml"));
    assert!(expressions.len() > 12);
    for expression in expressions {
        let is_name = |it: char| it.is_ascii_alphanumeric() || it == '_';
        let words = expression.split(|it: char| !is_name(it));
        for name in words.filter(|word| word.starts_with("bams_")) {
            assert!(measured.contains(name), "{name} in {expression}");
        }
    }
    let mut named = 0;
    for page in std::fs::read_dir(format!("{DEPLOY}/../docs")).unwrap() {
        let page = page.unwrap().path();
        let Ok(text) = read_to_string(&page) else { continue };
        let quoted = text.split('`').skip(1).step_by(2);
        for name in quoted.filter(|it| it.starts_with("bams_") && !it.contains("::")) {
            let is_one = described.contains(name) || measured.contains(name);
            assert!(is_one, "{name} in {}", page.display());
            named += 1;
        }
    }
    assert!(named > 1);
}
