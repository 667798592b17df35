//! A change of a banner that many campaigns show is one change.

use std::sync::Arc;

use bams_domain::{BannerId, CampaignId, Prepared, Quarter, Status};
use bams_storage::{Actor, BannerSettings, Change, ImportKind, Snapshots};
use rand::{RngExt, SeedableRng, rngs::SmallRng};

use crate::stores::{NOW, Store, banner, campaign, catalog};

/// Changes the settings of a banner, and takes its image if it shall have none.
async fn change(store: &Store, id: u32, has_image: bool, to: impl Fn(&mut BannerSettings)) {
    let actor = Actor { id: "4f1d0a7be2c35968".into(), name: "Ada".into() };
    let mut change = Change::begin(&store.database, actor, NOW).await.unwrap();
    let before = change.banner(BannerId(id)).await.unwrap().unwrap();
    let mut settings = before.settings.clone();
    to(&mut settings);
    let image = bams_storage::BannerImage {
        key: format!("banners/{id}.png"),
        media_type: None,
        bytes: None,
    };
    change.change_banner(before, settings, has_image.then_some(image)).await.unwrap();
    change.commit().await.unwrap();
}

/// A store whose three campaigns share six banners, of which some were clicked in two quarters.
async fn shared(store: &Store) {
    for id in 1..=3 {
        store.write(catalog(campaign(id), (1..=6).map(banner))).await;
    }
    for (quarter, clicked) in [(Quarter::Second, [2, 2, 3]), (Quarter::Third, [4, 5, 5])] {
        let row = |(index, campaign): (usize, usize)| {
            let id = usize::from(quarter.number()) * 100 + campaign * 10 + index;
            format!("{id},{},{campaign}\n", clicked[index])
        };
        let places = (0..3).flat_map(|index| (1..=3).map(move |campaign| (index, campaign)));
        let rows: String = places.map(row).collect();
        let file = format!("click_id,banner_id,campaign_id\n{rows}");
        store.import(ImportKind::Clicks, quarter, &file).await;
    }
}

fn ladders(snapshots: &Snapshots) -> Vec<Prepared> {
    let current = snapshots.current();
    let campaigns = (1..=3).filter_map(|id| current.campaign(CampaignId(id)));
    campaigns.flat_map(|it| Quarter::ALL.map(|quarter| it.prepared(quarter).clone())).collect()
}

fn shown(snapshots: &Snapshots, campaign: u32, banner: u32) -> Option<String> {
    let current = snapshots.current();
    let banner = current.campaign(CampaignId(campaign))?.banner(BannerId(banner));
    banner.map(|it| it.name().to_owned())
}

#[tokio::test]
async fn a_changed_banner_marks_nothing_but_itself_and_is_new_in_all_campaigns() {
    for store in Store::both().await {
        shared(&store).await;
        let snapshots = Snapshots::load(store.database.clone()).await.unwrap();
        let marks = "SELECT campaign_id, revision FROM campaign_revisions ORDER BY campaign_id";
        let before = (store.rows(marks).await, ladders(&snapshots));
        // Who read the campaigns could not read them.
        store.execute(&["UPDATE campaigns SET policy = 'unheard_of'"]).await;
        change(&store, 3, true, |it| it.name = "New".to_owned()).await;
        assert!(snapshots.refresh().await.unwrap());
        for campaign in 1..=3 {
            assert_eq!(shown(&snapshots, campaign, 3).as_deref(), Some("New"), "{}", store.url);
            assert_eq!(shown(&snapshots, campaign, 4).as_deref(), Some("Banner 4"));
        }
        assert_eq!((store.rows(marks).await, ladders(&snapshots)), before);
        assert!(!snapshots.refresh().await.unwrap());
    }
}

#[tokio::test]
async fn a_change_keeps_the_text_that_was_prepared_for_other_banners() {
    for store in Store::both().await {
        shared(&store).await;
        let snapshots = Snapshots::load(store.database.clone()).await.unwrap();
        let text = |banner: u32| {
            let current = snapshots.current();
            let campaign = Arc::clone(current.campaign(CampaignId(1)).unwrap());
            let prepared = campaign.banner(BannerId(banner)).unwrap().prepared();
            prepared.read(7, || Ok::<_, ()>("made".to_owned())).unwrap().to_owned()
        };
        assert_eq!([text(3), text(4)], ["made", "made"]);
        change(&store, 3, true, |it| it.alt = "New".to_owned()).await;
        snapshots.refresh().await.unwrap();
        let current = snapshots.current();
        let campaign = current.campaign(CampaignId(2)).unwrap();
        let again = |banner: u32| {
            let prepared = campaign.banner(BannerId(banner)).unwrap().prepared();
            prepared.read(7, || Ok::<_, ()>("again".to_owned())).unwrap().to_owned()
        };
        assert_eq!([again(3), again(4)], ["again", "made"]);
    }
}

#[tokio::test]
async fn ladders_after_changes_of_banners_are_what_reading_all_anew_would_be() {
    let mut rng = SmallRng::seed_from_u64(7);
    for store in Store::both().await {
        shared(&store).await;
        let update = "UPDATE campaign_banners SET status = 'paused' \
                      WHERE campaign_id = 2 AND banner_id = 2";
        store.execute(&[update]).await;
        let snapshots = Snapshots::load(store.database.clone()).await.unwrap();
        for _ in 0..10 {
            for _ in 0..rng.random_range(1..4) {
                let (id, has_image) = (rng.random_range(1..=6), rng.random_bool(0.8));
                let status = if rng.random_bool(0.6) { Status::Active } else { Status::Paused };
                let name = format!("{}", rng.random_range(0..9));
                change(&store, id, has_image, |it| {
                    it.status = status;
                    it.name.clone_from(&name);
                })
                .await;
            }
            // A banner that was not there before, in one campaign.
            if rng.random_bool(0.3) {
                let new = rng.random_range(7..=300);
                store.write(catalog(campaign(3), [banner(new)])).await;
            }
            snapshots.refresh().await.unwrap();
            let fresh = Snapshots::load(store.database.clone()).await.unwrap();
            assert_eq!(ladders(&snapshots), ladders(&fresh), "{}", store.url);
            for (campaign, banner) in (1..=3).flat_map(|it| (1..=300).map(move |id| (it, id))) {
                let [one, other] = [&snapshots, &fresh].map(|it| shown(it, campaign, banner));
                assert_eq!(one, other, "{banner} in {campaign}");
            }
        }
    }
}

#[tokio::test]
async fn a_campaign_that_could_not_be_read_is_served_once_its_banner_can_be() {
    for store in Store::both().await {
        shared(&store).await;
        store.execute(&["UPDATE banners SET tags = 'no list' WHERE id = 3"]).await;
        let snapshots = Snapshots::load(store.database.clone()).await.unwrap();
        assert_eq!(snapshots.current().campaigns().count(), 0, "{}", store.url);
        assert!(snapshots.landing_url(BannerId(3)).is_some(), "links to it lead on");
        store
            .execute(&[
                "UPDATE banners SET tags = '[]' WHERE id = 3",
                "INSERT INTO banner_revisions VALUES (3, 100)",
                "INSERT INTO revision_words VALUES (1, 100, 7)",
            ])
            .await;
        snapshots.refresh().await.unwrap();
        assert_eq!(shown(&snapshots, 1, 3).as_deref(), Some("Banner 3"));
        assert_eq!(ladders(&snapshots).len(), 12);
    }
}
