//! Performance is what was counted, and a difference is found.

use bams_domain::{BannerId, CampaignId, Quarter};
use bams_storage::{Difference, ImportKind, PerformanceCounts, Place, verify};

use crate::stores::Store;

pub(crate) async fn with_events(store: &Store) {
    store
        .import(ImportKind::Impressions, Quarter::First, "banner_id,campaign_id\n1,1\n1,1\n2,1\n")
        .await;
    let clicks = "click_id,banner_id,campaign_id\n1,1,1\n2,2,1\n3,2,7\n";
    store.import(ImportKind::Clicks, Quarter::First, clicks).await;
    let conversions = "conversion_id,click_id,revenue\n1,1,0.5\n2,1,0.25\n";
    store.import(ImportKind::Conversions, Quarter::Second, conversions).await;
}

async fn differences(store: &Store) -> (u64, Vec<Difference>) {
    let mut found = Vec::new();
    let agreeing = verify(&store.database, |it| found.push(it)).await.unwrap();
    (agreeing, found)
}

#[tokio::test]
async fn what_was_imported_adds_up() {
    for store in Store::both().await {
        with_events(&store).await;
        assert_eq!(differences(&store).await, (4, Vec::new()), "{}", store.url);
    }
}

#[tokio::test]
async fn a_row_that_somebody_changed_is_named() {
    for store in Store::both().await {
        with_events(&store).await;
        store
            .execute(&[
                "UPDATE performance SET clicks = clicks + 5 WHERE campaign_id = 7",
                "DELETE FROM campaign_conversions WHERE id = '2'",
                "DELETE FROM performance WHERE banner_id = 2 AND campaign_id = 1",
                "UPDATE quarter_performance SET conversions = 9 WHERE conversions = 2",
            ])
            .await;
        let (agreeing, found) = differences(&store).await;
        assert_eq!(agreeing, 1, "{}", store.url);
        let [converted, gone, clicked, ranked, of_gone, of_clicked] = found.as_slice() else {
            panic!("{found:?}")
        };
        assert_eq!((converted.campaign, converted.banner), (CampaignId(1), BannerId(1)));
        let of = |conversions, revenue_micros| PerformanceCounts {
            conversions,
            revenue_micros,
            ..<_>::default()
        };
        assert_eq!((converted.stored, converted.recomputed), (of(2, 750_000), of(1, 500_000)));
        let shown = PerformanceCounts { impressions: 1, clicks: 1, ..PerformanceCounts::default() };
        assert_eq!((gone.stored, gone.recomputed), (PerformanceCounts::default(), shown));
        assert_eq!((clicked.campaign, clicked.stored.clicks), (CampaignId(7), 6));
        assert_eq!(clicked.recomputed.clicks, 1);
        assert_eq!(ranked.place, Place::Quarter(Quarter::Second));
        assert_eq!((ranked.stored, ranked.recomputed), (of(9, 750_000), of(2, 750_000)));
        assert_eq!((of_gone.stored.clicks, of_gone.recomputed.clicks), (1, 0));
        assert_eq!((of_clicked.stored.clicks, of_clicked.recomputed.clicks), (1, 6));
    }
}
