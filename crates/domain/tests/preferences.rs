//! What a visitor's preferences do to a ladder, as inputs and outputs.

use std::collections::BTreeSet;

use bams_domain::{
    BannerId, BannerPerformance, Basis, History, Ladder, Order, Performance, Placement,
    Preferences, Revenue, fill_pages,
};
use rand::{SeedableRng, rngs::StdRng};

/// A banner: id, clicks, conversions, revenue in micros, tags.
type Row = (u32, u64, u64, i64, &'static [&'static str]);

/// Equals in each tier: 2, 3 and 4 in revenue and clicks, 6 and 7 in clicks, and the last three.
const ROWS: [Row; 11] = [
    (1, 9, 1, 900, &[]),
    (2, 5, 1, 500, &[]),
    (3, 5, 1, 500, &["sport"]),
    (4, 5, 1, 500, &["travel", "summer"]),
    (5, 4, 1, 500, &["travel"]),
    (6, 3, 0, 0, &["sport"]),
    (7, 3, 0, 0, &["travel"]),
    (8, 2, 0, 0, &["travel"]),
    (9, 0, 0, 0, &[]),
    (10, 0, 0, 0, &["travel"]),
    (11, 0, 0, 0, &["sport"]),
];

fn ladder() -> Ladder {
    Ladder::rank(ROWS.map(|(banner, clicks, conversions, micros, _)| BannerPerformance {
        banner: BannerId(banner),
        performance: Performance {
            impressions: 10,
            clicks,
            conversions,
            revenue: Revenue::from_micros(micros),
        },
    }))
}

fn texts(words: &[&str]) -> Vec<String> {
    words.iter().map(ToString::to_string).collect()
}

fn tags() -> Vec<Vec<String>> {
    ROWS.iter().map(|(.., tags)| texts(tags)).collect()
}

/// Returns the ladder of a visitor with these preferences, and one order of it.
fn order(preferred: &[&str], blocked: &[&str], hidden: &[u32], seed: u64) -> (Ladder, Order) {
    let hidden = hidden.iter().copied().map(BannerId);
    let preferences = Preferences::new(texts(preferred), texts(blocked), hidden.collect());
    let all = tags();
    let of = |banner: BannerId| &all[banner.0 as usize - 1][..];
    let ladder = preferences.ladder(&ladder(), of);
    let order = preferences.order(&ladder, of, &mut StdRng::seed_from_u64(seed));
    (ladder, order)
}

/// Preferred and blocked tags, hidden banners; then the rule, X and the first banners.
type Case<'a> = (&'a [&'a str], &'a [&'a str], &'a [u32], &'a str, usize, &'a [u32]);

#[test]
fn preferences_change_the_ladder() {
    let cases: [Case<'_>; 8] = [
        (&[], &[], &[], "all_by_revenue", 5, &[1, 2, 3, 4, 5, 6, 7, 8]),
        (&["travel"], &[], &[], "all_by_revenue", 5, &[1, 4, 2, 3, 5, 7, 6, 8, 10]),
        (&["sport", "summer"], &[], &[], "all_by_revenue", 5, &[1, 3, 4, 2, 5, 6, 7, 8, 11]),
        (&["no such tag"], &[], &[], "all_by_revenue", 5, &[1, 2, 3, 4, 5, 6, 7, 8]),
        (&["travel"], &[], &[4], "revenue_then_clicks", 4, &[1, 2, 3, 5, 7, 6, 8, 10]),
        (&["sport"], &["travel"], &[], "revenue_then_clicks", 3, &[1, 3, 2, 6, 11, 9]),
        // Blocked is stronger than preferred.
        (&["travel"], &["summer", "sport"], &[1, 2], "revenue_then_clicks", 1, &[5, 7, 8, 10, 9]),
        (&["travel"], &[], &[1, 2, 3, 4, 5, 6, 7, 8, 9, 11], "clicks_then_random", 0, &[10]),
    ];
    for (preferred, blocked, hidden, rule, converting, first) in cases {
        let case = format!("{preferred:?} {blocked:?} {hidden:?}");
        for seed in 0..20 {
            let (ladder, mut order) = order(preferred, blocked, hidden, seed);
            let expected: Vec<BannerId> = first.iter().copied().map(BannerId).collect();
            assert_eq!(&order.banners()[..first.len()], expected, "{case}");
            assert_eq!((ladder.rule().name(), ladder.converting_banners()), (rule, converting));
        }
    }
}

#[test]
fn a_visitor_who_refuses_everything_is_shown_nothing() {
    let (_, order) = order(&[], &["travel", "sport"], &[1, 2, 9], 1);
    assert!(order.is_empty());
    let mut placement = [Placement { history: 0, order, size: 5, is_part: false }];
    assert!(fill_pages(&mut placement, &mut [History::default()])[0].picks.is_empty());
}

#[test]
fn chance_decides_among_preferred_and_among_others() {
    let orders: BTreeSet<Vec<u32>> = (0..200)
        .map(|seed| {
            let (_, mut order) = order(&["sport", "travel"], &[], &[], seed);
            order.banners()[8..].iter().map(|banner| banner.0).collect()
        })
        .collect();
    assert_eq!(orders, BTreeSet::from([vec![10, 11, 9], vec![11, 10, 9]]));
}

#[test]
fn ranks_and_reasons_are_those_of_the_visitors_own_ladder() {
    let (_, order) = order(&["travel"], &[], &[1], 1);
    let mut placement = [Placement { history: 0, order, size: 9, is_part: false }];
    let pages = fill_pages(&mut placement, &mut [History::default()]);
    let selection = placement[0].order.selection(&pages[0]);
    let described: Vec<_> =
        selection.iter().map(|shown| (shown.rank, shown.banner.0, shown.basis)).collect();
    let (revenue, clicks) = (Basis::Revenue, Basis::Clicks);
    assert_eq!(
        described,
        [
            (1, 4, revenue),
            (2, 2, revenue),
            (3, 3, revenue),
            (4, 5, revenue),
            (5, 7, clicks),
            (6, 6, clicks),
            (7, 8, clicks),
            (8, 10, Basis::Random),
            (9, described[8].1, Basis::Random),
        ]
    );
}
