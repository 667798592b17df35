//! The rule table and the page rule, as inputs and outputs.

use bams_domain::{
    BannerId, BannerPerformance, Basis, History, Ladder, Performance, Placement, Revenue, Rule,
    fill_pages, select,
};
use rand::{SeedableRng, rngs::StdRng};

/// A banner: id, clicks, conversions, revenue in micros.
type Row = (u32, u64, u64, i64);

/// Twelve banners that converted, with ties in revenue and in revenue and clicks. Two earned nothing.
const CONVERTING: [Row; 12] = [
    (6, 2, 1, 300),
    (13, 5, 1, 500),
    (3, 1, 1, 0),
    (31, 9, 1, 500),
    (50, 8, 3, 200),
    (12, 5, 1, 500),
    (30, 1, 1, 900),
    (4, 1, 2, 0),
    (5, 2, 1, 300),
    (2, 1, 1, 100),
    (51, 7, 1, 200),
    (40, 2, 1, 400),
];
/// Three banners that were clicked, two of them equally often, and two that were not.
const OTHERS: [Row; 5] =
    [(70, 0, 0, 0), (21, 3, 0, 0), (60, 7, 0, 0), (20, 3, 0, 0), (71, 0, 0, 0)];

fn ladder(rows: &[Row]) -> Ladder {
    Ladder::rank(rows.iter().map(|&(banner, clicks, conversions, micros)| BannerPerformance {
        banner: BannerId(banner),
        performance: Performance {
            impressions: 10,
            clicks,
            conversions,
            revenue: Revenue::from_micros(micros),
        },
    }))
}

fn ids(ids: &[u32]) -> Vec<BannerId> {
    ids.iter().copied().map(BannerId).collect()
}

/// Makes a history of banners seen. `previous` are those of them that the last page showed.
fn history(seen: &[u32], previous: &[u32]) -> History {
    let mut seen = ids(seen);
    seen.sort_by_key(|banner| previous.contains(&banner.0)); // stable: the previous ones are last
    History::from_parts(seen, previous.len(), 1)
}

/// Returns the banners of a page, best first, as `12:revenue`, or `?` for one that chance chose.
fn describe(rows: &[Row], history: &mut History, count: Option<usize>, seed: u64) -> String {
    let ladder = ladder(rows);
    let mut selection = select(&ladder, history, count, &mut StdRng::seed_from_u64(seed));
    selection.banners.sort_by_key(|shown| (shown.basis == Basis::NewCycle, shown.rank));
    let banners = selection.banners.iter().map(|shown| match shown.basis {
        Basis::Random => "?".into(),
        basis => format!("{}:{basis}", shown.banner),
    });
    format!("{} {}", selection.rule, banners.collect::<Vec<_>>().join(" "))
}

fn check(rows: &[Row], seen: &[u32], previous: &[u32], count: Option<usize>, expected: &str) {
    for seed in 0..5 {
        let found = describe(rows, &mut history(seen, previous), count, seed);
        assert_eq!(found, expected, "seen {seen:?}, previous {previous:?}, count {count:?}");
    }
}

#[test]
fn every_number_of_converting_banners_has_its_rule() {
    let expected: [(&str, &[u32], &[u32], usize); 13] = [
        ("clicks_then_random", &[], &[60, 20, 21], 2),
        ("revenue_then_clicks", &[6], &[60, 20, 21], 1),
        ("revenue_then_clicks", &[13, 6], &[60, 20, 21], 0),
        ("revenue_then_clicks", &[13, 6, 3], &[60, 20], 0),
        ("revenue_then_clicks", &[31, 13, 6, 3], &[60], 0),
        ("all_by_revenue", &[31, 13, 6, 50, 3], &[], 0),
        ("all_by_revenue", &[31, 12, 13, 6, 50, 3], &[], 0),
        ("all_by_revenue", &[30, 31, 12, 13, 6, 50, 3], &[], 0),
        ("all_by_revenue", &[30, 31, 12, 13, 6, 50, 3, 4], &[], 0),
        ("all_by_revenue", &[30, 31, 12, 13, 5, 6, 50, 3, 4], &[], 0),
        ("top_ten_by_revenue", &[30, 31, 12, 13, 5, 6, 50, 2, 3, 4], &[], 0),
        ("top_ten_by_revenue", &[30, 31, 12, 13, 5, 6, 50, 51, 2, 3], &[], 0),
        ("top_ten_by_revenue", &[30, 31, 12, 13, 40, 5, 6, 50, 51, 2], &[], 0),
    ];

    for (x, (rule, revenue, clicks, random)) in expected.into_iter().enumerate() {
        let rows = [&CONVERTING[..x], &OTHERS].concat();
        let revenue = revenue.iter().map(|banner| format!(" {banner}:revenue"));
        let clicks = clicks.iter().map(|banner| format!(" {banner}:clicks"));
        let banners: String = revenue.chain(clicks).collect();
        check(&rows, &[], &[], None, &format!("{rule}{banners}{}", " ?".repeat(random)));
    }
}

#[test]
fn the_size_of_a_page_follows_the_rule_or_the_request() {
    for (x, size) in [(0, 5), (4, 5), (5, 5), (7, 7), (9, 9), (10, 10), (12, 10)] {
        let ladder = ladder(&[&CONVERTING[..x], &OTHERS].concat());
        assert_eq!(ladder.page_size(), size, "X = {x}");
        assert_eq!(Rule::of(x).page_size(x), size, "X = {x}");
    }
    check(&OTHERS, &[], &[], Some(1), "clicks_then_random 60:clicks");
    check(&OTHERS, &[], &[], Some(0), "clicks_then_random ");
    for more_than_there_are in [6, 50, usize::MAX] {
        let all = "clicks_then_random 60:clicks 20:clicks 21:clicks ? ?";
        check(&OTHERS, &[], &[], Some(more_than_there_are), all);
    }
    check(&[], &[], &[], None, "clicks_then_random ");
}

#[test]
fn revenue_without_a_conversion_counts_for_nothing() {
    let rows = [(1, 0, 0, 900), (2, 3, 0, 800), (3, 4, 0, 0), (4, 0, 1, 0)];
    check(&rows, &[], &[], None, "revenue_then_clicks 4:revenue 3:clicks 2:clicks ?");
}

#[test]
fn what_was_seen_is_left_out_and_still_counts_for_the_rule() {
    let rows = &CONVERTING[..5]; // 31, 13, 6, 50, 3
    check(rows, &[31, 6], &[], Some(2), "all_by_revenue 13:revenue 50:revenue");
    // Seen banners that are no longer eligible make no difference.
    check(rows, &[31, 6, 1000], &[1000], Some(3), "all_by_revenue 13:revenue 50:revenue 3:revenue");
}

#[test]
fn a_new_cycle_begins_on_the_page_that_runs_short() {
    let rows = &CONVERTING[..5]; // 31, 13, 6, 50, 3
    let seen = &[31, 13, 6, 50];
    check(rows, seen, &[], Some(3), "all_by_revenue 3:revenue 31:new_cycle 13:new_cycle");
    check(rows, seen, &[31], Some(3), "all_by_revenue 3:revenue 13:new_cycle 6:new_cycle");
    check(rows, seen, &[31, 6, 50], Some(3), "all_by_revenue 3:revenue 31:new_cycle 13:new_cycle");
    check(rows, &[31, 13, 6, 50, 3], &[50, 3], Some(1), "all_by_revenue 31:new_cycle");
}

#[test]
fn the_previous_page_comes_back_only_where_others_do_not_suffice() {
    let rows = &CONVERTING[..5]; // 31, 13, 6, 50, 3
    let all = &[31, 13, 6, 50, 3];
    check(rows, all, &[31, 13], Some(3), "all_by_revenue 6:new_cycle 50:new_cycle 3:new_cycle");

    let ladder = ladder(rows);
    let order = ladder.order(&mut StdRng::seed_from_u64(1));
    let mut histories = [history(all, &[31, 13])];
    let pages =
        fill_pages(&mut [Placement { history: 0, order, size: 4, is_part: false }], &mut histories);
    assert_eq!(pages[0].picks, [2, 3, 4, 0]);
    assert_eq!(pages[0].new_cycle_from, 0);
}

#[test]
fn a_new_cycle_begins_with_its_whole_first_page() {
    let mut history = history(&[31, 13, 6, 50], &[6, 50]);
    describe(&CONVERTING[..5], &mut history, Some(2), 1);
    assert_eq!(history, History::from_parts(ids(&[3, 31]), 2, 2));

    describe(&CONVERTING[..5], &mut history, Some(2), 1);
    assert_eq!(history, History::from_parts(ids(&[3, 31, 13, 6]), 2, 3));
}

#[test]
fn a_part_begins_anew_without_forgetting_what_else_was_seen() {
    let ladder = ladder(&CONVERTING[..5]); // 31, 13, 6, 50, 3
    let mut histories = [history(&[31, 13, 6, 50], &[6, 50])];
    let mut ask = |part: &[u32], size: usize, is_part: bool| {
        let mut order = ladder.order(&mut StdRng::seed_from_u64(1));
        order.retain(|banner| part.contains(&banner.0));
        let mut placement = [Placement { history: 0, order, size, is_part }];
        let page = fill_pages(&mut placement, &mut histories).remove(0);
        let shown: Vec<_> =
            page.picks.iter().map(|&position| placement[0].order.banners()[position].0).collect();
        (shown, page.new_cycle_from, histories[0].clone())
    };
    let of = |seen: &[u32], previous, pages| History::from_parts(ids(seen), previous, pages);
    let (large, all) = ([31, 6, 3], [31, 13, 6, 50, 3]);
    assert_eq!(ask(&large, 2, true), (vec![3, 31], 1, of(&[13, 50, 3, 31], 2, 2)));
    assert_eq!(ask(&large, 1, true), (vec![6], 1, of(&[13, 50, 3, 31, 6], 1, 3)));
    // Without a size the cycle of all goes on, and begins anew for all.
    assert_eq!(ask(&all, 1, false), (vec![31], 0, of(&[31], 1, 4)));
    // What was left out for another reason is forgotten, too.
    histories = [history(&all, &[3])];
    let mut order = ladder.order(&mut StdRng::seed_from_u64(1));
    order.retain(|banner| large.contains(&banner.0));
    let mut placement = [Placement { history: 0, order, size: 1, is_part: false }];
    fill_pages(&mut placement, &mut histories);
    assert_eq!(histories[0], of(&[31], 1, 2));
}

#[test]
fn a_request_that_shows_nothing_leaves_the_history_alone() {
    for (rows, count) in [(&CONVERTING[..0], None), (&CONVERTING[..5], Some(0))] {
        let mut history = history(&[31, 13, 6, 50, 3], &[6, 50]);
        let before = history.clone();
        describe(rows, &mut history, count, 1);
        assert_eq!(history, before);
    }
}

/// Fills placements, given as (campaign, size), and returns their banners. Each campaign lists its
/// banners best first.
fn fill(
    campaigns: &[&[u32]],
    requested: &[(usize, usize)],
    histories: &mut [History],
) -> Vec<Vec<BannerId>> {
    let orders: Vec<_> = campaigns
        .iter()
        .map(|banners| {
            let rows: Vec<Row> = banners
                .iter()
                .zip((1..100).rev())
                .map(|(&banner, clicks)| (banner, clicks, 0, 0))
                .collect();
            ladder(&rows).order(&mut StdRng::seed_from_u64(1))
        })
        .collect();
    let mut placements: Vec<Placement> = requested
        .iter()
        .map(|&(history, size)| Placement {
            history,
            order: orders[history].clone(),
            size,
            is_part: false,
        })
        .collect();
    let pages = fill_pages(&mut placements, histories);
    let shown = |(placement, page): (&mut Placement, &bams_domain::Page)| {
        page.picks.iter().map(|&position| placement.order.banners()[position]).collect()
    };
    placements.iter_mut().zip(&pages).map(shown).collect()
}

#[test]
fn placements_of_one_campaign_share_its_history_and_one_page() {
    let mut histories = [history(&[1, 2], &[1, 2])];
    let shown = fill(&[&[1, 2, 3, 4, 5, 6, 7]], &[(0, 2), (0, 2)], &mut histories);
    assert_eq!(shown, [ids(&[3, 4]), ids(&[5, 6])]);
    assert_eq!(histories[0], History::from_parts(ids(&[1, 2, 3, 4, 5, 6]), 4, 2));

    // The second placement begins the new cycle, which then holds what both show.
    let shown = fill(&[&[1, 2, 3, 4, 5, 6, 7]], &[(0, 1), (0, 2)], &mut histories);
    assert_eq!(shown, [ids(&[7]), ids(&[1, 2])]);
    assert_eq!(histories[0], History::from_parts(ids(&[7, 1, 2]), 3, 3));
}

#[test]
fn placements_never_share_a_banner_even_across_campaigns() {
    let mut histories = [History::default(), history(&[9], &[9])];
    let shown = fill(&[&[1, 2, 3], &[2, 1, 9, 8]], &[(0, 2), (1, 2), (0, 5)], &mut histories);
    assert_eq!(shown, [ids(&[1, 2]), ids(&[8, 9]), ids(&[3])]);
    assert_eq!(histories[0], History::from_parts(ids(&[1, 2, 3]), 3, 1));
    assert_eq!(histories[1], History::from_parts(ids(&[8, 9]), 2, 2));
}

#[test]
fn no_place_on_the_page_belongs_to_the_best_banner() {
    let ladder = ladder(&CONVERTING);
    let mut first = [0; 10];
    for seed in 0..1000 {
        let mut rng = StdRng::seed_from_u64(seed);
        let selection = select(&ladder, &mut History::default(), None, &mut rng);
        first[selection.banners[0].rank - 1] += 1;
    }
    assert!(first.iter().all(|count| (60..140).contains(count)), "{first:?}");
}

#[test]
fn chance_orders_the_third_tier_anew_for_each_decision() {
    let rows: Vec<Row> = (1..=10).map(|id| (id, 0, 0, 0)).collect();
    let ladder = ladder(&rows);
    let mut rng = StdRng::seed_from_u64(1);
    let mut first = [0; 10];
    for _ in 0..1000 {
        first[ladder.order(&mut rng).banners()[0].0 as usize - 1] += 1;
    }
    assert!(first.iter().all(|count| (60..140).contains(count)), "{first:?}");
}
