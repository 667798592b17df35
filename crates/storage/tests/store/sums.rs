//! Sums that are too large for an integer stop at the largest, wherever they are made.

use bams_domain::{CampaignId, Quarter};
use bams_storage::{
    ImportKind, LocalTime, Period, ReportQuery, Snapshots, SortKey, ranking, report,
};

use crate::events::assert_reconciled;
use crate::stores::{Store, banner, campaign, catalog};

/// A banner earned the most that an integer holds in each of two hours.
async fn with_the_largest_revenue(store: &Store) {
    store.write(catalog(campaign(1), (1..=2).map(banner))).await;
    let clicks = "click_id,banner_id,campaign_id\n1,2,1\n";
    store.import(ImportKind::Clicks, Quarter::First, clicks).await;
    let earned = "conversion_id,click_id,revenue\n1,1,1\n2,1,1\n";
    store.import(ImportKind::Conversions, Quarter::Third, earned).await;
    let most = "revenue_micros = 9223372036854775807";
    store
        .execute(&[
            &format!("UPDATE campaign_conversions SET {most}"),
            "UPDATE campaign_conversions SET slot = slot + 4 WHERE id = '2'",
            &format!("UPDATE performance SET conversions = 1, {most} WHERE conversions = 2"),
            &format!("UPDATE quarter_performance SET {most} WHERE conversions = 2"),
            "INSERT INTO performance SELECT campaign_id, banner_id, slot + 4, 0, 0, conversions, \
             revenue_micros FROM performance WHERE conversions = 1",
        ])
        .await;
}

#[tokio::test]
async fn the_largest_revenue_of_two_hours_neither_stops_serving_nor_reports() {
    for store in Store::both().await {
        with_the_largest_revenue(&store).await;
        let snapshots = Snapshots::load(store.database.clone()).await.unwrap();
        let campaign = snapshots.current().campaign(CampaignId(1)).unwrap().clone();
        assert_eq!(campaign.prepared(Quarter::Third).banners()[0].0, 2, "{}", store.url);

        let ranking =
            ranking(&store.database, CampaignId(1), Quarter::Third, |_, _| false).await.unwrap();
        let performance = ranking.unwrap().banners[0].performance;
        assert_eq!((performance.conversions, performance.revenue.micros()), (2, i64::MAX));

        let all = ReportQuery {
            group_by: Vec::new(),
            campaigns: Vec::new(),
            banners: Vec::new(),
            quarters: Vec::new(),
            period: Period::default(),
            local: LocalTime::utc(),
            compared: false,
            sort: SortKey::Revenue,
            descending: true,
        };
        let totals = report(&store.database, &all, None, 10).await.unwrap().totals;
        assert_eq!(totals.current.performance.revenue.micros(), i64::MAX);

        // More than fits in one slot is the largest there, too.
        store.execute(&["UPDATE campaign_conversions SET slot = slot - 4 WHERE id = '2'",
            "UPDATE performance SET conversions = 2 WHERE conversions = 1 AND slot % 8 = (SELECT slot % 8 FROM campaign_conversions WHERE id = '1')",
            "DELETE FROM performance WHERE conversions = 1"]).await;
        assert_reconciled(&store).await;
    }
}
