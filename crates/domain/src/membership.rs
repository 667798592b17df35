//! Sets of banners as the hot path wants them: sorted lists, and a table for many questions.

use crate::BannerId;

pub(crate) fn contains(sorted: &[BannerId], banner: BannerId) -> bool {
    sorted.binary_search(&banner).is_ok()
}

/// Merges sorted banners into others that hold none of them.
pub(crate) fn merge(sorted: &mut Vec<BannerId>, more: &[BannerId]) {
    let mut end = sorted.len();
    sorted.extend_from_slice(more);
    // From the back, so that everything moves at most once.
    for (smaller, &banner) in more.iter().enumerate().rev() {
        let place = sorted[..end].partition_point(|it| *it < banner);
        sorted.copy_within(place..end, place + smaller + 1);
        sorted[place + smaller] = banner;
        end = place;
    }
}

/// A hash table of banners, for as many questions as a campaign has banners.
///
/// Each of a page's candidates is looked up. With 400 banners this takes half the time of a binary
/// search, building the table included.
pub(crate) struct Members {
    /// A power of two of slots, at least half of them empty: 0, or one more than the banner's id.
    slots: Vec<u64>,
    shift: u32,
}

impl Members {
    pub(crate) fn of(banners: &[BannerId]) -> Self {
        let length = (2 * banners.len()).next_power_of_two().max(2);
        let mut members = Self { slots: vec![0; length], shift: 32 - length.trailing_zeros() };
        for &banner in banners {
            let slot = members.slot(banner);
            members.slots[slot] = entry(banner);
        }
        members
    }

    pub(crate) fn contains(&self, banner: BannerId) -> bool {
        self.slots[self.slot(banner)] != 0
    }

    /// The slot that holds the banner, or the empty one where it belongs.
    fn slot(&self, banner: BannerId) -> usize {
        // Fibonacci hashing: consecutive ids, the usual case, spread without collisions.
        let mut slot = (banner.0.wrapping_mul(0x9E37_79B1) >> self.shift) as usize;
        while self.slots[slot] != 0 && self.slots[slot] != entry(banner) {
            slot = (slot + 1) & (self.slots.len() - 1);
        }
        slot
    }
}

fn entry(banner: BannerId) -> u64 {
    u64::from(banner.0) + 1
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(ids: &[u32]) {
        let banners: Vec<BannerId> = ids.iter().copied().map(BannerId).collect();
        let members = Members::of(&banners);
        for id in (0..2000).chain([u32::MAX - 1, u32::MAX]) {
            assert_eq!(members.contains(BannerId(id)), ids.contains(&id), "{id} in {ids:?}");
        }
    }

    #[test]
    fn a_table_holds_what_it_was_given() {
        check(&[]);
        check(&[0]);
        check(&[u32::MAX, 0, 1]);
        check(&[5, 5, 5, 5, 5, 7]);
        check(&(0..1000).collect::<Vec<_>>());
        check(&(0..1000).map(|it| it * 1_048_576).collect::<Vec<_>>());
    }

    #[test]
    fn merging_keeps_the_order() {
        let mut banners = [2, 5, 9].map(BannerId).to_vec();
        merge(&mut banners, &[1, 6, 10].map(BannerId));
        assert_eq!(banners, [1, 2, 5, 6, 9, 10].map(BannerId));
        assert!(contains(&banners, BannerId(6)));
        assert!(!contains(&banners, BannerId(7)));
    }
}
