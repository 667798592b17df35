//! Imports that several people revert at once.

use bams_app::importing::{CurrentImport, ImportEnding};
use bams_app::managing::Made;
use bams_storage::{Actor, ImportOptions};

use crate::world::{CLICKS, NOW, SECOND_QUARTER, World, file};

/// How often people meet at an import.
const TURNS: i64 = 8;

fn named(name: &str) -> Actor {
    Actor { id: name.to_lowercase(), name: name.to_owned() }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_reverts_an_import_beside_others_sees_that_it_is_reverted() {
    for world in World::both().await {
        let importing = world.importing(1).await;
        let mut reverters = Vec::new();
        for turn in 1..=TURNS {
            let (file, options) = (file("clicks_2.csv", CLICKS), ImportOptions::default());
            let imported = importing.import(file, options, NOW + turn).await.unwrap();
            assert_eq!((imported.ending, imported.report.accepted), (ImportEnding::Stored, 2));
            let id = imported.report.id.unwrap();
            let revert = async |name: &str| -> CurrentImport {
                match importing.revert(id, named(name), None, NOW + turn).await {
                    Ok(Made::Now(reverted)) => reverted,
                    other => panic!("{other:?}"),
                }
            };
            let (one, other, third) = tokio::join!(revert("Ada"), revert("Bo"), revert("Cleo"));
            assert_eq!(one.report.reverted_at_ms, Some(NOW + turn));
            assert!(one == other && one == third, "{one:?} {other:?} {third:?}");
            reverters.extend(one.report.reverted_by);
        }
        assert_eq!(world.reverters().await, reverters, "each was reverted once");
        assert_eq!(world.clicks_at(SECOND_QUARTER + 3600).await, 0);
    }
}
