//! Files and reverts that are sent again.

use bams_app::importing::ImportingError;
use bams_storage::{
    Actor, Claim, ImportOptions, LONGEST_IDEMPOTENCY_KEY, Once, StoredAnswer, Submitted,
};

use crate::world::{CLICKS, NOW, World, file};

/// Returns a request with a name and contents, whose answer says nothing.
fn once<T>(idempotency_key: &str, contents: &str) -> Once<T> {
    let claim = Claim {
        key_id: "4f1d0a7be2c35968".to_owned(),
        idempotency_key: idempotency_key.to_owned(),
        fingerprint: contents.to_owned(),
    };
    Once { claim, answer: Box::new(|_| StoredAnswer::default()) }
}

#[tokio::test]
async fn a_request_that_is_sent_again_is_answered_again() {
    let world = World::new().await;
    let importing = world.importing(2).await;
    let submit = async |fingerprint: &str| {
        let answer = |report: &bams_storage::ImportReport| StoredAnswer {
            body: format!("import {}", report.id.unwrap_or_default()),
            ..StoredAnswer::default()
        };
        let once = Once { answer: Box::new(answer), ..once("order 7", fingerprint) };
        let file = file("clicks_2.csv", CLICKS);
        importing.submit(file, ImportOptions::default(), NOW, Some(once)).await.unwrap()
    };
    assert!(matches!(submit("one").await, Submitted::Queued(_)));
    match submit("one").await {
        Submitted::Answered(answer) => assert_eq!(answer.body, "import 1"),
        submitted => panic!("{submitted:?}"),
    }
    assert!(matches!(submit("other").await, Submitted::Reused));
}

#[tokio::test]
async fn a_name_that_no_request_can_have_is_refused() {
    let world = World::new().await;
    let importing = world.importing(1).await;
    let refused = |error: ImportingError| match error {
        ImportingError::Invalid(violation) => violation.code,
        other => panic!("{other:?}"),
    };
    for name in [String::new(), "x".repeat(LONGEST_IDEMPOTENCY_KEY + 1)] {
        let (file, options) = (file("clicks_2.csv", CLICKS), ImportOptions::default());
        let submitted = importing.submit(file, options, NOW, Some(once(&name, "one"))).await;
        assert_eq!(submitted.map_err(refused).err(), Some("out_of_range"));
        let by = Actor::command_line();
        let reverted = importing.revert(1, by, Some(once(&name, "one")), NOW).await;
        assert_eq!(reverted.map_err(refused).err(), Some("out_of_range"));
    }
}
