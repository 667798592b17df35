//! Keys are accepted until they expire or are revoked, and their secrets are nowhere.

use std::time::Duration;

use bams_domain::VisitorId;
use bams_storage::{
    Actor, AuditFilter, Change, Database, Doorkeeper, KeyText, NewKey, PageRequest, Proof, Role,
    audit_log, key,
};
use bams_tests::{MariaDb, eventually};
use rand::SeedableRng;
use rand::rngs::StdRng;
use tokio::task::JoinSet;

use crate::stores::{NOW, Store};

async fn change(database: &Database) -> Change {
    Change::begin(database, Actor::command_line(), NOW).await.unwrap()
}

async fn create(database: &Database, seed: u64, role: Role, expires_at: Option<i64>) -> KeyText {
    let text = KeyText::random(&mut StdRng::seed_from_u64(seed));
    let mut change = change(database).await;
    change
        .create_key(&text, NewKey { name: "grafana".into(), role, campaign: None, expires_at })
        .await
        .unwrap();
    change.commit().await.unwrap();
    text
}

#[tokio::test]
async fn a_key_is_accepted_until_it_is_revoked() {
    for store in Store::both().await {
        let database = &store.database;
        let doorkeeper = Doorkeeper::new(database.clone());
        let text = create(database, 7, Role::Viewer, None).await;
        let again = KeyText::parse(&text.reveal()).unwrap();
        let Proof::Valid(found) = doorkeeper.authenticate(&again, NOW).await.unwrap() else {
            panic!("refused");
        };
        assert_eq!((found.name.as_str(), found.role), ("grafana", Role::Viewer));

        let mut revoking = change(database).await;
        let found = revoking.key(text.id()).await.unwrap().unwrap();
        let revoked = revoking.revoke_key(found).await.unwrap();
        assert_eq!(revoked.revoked_at, Some(NOW));
        assert_eq!(revoking.revoke_key(revoked.clone()).await.unwrap(), revoked);
        assert!(revoking.key("0000000000000000").await.unwrap().is_none());
        revoking.commit().await.unwrap();
        assert_eq!(doorkeeper.authenticate(&again, NOW).await.unwrap(), Proof::Lapsed);

        let page = PageRequest { sort: (), descending: false, after: None, limit: 9 };
        let log = audit_log(database, &AuditFilter::default(), &page).await.unwrap().items;
        let actions: Vec<&str> = log.iter().map(|it| it.action.as_str()).collect();
        assert_eq!(actions, ["create", "revoke"]);
        assert!(!format!("{log:?}").contains(text.reveal().rsplit('_').next().unwrap()));
    }
}

#[tokio::test]
async fn a_key_expires_and_tells_when_it_was_used() {
    for store in Store::both().await {
        let database = &store.database;
        let doorkeeper = Doorkeeper::new(database.clone());
        let text = create(database, 9, Role::Ingest, Some(NOW + 1000)).await;
        let proof = async |now| doorkeeper.authenticate(&text, now).await.unwrap();
        assert!(matches!(proof(NOW + 999).await, Proof::Valid(_)));
        assert_eq!(proof(NOW + 1000).await, Proof::Lapsed);
        let used = async || key(database, text.id()).await.unwrap().unwrap().last_used_at;
        eventually(Duration::from_secs(10), "the use is written down", async || {
            used().await == Some(NOW + 999)
        })
        .await;
    }
}

#[tokio::test]
async fn a_key_that_was_proven_is_recalled_while_the_database_is_away() {
    let server = MariaDb::start();
    let store = Store::empty(server.database(), tempfile::tempdir().unwrap()).await;
    let database = &store.database;
    database.migrate().await.unwrap();
    let doorkeeper = Doorkeeper::new(database.clone());
    let (used, unused) = (
        create(database, 11, Role::Admin, Some(NOW + 1000)).await,
        create(database, 12, Role::Admin, None).await,
    );
    let prove = async |text: &KeyText, now| doorkeeper.recognize(text, now).await;
    assert!(matches!(prove(&used, NOW).await, Ok(Proof::Valid(_))));

    server.kill();
    assert!(matches!(prove(&used, NOW + 999).await, Ok(Proof::Recalled(_))));
    let forged = format!("bams_{}_{}", used.id(), unused.reveal().rsplit('_').next().unwrap());
    let forged = KeyText::parse(&forged).unwrap();
    for (text, now) in [(&used, NOW + 1000), (&unused, NOW), (&forged, NOW)] {
        assert!(prove(text, now).await.is_err(), "{text:?} {now}");
    }
    assert!(doorkeeper.authenticate(&used, NOW).await.is_err());
}

#[tokio::test]
async fn of_many_nodes_that_start_at_once_one_makes_the_first_key() {
    for store in Store::both().await {
        let mut nodes = JoinSet::new();
        for seed in 20..28 {
            let database = store.other_process().await;
            nodes.spawn(async move {
                let text = KeyText::random(&mut StdRng::seed_from_u64(seed));
                let key = NewKey {
                    name: "first".into(),
                    role: Role::Admin,
                    campaign: None,
                    expires_at: None,
                };
                let mut change = change(&database).await;
                let made = change.create_first_key(&text, key).await.unwrap();
                if made.is_some() {
                    change.commit().await.unwrap();
                }
                made
            });
        }
        assert_eq!(nodes.join_all().await.into_iter().flatten().count(), 1);
    }
}

#[tokio::test]
async fn the_right_id_with_another_secret_is_nobody() {
    let [store, _] = Store::both().await;
    let text = create(&store.database, 8, Role::Admin, None).await;
    let other = KeyText::random(&mut StdRng::seed_from_u64(10)).reveal();
    let forged = format!("bams_{}_{}", text.id(), other.rsplit('_').next().unwrap());
    let forged = KeyText::parse(&forged).unwrap();
    let doorkeeper = Doorkeeper::new(store.database.clone());
    assert_eq!(doorkeeper.authenticate(&forged, NOW).await.unwrap(), Proof::Wrong);
}

#[test]
fn what_is_no_key_is_not_looked_up() {
    for text in ["", "bams_", "bams__", "bams_1_2", "Bams_00_00", &"bams_".repeat(99)] {
        assert!(KeyText::parse(text).is_none(), "{text}");
    }
    let id = VisitorId::from_random_bytes([1; 16]);
    assert!(KeyText::parse(&format!("bams_{id}_{id}")).is_none());
}

#[test]
fn a_role_includes_what_is_below_it() {
    use Role::{Admin, Editor, Ingest, Metrics, Postback, Viewer};
    for (role, may) in [
        (Viewer, &[Viewer][..]),
        (Editor, &[Viewer, Editor, Ingest]),
        (Admin, &[Viewer, Editor, Admin, Ingest, Metrics]),
        (Ingest, &[Ingest]),
        (Postback, &[Postback]),
        (Metrics, &[Metrics]),
    ] {
        for required in Role::ALL {
            assert_eq!(role.may(required), may.contains(&required), "{role:?} {required:?}");
        }
    }
}
