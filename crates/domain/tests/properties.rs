//! What holds for any campaigns, visitors and requests.

use std::collections::{BTreeMap, BTreeSet};

use bams_domain::{
    BannerId, BannerPerformance, Basis, History, Ladder, Order, Page, Performance, Placement,
    Revenue, fill_pages, select,
};
use proptest::{collection::vec, prelude::*, sample::subsequence};
use rand::{SeedableRng, rngs::SmallRng};

const CAMPAIGNS: usize = 2;

/// Performances of few different numbers, so that ties are common.
fn performance() -> impl Strategy<Value = Performance> {
    (0..4_u64, 0..3_u64, 0..4_i64).prop_map(|(clicks, conversions, micros)| Performance {
        impressions: 10,
        clicks,
        conversions,
        revenue: Revenue::from_micros(if conversions > 0 { micros } else { 0 }),
    })
}

/// The banners of one campaign, of few ids, so that campaigns often share some.
fn campaign() -> impl Strategy<Value = Vec<BannerPerformance>> {
    subsequence((1..=40).map(BannerId).collect::<Vec<_>>(), 0..=25).prop_flat_map(|banners| {
        let count = banners.len();
        (Just(banners), vec(performance(), count)).prop_map(|(banners, performances)| {
            let rows = banners.into_iter().zip(performances);
            rows.map(|(banner, performance)| BannerPerformance { banner, performance }).collect()
        })
    })
}

fn ladder() -> impl Strategy<Value = Ladder> {
    campaign().prop_map(Ladder::rank)
}

fn banners() -> impl Strategy<Value = BTreeSet<BannerId>> {
    vec((1..=40_u32).prop_map(BannerId), 0..20).prop_map(BTreeSet::from_iter)
}

fn history() -> impl Strategy<Value = History> {
    (banners().prop_map(Vec::from_iter).prop_shuffle(), 0..20_usize, 0..9_u32)
        .prop_map(|(seen, previous, pages)| History::from_parts(seen, previous, pages))
}

/// The placements of one request: campaign, size, and which third of the banners it asks for, if it
/// does.
fn request() -> impl Strategy<Value = Vec<(usize, usize, Option<u32>)>> {
    vec((0..CAMPAIGNS, 0..12_usize, proptest::option::of(0..3_u32)), 1..5)
}

/// Returns a history without some of its banners.
fn without(history: &History, forgotten: &[BannerId]) -> History {
    let kept = |banners: &[BannerId]| -> Vec<BannerId> {
        banners.iter().copied().filter(|it| !forgotten.contains(it)).collect()
    };
    let previous = kept(history.previous()).len();
    History::from_parts(kept(history.seen()), previous, history.pages())
}

fn shown(order: &mut Order, page: &Page) -> Vec<BannerId> {
    page.picks.iter().map(|&position| order.banners()[position]).collect()
}

/// Checks one page against the history before it. `candidates` are best first.
fn check_page(
    shown: &[BannerId],
    page: &Page,
    size: usize,
    candidates: &[BannerId],
    before: &History,
) -> Result<(), TestCaseError> {
    prop_assert_eq!(shown.len(), size.min(candidates.len()));
    prop_assert!(shown.iter().all(|banner| candidates.contains(banner)));

    let (unseen, again) = shown.split_at(page.new_cycle_from);
    let mut fresh = candidates.iter().filter(|banner| !before.has_seen(**banner));
    prop_assert!(unseen.iter().eq(fresh.by_ref().take(unseen.len())), "the first unseen ones");

    if again.is_empty() {
        return Ok(());
    }
    prop_assert_eq!(fresh.next(), None, "a cycle ends when all was shown");
    let others = candidates.iter().filter(|banner| before.has_seen(**banner));
    let (stale, other): (Vec<BannerId>, Vec<BannerId>) =
        others.partition(|banner| before.previous().contains(banner));
    let expected: Vec<_> = other.into_iter().chain(stale).take(again.len()).collect();
    prop_assert_eq!(again, expected, "from the top, the previous page last");
    Ok(())
}

proptest! {
    #[test]
    fn a_ladder_is_sorted_and_holds_each_banner_once(rows in campaign()) {
        let ladder = Ladder::rank(rows.clone());
        let of: BTreeMap<_, _> = rows.iter().map(|row| (row.banner, row.performance)).collect();
        let sorted: BTreeSet<_> = ladder.banners().iter().copied().collect();
        prop_assert!(sorted.iter().eq(of.keys()));
        prop_assert_eq!(ladder.len(), rows.len());

        let tier = |performance: &Performance| match (performance.conversions, performance.clicks) {
            (1.., _) => 1,
            (0, 1..) => 2,
            (0, 0) => 3,
        };
        for (index, banner) in ladder.banners().iter().enumerate() {
            let basis = [Basis::Revenue, Basis::Clicks, Basis::Random][tier(&of[banner]) - 1];
            prop_assert_eq!(ladder.basis_at(index), basis);
        }
        for pair in ladder.banners().windows(2) {
            let (better, worse) = (&of[&pair[0]], &of[&pair[1]]);
            let ordered = tier(better) < tier(worse)
                || tier(better) == tier(worse)
                    && (better.revenue, better.clicks, pair[1])
                        >= (worse.revenue, worse.clicks, pair[0]);
            prop_assert!(ordered, "{better:?} before {worse:?}");
        }
    }

    #[test]
    fn the_order_of_the_rows_does_not_matter(rows in campaign().prop_flat_map(|rows| {
        (Just(rows.clone()), Just(rows).prop_shuffle())
    })) {
        prop_assert_eq!(Ladder::rank(rows.0), Ladder::rank(rows.1));
    }

    #[test]
    fn without_is_the_ladder_of_the_others(rows in campaign(), hidden in banners()) {
        let left = rows.iter().copied().filter(|row| !hidden.contains(&row.banner));
        let expected = Ladder::rank(left);
        prop_assert_eq!(Ladder::rank(rows).without(|banner| hidden.contains(&banner)), expected);
    }

    #[test]
    fn an_order_shuffles_only_the_third_tier(ladder in ladder(), seed: u64) {
        let mut order = ladder.order(&mut SmallRng::seed_from_u64(seed));
        let is_ranked = |index: &usize| ladder.basis_at(*index) != Basis::Random;
        let ranked = (0..ladder.len()).filter(is_ranked).count();
        prop_assert_eq!(&order.banners()[..ranked], &ladder.banners()[..ranked]);

        let mut rest = order.banners()[ranked..].to_vec();
        rest.sort_unstable();
        prop_assert_eq!(rest, &ladder.banners()[ranked..]);
    }

    #[test]
    fn an_order_does_not_depend_on_what_is_read_first(
        ladder in ladder(),
        seed: u64,
        reads in vec(0..30_usize, 0..9),
    ) {
        let order = || ladder.order(&mut SmallRng::seed_from_u64(seed));
        let mut read = order();
        for position in reads {
            let whole = order().banners().get(position).copied();
            prop_assert_eq!(read.banner(position), whole);
        }
        prop_assert_eq!(read.banners(), order().banners().to_vec());
    }

    #[test]
    fn what_stays_in_an_order_keeps_rank_and_basis(
        ladder in ladder(),
        seed: u64,
        first in banners(),
        second in banners(),
    ) {
        let mut whole = ladder.order(&mut SmallRng::seed_from_u64(seed));
        let all = |order: &mut Order| {
            let page = Page { picks: (0..order.len()).collect(), new_cycle_from: order.len() };
            order.selection(&page)
        };
        let mut left = all(&mut whole);
        left.retain(|one| !first.contains(&one.banner) && !second.contains(&one.banner));

        let mut order = whole;
        order.retain(|banner| !first.contains(&banner));
        order.retain(|banner| !second.contains(&banner));
        prop_assert_eq!(all(&mut order), left);
    }

    #[test]
    fn every_page_of_every_request_keeps_the_rule(
        quarters in vec([ladder(), ladder()], 1..3),
        mut histories in [history(), history()],
        requests in vec(request(), 1..8),
        seed: u64,
    ) {
        let mut rng = SmallRng::seed_from_u64(seed);
        for (request, ladders) in requests.iter().zip(quarters.iter().cycle()) {
            let mut placements: Vec<Placement> = request
                .iter()
                .map(|&(history, size, third)| {
                    let mut order = ladders[history].order(&mut rng);
                    order.retain(|banner| third.is_none_or(|third| banner.0 % 3 == third));
                    Placement { history, order, size, is_part: third.is_some() }
                })
                .collect();
            let before = histories.clone();
            let pages = fill_pages(&mut placements, &mut histories);
            prop_assert_eq!(pages.len(), placements.len());

            let mut now = before.clone();
            let mut taken = BTreeSet::new();
            let mut of_campaign = [(); CAMPAIGNS].map(|()| Vec::new());
            for (placement, page) in placements.iter_mut().zip(&pages) {
                let Placement { history: campaign, order, size, is_part } = placement;
                let banners = order.banners().iter().copied();
                let free: Vec<_> = banners.filter(|banner| !taken.contains(banner)).collect();
                let shown = shown(order, page);
                check_page(&shown, page, *size, &free, &now[*campaign])?;

                for &banner in &shown {
                    prop_assert!(taken.insert(banner), "{banner} twice in one request");
                    of_campaign[*campaign].push(banner);
                }
                if page.begins_cycle() {
                    // A part of the banners begins anew alone; what else was seen stays.
                    let forgotten = if *is_part { free } else { now[*campaign].seen().to_vec() };
                    now[*campaign] = without(&now[*campaign], &forgotten);
                }
            }

            for (campaign, shown) in of_campaign.into_iter().enumerate() {
                let (after, before) = (&histories[campaign], &before[campaign]);
                if shown.is_empty() {
                    prop_assert_eq!(after, before);
                    continue;
                }
                prop_assert_eq!(after.seen(), [now[campaign].seen(), &shown].concat());
                let distinct: BTreeSet<_> = after.seen().iter().collect();
                prop_assert_eq!(distinct.len(), after.seen().len(), "no banner twice");
                prop_assert_eq!(after.previous(), shown);
                prop_assert_eq!(after.pages(), before.pages() + 1);
            }
        }
    }

    #[test]
    fn a_cycle_shows_every_banner_once_before_any_twice(
        ladder in ladder(),
        counts in vec(1..8_usize, 1..40),
        seed: u64,
    ) {
        let mut rng = SmallRng::seed_from_u64(seed);
        let mut history = History::default();
        let mut cycle = BTreeSet::new();
        for count in counts {
            let selection = select(&ladder, &mut history, Some(count), &mut rng);
            prop_assert_eq!(selection.banners.is_empty(), ladder.is_empty());

            let (again, unseen): (Vec<_>, Vec<_>) =
                selection.banners.into_iter().partition(|shown| shown.basis == Basis::NewCycle);
            for shown in &unseen {
                prop_assert!(cycle.insert(shown.banner), "{} before all others", shown.banner);
            }
            if !again.is_empty() {
                prop_assert_eq!(cycle.len(), ladder.len());
                cycle = unseen.iter().chain(&again).map(|it| it.banner).collect();
            }
        }
    }

    #[test]
    fn the_same_seed_gives_the_same_answer(
        ladder in ladder(),
        history in history(),
        count in proptest::option::of(0..12_usize),
        seed: u64,
    ) {
        let answer = || {
            let mut after = history.clone();
            let selection = select(&ladder, &mut after, count, &mut SmallRng::seed_from_u64(seed));
            (selection, after)
        };
        prop_assert_eq!(answer(), answer());
    }

    #[test]
    fn a_selection_says_why(ladder in ladder(), mut history in history(), seed: u64) {
        let mut rng = SmallRng::seed_from_u64(seed);
        let mut order = ladder.order(&mut rng.clone());
        let selection = select(&ladder, &mut history, None, &mut rng);

        prop_assert_eq!(selection.converting_banners, ladder.converting_banners());
        prop_assert_eq!(selection.rule, ladder.rule());
        prop_assert_eq!(selection.banners.len(), ladder.page_size().min(ladder.len()));
        for shown in selection.banners {
            let index = shown.rank - 1;
            prop_assert_eq!(order.banners()[index], shown.banner);
            prop_assert!([Basis::NewCycle, ladder.basis_at(index)].contains(&shown.basis));
        }
    }
}
