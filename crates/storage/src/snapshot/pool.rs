//! The eligible banners of a campaign.

use std::sync::Arc;

use bams_domain::BannerId;

use super::banner_table::TablePlace;

/// The eligible banners of a campaign, by number, each with its place in the table: eight bytes for a
/// banner. Copies share them.
#[derive(Clone, Debug, Default)]
pub(super) struct BannerPool {
    banners: Arc<[BannerId]>,
    places: Arc<[TablePlace]>,
}

impl BannerPool {
    /// Makes a pool of banners in any order.
    pub(super) fn of(mut banners: Vec<(BannerId, TablePlace)>) -> Self {
        banners.sort_unstable();
        let (banners, places): (Vec<_>, Vec<_>) = banners.into_iter().unzip();
        Self { banners: banners.into(), places: places.into() }
    }

    pub(super) fn banners(&self) -> &[BannerId] {
        &self.banners
    }

    pub(super) fn pairs(&self) -> impl Iterator<Item = (BannerId, TablePlace)> {
        self.banners.iter().copied().zip(self.places.iter().copied())
    }

    /// Returns the place of one of the banners.
    pub(super) fn place(&self, banner: BannerId) -> Option<TablePlace> {
        let first = self.banners.first()?.0;
        // Ids mostly run without a gap, and then this is the index.
        let index = banner.0.checked_sub(first)? as usize;
        let index = match self.banners.get(index) {
            Some(found) if *found == banner => index,
            _ => self.banners.binary_search(&banner).ok()?,
        };
        self.places.get(index).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn banners_are_found_with_and_without_gaps_between_their_ids() {
        for ids in [&[][..], &[5], &[5, 6, 7], &[4_000_000_000, 5, 8, 7]] {
            let pool = BannerPool::of(ids.iter().map(|&id| (BannerId(id), id / 2)).collect());
            for id in (0..10).chain([4_000_000_000, u32::MAX]) {
                let expected = ids.contains(&id).then_some(id / 2);
                assert_eq!(pool.place(BannerId(id)), expected, "{id} in {ids:?}");
            }
        }
    }
}
