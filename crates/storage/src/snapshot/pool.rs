//! The eligible banners of a campaign.

use std::sync::Arc;

use bams_domain::BannerId;

use super::banner_table::TablePlace;

/// The eligible banners of a campaign, by number, each with its place in the table. Copies share them.
///
/// Numbers and places mostly count up together, so that it keeps runs instead of banners.
#[derive(Clone, Debug, Default)]
pub(super) struct BannerPool {
    runs: Arc<[Run]>,
}

/// Banners whose numbers and places count up together, from the first one on.
#[derive(Clone, Copy, Debug)]
struct Run {
    banner: BannerId,
    place: TablePlace,
    banners: u32,
}

impl Run {
    /// Returns how far behind the first banner of the run another one comes, in it or after it.
    fn offset(&self, banner: BannerId) -> Option<u32> {
        banner.0.checked_sub(self.banner.0)
    }

    /// Adds a banner if it comes next.
    fn extend(&mut self, (banner, place): (BannerId, TablePlace)) -> bool {
        let is_next = self.offset(banner) == Some(self.banners)
            && place.checked_sub(self.place) == Some(self.banners);
        self.banners += u32::from(is_next);
        is_next
    }

    fn pairs(self) -> impl Iterator<Item = (BannerId, TablePlace)> {
        (0..self.banners).map(move |it| (BannerId(self.banner.0 + it), self.place + it))
    }
}

impl BannerPool {
    /// Makes a pool of banners in any order, each given once.
    pub(super) fn of(mut banners: Vec<(BannerId, TablePlace)>) -> Self {
        banners.sort_unstable();
        let mut runs: Vec<Run> = Vec::new();
        for (banner, place) in banners {
            if !runs.last_mut().is_some_and(|it| it.extend((banner, place))) {
                runs.push(Run { banner, place, banners: 1 });
            }
        }
        Self { runs: runs.into() }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.runs.is_empty()
    }

    pub(super) fn pairs(&self) -> impl Iterator<Item = (BannerId, TablePlace)> {
        self.runs.iter().flat_map(|it| it.pairs())
    }

    /// Returns the place of one of the banners.
    pub(super) fn place(&self, banner: BannerId) -> Option<TablePlace> {
        let after = self.runs.partition_point(|it| it.banner <= banner);
        let run = self.runs[..after].last()?;
        let offset = run.offset(banner)?;
        (offset < run.banners).then(|| run.place + offset)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn banners_are_found_with_and_without_gaps_between_their_ids_and_places() {
        let third: fn(u32) -> u32 = |id| id / 3;
        for (place, runs) in [(third, 4), (|id| id, 3), (|id| u32::MAX - id, 4)] {
            let ids = [u32::MAX, 5, 8, 7];
            let pool = BannerPool::of(ids.iter().map(|&id| (BannerId(id), place(id))).collect());
            assert_eq!(pool.runs.len(), runs);
            let pairs = [5, 7, 8, u32::MAX].map(|id| (BannerId(id), place(id)));
            assert_eq!(pool.pairs().collect::<Vec<_>>(), pairs);
            for id in (0..10).chain([u32::MAX - 1, u32::MAX]) {
                let expected = ids.contains(&id).then(|| place(id));
                assert_eq!(pool.place(BannerId(id)), expected, "{id}");
            }
        }
    }

    #[test]
    fn an_empty_pool_has_no_banner() {
        assert!(BannerPool::default().is_empty());
        assert_eq!(BannerPool::default().place(BannerId(0)), None);
        assert!(!BannerPool::of(vec![(BannerId(0), 0)]).is_empty());
    }
}
