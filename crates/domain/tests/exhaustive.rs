//! Every small world, compared with a second, naive reading of the rule.
//!
//! The naive reading shares no code with the crate: it sorts texts, keeps plain lists and searches
//! them from the front.

use bams_domain::{BannerId, BannerPerformance, History, Ladder, Performance, Revenue, select};
use rand::{SeedableRng, rngs::SmallRng};

/// A banner's clicks, conversions and revenue in micros.
type State = (u64, u64, i64);

const PAGES: usize = 4;

/// Returns every state of a banner with up to `clicks` clicks: revenue only with a conversion, and
/// conversions without revenue only if `free_conversions`.
fn states(clicks: u64, free_conversions: bool) -> Vec<State> {
    (0..=clicks)
        .flat_map(|clicks| [(clicks, 0, 0), (clicks, 1, 1), (clicks, 1, 2), (clicks, 1, 0)])
        .filter(|&(_, conversions, revenue)| conversions == 0 || revenue > 0 || free_conversions)
        .collect()
}

/// Returns all worlds of that many banners, each of them in one of the states.
fn worlds(banners: usize, states: &[State]) -> impl Iterator<Item = Vec<State>> {
    let count = (0..banners).map(|_| states.len()).product();
    (0..count).map(move |number: usize| {
        let digit = |place| number / states.len().pow(place) % states.len();
        (0..banners).map(|place| states[digit(u32::try_from(place).unwrap())]).collect()
    })
}

/// Returns each banner with its basis in the order of the ladder, the third tier as in `drawn`.
fn naive_ladder(world: &[State], drawn: &[u32]) -> Vec<(u32, &'static str)> {
    let mut lines: Vec<String> = Vec::new();
    for (id, (clicks, conversions, revenue)) in (1_u32..).zip(world) {
        let place = drawn.iter().position(|banner| *banner == id).unwrap();
        lines.push(match (*conversions, *clicks) {
            (1.., _) => format!("A {} {} {id}", 9 - revenue, 9 - clicks),
            (0, 1..) => format!("B {} {id}", 9 - clicks),
            (0, 0) => format!("C {place} {id}"),
        });
    }
    lines.sort();
    let id = |line: &String| line.rsplit(' ').next().unwrap().parse().unwrap();
    let basis = |line: &String| match &line[..1] {
        "A" => "revenue",
        "B" => "clicks",
        _ => "random",
    };
    lines.iter().map(|line| (id(line), basis(line))).collect()
}

fn naive_rule(world: &[State]) -> (&'static str, usize) {
    let converting = world.iter().filter(|(_, conversions, _)| *conversions >= 1).count();
    match converting {
        0 => ("clicks_then_random", 5),
        1..=4 => ("revenue_then_clicks", 5),
        x => ("all_by_revenue", x),
    }
}

/// What a visitor was shown, in that order.
#[derive(Default)]
struct Memory {
    cycle: Vec<u32>,
    last: Vec<u32>,
}

/// A banner on a page: rank, id and basis.
type Line = (usize, u32, &'static str);

/// Returns the page by rank.
fn naive_page(ladder: &[(u32, &'static str)], size: usize, memory: &mut Memory) -> Vec<Line> {
    let ids = |page: &[Line]| page.iter().map(|(_, id, _)| *id).collect::<Vec<_>>();
    let ranked = ladder.iter().zip(1..).map(|(&(id, basis), rank)| (rank, id, basis));
    let size = size.min(ladder.len());

    let (mut again, mut page): (Vec<Line>, Vec<Line>) =
        ranked.partition(|(_, id, _)| memory.cycle.contains(id));
    if page.len() >= size {
        page.truncate(size);
        memory.cycle.extend(ids(&page));
    } else {
        again.sort_by_key(|(_, id, _)| memory.last.contains(id));
        let missing = size - page.len();
        page.extend(again.iter().take(missing).map(|&(rank, id, _)| (rank, id, "new_cycle")));
        memory.cycle = ids(&page);
    }
    memory.last = ids(&page);
    page.sort_unstable();
    page
}

fn check(world: &[State], count: Option<usize>) {
    let ladder = Ladder::rank((1..).zip(world).map(|(id, &(clicks, conversions, micros))| {
        let revenue = Revenue::from_micros(micros);
        let performance = Performance { impressions: 3, clicks, conversions, revenue };
        BannerPerformance { banner: BannerId(id), performance }
    }));
    let (rule, rule_size) = naive_rule(world);
    let mut rng = SmallRng::seed_from_u64(7);
    let mut history = History::default();
    let mut memory = Memory::default();

    for number in 1..=PAGES {
        let mut order = ladder.order(&mut rng.clone());
        let drawn: Vec<u32> = order.banners().iter().map(|banner| banner.0).collect();
        let ranked = naive_ladder(world, &drawn);
        let expected = naive_page(&ranked, count.unwrap_or(rule_size), &mut memory);

        let selection = select(&ladder, &mut history, count, &mut rng);
        let lines = selection.banners.iter();
        let mut found: Vec<Line> =
            lines.map(|shown| (shown.rank, shown.banner.0, shown.basis.name())).collect();
        found.sort_unstable();

        assert_eq!(found, expected, "page {number} of {world:?}, count {count:?}");
        assert_eq!(selection.rule.name(), rule, "{world:?}");
    }
}

#[test]
fn up_to_four_banners_with_every_count() {
    for banners in 0..=4 {
        for world in worlds(banners, &states(2, true)) {
            for count in [None, Some(1), Some(2), Some(3)] {
                check(&world, count);
            }
        }
    }
}

#[test]
fn five_banners_with_counts_in_turn() {
    for (number, world) in worlds(5, &states(2, false)).enumerate() {
        check(&world, [None, Some(1), Some(2), Some(3), Some(4)][number % 5]);
    }
}
