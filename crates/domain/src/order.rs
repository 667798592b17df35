//! The order in which one decision considers a campaign's banners.

use std::ops::Range;

use rand::{Rng, RngExt, rngs::Xoshiro256PlusPlus, seq::SliceRandom};

use crate::{BannerId, Basis, Page, tiers::Tiers};

/// A campaign's banners in the order in which one decision considers them, made by
/// [`Ladder::order`](crate::Ladder::order).
///
/// Each banner keeps its rank in the whole ladder when others are left out. The third tier is shuffled
/// step by step, as far as it is read, which is why reading takes `&mut self`. The result depends on
/// the seed alone, not on what is read first.
#[derive(Clone, Debug)]
pub struct Order {
    banners: Vec<BannerId>,
    /// The index of each banner in the whole ladder. Empty until a banner is left out.
    indices: Vec<usize>,
    tiers: Tiers,
    /// How many banners, from the first one on, have their final position. The others are still to
    /// be shuffled.
    settled: usize,
    rng: Xoshiro256PlusPlus,
}

/// A banner on a page, and why it is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Selected {
    /// The banner.
    pub banner: BannerId,
    /// Its place in the whole ladder at this decision, from 1 on.
    pub rank: usize,
    /// Why it has that rank, or [`Basis::NewCycle`].
    pub basis: Basis,
}

impl Order {
    /// Makes an order that keeps the first `settled` banners in place and shuffles the others with `rng`.
    pub(crate) fn new(
        banners: Vec<BannerId>,
        tiers: Tiers,
        settled: usize,
        rng: Xoshiro256PlusPlus,
    ) -> Self {
        Self { banners, indices: Vec::new(), tiers, settled, rng }
    }

    /// Returns the banners, best first.
    ///
    /// ```
    /// use bams_domain::Ladder;
    /// use rand::{SeedableRng, rngs::StdRng};
    ///
    /// let mut order = Ladder::default().order(&mut StdRng::seed_from_u64(1));
    /// assert!(order.banners().is_empty());
    /// ```
    pub fn banners(&mut self) -> &[BannerId] {
        self.settle(self.banners.len());
        &self.banners
    }

    /// Returns the banner at a position of [`Order::banners`], or `None` beyond the end.
    ///
    /// Cheaper than [`Order::banners`], because it shuffles no further than that position.
    ///
    /// ```
    /// # use {bams_domain::Ladder, rand::{SeedableRng, rngs::StdRng}};
    /// # let mut order = Ladder::default().order(&mut StdRng::seed_from_u64(1));
    /// assert_eq!(order.banner(0), None);
    /// ```
    pub fn banner(&mut self, position: usize) -> Option<BannerId> {
        if position >= self.settled {
            self.settle(position + 1);
        }
        self.banners.get(position).copied()
    }

    /// Returns the number of banners.
    ///
    /// ```
    /// # use {bams_domain::Ladder, rand::{SeedableRng, rngs::StdRng}};
    /// # let mut order = Ladder::default().order(&mut StdRng::seed_from_u64(1));
    /// assert_eq!(order.len(), order.banners().len());
    /// ```
    pub fn len(&self) -> usize {
        self.banners.len()
    }

    /// Returns true if there are no banners.
    ///
    /// ```
    /// # use {bams_domain::Ladder, rand::{SeedableRng, rngs::StdRng}};
    /// # let order = Ladder::default().order(&mut StdRng::seed_from_u64(1));
    /// assert!(order.is_empty());
    /// ```
    pub fn is_empty(&self) -> bool {
        self.banners.is_empty()
    }

    /// Keeps only the banners for which `keep` returns true, such as those that a request does not
    /// exclude.
    ///
    /// They keep their rank and basis. Unlike [`Ladder::without`](crate::Ladder::without) this leaves
    /// the rule alone: a banner that is dropped here still counts for X.
    ///
    /// ```
    /// use bams_domain::{BannerId, BannerPerformance, Ladder, Page, Performance};
    /// use rand::{SeedableRng, rngs::StdRng};
    ///
    /// let ladder = Ladder::rank([(1, 50), (2, 40), (3, 30)].map(|(banner, clicks)| BannerPerformance {
    ///     banner: BannerId(banner),
    ///     performance: Performance { clicks, ..Performance::default() },
    /// }));
    /// let mut order = ladder.order(&mut StdRng::seed_from_u64(1));
    /// order.retain(|banner| banner != BannerId(2));
    ///
    /// assert_eq!(order.banners(), [BannerId(1), BannerId(3)]);
    /// let page = Page { picks: vec![1], new_cycle_from: 1 };
    /// assert_eq!(order.selection(&page)[0].rank, 3);
    /// ```
    pub fn retain(&mut self, mut keep: impl FnMut(BannerId) -> bool) {
        self.settle(self.banners.len());
        let kept: Vec<usize> =
            (0..self.banners.len()).filter(|&position| keep(self.banners[position])).collect();
        if kept.len() == self.banners.len() {
            return;
        }
        self.indices = kept.iter().map(|&position| self.index(position)).collect();
        self.banners = kept.iter().map(|&position| self.banners[position]).collect();
        self.settled = self.banners.len();
    }

    /// Returns the banners of a page with rank and basis, in the order of its picks.
    ///
    /// Visitors see them shuffled, see [`Order::shuffled_selection`]. Picks beyond the end of this order
    /// are left out.
    ///
    /// ```
    /// use bams_domain::{BannerId, BannerPerformance, Basis, Ladder, Page, Performance, Selected};
    /// use rand::{SeedableRng, rngs::StdRng};
    ///
    /// let performance = Performance { clicks: 1, ..Performance::default() };
    /// let ladder = Ladder::rank([7, 8].map(|banner| BannerPerformance {
    ///     banner: BannerId(banner),
    ///     performance,
    /// }));
    /// let mut order = ladder.order(&mut StdRng::seed_from_u64(1));
    /// let page = Page { picks: vec![1, 0], new_cycle_from: 1 };
    ///
    /// assert_eq!(order.selection(&page), [
    ///     Selected { banner: BannerId(8), rank: 2, basis: Basis::Clicks },
    ///     Selected { banner: BannerId(7), rank: 1, basis: Basis::NewCycle },
    /// ]);
    /// ```
    pub fn selection(&mut self, page: &Page) -> Vec<Selected> {
        let mut selected = Vec::with_capacity(page.picks.len());
        for (pick, &position) in page.picks.iter().enumerate() {
            if let Some(banner) = self.banner(position) {
                let index = self.index(position);
                let basis = if pick < page.new_cycle_from {
                    self.tiers.basis_at(index)
                } else {
                    Basis::NewCycle
                };
                selected.push(Selected { banner, rank: index + 1, basis });
            }
        }
        selected
    }

    /// Returns the same as [`Order::selection`] in random order, so that no place on the page belongs to
    /// the best banner.
    ///
    /// ```
    /// use bams_domain::{BannerId, BannerPerformance, Ladder, Page, Performance};
    /// use rand::{SeedableRng, rngs::StdRng};
    ///
    /// let performance = Performance { clicks: 1, ..Performance::default() };
    /// let ladder = Ladder::rank([7, 8].map(|banner| BannerPerformance {
    ///     banner: BannerId(banner),
    ///     performance,
    /// }));
    /// let mut rng = StdRng::seed_from_u64(1);
    /// let mut order = ladder.order(&mut rng);
    /// let page = Page { picks: vec![0, 1], new_cycle_from: 2 };
    ///
    /// let mut selected = order.shuffled_selection(&page, &mut rng);
    /// selected.sort_by_key(|it| it.rank);
    /// assert_eq!(selected, order.selection(&page));
    /// ```
    pub fn shuffled_selection<R: Rng + ?Sized>(
        &mut self,
        page: &Page,
        rng: &mut R,
    ) -> Vec<Selected> {
        let mut selected = self.selection(page);
        selected.shuffle(rng);
        selected
    }

    /// Moves the preferred banners within a range of positions to its front. Both groups keep their
    /// order.
    pub(crate) fn move_first(
        &mut self,
        positions: Range<usize>,
        preferred: impl Fn(BannerId) -> bool,
    ) {
        self.settle(positions.end);
        self.banners[positions].sort_by_key(|&banner| !preferred(banner)); // stable
    }

    /// Returns the index in the whole ladder of the banner at a position.
    fn index(&self, position: usize) -> usize {
        self.indices.get(position).copied().unwrap_or(position)
    }

    /// Shuffles on (Fisher and Yates) until at least `count` banners have their final position.
    fn settle(&mut self, count: usize) {
        let all = self.banners.len();
        for position in self.settled..count.min(all) {
            let drawn = self.rng.random_range(position..all);
            self.banners.swap(position, drawn);
            self.settled = position + 1;
        }
    }
}
