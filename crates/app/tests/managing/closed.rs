//! Why a campaign shows nothing.

use bams_app::managing::{CampaignFields, Closed, Precondition};
use bams_domain::{BannerId, CampaignId, EmptyReason, Policy, Quarter, Status, left_out};
use bams_storage::{
    BannerRecord, CampaignFilter, CampaignRecord, Catalog, CatalogSort, PageRequest, campaign,
    campaigns, ranking,
};

use crate::world::{NOW, World, ada};

const BANNER: BannerId = BannerId(5);

fn record(id: u32) -> CampaignRecord {
    CampaignRecord {
        id: CampaignId(id),
        name: format!("Campaign {id}"),
        status: Status::Active,
        starts_at: None,
        ends_at: None,
        policy: Policy::RevenueLadder,
        tags: Vec::new(),
    }
}

fn banner(id: u32, status: Status, has_image: bool) -> BannerRecord {
    BannerRecord {
        id: BannerId(id),
        name: format!("Banner {id}"),
        status,
        landing_url: None,
        alt: String::new(),
        size: None,
        tags: Vec::new(),
        image_key: has_image.then(|| "a.png".to_owned()),
    }
}

#[tokio::test]
async fn a_closed_campaign_says_why_since_when_and_until_when() {
    for world in World::both().await {
        let banners = vec![banner(BANNER.0, Status::Active, true)];
        let catalog = Catalog {
            campaigns: vec![record(1), record(2)],
            banners,
            attached: vec![(CampaignId(1), BANNER)],
        };
        catalog.write(&world.database, NOW).await.unwrap();
        let closed = async |id: u32, at: i64| {
            let found = campaign(&world.database, CampaignId(id)).await.unwrap().unwrap();
            let closed = Closed::at(&found, at);
            let ranked = ranking(&world.database, CampaignId(id), Quarter::First, |_, _| false)
                .await
                .unwrap();
            assert_eq!(Closed::at(&ranked.unwrap().campaign, at), closed, "the ranking agrees");
            closed
        };
        let is = |reason: EmptyReason, since: Option<i64>, until: Option<i64>| {
            Some(Closed { reason, since, until })
        };
        let change = async |now: i64, said: CampaignFields| {
            let change = world.managing.change_campaign(
                ada(),
                CampaignId(1),
                Precondition::Anything,
                said,
                now,
            );
            change.await.unwrap();
        };
        let status = |status| CampaignFields { status: Some(status), ..CampaignFields::default() };
        assert_eq!(closed(1, NOW).await, None);
        assert_eq!(closed(2, NOW).await, is(EmptyReason::NoEligibleBanner, None, None));

        change(NOW + 10, status(Status::Paused)).await;
        let notes = CampaignFields { notes: Some("x".to_owned()), ..CampaignFields::default() };
        change(NOW + 20, notes).await;
        let paused = is(EmptyReason::CampaignPaused, Some(NOW + 10), None);
        assert_eq!(closed(1, NOW + 30).await, paused, "since it was paused, not since the notes");
        change(NOW + 40, status(Status::Draft)).await;
        let draft = is(EmptyReason::NotStarted, Some(NOW + 40), None);
        assert_eq!(closed(1, NOW + 50).await, draft);
        change(NOW + 60, status(Status::Archived)).await;
        assert_eq!(closed(1, NOW + 70).await, is(EmptyReason::Ended, Some(NOW + 60), None));

        let (starts_at, ends_at) = (NOW + 60_500, NOW + 120_000);
        let scheduled = CampaignFields {
            starts_at: Some(Some(starts_at)),
            ends_at: Some(Some(ends_at)),
            ..status(Status::Active)
        };
        change(NOW + 80, scheduled).await;
        let later = is(EmptyReason::NotStarted, None, Some(starts_at));
        assert_eq!(closed(1, NOW + 59_999).await, later);
        assert_eq!(closed(1, NOW + 60_000).await, None, "it starts with the second");
        assert_eq!(closed(1, ends_at).await, is(EmptyReason::Ended, Some(ends_at), None));
    }
}

/// The condition stands in SQL for lists, and in the domain for what is served.
#[tokio::test]
async fn a_list_knows_which_campaigns_have_a_banner_to_show() {
    for world in World::both().await {
        let mut cases = Vec::new();
        for status in Status::ALL {
            for in_campaign in [Status::Active, Status::Paused] {
                cases.extend([true, false].map(|has_image| (status, in_campaign, has_image)));
            }
        }
        let numbered = || (1_u32..).zip(cases.iter().copied());
        let catalog = Catalog {
            campaigns: numbered().map(|(id, _)| record(id)).collect(),
            banners: numbered().map(|(id, it)| banner(id, it.0, it.2)).collect(),
            attached: Vec::new(),
        };
        catalog.write(&world.database, NOW).await.unwrap();
        for (id, (_, in_campaign, _)) in numbered() {
            world.attach(CampaignId(id), &[BannerId(id)], in_campaign).await;
        }
        let page = PageRequest { sort: CatalogSort::Id, descending: false, after: None, limit: 99 };
        let found = campaigns(&world.database, &CampaignFilter::default(), &page).await.unwrap();
        let listed: Vec<_> = found.items.iter().map(|it| it.has_eligible_banner).collect();
        let expected = cases.iter().map(|&(status, there, image)| left_out(status, there, image));
        assert_eq!(listed, expected.map(|reason| reason.is_none()).collect::<Vec<_>>());
        assert!(listed.contains(&true) && listed.contains(&false));
        for kept in found.items {
            assert_eq!(campaign(&world.database, kept.id).await.unwrap(), Some(kept));
        }
    }
}
