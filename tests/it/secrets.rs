//! Secrets and files of an installation stay with its owner.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use bams_tests::{Ask, Bams, BamsBuilder, MariaDb, Redis, S3};

use crate::dashboard::{Visit, sign_in};
use crate::given::with_a_banner;

/// A part of every secret in these tests.
const CANARY: &str = "c4n4ry";

/// Asserts that a command says what is wrong, and nothing of the secret.
#[track_caller]
fn refused(builder: BamsBuilder, arguments: &[&str], said: &str) {
    let bams = builder.prepare();
    let outcome = bams.run(arguments);
    let told = format!("{}{}", outcome.output, outcome.errors);
    assert_ne!(outcome.code, 0, "{told}");
    assert!(told.contains(said), "`{said}` is missing: {told}");
    assert!(!told.contains(CANARY), "{told}");
}

#[tokio::test]
async fn a_password_that_must_be_encoded_is_not_printed() {
    for mark in ["/", "#", "?", "a/b@", "1/2#", "%ff"] {
        for (setting, url) in [
            ("database.url", format!("mysql://bams:1{mark}{CANARY}@127.0.0.1:1/bams")),
            ("redis.url", format!("redis://bams:1{mark}{CANARY}@127.0.0.1:1/0")),
            ("redis.url", format!("rediss://:1{mark}{CANARY}@127.0.0.1:1")),
        ] {
            let builder = || Bams::builder().set(setting, &url).set("log.filter", "trace");
            refused(builder(), &["serve"], setting);
            refused(builder(), &["serve"], "percent-encode");
        }
    }
    let cluster = format!("redis://:a,{CANARY}@127.0.0.1:1,redis://127.0.0.1:2");
    let builder = Bams::builder().set("redis.cluster", "true").set("redis.url", cluster);
    refused(builder, &["serve"], "percent-encode");
}

#[tokio::test]
async fn no_refusal_repeats_a_secret() {
    let url = format!("mysql://bams:{CANARY}@127.0.0.1:1/bams");
    for setting in ["database.url", "redis.url", "media.s3.endpoint", "server.public_url"] {
        for bad in [
            format!("https://user:{CANARY}@127.0.0.1:1/"),
            format!("mysql://user:{CANARY}"),
            format!("user:{CANARY}@host"),
            format!("{CANARY} {CANARY}"),
        ] {
            let s3 = Bams::builder().set("media.backend", "s3").set("media.s3.bucket", "ads");
            refused(s3.set(setting, &bad).set("log.filter", "trace"), &["serve"], setting);
        }
    }
    for section in
        ["database", "redis", "secrets", "media", "media.s3", "server", "tracking.bots.x"]
    {
        refused(Bams::builder().set(section, &url), &["config"], "configuration");
    }
    for variable in ["BAMS__DATABASE__URL_FILE", "AWS_SECRET_ACCESS_KEY_FILE"] {
        refused(Bams::builder().env(variable, &url), &["config"], variable);
    }
    refused(Bams::builder(), &["config", "--set", &url], "section.key=value");
    let short = Bams::builder().set("secrets.signing_key", CANARY);
    refused(short, &["config"], "secrets.signing_key");
}

#[tokio::test]
async fn a_file_that_cannot_be_read_is_not_printed() {
    for line in [format!("url = mysql://{CANARY}@host"), format!("url = \"{CANARY}")] {
        let bams = Bams::builder().prepare();
        let file = bams.folder().join("bams.toml");
        std::fs::write(&file, format!("[database]\n{line}\n")).unwrap();
        let outcome = bams.run(["config", "--config", file.to_str().unwrap()]);
        assert_eq!(outcome.code, 2);
        assert!(outcome.errors.contains("line 2"), "{}", outcome.errors);
        assert!(!outcome.errors.contains(CANARY), "{}", outcome.errors);
    }
}

#[tokio::test]
async fn a_running_server_logs_no_secret() {
    let redis = Redis::start();
    let secret = format!("{CANARY}-0123456789abcdef0123456789abcdef");
    let url = redis.url().replace("redis://", &format!("redis://:{CANARY}@"));
    let builder = Bams::builder().set("redis.url", url).set("secrets.signing_key", &secret);
    let builder = builder.set("secrets.previous_signing_keys", format!("{secret}-before"));
    let builder = builder.env("AWS_SECRET_ACCESS_KEY", &secret).env("AWS_SESSION_TOKEN", &secret);
    let bams = builder.set("log.filter", "trace").start().await;
    bams.get("/api/v1/serve/1").answer().await.problem(404);
    let configured = bams.run(["config"]);
    assert!(configured.output.contains("[hidden]"), "{}", configured.output);
    let told = format!("{}{}{}", bams.log(), configured.output, configured.errors);
    assert!(!told.contains(CANARY), "a secret was told");
    let away = format!("mysql://{CANARY}:%2F{CANARY}%23@127.0.0.1:1/bams");
    let builder = Bams::builder().set("database.url", away).set("log.filter", "trace");
    refused(builder, &["migrate"], "mysql://127.0.0.1:1/bams");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_clients_and_stores_are_shown_is_in_no_log() {
    let (redis, s3) = (Redis::start(), S3::start());
    redis.cli(&["ACL", "SETUSER", "bams", "on", &format!(">{CANARY}"), "~*", "&*", "+@all"]);
    let database = MariaDb::shared().database();
    let name = database.rsplit('/').next().unwrap();
    let user = format!("CREATE USER {name}@127.0.0.1 IDENTIFIED BY '{CANARY}'");
    MariaDb::shared().sql("", &user);
    MariaDb::shared().sql("", &format!("GRANT ALL ON {name}.* TO {name}@127.0.0.1"));
    let url = database.replace("bams:bams@", &format!("{name}:{CANARY}@"));
    let builder = Bams::builder().database(&url).set("log.filter", "trace").s3(&s3);
    let at_redis = redis.url().replace("redis://", &format!("redis://bams:{CANARY}@"));
    let bams = with_a_banner(builder.set("redis.url", at_redis)).await;

    let [editor, ingest, postback] = ["editor", "ingest", "postback"].map(|role| bams.key(role));
    bams.get("/api/v1/campaigns").bearer_auth(&editor).answer().await.expect(200);
    bams.get("/api/v1/campaigns").bearer_auth(&ingest).answer().await.problem(403);
    bams.get("/api/v1/campaigns").bearer_auth(format!("bams_{CANARY}")).answer().await.problem(401);
    bams.get("/api/v1/serve/9").header("cookie", format!("x={CANARY}")).answer().await.expect(200);
    bams.get(&format!("/t/s/{postback}?click_id=1&conversion_id=1&revenue=1")).answer().await;
    let visit = Visit::with(&bams, &editor).await;
    visit.page("/dashboard/").await;
    let session = visit.cookie.rsplit('=').next().unwrap().to_owned();
    let printed = bams.log();
    let link = printed.split("/dashboard/sign-in?link=").nth(1).expect("a link is printed");
    let link = link.split_whitespace().next().unwrap().to_owned();
    bams.get(&format!("/dashboard/sign-in?link={link}")).answer().await;
    let signed_in = sign_in(&bams, &[("link", &link)]).await;
    let by_link = signed_in.cookie("bams_session").expect("a session");
    let wrong = [("key", format!("bams_0000000000000000_{CANARY}"))];
    assert_eq!(sign_in(&bams, &[("key", &wrong[0].1)]).await.status, 401);
    visit.led("/dashboard/sign-out", &[]).await;

    let log = bams.errors();
    assert!(log.contains("answered"), "{log}");
    let secret_of = |key: &str| key.rsplit('_').next().unwrap().to_owned();
    let keys = [&editor, &ingest, &postback].map(|key| secret_of(key));
    let secrets = [session, link, by_link, CANARY.to_owned(), S3::SECRET_KEY.to_owned()];
    for secret in keys.iter().chain(&secrets) {
        let told = log.lines().find(|line| line.contains(secret.as_str()));
        assert!(told.is_none(), "`{secret}` is told: {told:?}");
    }
}

#[tokio::test]
async fn what_a_node_keeps_is_for_its_owner_only() {
    let bams = Bams::builder().start().await;
    let mode = |path: &Path| path.metadata().unwrap().permissions().mode() & 0o777;
    let files = std::fs::read_dir(bams.folder()).unwrap().map(|entry| entry.unwrap().path());
    let kept: Vec<_> = files
        .filter(|path| path.file_name().unwrap().to_str().unwrap().starts_with("bams."))
        .collect();
    assert!(kept.len() >= 4, "{kept:?}");
    for file in kept {
        assert_eq!(mode(&file), 0o600, "{}", file.display());
    }
}
