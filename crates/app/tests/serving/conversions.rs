//! Sales that advertisers report together.

use bams_app::tracking::TrackingError;
use bams_domain::{CampaignId, Quarter};
use bams_storage::{Booked, ranking};

use crate::world::{World, at, banner, campaign, catalog, sale, showing};

const NOW: &str = "10:05:00.000";

fn places(refused: Result<Vec<Booked>, TrackingError>) -> Vec<(String, &'static str)> {
    match refused {
        Err(TrackingError::Unusable(it) | TrackingError::Conflicts(it)) => {
            it.into_iter().map(|violation| (violation.pointer, violation.code)).collect()
        }
        other => panic!("{other:?}"),
    }
}

async fn conversions(world: &World) -> u64 {
    let ranking = ranking(&world.database, CampaignId(1), Quarter::First, |_, _| false).await;
    let banners = ranking.unwrap().unwrap().banners;
    banners.iter().map(|it| it.performance.conversions).sum()
}

#[tokio::test]
async fn a_list_is_stored_as_a_whole_or_not_at_all_and_what_is_wrong_is_said_by_place() {
    let world = World::new(catalog([campaign(1)], [banner(1)])).await;
    let now = at(NOW);
    world.click(1, 1, 3, now).await;
    let click = |number| showing(1, 1, number, now).click_id();
    let good = || vec![sale("a", click(0), now), sale("b", click(1), now)];

    let mut list = good();
    list.insert(1, sale("c", "no-such-click".to_owned(), now));
    let refused = world.tracking.conversions(list).await;
    assert_eq!(places(refused), [("/1/click_id".to_owned(), "unknown_click")]);
    assert_eq!(conversions(&world).await, 0);

    let booked = world.tracking.conversions(good()).await.unwrap();
    assert_eq!(booked, [Booked::Counted, Booked::Counted]);
    let again = world.tracking.conversions(good()).await.unwrap();
    assert_eq!(again, [Booked::Duplicate, Booked::Duplicate]);
    assert_eq!(conversions(&world).await, 2);
}

#[tokio::test]
async fn ids_that_are_taken_are_a_conflict_unless_a_click_is_unknown_too() {
    let world = World::new(catalog([campaign(1)], [banner(1)])).await;
    let now = at(NOW);
    world.click(1, 1, 2, now).await;
    let click = |number| showing(1, 1, number, now).click_id();
    world.tracking.conversions(vec![sale("a", click(0), now)]).await.unwrap();

    let taken = || sale("a", click(1), now);
    let refused = world.tracking.conversions(vec![sale("b", click(1), now), taken()]).await;
    assert!(matches!(refused, Err(TrackingError::Conflicts(_))), "{refused:?}");
    assert_eq!(places(refused), [("/1/conversion_id".to_owned(), "conversion_conflict")]);

    let unknown = sale("c", "no-such-click".to_owned(), now);
    let refused = world.tracking.conversions(vec![taken(), unknown]).await;
    assert!(matches!(refused, Err(TrackingError::Unusable(_))), "{refused:?}");
    let expected = [("/0/conversion_id", "conversion_conflict"), ("/1/click_id", "unknown_click")];
    assert_eq!(places(refused), expected.map(|(place, code)| (place.to_owned(), code)));
    assert_eq!(conversions(&world).await, 1);
}
