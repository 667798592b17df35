//! A history as it lies in memory and in Redis: one short run of bytes.

use bams_domain::{BannerId, History};

/// Bytes before the banners: how many pages, and how many banners the previous request showed.
const HEADER: usize = 8;
const NUMBER: usize = 4;

/// One visitor's history in one campaign, packed.
///
/// Little-endian u32: the number of pages, the number of banners the previous request showed, then
/// the banners seen in this cycle, those of the previous request last. A visitor who was shown
/// nothing has no bytes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct State(Box<[u8]>);

impl State {
    /// Packs a history, which counts `lead` pages more from now on.
    pub(crate) fn pack(history: &History, lead: u32) -> Self {
        if history.pages() == 0 {
            return Self::default();
        }
        let (seen, previous) = (history.seen(), history.previous());
        let mut bytes = Vec::with_capacity(HEADER + NUMBER * seen.len());
        bytes.extend_from_slice(&history.pages().saturating_add(lead).to_le_bytes());
        bytes.extend_from_slice(&count(previous).to_le_bytes());

        let mut later = previous.iter().peekable();
        for banner in seen {
            if later.next_if_eq(&banner).is_none() {
                bytes.extend_from_slice(&banner.0.to_le_bytes());
            }
        }
        put(&mut bytes, previous);
        Self(bytes.into())
    }

    /// The state with these bytes, as Redis answered them; nothing when they are no state.
    pub(crate) fn parse(bytes: Vec<u8>) -> Option<Self> {
        let banners = bytes.len().saturating_sub(HEADER) / NUMBER;
        let whole = bytes.len() == HEADER + NUMBER * banners && number(&bytes, 1) <= banners;
        (bytes.is_empty() || whole).then(|| Self(bytes.into()))
    }

    pub(crate) fn history(&self) -> History {
        if self.0.is_empty() {
            return History::default();
        }
        let mut seen: Vec<BannerId> = self.0[HEADER..]
            .chunks_exact(NUMBER)
            .map(|it| BannerId(u32::from_le_bytes([it[0], it[1], it[2], it[3]])))
            .collect();
        let mut previous = seen[seen.len() - number(&self.0, 1)..].to_vec();
        // Both are runs of sorted banners, which the stable sort merges quickly.
        previous.sort();
        seen.sort();
        History::from_parts(seen, previous, self.pages())
    }

    /// How many pages the visitor was shown: of two states of one history, the later one has more.
    pub(crate) fn pages(&self) -> u32 {
        self.0.first_chunk().map_or(0, |it| u32::from_le_bytes(*it))
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        &self.0
    }
}

/// Appends banners as little-endian u32.
pub(crate) fn put(bytes: &mut Vec<u8>, banners: &[BannerId]) {
    bytes.extend(banners.iter().flat_map(|it| it.0.to_le_bytes()));
}

/// The number at a place among little-endian u32; 0 beyond the end.
fn number(bytes: &[u8], place: usize) -> usize {
    let bytes = bytes.get(NUMBER * place..).and_then(<[u8]>::first_chunk);
    bytes.map_or(0, |it| u32::from_le_bytes(*it) as usize)
}

fn count(banners: &[BannerId]) -> u32 {
    u32::try_from(banners.len()).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn history(seen: &[u32], previous: &[u32], pages: u32) -> History {
        let banners = |ids: &[u32]| ids.iter().copied().map(BannerId).collect();
        History::from_parts(banners(seen), banners(previous), pages)
    }

    fn check(history: &History, bytes: &[u32]) {
        let state = State::pack(history, 0);
        let numbers: Vec<u8> = bytes.iter().flat_map(|it| it.to_le_bytes()).collect();
        assert_eq!(state.bytes(), numbers);
        assert_eq!(State::parse(numbers).as_ref(), Some(&state));
        assert_eq!(&state.history(), history);
    }

    #[test]
    fn a_history_survives_packing() {
        check(&history(&[], &[], 0), &[]);
        check(&history(&[7], &[7], 1), &[1, 1, 7]);
        check(&history(&[1, 4, 5, 9], &[4, 9], 3), &[3, 2, 1, 5, 4, 9]);
        check(&history(&[0, u32::MAX], &[0], u32::MAX), &[u32::MAX, 1, u32::MAX, 0]);
    }

    #[test]
    fn a_lead_counts_more_pages() {
        assert_eq!(State::pack(&history(&[7], &[7], 5), 1).pages(), 6);
        assert_eq!(State::pack(&history(&[7], &[7], u32::MAX), 1).pages(), u32::MAX);
        assert_eq!(State::pack(&history(&[], &[], 0), 1), State::default());
    }

    #[test]
    fn bytes_of_something_else_are_no_state() {
        for bytes in [&[1][..], &[0; 7], &[0; 9], &[1, 0, 0, 0, 2, 0, 0, 0, 9, 9, 9, 9]] {
            assert_eq!(State::parse(bytes.to_vec()), None, "{bytes:?}");
        }
    }
}
