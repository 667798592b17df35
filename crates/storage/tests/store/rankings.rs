//! The ranking says everything about a campaign's banners.

use std::time::Duration;

use bams_domain::{BannerId, CampaignId, LeftOut, Quarter, Rule, Status};
use bams_storage::{BannerRecord, ImportKind, ranking};

use tokio::time::timeout;

use crate::stores::{Store, banner, campaign, catalog};

#[tokio::test]
async fn the_ranking_has_performance_and_reasons() {
    for store in Store::both().await {
        let paused = BannerRecord { status: Status::Paused, ..banner(3) };
        let bare = BannerRecord { image_key: None, ..banner(4) };
        store.write(catalog(campaign(1), [banner(1), banner(2), paused, bare])).await;
        let shown = "banner_id,campaign_id\n1,1\n2,1\n2,1\n3,1\n";
        store.import(ImportKind::Impressions, Quarter::Fourth, shown).await;
        store
            .import(ImportKind::Clicks, Quarter::Fourth, "click_id,banner_id,campaign_id\n9,2,1\n")
            .await;

        let ranking =
            ranking(&store.database, CampaignId(1), Quarter::Fourth, |_, _| false).await.unwrap();
        let ranking = ranking.unwrap();
        assert_eq!(ranking.rule, Rule::ClicksThenRandom);
        let rungs = ranking.banners.iter().map(|it| {
            (it.banner.0, it.name.as_str(), it.performance.impressions, it.performance.clicks)
        });
        assert_eq!(rungs.collect::<Vec<_>>(), [(2, "Banner 2", 2, 1), (1, "Banner 1", 1, 0)]);
        let left_out = [(BannerId(3), LeftOut::BannerPaused), (BannerId(4), LeftOut::NoImage)];
        assert_eq!(ranking.left_out, left_out);
    }
}

#[tokio::test]
async fn an_unknown_campaign_has_no_ranking() {
    for store in Store::both().await {
        let found =
            ranking(&store.database, CampaignId(5), Quarter::First, |_, _| false).await.unwrap();
        assert!(found.is_none());
    }
}

#[tokio::test]
async fn a_caller_that_goes_away_spoils_no_connection() {
    for store in Store::both().await {
        store.write(catalog(campaign(1), [banner(1)])).await;
        let asked = || ranking(&store.database, CampaignId(1), Quarter::Fourth, |_, _| false);
        for micros in (0..4000).step_by(10) {
            drop(timeout(Duration::from_micros(micros), asked()).await);
            assert!(asked().await.unwrap().is_some(), "{} after {micros} µs", store.url);
        }
    }
}
