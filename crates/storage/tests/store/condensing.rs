//! Condensing old slots to days changes nothing but the hours.

use std::collections::BTreeMap;

use bams_domain::{Quarter, Slot};
use bams_storage::{
    Dimension, Period, ReportError, ReportQuery, condense, count_differences, filtered_events,
    report,
};
use sea_orm::{ConnectionTrait, Database as SeaOrm};

use crate::naive::{DAY, check, groupings, query, with_performance};
use crate::stores::Store;

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
            if group_by.contains(&Dimension::Hour) && group_by.contains(&Dimension::Banner) {
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
            let of_banners = ReportQuery { period, ..query(&[Dimension::Banner]) };
            let refused = report(&store.database, &of_banners, None, 10).await;
            assert!(matches!(refused, Err(ReportError::Condensed { .. })), "{period:?}");
            // Campaigns keep their slots.
            check(&store, &rows, &ReportQuery { period, ..query(&[Dimension::Campaign]) }).await;
        }
        // What is compared with days that are one row each has to have whole days.
        for (length, whole) in [(96 + 48, false), (2 * 96, true)] {
            let ends = [0, length].map(|it| Some(Slot::from_number(DAY - 2 * 96 + length + it)));
            let period = Period { from: ends[0], to: ends[1] };
            for (dimension, kept) in [(Dimension::Day, whole), (Dimension::Quarter, true)] {
                let query = ReportQuery {
                    period,
                    compared: true,
                    ..query(&[dimension, Dimension::Banner])
                };
                let made = report(&store.database, &query, None, 100).await;
                assert_eq!(made.is_ok(), kept, "{dimension:?} {period:?}");
            }
        }
    }
}

/// Events that were filtered in each slot of four days, by turns of any kind and reason.
pub(crate) async fn filter_events(store: &Store) -> u64 {
    let rows = (0..4 * 96).map(|it: i64| {
        let kind = ["impression", "click"][usize::from(it % 3 == 0)];
        let reason = ["bot", "head", "duplicate"][usize::try_from(it % 5 % 3).unwrap()];
        format!("({}, {}, {}, '{kind}', '{reason}', {})", it % 2 + 1, it % 7, DAY + it, it + 1)
    });
    let rows: Vec<_> = rows.collect();
    let connection = SeaOrm::connect(&store.url).await.unwrap();
    let insert = format!("INSERT INTO filtered_events VALUES {}", rows.join(", "));
    connection.execute_unprepared(&insert).await.unwrap();
    rows.len() as u64
}

#[tokio::test]
async fn what_was_filtered_is_condensed_by_kind_and_reason() {
    for store in Store::both().await {
        let rows = filter_events(&store).await;
        let dimensions =
            [Dimension::Campaign, Dimension::Banner, Dimension::Quarter, Dimension::Day];
        let query = query(&dimensions);
        let before = report(&store.database, &query, None, 100_000).await.unwrap();
        let all = (Slot::from_number(0), Slot::from_number(DAY + 96 * 9));
        let reasons = async || {
            let mut reasons = BTreeMap::new();
            for it in filtered_events(&store.database, None, all.0, all.1).await.unwrap() {
                let slot = it.slot.number();
                let day = (slot.div_euclid(96), slot.rem_euclid(4));
                let key = (it.campaign, it.banner, day, it.kind, it.reason);
                *reasons.entry(key).or_insert(0) += it.events;
            }
            reasons
        };
        let (expected, two_days) = (reasons().await, Slot::from_number(DAY + 96 * 2 + 5));
        let condensed = condense(&store.database, two_days).await.unwrap();
        assert_eq!(condensed, rows / 2 - 2 * 4, "{}", store.url);
        assert_eq!(reasons().await, expected);
        let after = report(&store.database, &query, None, 100_000).await.unwrap();
        assert_eq!((after.rows, after.totals), (before.rows, before.totals), "{}", store.url);

        let left = filtered_events(&store.database, None, all.0, two_days).await.unwrap();
        assert!(left.iter().all(|it| {
            let slot = it.slot.number();
            slot >= DAY + 96 * 2 || slot.rem_euclid(96) < 4
        }));
        let hours = ReportQuery { group_by: vec![Dimension::Banner, Dimension::Hour], ..query };
        let refused = report(&store.database, &hours, None, 10).await;
        assert!(matches!(refused, Err(ReportError::Condensed { .. })), "{refused:?}");
        assert_eq!(condense(&store.database, two_days).await.unwrap(), 0);
        assert_eq!(count_differences(&store.database).await.unwrap(), 0);
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
        store.import(bams_storage::ImportKind::Clicks, Quarter::First, late).await;
        assert_eq!(count_differences(&store.database).await.unwrap(), 0);
        assert_eq!(condense(&store.database, Slot::from_number(DAY)).await.unwrap(), 1);
        assert_eq!(count_differences(&store.database).await.unwrap(), 0);

        let connection = SeaOrm::connect(&store.url).await.unwrap();
        let change = "UPDATE performance SET impressions = impressions + 1 WHERE campaign_id = 1";
        connection.execute_unprepared(change).await.unwrap();
        assert!(count_differences(&store.database).await.unwrap() > 0);
    }
}
