//! Sessions without HTTP, at times of the test's choice.

use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;

use bams_app::managing::{KeyFields, Managing, Precondition};
use bams_app::signing_in::{LINK_LIFETIME, SignInError, SigningIn};
use bams_storage::{Actor, Database, Doorkeeper, KeyText, Role, Sessions, TokenText};
use bams_tests::{MariaDb, eventually, patiently};
use rand::SeedableRng;
use rand::rngs::StdRng;
use tempfile::TempDir;

/// 2026-01-01T10:20:00Z.
const NOW: i64 = 1_767_262_800_000;
const HOUR: i64 = 3_600_000;

struct World {
    signing_in: SigningIn,
    managing: Managing,
    _folder: TempDir,
}

async fn worlds() -> [World; 2] {
    let folder = tempfile::tempdir().unwrap();
    let sqlite = format!("sqlite://{}?mode=rwc", folder.path().join("bams.db").display());
    let mariadb = MariaDb::shared().database();
    [world(&sqlite, folder).await, world(&mariadb, tempfile::tempdir().unwrap()).await]
}

async fn world(url: &str, folder: TempDir) -> World {
    let database = patiently("connect", || Database::connect(url, 4)).await;
    database.migrate().await.unwrap();
    let doorkeeper = Arc::new(Doorkeeper::new(database.clone()));
    let sessions = Sessions::new(database.clone(), Arc::clone(&doorkeeper));
    let signing_in = SigningIn::new(sessions, doorkeeper, Duration::from_hours(2));
    World { signing_in, managing: Managing::new(database), _folder: folder }
}

fn by() -> Actor {
    Actor { id: "a".to_owned(), name: "Ada".to_owned() }
}

fn token(seed: u64) -> TokenText {
    TokenText::random(&mut StdRng::seed_from_u64(seed))
}

async fn key(world: &World, seed: u64, role: Role, expires_at: Option<i64>) -> KeyText {
    let text = KeyText::random(&mut StdRng::seed_from_u64(seed));
    let fields = KeyFields {
        name: Some("Ada".to_owned()),
        role: Some(role),
        expires_at: Some(expires_at),
        campaign_id: None,
    };
    world.managing.create_key(by(), text.clone(), fields, None, NOW).await.unwrap();
    text
}

async fn is_in(world: &World, token: &TokenText, now: i64) -> bool {
    world.signing_in.recognize(token, now).await.unwrap().is_some()
}

#[tokio::test]
async fn a_session_ends_with_its_time_or_with_its_key() {
    for world in worlds().await {
        let lasting = key(&world, 1, Role::Viewer, None).await;
        world.signing_in.by_key(&lasting, &token(10), None, NOW).await.unwrap();
        assert!(is_in(&world, &token(10), NOW + 2 * HOUR - 1).await);
        assert!(!is_in(&world, &token(10), NOW + 2 * HOUR).await);
        assert!(!is_in(&world, &token(11), NOW).await, "another token");

        let short = key(&world, 2, Role::Editor, Some(NOW + HOUR)).await;
        world.signing_in.by_key(&short, &token(12), None, NOW).await.unwrap();
        assert!(is_in(&world, &token(12), NOW + HOUR - 1).await);
        assert!(!is_in(&world, &token(12), NOW + HOUR).await);

        world.signing_in.by_key(&lasting, &token(13), None, NOW).await.unwrap();
        let id = lasting.id().to_owned();
        world.managing.revoke_key(by(), id, Precondition::Anything, NOW).await.unwrap();
        assert!(!is_in(&world, &token(13), NOW).await);
        let again = world.signing_in.by_key(&lasting, &token(14), None, NOW).await;
        assert!(matches!(again, Err(SignInError::Lapsed)));
    }
}

#[tokio::test]
async fn only_keys_of_people_sign_in() {
    let [world, _] = worlds().await;
    for (seed, role) in [(1, Role::Ingest), (2, Role::Postback), (3, Role::Metrics)] {
        let text = key(&world, seed, role, None).await;
        let refused = world.signing_in.by_key(&text, &token(seed), None, NOW).await;
        assert!(matches!(refused, Err(SignInError::Role(had)) if had == role));
    }
    let unknown = KeyText::random(&mut StdRng::seed_from_u64(9));
    let refused = world.signing_in.by_key(&unknown, &token(9), None, NOW).await;
    assert!(matches!(refused, Err(SignInError::Wrong)));
}

#[tokio::test]
async fn a_link_works_once_and_for_a_quarter_of_an_hour() {
    for world in worlds().await {
        let admin = key(&world, 1, Role::Admin, None).await;
        let late = NOW + i64::try_from(LINK_LIFETIME.as_millis()).unwrap();
        for seed in [20, 21] {
            world.signing_in.invite(&admin, &token(seed), NOW).await.unwrap();
        }
        let refused = world.signing_in.by_link(&token(20), &token(30), None, late).await;
        assert!(matches!(refused, Err(SignInError::Wrong)), "too late");
        let link = token(21);
        let (one, other) = (token(31), token(32));
        let both = tokio::join!(
            world.signing_in.by_link(&link, &one, None, late - 1),
            world.signing_in.by_link(&link, &other, None, late - 1),
        );
        assert_eq!(u32::from(both.0.is_ok()) + u32::from(both.1.is_ok()), 1);
        let again = world.signing_in.by_link(&link, &token(33), None, NOW).await;
        assert!(matches!(again, Err(SignInError::Wrong)));
    }
}

#[tokio::test]
async fn signing_in_again_replaces_and_signing_out_everywhere_ends_all() {
    let [world, _] = worlds().await;
    let ada = key(&world, 1, Role::Viewer, None).await;
    let bo = key(&world, 2, Role::Viewer, None).await;
    world.signing_in.by_key(&ada, &token(10), None, NOW).await.unwrap();
    world.signing_in.by_key(&ada, &token(11), Some(&token(10)), NOW).await.unwrap();
    world.signing_in.by_key(&ada, &token(12), None, NOW).await.unwrap();
    world.signing_in.by_key(&bo, &token(13), None, NOW).await.unwrap();
    let mut found = Vec::new();
    for seed in 10..=13 {
        found.push(is_in(&world, &token(seed), NOW).await);
    }
    assert_eq!(found, [false, true, true, true]);
    world.signing_in.sign_out(&token(11)).await.unwrap();
    assert!(!is_in(&world, &token(11), NOW).await);
    let own = world.signing_in.recognize(&token(12), NOW).await.unwrap().unwrap();
    world.signing_in.sign_out_everywhere(&own.key).await.unwrap();
    assert!(!is_in(&world, &token(12), NOW).await && is_in(&world, &token(13), NOW).await);
}

#[tokio::test]
async fn a_way_in_or_out_that_meets_another_writer_is_tried_again() {
    let mariadb = MariaDb::start_with(&["innodb_lock_wait_timeout=1"]);
    let url = mariadb.database();
    let world = world(&url, tempfile::tempdir().unwrap()).await;
    let (ada, bo) =
        (key(&world, 1, Role::Viewer, None).await, key(&world, 2, Role::Viewer, None).await);
    world.signing_in.by_key(&ada, &token(10), None, NOW).await.unwrap();
    world.signing_in.by_key(&bo, &token(11), None, NOW).await.unwrap();
    let own = world.signing_in.recognize(&token(11), NOW).await.unwrap().unwrap();

    let tables = ["sessions", "sign_in_links"].map(|it| format!("SELECT * FROM {it} FOR UPDATE"));
    let holding = format!("BEGIN; {}; DO SLEEP(2.5); COMMIT", tables.join("; "));
    let mut holder = mariadb.command(&url, &holding).stdout(Stdio::null()).spawn().unwrap();
    let sleeping =
        "SELECT COUNT(*) FROM information_schema.processlist WHERE info LIKE 'DO SLEEP%'";
    eventually(Duration::from_mins(1), "another writer holds the tables", async || {
        mariadb.sql("", sleeping) != "0"
    })
    .await;
    let (first, link) = (token(10), token(20));
    let (out, everywhere, invited) = tokio::join!(
        world.signing_in.sign_out(&first),
        world.signing_in.sign_out_everywhere(&own.key),
        world.signing_in.invite(&ada, &link, NOW),
    );
    assert!(
        out.is_ok() && everywhere.is_ok() && invited.is_ok(),
        "{out:?} {everywhere:?} {invited:?}"
    );
    assert!(holder.wait().unwrap().success());
    assert!(!is_in(&world, &token(10), NOW).await && !is_in(&world, &token(11), NOW).await);
    world.signing_in.by_link(&link, &token(12), None, NOW).await.unwrap();
}
