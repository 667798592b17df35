//! Requests that ask for banners of some sizes.

use bams_app::Visitor;
use bams_app::serving::{Ask, DecidedSpot};
use bams_app::visitors::kept;
use bams_domain::{CampaignId, EmptyReason, Rule, Size};
use bams_storage::{BannerRecord, Catalog};

use crate::world::{World, at, banner, campaign, catalog, shown, visitor};

const NOW: &str = "10:05:00.000";

fn sized(id: u32, size: Option<(u32, u32)>) -> BannerRecord {
    BannerRecord { size, ..banner(id) }
}

/// Campaign 1 with four squares, a wide banner and one of which the size is not known.
fn mixed() -> Catalog {
    let squares = (1..=4).map(|id| sized(id, Some((300, 250))));
    let others = [sized(5, Some((728, 90))), sized(6, None)];
    catalog([campaign(1)], squares.chain(others))
}

fn ask(sizes: &[&str]) -> Ask {
    let sizes: Vec<Size> = sizes.iter().map(|it| it.parse().unwrap()).collect();
    Ask { sizes, ..Ask::of(CampaignId(1)) }
}

async fn spots(world: &mut World, asks: &[Ask]) -> Vec<DecidedSpot> {
    world.decide_for(Visitor::Untracked, asks, at(NOW)).await.unwrap().spots
}

#[tokio::test]
async fn only_banners_of_the_sizes_are_shown_and_the_ladder_stays() {
    let mut world = World::new(mixed()).await;
    for banner in [5, 1] {
        world.click(1, banner, 3, at(NOW)).await;
    }
    world.convert(1, 5, at("10:06:00.000")).await;
    world.refresh().await;
    for (sizes, expected) in [
        (&[][..], &[1, 2, 3, 4, 5, 6][..]),
        (&["300x250"], &[1, 2, 3, 4]),
        (&["728x90"], &[5]),
        (&["728x90", "300x250", "1x1"], &[1, 2, 3, 4, 5]),
    ] {
        let all = Ask { count: Some(50), ..ask(sizes) };
        let spot = spots(&mut world, &[all]).await.remove(0);
        assert_eq!(shown(&spot), expected, "{sizes:?}");
        let said = (spot.rule, spot.converting_banners, spot.reason);
        assert_eq!(said, (Rule::RevenueThenClicks, 1, None), "{sizes:?}");
        if let Some(first) = spot.banners.iter().find(|it| it.banner.0 == 1) {
            assert_eq!(first.rank, 2, "behind the wide one, which converted");
        }
    }
}

#[tokio::test]
async fn a_page_that_is_empty_because_of_the_size_says_so() {
    let mut world = World::new(mixed()).await;
    let other = spots(&mut world, &[ask(&["970x250"])]).await.remove(0);
    assert_eq!((shown(&other), other.reason), (vec![], Some(EmptyReason::NoBannerOfThisSize)));
    // The only wide banner is on the page already, and others would fit but for their size.
    let wide = || ask(&["728x90"]);
    let twice = spots(&mut world, &[wide(), wide()]).await;
    assert_eq!((shown(&twice[0]), twice[0].reason), (vec![5], None));
    assert_eq!(
        (shown(&twice[1]), twice[1].reason),
        (vec![], Some(EmptyReason::NoBannerOfThisSize))
    );
    // All are on the page already, whatever their size.
    let all = Ask { count: Some(50), ..ask(&[]) };
    let none_left = spots(&mut world, &[all, wide()]).await.remove(1);
    assert_eq!(none_left.reason, Some(EmptyReason::NoEligibleBanner));
    let counted: Vec<_> = world.serving.counters.empty().map(|it| it.1).collect();
    assert_eq!(counted, [0, 0, 0, 1, 0, 2]);
}

#[tokio::test]
async fn a_cycle_of_one_size_forgets_no_other_size() {
    let mut world = World::new(mixed()).await;
    let known = visitor(1);
    let mut show = async |sizes: &[&str], count: u32| {
        let ask = Ask { count: Some(count), ..ask(sizes) };
        let decided = world.decide_for(Visitor::Known(known), &[ask], at(NOW)).await.unwrap();
        let shown = shown(&decided.spots[0]);
        let kept = kept(&world.serving, known, at(NOW)).await.unwrap();
        let mut seen: Vec<_> = kept.history[0].history.seen().iter().map(|it| it.0).collect();
        seen.sort_unstable();
        (shown, seen)
    };
    assert_eq!(show(&["728x90"], 1).await, (vec![5], vec![5]));
    assert_eq!(show(&["300x250"], 4).await, (vec![1, 2, 3, 4], vec![1, 2, 3, 4, 5]));
    let (again, seen) = show(&["300x250"], 1).await;
    let mut expected = vec![again[0], 5];
    expected.sort_unstable();
    assert_eq!(seen, expected, "the wide one stays seen");
    // The banner without a size is the only other one that is new to them.
    let (rest, _) = show(&[], 4).await;
    assert!(rest.contains(&6) && !rest.contains(&5) && !rest.contains(&again[0]), "{rest:?}");
}
