//! Reports are what a naive count of the same rows says, in any grouping, page by page; and stay
//! so when old slots are condensed.

use std::collections::BTreeMap;

use bams_domain::{BannerId, CampaignId, Performance, Quarter, Revenue, Slot};
use bams_storage::{
    Dimension, Period, Position, ReportError, ReportQuery, ReportRow, SortKey, condense,
    count_differences, report, stream_report,
};
use rand::{RngExt, SeedableRng, rngs::SmallRng};
use sea_orm::{ConnectionTrait, Database as SeaOrm};

use crate::stores::{Store, banner, campaign, catalog};

/// 2026-01-01T00:00:00Z.
const DAY: i64 = 1_767_225_600 / 900;

type Row = (u32, u32, i64, Performance);

/// Rows of performance in ten days around [`DAY`], as another program may have written them.
async fn with_performance(store: &Store, seed: u64) -> Vec<Row> {
    let mut rng = SmallRng::seed_from_u64(seed);
    for id in 1..=3 {
        store.write(catalog(campaign(id), (1..=4).map(banner))).await;
    }
    let mut rows: BTreeMap<(u32, u32, i64), Performance> = BTreeMap::new();
    for _ in 0..600 {
        let key = (
            rng.random_range(1..=3),
            rng.random_range(1..=4),
            DAY + rng.random_range(-5 * 96..5 * 96),
        );
        let clicks = rng.random_range(0..4);
        rows.entry(key).or_insert(Performance {
            impressions: rng.random_range(0..50),
            clicks,
            conversions: rng.random_range(0..=clicks),
            // Beyond what a float or a 32-bit number holds exactly.
            revenue: Revenue::from_micros(rng.random_range(0..9_007_199_254_740_993 / 16)),
        });
    }
    let connection = SeaOrm::connect(&store.url).await.unwrap();
    let values = rows.iter().map(|((campaign, banner, slot), it)| {
        format!(
            "({campaign},{banner},{slot},{},{},{},{})",
            it.impressions,
            it.clicks,
            it.conversions,
            it.revenue.micros()
        )
    });
    let values = values.collect::<Vec<_>>().join(",");
    connection
        .execute_unprepared(&format!("INSERT INTO performance VALUES {values}"))
        .await
        .unwrap();
    connection.close().await.unwrap();
    rows.into_iter().map(|((campaign, banner, slot), it)| (campaign, banner, slot, it)).collect()
}

fn query(group_by: &[Dimension]) -> ReportQuery {
    ReportQuery {
        group_by: group_by.to_vec(),
        campaigns: Vec::new(),
        banners: Vec::new(),
        quarters: Vec::new(),
        period: Period::default(),
        compared: false,
        sort: SortKey::Revenue,
        descending: true,
    }
}

/// The value of a dimension of a row, as a number.
fn value(dimension: Dimension, (campaign, banner, slot, _): &Row) -> i64 {
    match dimension {
        Dimension::Campaign => i64::from(*campaign),
        Dimension::Banner => i64::from(*banner),
        Dimension::Quarter => slot.rem_euclid(4) + 1,
        Dimension::Hour => slot.div_euclid(4) * 4,
        Dimension::Day => slot.div_euclid(96) * 96,
    }
}

fn values(query: &ReportQuery, row: &ReportRow) -> Vec<i64> {
    let value = |dimension: &Dimension| match dimension {
        Dimension::Campaign => row.campaign.map(|it| i64::from(it.0)),
        Dimension::Banner => row.banner.map(|it| i64::from(it.0)),
        Dimension::Quarter => row.quarter.map(|it| i64::from(it.number())),
        Dimension::Hour => row.hour.map(Slot::number),
        Dimension::Day => row.day.map(Slot::number),
    };
    query.group_by.iter().map(|it| value(it).unwrap()).collect()
}

fn in_period(slot: i64, period: Period) -> bool {
    period.from.is_none_or(|it| it.number() <= slot)
        && period.to.is_none_or(|it| slot < it.number())
}

/// Groups and adds up in the simplest way. Rows of the previous period come with their slot moved.
fn naive(rows: &[Row], query: &ReportQuery) -> BTreeMap<Vec<i64>, Performance> {
    let mut sums: BTreeMap<Vec<i64>, Performance> = BTreeMap::new();
    for row in rows.iter().filter(|it| {
        let wanted = |ids: &[u32], id| ids.is_empty() || ids.contains(&id);
        let campaigns: Vec<u32> = query.campaigns.iter().map(|it| it.0).collect();
        let banners: Vec<u32> = query.banners.iter().map(|it| it.0).collect();
        let quarters: Vec<u32> = query.quarters.iter().map(|it| it.number().into()).collect();
        let quarter = u32::try_from(it.2.rem_euclid(4) + 1).unwrap();
        wanted(&campaigns, it.0)
            && wanted(&banners, it.1)
            && wanted(&quarters, quarter)
            && in_period(it.2, query.period)
    }) {
        let key = query.group_by.iter().map(|it| value(*it, row)).collect();
        *sums.entry(key).or_default() += row.3;
    }
    sums
}

async fn all_pages(store: &Store, query: &ReportQuery, limit: u64) -> Vec<ReportRow> {
    let (mut rows, mut after): (_, Option<Position>) = (Vec::new(), None);
    loop {
        let page = report(&store.database, query, after.as_ref(), limit).await.unwrap();
        assert!(page.rows.len() <= usize::try_from(limit).unwrap());
        rows.extend(page.rows);
        match page.next {
            Some(next) => after = Some(next),
            None => return rows,
        }
    }
}

async fn streamed(store: &Store, query: &ReportQuery) -> Vec<ReportRow> {
    let mut rows = Vec::new();
    let take = |row| {
        rows.push(row);
        Ok::<(), ReportError>(())
    };
    stream_report(&store.database, query, 1_000_000, take).await.unwrap();
    rows
}

/// Every subset of the dimensions.
fn groupings() -> impl Iterator<Item = Vec<Dimension>> {
    (0..32_u32).map(|bits| {
        let chosen = Dimension::ALL.into_iter().enumerate();
        chosen.filter(|(index, _)| bits & (1 << index) != 0).map(|it| it.1).collect()
    })
}

async fn check(store: &Store, rows: &[Row], query: &ReportQuery) {
    let expected = naive(rows, query);
    let found = report(&store.database, query, None, 100_000).await.unwrap();
    if query.group_by.is_empty() {
        assert_eq!(found.rows, []);
    } else {
        let counted: BTreeMap<_, _> =
            found.rows.iter().map(|it| (values(query, it), it.sums.current.performance)).collect();
        assert_eq!(counted.len(), found.rows.len(), "no row twice: {query:?}");
        assert_eq!(counted, expected, "{} {query:?}", store.url);
    }
    let mut total = Performance::default();
    for sum in expected.into_values() {
        total += sum;
    }
    assert_eq!(found.totals.current.performance, total, "{query:?}");
}

#[tokio::test]
async fn any_grouping_is_what_a_naive_count_says() {
    for store in Store::both().await {
        let rows = with_performance(&store, 1).await;
        for group_by in groupings() {
            check(&store, &rows, &query(&group_by)).await;
        }
        let (from, to) = (Slot::from_number(DAY - 77), Slot::from_number(DAY + 190));
        let some = ReportQuery {
            campaigns: vec![CampaignId(1), CampaignId(3)],
            banners: vec![BannerId(2), BannerId(4), BannerId(99)],
            quarters: vec![Quarter::Second, Quarter::Fourth],
            period: Period { from: Some(from), to: Some(to) },
            ..query(&[])
        };
        for group_by in groupings() {
            check(&store, &rows, &ReportQuery { group_by, ..some.clone() }).await;
        }
        let nothing = ReportQuery { campaigns: vec![CampaignId(77)], ..query(&[]) };
        check(&store, &rows, &nothing).await;
    }
}

#[tokio::test]
async fn pages_have_each_row_once_and_in_order() {
    for store in Store::both().await {
        with_performance(&store, 2).await;
        let group_by = [Dimension::Banner, Dimension::Day, Dimension::Quarter];
        for sort in SortKey::ALL {
            if matches!(sort, SortKey::Dimension(it) if !group_by.contains(&it)) {
                continue;
            }
            for descending in [true, false] {
                let query = ReportQuery { sort, descending, ..query(&group_by) };
                let whole = report(&store.database, &query, None, 100_000).await.unwrap().rows;
                assert!(whole.len() > 100);
                assert_eq!(all_pages(&store, &query, 7).await, whole, "{sort:?} {}", store.url);
                assert_eq!(streamed(&store, &query).await, whole, "{sort:?} {}", store.url);
                is_sorted(&query, &whole);
            }
        }
    }
}

fn is_sorted(query: &ReportQuery, rows: &[ReportRow]) {
    let key = |row: &ReportRow| {
        let it = row.sums.current.performance;
        #[expect(clippy::cast_precision_loss, reason = "an order of neighbours")]
        let whole = |it: u64| Some(it as f64);
        match query.sort {
            SortKey::Impressions => whole(it.impressions),
            SortKey::Clicks => whole(it.clicks),
            SortKey::Conversions => whole(it.conversions),
            SortKey::Ctr => it.click_through_rate(),
            SortKey::Cvr => it.conversion_rate(),
            SortKey::Rpm => it.revenue_per_mille().and_then(|it| whole(it.micros().unsigned_abs())),
            SortKey::Epc => {
                it.earnings_per_click().and_then(|it| whole(it.micros().unsigned_abs()))
            }
            _ => whole(it.revenue.micros().unsigned_abs()),
        }
    };
    if matches!(query.sort, SortKey::Dimension(_)) {
        return;
    }
    for pair in rows.windows(2) {
        match (key(&pair[0]), key(&pair[1])) {
            (Some(one), Some(other)) if query.descending => assert!(one >= other, "{pair:?}"),
            (Some(one), Some(other)) => assert!(one <= other, "{pair:?}"),
            (None, Some(_)) => panic!("rows without a value come last: {pair:?}"),
            (_, None) => {}
        }
    }
}

#[tokio::test]
async fn a_row_is_compared_with_the_period_before() {
    for store in Store::both().await {
        let rows = with_performance(&store, 3).await;
        let (from, to) = (Slot::from_number(DAY), Slot::from_number(DAY + 96));
        for group_by in groupings() {
            let compared = ReportQuery {
                period: Period { from: Some(from), to: Some(to) },
                compared: true,
                ..query(&group_by)
            };
            let report = report(&store.database, &compared, None, 100_000).await.unwrap();
            let now = naive(&rows, &compared);
            let moved: Vec<Row> = rows
                .iter()
                .map(|(campaign, banner, slot, it)| (*campaign, *banner, slot + 96, *it))
                .collect();
            let before = naive(&moved, &compared);
            for row in &report.rows {
                let key = values(&compared, row);
                let of =
                    |sums: &BTreeMap<_, Performance>| sums.get(&key).copied().unwrap_or_default();
                assert_eq!(row.sums.current.performance, of(&now), "{group_by:?}");
                assert_eq!(row.sums.previous.unwrap().performance, of(&before), "{group_by:?}");
            }
            let keys = now.keys().chain(before.keys()).collect::<std::collections::BTreeSet<_>>();
            assert_eq!(report.rows.len(), if group_by.is_empty() { 0 } else { keys.len() });
            let previous = report.totals.previous.unwrap().performance;
            assert_eq!(previous.impressions, before.values().map(|it| it.impressions).sum::<u64>());
        }
    }
}

#[tokio::test]
async fn what_was_filtered_stands_beside_what_counts() {
    for store in Store::both().await {
        let rows = with_performance(&store, 6).await;
        let connection = SeaOrm::connect(&store.url).await.unwrap();
        // One that has nothing else, one beside performance, one in the period before.
        let filtered = format!(
            "INSERT INTO filtered_events (campaign_id, banner_id, slot, kind, reason, events) \
             VALUES (9, 9, {DAY}, 'click', 'bot', 4), (1, 1, {DAY}, 'impression', 'head', 5), \
             (1, 1, {DAY}, 'impression', 'bot', 6), (1, 1, {}, 'conversion', 'duplicate', 7)",
            DAY - 96
        );
        connection.execute_unprepared(&filtered).await.unwrap();
        let period =
            Period { from: Some(Slot::from_number(DAY)), to: Some(Slot::from_number(DAY + 96)) };
        let sort = SortKey::Dimension(Dimension::Campaign);
        let query = ReportQuery {
            period,
            compared: true,
            sort,
            descending: false,
            ..query(&[Dimension::Campaign])
        };
        let found = report(&store.database, &query, None, 10).await.unwrap();
        let of = |row: &ReportRow| {
            let (now, before) = (row.sums.current.filtered, row.sums.previous.unwrap().filtered);
            (row.campaign.unwrap().0, now.impressions, now.clicks, before.conversions)
        };
        let filtered: Vec<_> = found.rows.iter().map(of).collect();
        assert_eq!(filtered, [(1, 11, 0, 7), (2, 0, 0, 0), (3, 0, 0, 0), (9, 0, 4, 0)]);
        assert_eq!(found.rows[3].campaign_name, None);
        let plain = ReportQuery { compared: false, ..query };
        let expected = naive(&rows, &plain);
        for row in &report(&store.database, &plain, None, 10).await.unwrap().rows[..3] {
            assert_eq!(row.sums.current.performance, expected[&values(&plain, row)]);
        }
    }
}

#[tokio::test]
async fn a_report_that_is_too_long_is_refused() {
    for store in Store::both().await {
        with_performance(&store, 7).await;
        let query = query(&[Dimension::Campaign, Dimension::Banner]);
        let take = |_| Ok::<(), ReportError>(());
        assert_eq!(stream_report(&store.database, &query, 12, take).await.unwrap(), 12);
        let refused = stream_report(&store.database, &query, 11, take).await;
        assert!(matches!(refused, Err(ReportError::TooLong { most: 11 })), "{refused:?}");
    }
}

#[tokio::test]
async fn condensing_changes_no_total() {
    for store in Store::both().await {
        let rows = with_performance(&store, 4).await;
        let keep_from = DAY - 96 + 50;
        let before = Slot::from_number(DAY - 96);
        let condensed = condense(&store.database, Slot::from_number(keep_from)).await.unwrap();
        assert!(condensed > 100, "{condensed}");
        assert_eq!(condense(&store.database, Slot::from_number(keep_from)).await.unwrap(), 0);
        for group_by in groupings() {
            let query = query(&group_by);
            if group_by.contains(&Dimension::Hour) {
                let refused = report(&store.database, &query, None, 10).await;
                assert!(
                    matches!(refused, Err(ReportError::Condensed { before: it }) if it == before)
                );
                let kept = Period { from: Some(before), to: None };
                check(&store, &rows, &ReportQuery { period: kept, ..query }).await;
            } else {
                check(&store, &rows, &query).await;
                let days = Period { from: Some(Slot::from_number(DAY - 3 * 96)), to: None };
                check(&store, &rows, &ReportQuery { period: days, ..query }).await;
            }
        }
        for (from, to) in [(DAY - 96 - 1, None), (DAY - 96 * 3, Some(DAY - 96 * 2 + 4))] {
            let period =
                Period { from: Some(Slot::from_number(from)), to: to.map(Slot::from_number) };
            let refused =
                report(&store.database, &ReportQuery { period, ..query(&[]) }, None, 10).await;
            assert!(matches!(refused, Err(ReportError::Condensed { .. })), "{period:?}");
        }
    }
}

#[tokio::test]
async fn nodes_that_condense_at_once_lose_nothing() {
    for store in Store::both().await {
        let rows = with_performance(&store, 5).await;
        let other = store.other_process().await;
        let all = Slot::from_number(DAY + 96 * 6);
        let (one, two) = tokio::join!(condense(&store.database, all), condense(&other, all));
        let moved = rows.iter().filter(|it| it.2.rem_euclid(96) >= 4).count() as u64;
        assert_eq!(one.unwrap() + two.unwrap(), moved, "{}", store.url);
        check(&store, &rows, &query(&[Dimension::Campaign, Dimension::Banner, Dimension::Quarter]))
            .await;
    }
}

#[tokio::test]
async fn condensed_performance_is_still_verified() {
    for store in Store::both().await {
        crate::verifying::with_events(&store).await;
        assert_eq!(count_differences(&store.database).await.unwrap(), 0);
        condense(&store.database, Slot::from_number(DAY + 96 * 2)).await.unwrap();
        assert_eq!(count_differences(&store.database).await.unwrap(), 0, "{}", store.url);
        // What comes in for such a day later is counted, and condensed with the next call.
        let late = "click_id,banner_id,campaign_id\n77,1,1\n";
        store.import(bams_storage::Kind::Clicks, Quarter::First, late).await;
        assert_eq!(count_differences(&store.database).await.unwrap(), 0);
        assert_eq!(condense(&store.database, Slot::from_number(DAY)).await.unwrap(), 1);
        assert_eq!(count_differences(&store.database).await.unwrap(), 0);

        let connection = SeaOrm::connect(&store.url).await.unwrap();
        let change = "UPDATE performance SET impressions = impressions + 1 WHERE campaign_id = 1";
        connection.execute_unprepared(change).await.unwrap();
        assert!(count_differences(&store.database).await.unwrap() > 0);
    }
}
