//! The ranking of a campaign's banners: by revenue, then by clicks, then by chance. Start reading here.

use std::{cmp::Reverse, sync::Arc};

use rand::{Rng, SeedableRng, rngs::Xoshiro256PlusPlus};

use crate::tiers::{Tiers, basis};
use crate::{BannerId, BannerPerformance, Basis, Order, Rule};

/// A campaign's eligible banners in one quarter, best first.
///
/// 1. Banners with conversions: by revenue, the most first; then by clicks, the most first; then by
///    id, the lowest first.
/// 2. Banners with clicks but no conversion: by clicks, the most first; then by id.
/// 3. All others, kept by id. A decision shuffles them anew, see [`Ladder::order`].
///
/// A ladder is small (four bytes for each banner, eight for each group of equals) and immutable, so
/// that all decisions can share one. Copies share the banners.
///
/// ```
/// use bams_domain::{BannerId, BannerPerformance, Basis, Ladder, Performance, Revenue, Rule};
///
/// let row = |banner, clicks, conversions, micros| BannerPerformance {
///     banner: BannerId(banner),
///     performance: Performance {
///         impressions: 100,
///         clicks,
///         conversions,
///         revenue: Revenue::from_micros(micros),
///     },
/// };
/// let ladder = Ladder::rank([row(1, 0, 0, 0), row(2, 9, 0, 0), row(3, 1, 1, 50), row(4, 1, 1, 70)]);
///
/// assert_eq!(ladder.banners(), [4, 3, 2, 1].map(BannerId));
/// assert_eq!(ladder.rule(), Rule::RevenueThenClicks);
/// assert_eq!(ladder.basis_at(2), Basis::Clicks);
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ladder {
    banners: Arc<[BannerId]>,
    tiers: Tiers,
    /// Groups of banners in the first two tiers that only their ids put in order, each with the index
    /// of its first banner and the index after its last one.
    equals: Arc<[(u32, u32)]>,
}

impl Ladder {
    /// Ranks banners, given in any order, by their performance in one quarter.
    ///
    /// A banner that is given several times, such as once for each hour, is ranked once, by the sum of its
    /// performances. Without banners the ladder is empty.
    ///
    /// ```
    /// use bams_domain::{BannerId, BannerPerformance, Ladder, Performance};
    ///
    /// let clicked = |banner, clicks| BannerPerformance {
    ///     banner: BannerId(banner),
    ///     performance: Performance { clicks, ..Performance::default() },
    /// };
    /// let ladder = Ladder::rank([clicked(7, 3), clicked(8, 5), clicked(7, 4)]);
    /// assert_eq!(ladder.banners(), [BannerId(7), BannerId(8)]);
    /// ```
    pub fn rank(performances: impl IntoIterator<Item = BannerPerformance>) -> Self {
        let mut rows: Vec<BannerPerformance> = performances.into_iter().collect();
        rows.sort_unstable_by_key(|it| it.banner);
        rows.dedup_by(|next, kept| {
            let is_same = next.banner == kept.banner;
            if is_same {
                kept.performance += next.performance;
            }
            is_same
        });
        rows.sort_by_key(merit); // stable: ties stay by id

        let mut tiers = Tiers::default();
        for row in &rows {
            tiers.count(basis(row));
        }
        let mut equals = Vec::new();
        let mut start = 0;
        for group in rows[..tiers.ranked as usize].chunk_by(|one, other| merit(one) == merit(other))
        {
            let end = start + narrow(group.len());
            equals.extend((group.len() > 1).then_some((start, end)));
            start = end;
        }
        let banners = rows.iter().map(|it| it.banner).collect();
        Self { banners, tiers, equals: equals.into() }
    }

    /// Returns the campaign's ladder without the banners for which `dropped` returns true, such as those
    /// that a visitor hid.
    ///
    /// The other banners keep their order. Rule and page size follow from them alone.
    ///
    /// ```
    /// use bams_domain::{BannerId, BannerPerformance, Ladder, Performance, Rule};
    ///
    /// let performance = Performance { conversions: 1, ..Performance::default() };
    /// let ladder = Ladder::rank(
    ///     (1..=10).map(|banner| BannerPerformance { banner: BannerId(banner), performance }),
    /// );
    /// let left = ladder.without(|banner| banner == BannerId(4));
    ///
    /// assert_eq!(ladder.rule(), Rule::TopTenByRevenue);
    /// assert_eq!(left.rule(), Rule::AllByRevenue);
    /// assert_eq!(left.len(), 9);
    /// ```
    #[must_use]
    pub fn without(&self, mut dropped: impl FnMut(BannerId) -> bool) -> Self {
        let mut tiers = Tiers::default();
        let mut kept = Vec::with_capacity(self.banners.len());
        for (index, &banner) in self.banners.iter().enumerate() {
            if !dropped(banner) {
                tiers.count(self.basis_at(index));
                kept.push(index);
            }
        }
        let new_index =
            |index: u32| narrow(kept.partition_point(|&earlier| earlier < index as usize));
        let equals = self.equals.iter().map(|&(start, end)| (new_index(start), new_index(end)));
        Self {
            banners: kept.iter().map(|&index| self.banners[index]).collect(),
            tiers,
            equals: equals.filter(|(start, end)| end - start > 1).collect(),
        }
    }

    /// Returns X, the number of banners with at least one conversion.
    ///
    /// ```
    /// assert_eq!(bams_domain::Ladder::default().converting_banners(), 0);
    /// ```
    pub fn converting_banners(&self) -> usize {
        self.tiers.converting as usize
    }

    /// Returns the rule that follows from X.
    ///
    /// ```
    /// use bams_domain::{Ladder, Rule};
    ///
    /// assert_eq!(Ladder::default().rule(), Rule::ClicksThenRandom);
    /// ```
    pub fn rule(&self) -> Rule {
        Rule::of(self.converting_banners())
    }

    /// Returns how many banners the rule puts on a page, which may be more than there are.
    ///
    /// ```
    /// assert_eq!(bams_domain::Ladder::default().page_size(), 5);
    /// ```
    pub fn page_size(&self) -> usize {
        self.rule().page_size(self.converting_banners())
    }

    /// Returns the number of eligible banners.
    ///
    /// ```
    /// assert_eq!(bams_domain::Ladder::default().len(), 0);
    /// ```
    pub fn len(&self) -> usize {
        self.banners.len()
    }

    /// Returns true if no banner is eligible.
    ///
    /// ```
    /// assert!(bams_domain::Ladder::default().is_empty());
    /// ```
    pub fn is_empty(&self) -> bool {
        self.banners.is_empty()
    }

    /// Returns the banners, best first, without repeats. The third tier, which each decision shuffles,
    /// is last and in the order of its ids.
    ///
    /// ```
    /// assert!(bams_domain::Ladder::default().banners().is_empty());
    /// ```
    pub fn banners(&self) -> &[BannerId] {
        &self.banners
    }

    /// Returns the basis of the banner at an index of [`Ladder::banners`].
    ///
    /// It is never [`Basis::NewCycle`], and [`Basis::Random`] for an index beyond the end.
    ///
    /// ```
    /// use bams_domain::{Basis, Ladder};
    ///
    /// assert_eq!(Ladder::default().basis_at(0), Basis::Random);
    /// ```
    pub fn basis_at(&self, index: usize) -> Basis {
        self.tiers.basis_at(index)
    }

    /// Returns the order of the banners for one decision: the ladder with its third tier shuffled.
    ///
    /// The same ladder and the same random numbers give the same order.
    ///
    /// ```
    /// use bams_domain::{BannerId, BannerPerformance, Ladder, Performance};
    /// use rand::{SeedableRng, rngs::StdRng};
    ///
    /// let performance = Performance::default();
    /// let ladder = Ladder::rank(
    ///     (1..=100).map(|banner| BannerPerformance { banner: BannerId(banner), performance }),
    /// );
    /// let mut order = ladder.order(&mut StdRng::seed_from_u64(1));
    ///
    /// assert_eq!(order.len(), 100);
    /// assert_eq!(order.banners(), ladder.order(&mut StdRng::seed_from_u64(1)).banners());
    /// assert_ne!(order.banners(), ladder.order(&mut StdRng::seed_from_u64(2)).banners());
    /// ```
    pub fn order<R: Rng + ?Sized>(&self, rng: &mut R) -> Order {
        let ranked = self.tiers.ranked as usize;
        Order::new(self.banners.to_vec(), self.tiers, ranked, Xoshiro256PlusPlus::from_rng(rng))
    }

    /// Returns an order like [`Ladder::order`] in which the banners for which `preferred` returns true
    /// come first among their equals.
    ///
    /// Banners with conversions are equal if they have the same revenue and clicks; banners without
    /// are equal if they have the same clicks, so the whole third tier is. Within a group the preferred
    /// banners keep their order, and so do the others. A preferred banner never passes one that earned
    /// or was clicked more.
    ///
    /// ```
    /// use bams_domain::{BannerId, BannerPerformance, Ladder, Performance};
    /// use rand::{SeedableRng, rngs::StdRng};
    ///
    /// let ladder = Ladder::rank([(1, 9), (2, 5), (3, 5), (4, 5)].map(|(banner, clicks)| {
    ///     let performance = Performance { clicks, ..Performance::default() };
    ///     BannerPerformance { banner: BannerId(banner), performance }
    /// }));
    /// let preferred = |banner| banner == BannerId(4);
    ///
    /// let mut order = ladder.order_preferring(preferred, &mut StdRng::seed_from_u64(1));
    /// assert_eq!(order.banners(), [1, 4, 2, 3].map(BannerId));
    /// ```
    pub fn order_preferring<R: Rng + ?Sized>(
        &self,
        preferred: impl Fn(BannerId) -> bool,
        rng: &mut R,
    ) -> Order {
        let third_tier = (self.tiers.ranked, narrow(self.banners.len()));
        let mut order = self.order(rng);
        for &(start, end) in self.equals.iter().chain([&third_tier]) {
            order.move_first(start as usize..end as usize, &preferred);
        }
        order
    }
}

/// Returns an index in the width in which it is stored. Campaigns have at most 2³² banners, because
/// ids are 32 bits wide.
fn narrow(index: usize) -> u32 {
    u32::try_from(index).unwrap_or(u32::MAX)
}

/// Returns a key by which the better banner sorts first. It ignores revenue without a conversion.
fn merit(row: &BannerPerformance) -> impl Ord + use<> {
    let performance = &row.performance;
    let revenue = (performance.conversions > 0).then_some(performance.revenue);
    Reverse((revenue, performance.clicks))
}
