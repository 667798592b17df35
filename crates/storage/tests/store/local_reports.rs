//! Hours and days of local time are what a naive count says, also where clocks change.

use std::collections::BTreeMap;

use bams_domain::{Performance, Slot};
use bams_storage::{
    Dimension, LocalTime, Period, ReportError, ReportQuery, condense, report, roll_up,
};

use crate::naive::{DAY, check, groupings, naive, query, values, with_performance};
use crate::stores::Store;

/// Two hours ahead from an hour after the midnight of [`DAY`] in UTC, one before.
fn spring() -> LocalTime {
    LocalTime::new(4, [(Slot::from_number(DAY + 4), 8)])
}

/// One hour ahead from the same moment, two before.
fn autumn() -> LocalTime {
    LocalTime::new(8, [(Slot::from_number(DAY + 4), 4)])
}

/// The time of Kathmandu.
fn odd() -> LocalTime {
    LocalTime::new(23, [])
}

/// The slots of the local days `first..last` after [`DAY`].
fn days(time: &LocalTime, first: i64, last: i64) -> Period {
    let midnight = |day| Some(Slot::from_number(time.slot_of(DAY + 96 * day)));
    Period { from: midnight(first), to: midnight(last) }
}

#[tokio::test]
async fn any_grouping_is_what_a_naive_count_says() {
    for store in Store::both().await {
        let rows = with_performance(&store, 21).await;
        roll_up(&store.database, Slot::from_number(DAY + 50)).await.unwrap();
        for local in [spring(), autumn(), odd()] {
            for group_by in groupings() {
                let all = ReportQuery { local: local.clone(), ..query(&group_by) };
                check(&store, &rows, &all).await;
                let period = days(&local, -2, 2);
                check(&store, &rows, &ReportQuery { period, ..all }).await;
            }
        }
    }
}

#[tokio::test]
async fn local_days_are_compared_with_as_many_before() {
    for store in Store::both().await {
        let rows = with_performance(&store, 22).await;
        roll_up(&store.database, Slot::from_number(DAY + 500)).await.unwrap();
        for local in [spring(), autumn(), odd()] {
            for (first, last) in [(0, 1), (1, 2), (-1, 2)] {
                let (length, period) = (last - first, days(&local, first, last));
                let group_by = [Dimension::Campaign, Dimension::Day];
                let now = ReportQuery { period, local: local.clone(), ..query(&group_by) };
                let before =
                    ReportQuery { period: days(&local, first - length, first), ..now.clone() };
                let expected = naive(&rows, &before).into_iter();
                let moved = |(mut key, sums): (Vec<i64>, Performance)| {
                    key[1] += 96 * length;
                    (key, sums)
                };
                let expected: BTreeMap<_, _> = expected.map(moved).collect();
                let compared = ReportQuery { compared: true, ..now };
                let found = report(&store.database, &compared, None, 1000).await.unwrap();
                for row in &found.rows {
                    let key = values(&compared, row);
                    let sums = expected.get(&key).copied().unwrap_or_default();
                    assert_eq!(row.sums.previous.unwrap().performance, sums, "{key:?}");
                }
                let all: u64 = expected.values().map(|it| it.impressions).sum();
                assert_eq!(found.totals.previous.unwrap().performance.impressions, all);
                assert!(all > 0);
            }
        }
    }
}

#[tokio::test]
async fn an_hour_that_comes_twice_is_two_rows() {
    for store in Store::both().await {
        let values = [0, 4].map(|later| format!("(1, 1, {}, 1, 0, 0, 0)", DAY + later));
        let insert = format!("INSERT INTO performance VALUES {}", values.join(", "));
        store.execute(&[&insert]).await;
        let hours = ReportQuery { local: autumn(), ..query(&[Dimension::Hour]) };
        let found = report(&store.database, &hours, None, 10).await.unwrap();
        let hours: Vec<_> = found.rows.iter().map(|it| it.hour.unwrap().number()).collect();
        assert_eq!(hours, [DAY, DAY + 4], "{}", store.url);
    }
}

#[tokio::test]
async fn old_days_of_banners_are_those_of_utc_and_the_report_says_so() {
    for store in Store::both().await {
        let rows = with_performance(&store, 23).await;
        let (kept, local) = (Slot::from_number(DAY), odd());
        condense(&store.database, kept).await.unwrap();
        let group_by = [Dimension::Banner, Dimension::Day];
        let of_banners = ReportQuery { local: local.clone(), ..query(&group_by) };
        for period in [Period::default(), days(&local, -3, 2)] {
            let query = ReportQuery { period, ..of_banners.clone() };
            let found = report(&store.database, &query, None, 1000).await.unwrap();
            assert_eq!(found.utc_before, Some(kept), "{}", store.url);
            // Old days begin at midnight in UTC, and so does the period.
            let old = Period {
                from: period.from.map(|_| Slot::from_number(DAY - 3 * 96)),
                to: Some(kept),
            };
            let utc = ReportQuery { period: old, local: LocalTime::utc(), ..query.clone() };
            let new =
                ReportQuery { period: Period { from: Some(kept), ..period }, ..query.clone() };
            let mut expected = naive(&rows, &utc);
            for (key, sums) in naive(&rows, &new) {
                *expected.entry(key).or_default() += sums;
            }
            let counted: BTreeMap<_, _> = found
                .rows
                .iter()
                .map(|it| (values(&query, it), it.sums.current.performance))
                .collect();
            assert_eq!(counted, expected, "{}", store.url);
            let all: u64 = expected.values().map(|it| it.impressions).sum();
            assert_eq!(found.totals.current.performance.impressions, all);
        }
        let later = ReportQuery { period: days(&local, 1, 3), ..of_banners.clone() };
        let found = report(&store.database, &later, None, 1000).await.unwrap();
        assert_eq!(found.utc_before, None);
        let campaigns = ReportQuery { local, ..query(&[Dimension::Campaign, Dimension::Day]) };
        check(&store, &rows, &campaigns).await;
        let found = report(&store.database, &campaigns, None, 1000).await.unwrap();
        assert_eq!(found.utc_before, None, "campaigns keep their slots");
        // Hours of banners are refused as before.
        let hours =
            ReportQuery { group_by: vec![Dimension::Banner, Dimension::Hour], ..of_banners };
        let refused = report(&store.database, &hours, None, 10).await;
        assert!(matches!(refused, Err(ReportError::Condensed { .. })), "{refused:?}");
    }
}
