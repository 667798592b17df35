//! The page rule: what a visitor has not seen yet, from the top of the ladder, and a new cycle when
//! that runs out.

use crate::{BannerId, History, Order, Page, membership::Members};

/// One spot that a request wants filled.
#[derive(Clone, Debug)]
pub struct Placement {
    /// The index of the campaign's history among the request's. Placements of one campaign share it.
    pub history: usize,
    /// The banners that may be chosen, best first, without those the request excludes.
    pub order: Order,
    /// How many banners are wanted. Fewer are chosen where fewer are left.
    pub size: usize,
}

/// Chooses the banners for all placements of one request and writes down what was shown.
///
/// Answers one page for each placement, in the same order; the picks of a page are best first and
/// still have to be shuffled, see [`Order::shuffled_selection`]. `histories` holds one history for
/// each campaign of the request.
///
/// The placements are filled one after the other. The candidates of each are its order without the
/// banners that earlier placements took, in this campaign or another one, so no banner appears twice
/// in a request. A page is the first `size` candidates the visitor has not seen. If fewer are left, a
/// new cycle begins on this page: it shows the unseen ones, then seen ones from the top, at first
/// leaving out what the previous request showed in this campaign, and taking that too only where
/// there are not enough others. The new cycle begins with all that this request has shown in the
/// campaign by then. A page is empty only when there are no candidates or none are wanted.
///
/// A request that shows nothing in a campaign leaves its history as it was. Nothing here is random:
/// chance is in the orders, which are shuffled only as far as the pages reach.
///
/// # Panics
///
/// When a placement's `history` is not an index of `histories`.
///
/// ```
/// use bams_domain::{
///     BannerId, BannerPerformance, History, Ladder, Page, Performance, Placement, fill_pages,
/// };
/// use rand::{SeedableRng, rngs::StdRng};
///
/// let ladder = Ladder::rank([(1, 50), (2, 40), (3, 30)].map(|(banner, clicks)| BannerPerformance {
///     banner: BannerId(banner),
///     performance: Performance { clicks, ..Performance::default() },
/// }));
/// let order = ladder.order(&mut StdRng::seed_from_u64(1));
/// let placement = Placement { history: 0, order, size: 2 };
///
/// let mut histories = [History::default()];
/// let pages = fill_pages(&mut [placement.clone(), placement.clone()], &mut histories);
/// assert_eq!(pages[0], Page { picks: vec![0, 1], new_cycle_from: 2 });
/// assert_eq!(pages[1], Page { picks: vec![2], new_cycle_from: 1 });
///
/// let pages = fill_pages(&mut [placement], &mut histories);
/// assert_eq!(pages[0], Page { picks: vec![0, 1], new_cycle_from: 0 });
/// ```
pub fn fill_pages(placements: &mut [Placement], histories: &mut [History]) -> Vec<Page> {
    let mut turns = vec![Turn::default(); histories.len()];
    let mut taken = Vec::new();
    let mut pages = Vec::with_capacity(placements.len());

    for Placement { history: campaign, order, size } in placements {
        let turn = &mut turns[*campaign];
        // A cycle that has begun in this request knows only what is taken anyway.
        let history = (!turn.begins_cycle).then_some(&histories[*campaign]);
        let page = next_page(order, *size, history, &Members::of(&taken));

        turn.begins_cycle |= page.begins_cycle();
        turn.shown.extend(page.picks.iter().filter_map(|&it| order.banner(it)));
        taken.extend_from_slice(&turn.shown[turn.shown.len() - page.picks.len()..]);
        pages.push(page);
    }

    for (history, Turn { shown, begins_cycle }) in histories.iter_mut().zip(turns) {
        history.turn_page(&shown, begins_cycle);
    }
    pages
}

/// What one request has shown of one campaign so far.
#[derive(Clone, Default)]
struct Turn {
    shown: Vec<BannerId>,
    begins_cycle: bool,
}

/// The page for one placement; without a history nothing was seen.
fn next_page(order: &mut Order, size: usize, history: Option<&History>, taken: &Members) -> Page {
    let size = size.min(order.len());
    let (seen, previous) = history.map_or((&[][..], &[][..]), |it| (it.seen(), it.previous()));
    let seen = Members::of(seen);
    let mut picks = Vec::with_capacity(size);

    pick(&mut picks, order, size, |it| !seen.contains(it) && !taken.contains(it));
    let new_cycle_from = picks.len();

    if picks.len() < size {
        let previous = Members::of(previous);
        let free = |it| seen.contains(it) && !taken.contains(it);
        pick(&mut picks, order, size, |it| free(it) && !previous.contains(it));
        pick(&mut picks, order, size, |it| free(it) && previous.contains(it));
    }
    Page { picks, new_cycle_from }
}

/// Adds the first positions whose banners `fit`, until there are `size` picks.
fn pick(picks: &mut Vec<usize>, order: &mut Order, size: usize, fits: impl Fn(BannerId) -> bool) {
    for position in 0..order.len() {
        if picks.len() == size {
            return;
        }
        if order.banner(position).is_some_and(&fits) {
            picks.push(position);
        }
    }
}
