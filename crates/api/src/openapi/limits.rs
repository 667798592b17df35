//! The limits of the document, which are the program's.

use bams_app::PAGE_SIZES;
use bams_app::serving::{LONGEST_PLACEMENT_ID, MOST_EXCLUDED, MOST_PLACEMENTS, MOST_SIZES};
use bams_storage::LONGEST_EVENT_ID;
use serde_json::Value;

use super::rules::{document, list, operations};
use crate::extract::idempotency::LONGEST_KEY;

#[test]
fn documented_limits_are_those_of_the_program() {
    let document = document();
    let schema = |pointer: &str| {
        document.pointer(&format!("/components/schemas/{pointer}")).unwrap_or(&Value::Null)
    };
    let count = (*PAGE_SIZES.start() as usize, *PAGE_SIZES.end() as usize);
    let mut limited = vec![
        ("count", schema("PlacementRequest/properties/count"), "imum", count),
        (
            "placement id",
            schema("PlacementRequest/properties/id"),
            "Length",
            (1, LONGEST_PLACEMENT_ID),
        ),
        (
            "placements",
            schema("DecisionsRequest/properties/placements"),
            "Items",
            (1, MOST_PLACEMENTS),
        ),
        ("exclude", schema("DecisionsRequest/properties/exclude"), "Items", (0, MOST_EXCLUDED)),
        ("size", schema("PlacementRequest/properties/size"), "Items", (0, MOST_SIZES)),
    ];
    let operations = operations(&document);
    for parameter in operations.iter().flat_map(|it| list(&it.1["parameters"])) {
        let limits = match parameter["name"].as_str() {
            Some("count") => ("imum", count),
            Some("exclude") => ("Items", (0, MOST_EXCLUDED)),
            Some("size") => ("Items", (0, MOST_SIZES)),
            Some("Idempotency-Key") => ("Length", (1, LONGEST_KEY)),
            Some("conversion_id") => {
                ("Length", (usize::from(parameter["in"] == "query"), LONGEST_EVENT_ID))
            }
            _ => continue,
        };
        let name = parameter["name"].as_str().unwrap_or_default();
        limited.push((name, &parameter["schema"], limits.0, limits.1));
    }
    assert!(limited.len() > 20);
    for (name, schema, unit, (least, most)) in limited {
        let bound = |side: &str| schema[format!("{side}{unit}")].as_u64();
        assert_eq!(bound("max"), Some(most as u64), "{name}");
        assert_eq!(bound("min").unwrap_or(0), least as u64, "{name}");
    }
}
