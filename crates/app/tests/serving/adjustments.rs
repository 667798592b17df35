//! Sales that are restated and retracted later, and what rankings and reports say of them.

use bams_app::MissingImages;
use bams_app::managing::{Managing, ManagingError, RestatementFields};
use bams_app::reporting::{ReportingError, all_rows, judged_ranking, page};
use bams_domain::{CampaignId, Quarter};
use bams_storage::{
    Actor, AuditFilter, Dimension, LocalTime, PageRequest, Period, ReportQuery, SortKey, audit_log,
};

use crate::world::{World, at, banner, campaign, catalog, sale, showing};

const ONE: CampaignId = CampaignId(1);
const NOW: &str = "10:05:00.000";
const LATER: &str = "11:50:00.000";

fn saying(revenue: &str) -> RestatementFields {
    RestatementFields { revenue: Some(revenue.to_owned()) }
}

fn by() -> Actor {
    Actor { id: "4f1d0a7be2c35968".to_owned(), name: "Ada".to_owned() }
}

/// A world with one sale of 1.00 in the first quarter.
async fn sold() -> World {
    let world = World::new(catalog([campaign(1)], [banner(1), banner(2)])).await;
    let now = at(NOW);
    world.click(1, 1, 1, now).await;
    let click = showing(1, 1, 0, now).click_id();
    world.tracking.conversions(vec![sale("a", click, now)]).await.unwrap();
    world
}

/// Returns conversions and micros of the campaign in the quarter of the sale, as its ranking has them.
async fn earned(world: &World) -> (u64, i64) {
    let judged =
        judged_ranking(&world.database, &MissingImages::default(), ONE, Some(Quarter::First), 0)
            .await;
    let banners = judged.unwrap().unwrap().ranking.banners;
    let conversions = banners.iter().map(|it| it.performance.conversions).sum();
    (conversions, banners.iter().map(|it| it.performance.revenue.micros()).sum())
}

#[tokio::test]
async fn a_sale_says_what_was_said_last_where_it_happened() {
    let world = sold().await;
    let managing = Managing::new(world.database.clone());
    let restate = async |revenue: &str| {
        managing.restate_conversion(by(), ONE, "a".to_owned(), saying(revenue), at(LATER)).await
    };
    assert_eq!(earned(&world).await, (1, 1_000_000));

    for _ in 0..2 {
        assert_eq!(restate("0.25").await.unwrap().revenue.micros(), 250_000);
        assert_eq!(earned(&world).await, (1, 250_000));
    }
    for _ in 0..2 {
        let retracted = managing.retract_conversion(by(), ONE, "a".to_owned(), at(LATER)).await;
        assert_eq!(retracted.unwrap().retracted_at, Some(at(LATER)));
        assert_eq!(earned(&world).await, (0, 0));
    }
    assert_eq!(restate("3").await.unwrap().retracted_at, None);
    assert_eq!(earned(&world).await, (1, 3_000_000));

    let all = PageRequest { sort: (), descending: false, after: None, limit: 99 };
    let log = audit_log(&world.database, &AuditFilter::default(), &all).await.unwrap();
    assert_eq!(log.items.len(), 3, "saying the same again changes nothing");
}

#[tokio::test]
async fn what_is_not_there_or_no_revenue_is_refused() {
    let world = sold().await;
    let managing = Managing::new(world.database.clone());
    let restate = async |campaign: u32, id: &str, revenue: &str| {
        let (campaign, id) = (CampaignId(campaign), id.to_owned());
        managing.restate_conversion(by(), campaign, id, saying(revenue), at(LATER)).await
    };
    assert!(matches!(restate(1, "b", "1").await, Err(ManagingError::UnknownConversion)));
    assert!(matches!(restate(7, "a", "1").await, Err(ManagingError::UnknownCampaign(_))));
    for bad in ["-1", "1000000.000001", "many"] {
        let refused = restate(1, "a", bad).await;
        assert!(matches!(refused, Err(ManagingError::Invalid(_))), "{bad}: {refused:?}");
    }
    let retracted = managing.retract_conversion(by(), ONE, "b".to_owned(), at(LATER)).await;
    assert!(matches!(retracted, Err(ManagingError::UnknownConversion)));
    assert_eq!(earned(&world).await, (1, 1_000_000));
}

#[tokio::test]
async fn a_ranking_is_of_the_running_quarter_unless_another_is_named() {
    let world = sold().await;
    let judged = async |quarter, time: &str| {
        judged_ranking(&world.database, &MissingImages::default(), ONE, quarter, at(time))
            .await
            .unwrap()
            .unwrap()
            .quarter
    };
    assert_eq!(judged(None, "10:14:59.999").await, Quarter::First);
    assert_eq!(judged(None, "10:15:00.000").await, Quarter::Second);
    assert_eq!(judged(Some(Quarter::Fourth), NOW).await, Quarter::Fourth);
    let unknown =
        judged_ranking(&world.database, &MissingImages::default(), CampaignId(7), None, at(NOW))
            .await;
    assert!(unknown.unwrap().is_none());
}

#[tokio::test]
async fn a_report_comes_by_pages_or_as_a_whole_and_never_of_nonsense() {
    let world = sold().await;
    world.click(1, 2, 1, at(LATER)).await;
    let query = ReportQuery {
        group_by: vec![Dimension::Banner],
        campaigns: Vec::new(),
        banners: Vec::new(),
        quarters: Vec::new(),
        period: Period { from: None, to: None },
        local: LocalTime::utc(),
        compared: false,
        sort: SortKey::Revenue,
        descending: true,
    };
    let first = page(&world.database, &query, None, 1).await.unwrap();
    let banners = |rows: &[bams_storage::ReportRow]| -> Vec<_> {
        rows.iter().map(|row| row.banner.unwrap().0).collect()
    };
    assert_eq!(banners(&first.rows), [1]);
    assert_eq!(first.totals.current.performance.clicks, 2);
    let next = page(&world.database, &query, first.next.as_ref(), 9).await.unwrap();
    assert_eq!((banners(&next.rows), next.next.is_none()), (vec![2], true));

    let mut rows = Vec::new();
    let take = |row| -> Result<(), ReportingError> {
        rows.push(row);
        Ok(())
    };
    assert_eq!(all_rows(&world.database, &query, take).await.unwrap().rows, 2);
    assert_eq!(banners(&rows), [1, 2]);

    let twice = ReportQuery { group_by: vec![Dimension::Banner; 2], ..query };
    let refused = page(&world.database, &twice, None, 1).await;
    assert!(matches!(refused, Err(ReportingError::Invalid(_))));
}
