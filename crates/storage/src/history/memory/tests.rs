use std::{collections::HashSet, thread};

use bams_domain::{BannerId, BannerPerformance, Ladder, Order, Performance};
use proptest::prelude::*;
use rand::{SeedableRng, rngs::StdRng};

use super::*;

const DAY: Duration = Duration::from_hours(24);
const MEGABYTE: usize = 1 << 20;

fn visitor(number: u128) -> VisitorId {
    VisitorId::from_random_bytes(number.to_le_bytes())
}

/// Makes an order of banners without clicks.
fn order(banners: impl Iterator<Item = u32>, seed: u64) -> Order {
    let performance = Performance::default();
    let rows = banners.map(|id| BannerPerformance { banner: BannerId(id), performance });
    Ladder::rank(rows).order(&mut StdRng::seed_from_u64(seed))
}

fn placement(history: usize, banners: u32, size: usize, seed: u64) -> Placement {
    Placement { history, order: order(0..banners, seed), size, is_part: false }
}

/// Returns the banners of all pages of a request.
fn shown(placements: &mut [Placement], pages: &[Page]) -> Vec<BannerId> {
    let banners = |(it, page): (&mut Placement, &Page)| -> Vec<BannerId> {
        page.picks.iter().map(|&pick| it.order.banners()[pick]).collect()
    };
    placements.iter_mut().zip(pages).flat_map(banners).collect()
}

#[test]
fn a_history_is_forgotten_its_lifetime_after_the_last_use() {
    let memory = Memory::new(DAY, MEGABYTE);
    let start = Instant::now();
    let mut placements = [placement(0, 20, 5, 1)];
    let mut choose = |now| {
        let pages = memory.choose(visitor(1), &[CampaignId(1)], &mut placements, now);
        pages[0].picks.clone()
    };

    assert_eq!(choose(start), [0, 1, 2, 3, 4]);
    let almost = start + Duration::from_hours(23);
    assert_eq!(choose(almost), [5, 6, 7, 8, 9]);
    assert_eq!(choose(almost + Duration::from_hours(23)), [10, 11, 12, 13, 14]);
    assert_eq!(choose(almost + 2 * DAY), [0, 1, 2, 3, 4]);
}

#[test]
fn what_expired_is_let_go() {
    let memory = Memory::new(DAY, MEGABYTE);
    let start = Instant::now();
    for number in 0..1000 {
        memory.choose(visitor(number), &[CampaignId(1)], &mut [placement(0, 20, 5, 1)], start);
    }
    let before = memory.bytes();
    for day in 1..=2 {
        for number in 1000..3000 {
            let now = start + day * DAY;
            memory.choose(visitor(number), &[CampaignId(1)], &mut [placement(0, 3, 1, 1)], now);
        }
    }
    let per_entry = before / 1000;
    assert!(memory.bytes() < 2100 * per_entry, "{} of {before}", memory.bytes());
}

#[test]
fn visitors_and_campaigns_keep_apart() {
    let memory = Memory::new(DAY, MEGABYTE);
    let now = Instant::now();
    let mut placements = [placement(0, 20, 5, 1)];
    let mut first =
        |visitor, campaign| memory.choose(visitor, &[campaign], &mut placements, now)[0].picks[0];

    assert_eq!(first(visitor(1), CampaignId(1)), 0);
    assert_eq!(first(visitor(1), CampaignId(1)), 5);
    assert_eq!(first(visitor(2), CampaignId(1)), 0);
    assert_eq!(first(visitor(1), CampaignId(2)), 0);
}

#[test]
fn forged_visitors_take_no_more_than_they_may() {
    let memory = Memory::new(DAY, MEGABYTE);
    let now = Instant::now();
    let mut placements = [placement(0, 20, 10, 1)];
    for number in 0..100_000 {
        memory.choose(visitor(number), &[CampaignId(1)], &mut placements, now);
        assert!(number % 1000 > 0 || memory.bytes() <= MEGABYTE);
    }
    assert!(memory.bytes() > MEGABYTE / 2, "but what it may, it uses: {}", memory.bytes());
}

#[test]
fn who_comes_back_is_remembered_while_others_are_forgotten() {
    let memory = Memory::new(DAY, MEGABYTE);
    let now = Instant::now();
    let mut placements = [placement(0, 10_000, 1, 1)];
    let mut seen = HashSet::new();
    for number in 0..20_000 {
        memory.choose(visitor(1 + number), &[CampaignId(1)], &mut placements, now);
        if number % 500 == 0 {
            let pages = memory.choose(visitor(0), &[CampaignId(1)], &mut placements, now);
            assert!(shown(&mut placements, &pages).into_iter().all(|banner| seen.insert(banner)));
        }
    }
}

#[test]
fn concurrent_requests_of_one_visitor_share_no_banner() {
    let memory = Memory::new(DAY, MEGABYTE);
    let now = Instant::now();
    let request = |seed| {
        let mut placements = [placement(0, 400, 5, seed)];
        let pages = memory.choose(visitor(1), &[CampaignId(1)], &mut placements, now);
        shown(&mut placements, &pages)
    };
    let all: Vec<BannerId> = thread::scope(|scope| {
        let request = &request;
        let running: Vec<_> = (0..64).map(|seed| scope.spawn(move || request(seed))).collect();
        running.into_iter().flat_map(|it| it.join().unwrap()).collect()
    });
    assert_eq!(all.len(), 320);
    assert_eq!(all.iter().collect::<HashSet<_>>().len(), 320);
}

#[test]
fn an_older_state_does_not_replace_a_later_one() {
    let memory = Memory::mirror(DAY, MEGABYTE);
    let now = Instant::now();
    let (campaign, mut placements) = (CampaignId(1), [placement(0, 20, 5, 1)]);
    let guess = memory.guess(visitor(1), &[campaign], &mut placements, now);
    memory.choose(visitor(1), &[campaign], &mut placements, now);
    memory.keep(visitor(1), [campaign].into_iter().zip(guess.after.clone()), now);

    // A page that the mirror chose alone counts twice, because the store may have shown it as well.
    let later = memory.guess(visitor(1), &[campaign], &mut placements, now);
    assert_eq!((guess.after[0].pages(), later.before[0].pages()), (1, 2));
    assert_eq!(later.pages[0].picks, [5, 6, 7, 8, 9]);
}

proptest! {
    #[test]
    fn remembers_as_the_domain_does(
        requests in prop::collection::vec(
            prop::collection::vec((0_usize..3, 1_u32..40, 0_usize..12, any::<u64>()), 1..4),
            1..40,
        ),
    ) {
        let memory = Memory::new(DAY, 100 * MEGABYTE);
        let campaigns = [1, 2, 3].map(CampaignId);
        let mut histories: [History; 3] = Default::default();
        for request in requests {
            let mut placements: Vec<Placement> = request
                .into_iter()
                .map(|(history, banners, size, seed)| placement(history, banners, size, seed))
                .collect();
            let now = Instant::now();
            let guess = memory.guess(visitor(1), &campaigns, &mut placements, now);
            let pages = memory.choose(visitor(1), &campaigns, &mut placements, now);
            prop_assert_eq!(&pages, &fill_pages(&mut placements, &mut histories));
            prop_assert_eq!(&guess.pages, &pages);
            prop_assert_eq!(&guess.after[..], &histories[..]);
        }
    }
}
