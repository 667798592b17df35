//! The limits of the document, which are the program's.

use std::ops::RangeInclusive;

use bams_app::PAGE_SIZES;
use bams_app::managing::IDEMPOTENCY_KEY_LENGTH;
use bams_app::serving::{EXCLUDED_COUNT, SIZE_COUNT};
use bams_storage::LONGEST_EVENT_ID;

use super::rules::{document, list, operations};

fn bounds(range: &RangeInclusive<usize>) -> (usize, usize) {
    (*range.start(), *range.end())
}

#[test]
fn documented_limits_are_those_of_the_program() {
    let document = document();
    let count = (*PAGE_SIZES.start() as usize, *PAGE_SIZES.end() as usize);
    let mut limited = Vec::new();
    let operations = operations(&document);
    for parameter in operations.iter().flat_map(|it| list(&it.1["parameters"])) {
        let limits = match parameter["name"].as_str() {
            Some("count") => ("imum", count),
            Some("exclude") => ("Items", bounds(&EXCLUDED_COUNT)),
            Some("size") => ("Items", bounds(&SIZE_COUNT)),
            Some("Idempotency-Key") => ("Length", bounds(&IDEMPOTENCY_KEY_LENGTH)),
            Some("conversion_id") => {
                ("Length", (usize::from(parameter["in"] == "query"), LONGEST_EVENT_ID))
            }
            _ => continue,
        };
        let name = parameter["name"].as_str().unwrap_or_default();
        limited.push((name, &parameter["schema"], limits.0, limits.1));
    }
    assert!(limited.len() > 15);
    for (name, schema, unit, (least, most)) in limited {
        let bound = |side: &str| schema[format!("{side}{unit}")].as_u64();
        assert_eq!(bound("max"), Some(most as u64), "{name}");
        assert_eq!(bound("min").unwrap_or(0), least as u64, "{name}");
    }
}
