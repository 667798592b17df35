//! Writing campaigns and banners again replaces them.

use bams_domain::{BannerId, CampaignId};
use bams_storage::{BannerRecord, Snapshots};

use crate::stores::{Store, banner, campaign, catalog};

#[tokio::test]
async fn a_banner_written_again_is_replaced_and_stays_attached() {
    for store in Store::both().await {
        store.write(catalog(campaign(1), [banner(1)])).await;
        let renamed = BannerRecord { name: "New".to_owned(), size: None, ..banner(1) };
        store.write(catalog(campaign(1), [renamed])).await;
        let snapshots = Snapshots::load(store.database.clone()).await.unwrap();
        let campaign = snapshots.current().campaign(CampaignId(1)).unwrap().clone();
        let banner = campaign.banner(BannerId(1)).unwrap();
        assert_eq!((banner.name(), banner.width()), ("New", None), "{}", store.url);
    }
}
