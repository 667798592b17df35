//! The bytes of a history in Redis.
//!
//! Little-endian u32: the number of pages, the number of banners that the previous request showed,
//! then the banners seen in this cycle, those of the previous request last. An empty history has no
//! bytes.

use bams_domain::{BannerId, History};

/// The bytes before the banners.
const HEADER: usize = 8;
const NUMBER: usize = 4;

pub(crate) fn pack(history: &History) -> Vec<u8> {
    if history.pages() == 0 {
        return Vec::new();
    }
    let mut bytes = Vec::with_capacity(HEADER + NUMBER * history.seen().len());
    let previous = u32::try_from(history.previous().len()).unwrap_or(u32::MAX);
    for number in [history.pages(), previous] {
        bytes.extend_from_slice(&number.to_le_bytes());
    }
    put(&mut bytes, history.seen());
    bytes
}

/// Reads a history from the bytes that Redis returned, or `None` if they are malformed.
pub(crate) fn unpack(bytes: &[u8]) -> Option<History> {
    if bytes.is_empty() {
        return Some(History::default());
    }
    let (numbers, []) = bytes.as_chunks::<NUMBER>() else { return None };
    let mut numbers = numbers.iter().map(|bytes| u32::from_le_bytes(*bytes));
    let (pages, previous) = (numbers.next()?, numbers.next()? as usize);
    let seen: Vec<BannerId> = numbers.map(BannerId).collect();
    (previous <= seen.len()).then(|| History::from_parts(seen, previous, pages))
}

/// Appends banners as little-endian u32.
pub(crate) fn put(bytes: &mut Vec<u8>, banners: &[BannerId]) {
    bytes.extend(banners.iter().flat_map(|it| it.0.to_le_bytes()));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(history: &History, bytes: &[u32]) {
        let packed = pack(history);
        let numbers: Vec<u8> = bytes.iter().flat_map(|it| it.to_le_bytes()).collect();
        assert_eq!(packed, numbers);
        assert_eq!(unpack(&packed).as_ref(), Some(history));
    }

    #[test]
    fn a_history_survives_packing() {
        let history = |seen: &[u32], previous, pages| {
            History::from_parts(seen.iter().copied().map(BannerId).collect(), previous, pages)
        };
        check(&history(&[], 0, 0), &[]);
        check(&history(&[7], 1, 1), &[1, 1, 7]);
        check(&history(&[5, 1, 9, 4], 2, 3), &[3, 2, 5, 1, 9, 4]);
        check(&history(&[u32::MAX, 0], 1, u32::MAX), &[u32::MAX, 1, u32::MAX, 0]);
    }

    #[test]
    fn bytes_of_something_else_are_no_history() {
        for bytes in [&[1][..], &[0; 7], &[0; 9], &[1, 0, 0, 0, 2, 0, 0, 0, 9, 9, 9, 9]] {
            assert_eq!(unpack(bytes), None, "{bytes:?}");
        }
    }
}
