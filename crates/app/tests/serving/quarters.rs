//! The edges of quarters, to the millisecond.

use bams_app::Visitor;
use bams_app::serving::DecidedSpot;
use bams_domain::{Basis, Quarter, Rule};

use crate::world::{World, at, banner, campaign, catalog};

const BEFORE: &str = "10:14:59.999";
const AFTER: &str = "10:15:00.000";

fn first(spot: &DecidedSpot) -> (u32, Basis) {
    let first = spot.banners.iter().find(|selected| selected.rank == 1).unwrap();
    (first.banner.0, first.basis)
}

#[tokio::test]
async fn a_decision_is_of_the_quarter_of_its_millisecond() {
    let mut world = World::new(catalog([campaign(1)], (1..=5).map(banner))).await;
    world.convert(1, 1, at("10:05:00.000")).await;
    world.click(1, 2, 3, at("10:20:00.000")).await;
    world.refresh().await;

    for (time, quarter, rule, converting, best) in [
        ("10:00:00.000", Quarter::First, Rule::RevenueThenClicks, 1, (1, Basis::Revenue)),
        (BEFORE, Quarter::First, Rule::RevenueThenClicks, 1, (1, Basis::Revenue)),
        (AFTER, Quarter::Second, Rule::ClicksThenRandom, 0, (2, Basis::Clicks)),
        ("10:29:59.999", Quarter::Second, Rule::ClicksThenRandom, 0, (2, Basis::Clicks)),
        ("11:14:59.999", Quarter::First, Rule::RevenueThenClicks, 1, (1, Basis::Revenue)),
        ("11:15:00.000", Quarter::Second, Rule::ClicksThenRandom, 0, (2, Basis::Clicks)),
    ] {
        let decided = world.decide(Visitor::Untracked, &[1], at(time)).await.unwrap();
        let spot = &decided.spots[0];
        assert_eq!((decided.quarter, spot.rule), (quarter, rule), "{time}");
        assert_eq!((spot.converting_banners, first(spot)), (converting, best), "{time}");
    }
    for (time, quarter) in [
        ("10:30:00.000", Quarter::Third),
        ("10:44:59.999", Quarter::Third),
        ("10:45:00.000", Quarter::Fourth),
        ("10:59:59.999", Quarter::Fourth),
        ("11:00:00.000", Quarter::First),
    ] {
        let decided = world.decide(Visitor::Untracked, &[1], at(time)).await.unwrap();
        assert_eq!(decided.quarter, quarter, "{time}");
    }
}

#[tokio::test]
async fn the_id_of_a_decision_is_of_the_moment_whose_quarter_decided() {
    let mut world = World::new(catalog([campaign(1)], [banner(1)])).await;
    for (time, quarter) in [(BEFORE, Quarter::First), (AFTER, Quarter::Second)] {
        let decided = world.decide(Visitor::Untracked, &[1], at(time)).await.unwrap();
        let millis = i64::try_from(decided.id.as_u128() >> 80).unwrap();
        assert_eq!((millis, decided.quarter), (at(time), quarter));
        assert_eq!(decided.id.get_version_num(), 7);
        assert_eq!(decided.unix_seconds, at(time) / 1000);
    }
}

#[tokio::test]
async fn an_event_counts_in_the_quarter_of_its_millisecond_whenever_its_decision_was_made() {
    let world = World::new(catalog([campaign(1)], [banner(1)])).await;
    let caller = bams_app::tracking::Caller::default();
    for (number, time) in [(1, BEFORE), (2, AFTER), (3, "10:29:59.999")] {
        let token = world.token(1, 1, number, at("10:14:00.000"));
        world.tracking.click(&token, &caller, at(time)).await.unwrap();
    }
    let mut clicks = Vec::new();
    for quarter in Quarter::ALL {
        clicks.push(world.clicks_in(1, quarter).await);
    }
    assert_eq!(clicks, [1, 2, 0, 0]);
}
