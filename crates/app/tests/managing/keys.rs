//! The rules of keys.

use std::io;

use bams_app::managing::{KeyFields, ManagingError, Precondition, key_version};
use bams_storage::{Actor, Doorkeeper, KeyText, Proof, Role, key};
use rand::SeedableRng;
use rand::rngs::StdRng;

use crate::world::{NOW, World, ada, broken, half_read, made, once};

fn text(seed: u64) -> KeyText {
    KeyText::random(&mut StdRng::seed_from_u64(seed))
}

fn reports() -> KeyFields {
    KeyFields {
        name: Some(" reports ".to_owned()),
        role: Some(Role::Viewer),
        expires_at: Some(Some(NOW + 1)),
        ..KeyFields::default()
    }
}

#[tokio::test]
async fn a_key_opens_until_the_moment_it_expires() {
    let world = World::new().await;
    let key = made(world.managing.create_key(ada(), text(1), reports(), None, NOW).await.unwrap());
    assert_eq!((key.name.as_str(), key.role), ("reports", Role::Viewer));
    let door = Doorkeeper::new(world.database.clone());
    assert!(matches!(door.authenticate(&text(1), NOW).await.unwrap(), Proof::Valid(_)));
    assert_eq!(door.authenticate(&text(1), NOW + 1).await.unwrap(), Proof::Lapsed);
    let over = KeyFields { expires_at: Some(Some(NOW)), ..reports() };
    let refused = world.managing.create_key(ada(), text(2), over, None, NOW).await;
    assert_eq!(broken(refused), [("/expires_at".to_owned(), "in_the_past")]);
}

#[tokio::test]
async fn no_key_is_made_of_which_the_name_or_the_role_is_not_said() {
    let world = World::new().await;
    let create = async |draft| world.managing.create_key(ada(), text(1), draft, None, NOW).await;
    let both = [("/name", "missing"), ("/role", "missing")].map(|(at, code)| (at.to_owned(), code));
    assert_eq!(broken(create(KeyFields::default().into()).await), both);
    let nobody = KeyFields { role: None, ..reports() };
    assert_eq!(broken(create(nobody.clone().into()).await), [("/role".to_owned(), "missing")]);
    let unread = half_read(nobody, &[("/role", "unknown_value")]);
    assert_eq!(broken(create(unread).await), [("/role".to_owned(), "unknown_value")]);
    assert_eq!(key(&world.database, text(1).id()).await.unwrap(), None);
}

#[tokio::test]
async fn a_key_that_could_not_be_handed_over_is_none() {
    let world = World::new().await;
    let hand_over = async |seed: u64, given: io::Result<()>| {
        let told = move |_: &KeyText| given;
        let by = Actor::command_line();
        world.managing.hand_over_key(by, text(seed), reports(), told, NOW).await
    };
    let lost = hand_over(1, Err(io::Error::other("nobody listens"))).await;
    assert!(matches!(lost, Err(ManagingError::NotHandedOver(_))), "{lost:?}");
    assert_eq!(key(&world.database, text(1).id()).await.unwrap(), None);
    let kept = hand_over(2, Ok(())).await.unwrap();
    assert_eq!(key(&world.database, text(2).id()).await.unwrap(), Some(kept));
    assert_eq!(world.log().await.len(), 1);
}

#[tokio::test]
async fn a_secret_is_in_no_answer_that_is_kept() {
    let world = World::new().await;
    let create = async |seed: u64| {
        let once = once("one", |it: &bams_storage::ApiKey| it.id.clone());
        world.managing.create_key(ada(), text(seed), reports(), Some(once), NOW).await.unwrap()
    };
    made(create(1).await);
    let bams_app::managing::Made::Before(answer) = create(2).await else {
        panic!("it is another key")
    };
    assert_eq!(answer.body, text(1).id());
}

#[tokio::test]
async fn only_a_store_that_never_had_a_key_gets_a_first_one() {
    let world = World::new().await;
    let first = async |seed: u64| {
        let by = Actor::command_line();
        world.managing.create_first_key(by, text(seed), "first", NOW).await.unwrap()
    };
    let admin = first(1).await.unwrap();
    assert_eq!((admin.role, admin.expires_at), (Role::Admin, None));
    let seen = Precondition::Seen(vec![key_version(&admin)]);
    let revoke = async |precondition: Precondition| {
        world.managing.revoke_key(ada(), admin.id.clone(), precondition, NOW + 1).await
    };
    let revoked = revoke(seen.clone()).await.unwrap();
    assert_eq!(revoked.revoked_at, Some(NOW + 1));
    assert!(matches!(revoke(seen).await, Err(ManagingError::Outdated { .. })));
    assert_eq!(revoke(Precondition::Anything).await.unwrap(), revoked, "it is revoked once");
    assert_eq!(first(2).await, None);
    let unknown =
        world.managing.revoke_key(ada(), "x".to_owned(), Precondition::Anything, NOW).await;
    assert!(matches!(unknown, Err(ManagingError::UnknownKey)));
}
