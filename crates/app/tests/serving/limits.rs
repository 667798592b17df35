//! The limits of a request, whoever makes it.

use std::collections::BTreeSet;

use bams_app::serving::{AskedPlacements, PlacementFields, PlacementsFields, ServingError};
use bams_app::tracking::{CONVERSION_COUNT, TrackingError};
use bams_app::{Draft, Violation, Visitor, serving::Ask};
use bams_domain::{BannerId, CampaignId, Revenue, Size};
use bams_storage::MOST_REVENUE;
use rand::SeedableRng;
use rand::rngs::StdRng;

use crate::world::{World, at, banner, campaign, catalog, sale};

const NOW: &str = "10:05:00.000";

fn pointers(violations: &[Violation]) -> Vec<&str> {
    violations.iter().map(|it| it.pointer.as_str()).collect()
}

#[tokio::test]
async fn a_decision_beyond_a_limit_is_refused_and_nothing_counts_as_shown() {
    let world = World::new(catalog([campaign(1)], [banner(1)])).await;
    let spot = || Ask::of(CampaignId(1));
    let size = Size { width: 300, height: 250 };
    let banners = |count| (1..=count).map(BannerId).collect::<BTreeSet<_>>();
    for (asks, excluded, expected) in [
        (vec![], banners(0), vec!["/placements"]),
        (vec![spot(); 51], banners(0), vec!["/placements"]),
        (vec![Ask { count: Some(0), ..spot() }], banners(0), vec!["/placements/0/count"]),
        (
            vec![spot(), Ask { count: Some(51), sizes: vec![size; 21], ..spot() }],
            banners(1001),
            vec!["/placements/1/count", "/placements/1/size", "/exclude"],
        ),
    ] {
        let mut rng = StdRng::seed_from_u64(1);
        let deciding =
            world.serving.decide(Visitor::Untracked, &asks, &excluded, at(NOW), &mut rng);
        let Err(ServingError::Invalid(violations)) = deciding.await else {
            panic!("{} spots were filled", asks.len());
        };
        assert_eq!(pointers(&violations), expected);
    }
    let asks = vec![Ask { count: Some(50), sizes: vec![size; 20], ..spot() }; 50];
    let mut rng = StdRng::seed_from_u64(1);
    let most = banners(1000);
    let deciding = world.serving.decide(Visitor::Untracked, &asks, &most, at(NOW), &mut rng);
    assert_eq!(deciding.await.unwrap().spots.len(), 50);
}

#[test]
fn placements_need_names_of_their_own_and_keep_their_places_beside_unreadable_ones() {
    let named = |id: &str| {
        let fields = PlacementFields {
            id: Some(id.to_owned()),
            campaign_id: Some(1),
            ..PlacementFields::default()
        };
        Draft::from(fields)
    };
    let missing = Draft::from(PlacementFields::default());
    let said = PlacementsFields {
        placements: Some(vec![named("top"), named("top"), missing, named(&"x".repeat(65))]),
        ..PlacementsFields::default()
    };
    let unread = Violation::of("placements/1", "not_an_object", "a placement is an object");
    let refused = AskedPlacements::of(Draft { said, violations: vec![unread] }).unwrap_err();
    let expected = [
        "/placements/1",
        "/placements/2/id",
        "/placements/3/id",
        "/placements/3/campaign_id",
        "/placements/4/id",
    ];
    assert_eq!(pointers(&refused), expected);
    let refused = AskedPlacements::of(PlacementsFields::default().into()).unwrap_err();
    assert_eq!((pointers(&refused), refused[0].code), (vec!["/placements"], "missing"));
}

#[tokio::test]
async fn conversions_beyond_a_limit_are_refused_by_place() {
    let world = World::new(catalog([campaign(1)], [banner(1)])).await;
    let sale = |id: &str| sale(id, "1".to_owned(), at(NOW));
    let too_much = Revenue::from_micros(MOST_REVENUE.micros() + 1);
    let mut costly = sale("a");
    costly.revenue = too_much;
    for (list, expected) in [
        (vec![], vec![""]),
        (vec![sale("a"); CONVERSION_COUNT.end() + 1], vec![""]),
        (vec![sale("ok"), sale("two words"), costly], vec!["/1/conversion_id", "/2/revenue"]),
    ] {
        let Err(TrackingError::Invalid(violations)) = world.tracking.conversions(list).await else {
            panic!("they were stored");
        };
        assert_eq!(pointers(&violations), expected);
    }
}
