//! Reports are what a naive count of the same rows says, in any grouping, page by page.

use std::collections::BTreeMap;

use bams_domain::{BannerId, CampaignId, Performance, Quarter, Slot};
use bams_storage::{
    Dimension, FilterReason, FilteredCounts, Period, Position, ReportError, ReportQuery, ReportRow,
    SortKey, report, stream_report,
};
use sea_orm::{ConnectionTrait, Database as SeaOrm};

use crate::naive::{DAY, Row, check, groupings, naive, query, values, with_performance};
use crate::stores::Store;

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
        let reason = |impressions, clicks| FilteredCounts { impressions, clicks, conversions: 0 };
        let reasons = [(FilterReason::Bot, reason(6, 4)), (FilterReason::Head, reason(5, 0))];
        assert_eq!(found.reasons, BTreeMap::from(reasons), "those of the period");
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
        let streamed = stream_report(&store.database, &query, 12, take).await.unwrap();
        assert_eq!(streamed.rows, 12);
        let refused = stream_report(&store.database, &query, 11, take).await;
        assert!(matches!(refused, Err(ReportError::TooLong { most: 11 })), "{refused:?}");
    }
}
