//! The page rule: the first banners of the ladder that the visitor has not seen, and a new cycle when
//! they run out.

use crate::{BannerId, History, Order, Page, membership::Members};

/// One spot on a page that a request fills.
#[derive(Clone, Debug)]
pub struct Placement {
    /// The index of the campaign's history among those of the request. Placements of one campaign share
    /// it.
    pub history: usize,
    /// The candidates, best first, without the banners that the request excludes.
    pub order: Order,
    /// How many banners to choose. Fewer are chosen if fewer are left.
    pub size: usize,
    /// True if the request asks for banners of some sizes, so that the candidates are only a part of what
    /// the campaign shows. A new cycle then forgets this part alone.
    pub is_part: bool,
}

/// Chooses the banners for all placements of one request and writes them into the histories.
///
/// Returns one page for each placement, in the same order. The picks of a page are best first;
/// [`Order::shuffled_selection`] shuffles them. `histories` holds one history for each campaign of the
/// request.
///
/// The placements are filled one after the other. The candidates of a placement are its order without
/// the banners that earlier placements took, in this campaign or another one, so that no banner appears
/// twice in a request. A page holds the first `size` candidates that the visitor has not seen. If fewer
/// are left, a new cycle begins on this page: it holds the unseen candidates, then seen ones from the
/// top, first those that the previous request did not show in this campaign, then the others. The new
/// cycle contains all that this request has shown in the campaign by then, and, if the candidates are
/// only a part of the campaign's, what else was seen. A page is empty only if there are no candidates or
/// `size` is 0.
///
/// A request that shows nothing in a campaign leaves its history unchanged. The choice itself is not
/// random: chance is in the orders, which are shuffled only as far as the pages reach.
///
/// # Panics
///
/// Panics if a placement's `history` is not an index of `histories`.
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
/// let placement = Placement { history: 0, order, size: 2, is_part: false };
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

    for Placement { history: campaign, order, size, is_part } in placements {
        let turn = &mut turns[*campaign];
        let history = turn.kept.as_ref().unwrap_or(&histories[*campaign]);
        let taken_before = Members::of(&taken);
        let page = next_page(order, *size, history, &taken_before);

        if page.begins_cycle() {
            turn.kept = Some(if *is_part {
                let candidates = Members::of(order.banners());
                history.without(|it| candidates.contains(it) && !taken_before.contains(it))
            } else {
                // What this request has shown is in `taken`, and so need not be in the history.
                History::default()
            });
        }
        turn.shown.extend(page.picks.iter().filter_map(|&position| order.banner(position)));
        taken.extend_from_slice(&turn.shown[turn.shown.len() - page.picks.len()..]);
        pages.push(page);
    }

    for (history, Turn { shown, kept }) in histories.iter_mut().zip(turns) {
        history.turn_page(&shown, kept);
    }
    pages
}

/// The banners that one request has shown of one campaign so far.
#[derive(Clone, Default)]
struct Turn {
    shown: Vec<BannerId>,
    /// What is left of the history after the cycles that began in this request.
    kept: Option<History>,
}

/// Returns the page for one placement.
fn next_page(order: &mut Order, size: usize, history: &History, taken: &Members) -> Page {
    let size = size.min(order.len());
    let seen = Members::of(history.seen());
    let mut picks = Vec::with_capacity(size);

    pick(&mut picks, order, size, |banner| !seen.contains(banner) && !taken.contains(banner));
    let new_cycle_from = picks.len();

    if picks.len() < size {
        let previous = Members::of(history.previous());
        let free = |banner| seen.contains(banner) && !taken.contains(banner);
        pick(&mut picks, order, size, |banner| free(banner) && !previous.contains(banner));
        pick(&mut picks, order, size, |banner| free(banner) && previous.contains(banner));
    }
    Page { picks, new_cycle_from }
}

/// Adds the first positions for whose banners `fits` returns true, until there are `size` picks.
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
