//! Round numbers for axes, which all begin at 0.

/// How many lines an axis has above 0.
pub(super) const LINES: u32 = 4;

/// Returns the distance between the lines of an axis that reaches `most`.
pub(super) fn distance(most: f64) -> f64 {
    let wanted = most.max(f64::MIN_POSITIVE) / f64::from(LINES);
    let magnitude = 10_f64.powf(wanted.log10().floor());
    let round =
        [1.0, 2.0, 2.5, 5.0, 10.0].into_iter().find(|it| it * magnitude >= wanted * 0.999_999);
    round.unwrap_or(10.0) * magnitude
}

/// Returns a coordinate as short as it is exact enough.
pub(super) fn place(value: f64) -> String {
    let text = format!("{value:.1}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn axes_have_round_numbers() {
        for (most, expected) in
            [(1_526.98, 500.0), (800.0, 200.0), (4.0, 1.0), (0.031, 0.01), (9.1, 2.5), (41.0, 20.0)]
        {
            let found = distance(most);
            assert!((found / expected - 1.0).abs() < 1e-9, "{most}: {found}");
        }
        assert!(distance(0.0).is_finite());
    }

    #[test]
    fn coordinates_are_short() {
        assert_eq!([0.0, 12.34, 7.96, 100.0].map(place), ["0", "12.3", "8", "100"]);
    }
}
