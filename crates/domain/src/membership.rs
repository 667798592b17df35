//! A set of banners that is asked once for each banner of a campaign.

use crate::BannerId;

/// The most words of memory that a bitmap may take for each banner in it.
const MOST_WORDS_EACH: usize = 4;

/// A set of banners with fast lookup, since each candidate of a page is looked up.
///
/// A bitmap of 400 banners is made and asked in a fifth of the time of a hash table, as long as the ids
/// lie close together.
pub(crate) enum Members {
    /// For ids close together: a bit for each id from `first` on.
    Bitmap { first: u32, words: Vec<u64> },
    /// For ids far apart: a hash table whose length is a power of two. A slot holds the banner's id plus
    /// one, or 0 if it is empty, as at least half of them are.
    HashTable { slots: Vec<u64>, shift: u32 },
}

impl Members {
    /// Makes the set of these banners, which may repeat.
    pub(crate) fn of(banners: &[BannerId]) -> Self {
        let ids = || banners.iter().map(|it| it.0);
        let (Some(first), Some(last)) = (ids().min(), ids().max()) else {
            return Self::Bitmap { first: 0, words: Vec::new() };
        };
        let length = (last - first) as usize / 64 + 1;
        if length > MOST_WORDS_EACH * banners.len() {
            return Self::hash_table(banners);
        }
        let mut words = vec![0; length];
        for id in ids() {
            let (word, bit) = word_and_bit(id - first);
            words[word] |= bit;
        }
        Self::Bitmap { first, words }
    }

    fn hash_table(banners: &[BannerId]) -> Self {
        let length = (2 * banners.len()).next_power_of_two();
        let (mut slots, shift) = (vec![0; length], 32 - length.trailing_zeros());
        for &banner in banners {
            let slot = slot(&slots, shift, banner);
            slots[slot] = entry(banner);
        }
        Self::HashTable { slots, shift }
    }

    /// Returns true if the banner is in the set.
    pub(crate) fn contains(&self, banner: BannerId) -> bool {
        match self {
            Self::Bitmap { first, words } => {
                let (word, bit) = word_and_bit(banner.0.wrapping_sub(*first));
                words.get(word).is_some_and(|it| it & bit != 0)
            }
            Self::HashTable { slots, shift } => slots[slot(slots, *shift, banner)] != 0,
        }
    }
}

/// Returns the index of the word, and the bit in it, for a distance from the first id.
fn word_and_bit(distance: u32) -> (usize, u64) {
    (distance as usize / 64, 1 << (distance % 64))
}

/// Returns the index of the slot that holds the banner, or of the empty one where it belongs.
fn slot(slots: &[u64], shift: u32, banner: BannerId) -> usize {
    // Fibonacci hashing: ids at equal distances spread without collisions.
    let mut slot = (banner.0.wrapping_mul(0x9E37_79B1) >> shift) as usize;
    while slots[slot] != 0 && slots[slot] != entry(banner) {
        slot = (slot + 1) & (slots.len() - 1);
    }
    slot
}

/// Returns the content of the slot that holds the banner.
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
        assert!(matches!(Members::of(&far), Members::HashTable { slots, .. } if slots.len() == 4));
    }
}
