//! Keys are accepted until they expire or are revoked, and their secrets are nowhere.

use bams_domain::VisitorId;
use bams_storage::{KeyText, Role, authenticate, create_key, list_keys, revoke_key};
use rand::SeedableRng;
use rand::rngs::StdRng;

use crate::stores::{NOW, Store};

#[tokio::test]
async fn a_key_is_accepted_until_it_is_revoked() {
    let mut rng = StdRng::seed_from_u64(7);
    for store in Store::both().await {
        let database = &store.database;
        let text = KeyText::random(&mut rng);
        create_key(database, &text, "grafana", Role::Viewer, NOW).await.unwrap();
        let again = KeyText::parse(&text.reveal()).unwrap();
        let key = authenticate(database, &again, NOW).await.unwrap().unwrap();
        assert_eq!((key.name.as_str(), key.role), ("grafana", Role::Viewer));

        assert!(revoke_key(database, text.id(), NOW).await.unwrap());
        assert_eq!(authenticate(database, &again, NOW).await.unwrap(), None);
        assert_eq!(list_keys(database).await.unwrap()[0].revoked_at, Some(NOW));
        assert!(!revoke_key(database, "0000000000000000", NOW).await.unwrap());
    }
}

#[tokio::test]
async fn the_right_id_with_another_secret_is_nobody() {
    let mut rng = StdRng::seed_from_u64(8);
    let [store, _] = Store::both().await;
    let text = KeyText::random(&mut rng);
    create_key(&store.database, &text, "one", Role::Admin, NOW).await.unwrap();
    let other = KeyText::random(&mut rng).reveal();
    let forged = format!("bams_{}_{}", text.id(), other.rsplit('_').next().unwrap());
    let forged = KeyText::parse(&forged).unwrap();
    assert_eq!(authenticate(&store.database, &forged, NOW).await.unwrap(), None);
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
    use Role::{Admin, Editor, Ingest, Viewer};
    for (role, may) in [
        (Viewer, &[Viewer][..]),
        (Editor, &[Viewer, Editor, Ingest]),
        (Admin, &[Viewer, Editor, Admin, Ingest]),
        (Ingest, &[Ingest]),
    ] {
        for required in Role::ALL {
            assert_eq!(role.may(required), may.contains(&required), "{role:?} {required:?}");
        }
    }
}
