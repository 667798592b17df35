//! Performance as another program may have written it, counted in the simplest way.

use std::collections::BTreeMap;

use bams_domain::{Performance, Revenue, Slot};
use bams_storage::{Dimension, LocalTime, Period, ReportQuery, ReportRow, SortKey, report};
use rand::{RngExt, SeedableRng, rngs::SmallRng};
use sea_orm::{ConnectionTrait, Database as SeaOrm};

use crate::stores::{Store, banner, campaign, catalog};

/// 2026-01-01T00:00:00Z.
pub(crate) const DAY: i64 = 1_767_225_600 / 900;

/// Campaign, banner, slot and what was achieved.
pub(crate) type Row = (u32, u32, i64, Performance);

/// Rows of performance in ten days around [`DAY`], as another program may have written them.
pub(crate) async fn with_performance(store: &Store, seed: u64) -> Vec<Row> {
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

/// Everything, grouped like this.
pub(crate) fn query(group_by: &[Dimension]) -> ReportQuery {
    ReportQuery {
        group_by: group_by.to_vec(),
        campaigns: Vec::new(),
        banners: Vec::new(),
        quarters: Vec::new(),
        period: Period::default(),
        local: LocalTime::utc(),
        compared: false,
        sort: SortKey::Revenue,
        descending: true,
    }
}

/// The value of a dimension of a row, as a number.
fn value(query: &ReportQuery, dimension: Dimension, (campaign, banner, slot, _): &Row) -> i64 {
    let local = slot + query.local.ahead_in(Slot::from_number(*slot));
    match dimension {
        Dimension::Campaign => i64::from(*campaign),
        Dimension::Banner => i64::from(*banner),
        Dimension::Quarter => slot.rem_euclid(4) + 1,
        Dimension::Hour => slot - local.rem_euclid(4),
        Dimension::Day => local.div_euclid(96) * 96,
    }
}

/// The values of a row's dimensions, as numbers.
pub(crate) fn values(query: &ReportQuery, row: &ReportRow) -> Vec<i64> {
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
pub(crate) fn naive(rows: &[Row], query: &ReportQuery) -> BTreeMap<Vec<i64>, Performance> {
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
        let key = query.group_by.iter().map(|it| value(query, *it, row)).collect();
        *sums.entry(key).or_default() += row.3;
    }
    sums
}

/// Every subset of the dimensions.
pub(crate) fn groupings() -> impl Iterator<Item = Vec<Dimension>> {
    (0..32_u32).map(|bits| {
        let chosen = Dimension::ALL.into_iter().enumerate();
        chosen.filter(|(index, _)| bits & (1 << index) != 0).map(|it| it.1).collect()
    })
}

/// Asserts that a report is what a naive count says.
pub(crate) async fn check(store: &Store, rows: &[Row], query: &ReportQuery) {
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
