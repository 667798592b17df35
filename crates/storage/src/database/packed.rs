//! Rows of numbers that the database packs into one text, because handing over a row takes it and the
//! driver much longer than writing its numbers.

use crate::error::StorageError;

/// Reads a text of `GROUP_CONCAT` that has so many rows, each of numbers with spaces between them.
///
/// Fails if a row is missing, because the server cut the text, or is not of numbers.
pub(crate) fn packed<const N: usize>(
    table: &'static str,
    text: Option<&str>,
    rows: i64,
) -> Result<Vec<[i64; N]>, StorageError> {
    let expected = usize::try_from(rows).unwrap_or(0);
    let mut found = Vec::with_capacity(expected);
    for row in text.into_iter().filter(|it| !it.is_empty()).flat_map(|it| it.split(',')) {
        let mut numbers = [0; N];
        let mut words = row.split(' ');
        for number in &mut numbers {
            *number =
                words.next().and_then(|it| it.parse().ok()).ok_or_else(|| broken(table, row))?;
        }
        found.push(numbers);
    }
    if found.len() == expected { Ok(found) } else { Err(broken(table, "a text without its end")) }
}

fn broken(table: &'static str, value: &str) -> StorageError {
    StorageError::Corrupt { table, column: "campaign_id", value: value.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_is_there_or_none() {
        let read = |text, rows| packed::<2>("t", text, rows).ok();
        assert_eq!(read(Some("1 -2,3 4"), 2), Some(vec![[1, -2], [3, 4]]));
        assert_eq!(read(None, 0), Some(vec![]));
        for (text, rows) in [("1 2,3", 2), ("1 2", 2), ("1 2,3 4", 1), ("1 x", 1)] {
            assert_eq!(read(Some(text), rows), None, "{text}");
        }
    }
}
