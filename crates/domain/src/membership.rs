//! Sets of banners, for as many questions as a campaign has banners.

use crate::BannerId;

/// A bitmap may take this many words of memory for each banner in it.
const WORDS_EACH: usize = 4;

/// Banners that can be asked for at once.
///
/// Each of a page's candidates is looked up. A bitmap of 400 banners is made and asked in a fifth of
/// the time that a hash table takes, but only as long as the ids lie close together.
pub(crate) enum Members {
    /// A bit for each id from `first` on.
    Near { first: u32, words: Vec<u64> },
    /// A power of two of slots, at least half of them empty: 0, or one more than the banner's id.
    Far { slots: Vec<u64>, shift: u32 },
}

impl Members {
    pub(crate) fn of(banners: &[BannerId]) -> Self {
        let ids = || banners.iter().map(|it| it.0);
        let (Some(first), Some(last)) = (ids().min(), ids().max()) else {
            return Self::Near { first: 0, words: Vec::new() };
        };
        let words = (last - first) as usize / 64 + 1;
        if words > WORDS_EACH * banners.len() {
            return Self::far(banners);
        }
        let mut words = vec![0; words];
        for id in ids() {
            let (word, bit) = place(id - first);
            words[word] |= bit;
        }
        Self::Near { first, words }
    }

    fn far(banners: &[BannerId]) -> Self {
        let length = (2 * banners.len()).next_power_of_two();
        let (mut slots, shift) = (vec![0; length], 32 - length.trailing_zeros());
        for &banner in banners {
            let slot = slot(&slots, shift, banner);
            slots[slot] = entry(banner);
        }
        Self::Far { slots, shift }
    }

    pub(crate) fn contains(&self, banner: BannerId) -> bool {
        match self {
            Self::Near { first, words } => {
                let (word, bit) = place(banner.0.wrapping_sub(*first));
                words.get(word).is_some_and(|it| it & bit != 0)
            }
            Self::Far { slots, shift } => slots[slot(slots, *shift, banner)] != 0,
        }
    }
}

/// The word and the bit in it that stand for a distance from the first id.
fn place(distance: u32) -> (usize, u64) {
    (distance as usize / 64, 1 << (distance % 64))
}

/// The slot that holds the banner, or the empty one where it belongs.
fn slot(slots: &[u64], shift: u32, banner: BannerId) -> usize {
    // Fibonacci hashing: ids at equal distances spread without collisions.
    let mut slot = (banner.0.wrapping_mul(0x9E37_79B1) >> shift) as usize;
    while slots[slot] != 0 && slots[slot] != entry(banner) {
        slot = (slot + 1) & (slots.len() - 1);
    }
    slot
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
    fn a_set_holds_what_it_was_given() {
        check(&[]);
        check(&[0]);
        check(&[u32::MAX]);
        check(&[u32::MAX, 0, 1]);
        check(&[5, 5, 5, 5, 5, 7]);
        check(&[1900, 63, 64, 127, 128]);
        check(&(0..1000).collect::<Vec<_>>());
        check(&(500..1000).rev().collect::<Vec<_>>());
        check(&(0..1000).map(|it| it * 1_048_576).collect::<Vec<_>>());
    }

    #[test]
    fn ids_far_apart_take_little_memory() {
        let far = [0, u32::MAX].map(BannerId);
        assert!(matches!(Members::of(&far), Members::Far { slots, .. } if slots.len() == 4));
    }
}
