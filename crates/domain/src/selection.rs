//! The whole decision in one call, for programs that fill one placement at a time.

use rand::Rng;

use crate::{History, Ladder, Placement, Rule, Selected, fill_pages};

/// The banners that one visitor sees, with the reason for each.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Selection {
    /// The rule that set the size of the page.
    pub rule: Rule,
    /// X: how many eligible banners converted, seen ones included.
    pub converting_banners: usize,
    /// The banners in the order in which they are shown: random, without repeats.
    pub banners: Vec<Selected>,
}

/// Chooses the next page for a visitor and writes it into the history.
///
/// Chooses `count` banners, or as many as the ladder's rule asks for. Chooses fewer only if fewer are
/// eligible, and none only if none is eligible or `count` is 0. [`fill_pages`] describes which ones.
/// The same ladder, history and random numbers give the same selection.
///
/// ```
/// use bams_domain::{BannerId, BannerPerformance, History, Ladder, Performance, Rule, select};
/// use rand::{SeedableRng, rngs::StdRng};
///
/// let performance = Performance::default();
/// let ladder = Ladder::rank(
///     (1..=8).map(|banner| BannerPerformance { banner: BannerId(banner), performance }),
/// );
/// let mut history = History::default();
/// let mut rng = StdRng::seed_from_u64(1);
///
/// let selection = select(&ladder, &mut history, None, &mut rng);
/// assert_eq!(selection.rule, Rule::ClicksThenRandom);
/// assert_eq!(selection.banners.len(), 5);
/// assert_eq!(history.seen().len(), 5);
///
/// let next = select(&ladder, &mut history, Some(3), &mut rng);
/// assert!(next.banners.iter().all(|it| !selection.banners.contains(it)));
/// ```
pub fn select<R: Rng + ?Sized>(
    ladder: &Ladder,
    history: &mut History,
    count: Option<usize>,
    rng: &mut R,
) -> Selection {
    let size = count.unwrap_or_else(|| ladder.page_size());
    let mut placement = Placement { history: 0, order: ladder.order(rng), size, is_part: false };
    let pages = fill_pages(std::slice::from_mut(&mut placement), std::slice::from_mut(history));

    Selection {
        rule: ladder.rule(),
        converting_banners: ladder.converting_banners(),
        banners: placement.order.shuffled_selection(&pages[0], rng),
    }
}
