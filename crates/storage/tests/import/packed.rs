//! Files that are packed with gzip.

use std::io::Write;

use bams_storage::{ImportError, ImportOptions, ImportState};
use flate2::Compression;
use flate2::write::GzEncoder;

use crate::world::{World, clicks, counts, import};

fn packed(text: &[u8]) -> Vec<u8> {
    let mut packer = GzEncoder::new(Vec::new(), Compression::default());
    packer.write_all(text).expect("memory");
    packer.finish().expect("memory")
}

#[tokio::test]
async fn a_packed_file_is_the_same_file() {
    for world in World::each().await {
        let text = clicks(0..3000);
        let options = ImportOptions::default();
        let first = import(&world.imports, "clicks_2.csv.gz", packed(text.as_bytes()), options);
        let first = first.await.expect("a report");
        assert_eq!((first.state, counts(&first)), (ImportState::Completed, [3000, 3000, 0, 0]));
        assert!(first.bytes < text.len() as u64, "{}", world.name);
        let plain = world.import("clicks_2.csv", &text).await;
        assert_eq!((plain.duplicate_of, &plain.sha256), (first.id, &first.sha256));
        // The content says it, not the name.
        let unnamed = import(&world.imports, "clicks_2.csv", packed(text.as_bytes()), options);
        assert_eq!(unnamed.await.expect("a report").duplicate_of, first.id);
    }
}

#[tokio::test]
async fn what_does_not_unpack_is_not_booked() {
    let world = World::sqlite().await;
    let imports = world.imports.clone().with_unpacked_limit(100_000);
    let (options, header) = (ImportOptions::default(), "click_id,banner_id,campaign_id\n");
    let bomb = packed(format!("{header}{}", "\n".repeat(50_000_000)).as_bytes());
    assert!(bomb.len() < 100_000);
    let refused = import(&imports, "clicks_1.csv.gz", bomb, options).await.unwrap_err();
    assert!(matches!(refused, ImportError::UnpacksTooLarge { limit: 100_000, .. }), "{refused}");

    let whole = packed(clicks(0..1000).as_bytes());
    let cut = &whole[..whole.len() - 9];
    let refused = import(&imports, "clicks_1.csv.gz", cut, options).await.unwrap_err();
    assert!(matches!(refused, ImportError::Damaged { .. }), "{refused}");
    assert_eq!(world.written().await, 0);
    let report = import(&imports, "clicks_1.csv.gz", whole, options).await.expect("a report");
    assert_eq!(report.accepted, 1000);
}
