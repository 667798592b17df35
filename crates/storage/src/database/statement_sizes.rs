//! Lists of few different lengths, for statements that stay prepared.
//!
//! The text of a statement depends on its number of rows. A database prepares each text anew that
//! it has not seen lately, and for many rows that takes as long as running it.

/// The longest portion.
const LONGEST: usize = 256;

/// Returns the length of the first portion of a list: a power of two, or one and a half.
fn first_portion(rows: usize) -> usize {
    let rows = rows.min(LONGEST);
    let power = rows.checked_ilog2().map_or(0, |exponent| 1 << exponent);
    let more = power + power / 2;
    if more <= rows { more } else { power }
}

/// Cuts a list into portions, the longest first.
///
/// Up to 256 rows make at most five portions, and mostly two or three.
pub(crate) fn portions<T>(mut rows: &[T]) -> impl Iterator<Item = &[T]> {
    std::iter::from_fn(move || {
        let (portion, others) = rows.split_at(first_portion(rows.len()));
        rows = others;
        (!portion.is_empty()).then_some(portion)
    })
}

/// Cuts a list into parts of 256 and pads the last one with `filling` to the length of a portion.
pub(crate) fn filled<T: Clone>(rows: &[T], filling: &T) -> Vec<Vec<T>> {
    let fill = |part: &[T]| {
        let mut padded = part.to_vec();
        while first_portion(padded.len()) < padded.len() {
            padded.push(filling.clone());
        }
        padded
    };
    rows.chunks(LONGEST).map(fill).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn portions_are_the_whole_list_and_have_few_lengths() {
        let mut lengths = BTreeSet::new();
        for count in 0..1000_usize {
            let rows: Vec<usize> = (0..count).collect();
            assert_eq!(portions(&rows).collect::<Vec<_>>().concat(), rows);
            assert!(count > LONGEST || portions(&rows).count() <= 5, "{count}");
            lengths.extend(portions(&rows).map(<[_]>::len));
            let filled = filled(&rows, &usize::MAX);
            lengths.extend(filled.iter().map(Vec::len));
            let filling = filled.concat().split_off(count);
            assert!(filling.iter().all(|it| *it == usize::MAX));
            assert!(2 * filling.len() <= count, "{count}");
        }
        assert_eq!(lengths, [1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64, 96, 128, 192, 256].into());
    }
}
