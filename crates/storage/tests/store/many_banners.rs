//! Banners that are read packed, thousands at once.

use bams_domain::{BannerId, CampaignId};
use bams_storage::{BannerRecord, Snapshots};

use crate::stores::{Store, banner, campaign, catalog};

/// What a snapshot says of a banner.
type Told = (u32, String, String, String, Option<String>, Vec<String>, [Option<u32>; 2]);

fn expected(row: &BannerRecord) -> Told {
    let BannerRecord { id, name, landing_url, alt, size, tags, image_key, .. } = row.clone();
    let sides = size.map_or([None; 2], |(width, height)| [Some(width), Some(height)]);
    (id.0, name, alt, image_key.unwrap_or_default(), landing_url, tags, sides)
}

fn told(snapshots: &Snapshots) -> Vec<Told> {
    let current = snapshots.current();
    let campaign = current.campaign(CampaignId(1)).unwrap();
    let told = campaign.banners().map(|it| {
        let landing_url = it.landing_url().map(ToString::to_string);
        let (name, alt, key) = (it.name().into(), it.alt().into(), it.image_key().into());
        (it.id().0, name, alt, key, landing_url, it.tags().to_vec(), [it.width(), it.height()])
    });
    told.collect()
}

/// More banners than are packed into one text, with gaps between their numbers, and all kinds of texts.
fn banners() -> Vec<BannerRecord> {
    let mut banners: Vec<_> = (1..=4_100).map(|it| banner(it * 3)).collect();
    banners.push(banner(u32::MAX));
    banners[7].name = "Shoes, \"red\"; 'blue' = \\ | %".into();
    banners[8].alt = String::new();
    banners[9].landing_url = None;
    banners[10].size = None;
    banners[11].tags = vec!["a, b".to_owned(), "\"c\"".to_owned()];
    banners[12].image_key = Some("=,=".to_owned());
    banners
}

#[tokio::test]
async fn banners_in_thousands_are_told_as_they_are() {
    for store in Store::both().await {
        let mut banners = banners();
        store.write(catalog(campaign(1), banners.iter().cloned())).await;
        let snapshots = Snapshots::load(store.database.clone()).await.unwrap();
        assert!(told(&snapshots).into_iter().eq(banners.iter().map(expected)), "{}", store.url);

        // Among these texts are those that end columns and rows of packed banners.
        for (index, name) in [(20, "a\u{1f}b"), (2_500, "a\u{1e}b\u{1f}"), (4_099, "\u{1e},\u{1f}")]
        {
            banners[index].name = name.into();
            let id = banners[index].id;
            store.execute(&[&format!("UPDATE banners SET name = '{name}' WHERE id = {id}")]).await;
        }
        let snapshots = Snapshots::load(store.database.clone()).await.unwrap();
        assert!(told(&snapshots).into_iter().eq(banners.iter().map(expected)), "{}", store.url);
    }
}

#[tokio::test]
async fn among_thousands_one_that_cannot_be_read_leads_where_it_led() {
    for store in Store::both().await {
        store.write(catalog(campaign(1), (1..=2_001).map(banner))).await;
        store.write(catalog(campaign(2), (2_002..=2_100).map(banner))).await;
        store
            .execute(&[
                "UPDATE banners SET width = -1 WHERE id = 2001",
                "UPDATE banners SET image_key = '' WHERE id = 2002",
                "UPDATE banners SET image_key = NULL WHERE id = 2003",
            ])
            .await;
        let snapshots = Snapshots::load(store.database.clone()).await.unwrap();
        let current = snapshots.current();
        assert!(current.campaign(CampaignId(1)).is_none(), "{}", store.url);
        assert!(snapshots.landing_url(BannerId(2_001)).is_some());
        let campaign = current.campaign(CampaignId(2)).unwrap();
        assert_eq!(campaign.banners().count(), 98);
        assert_eq!(campaign.banner(BannerId(2_002)).unwrap().image_key(), "");
        assert!(campaign.banner(BannerId(2_003)).is_none());
    }
}
