//! Campaigns that show nothing, and why.

use bams_app::Visitor;
use bams_app::serving::{Ask, ServingError};
use bams_app::visitors::kept;
use bams_domain::{CampaignId, EmptyReason, Policy, Rule, Status};
use bams_storage::CampaignRecord;

use crate::world::{World, at, banner, campaign, catalog, shown, visitor};

fn with_status(id: u32, status: Status) -> CampaignRecord {
    CampaignRecord { status, ..campaign(id) }
}

#[tokio::test]
async fn a_campaign_opens_and_ends_to_the_second() {
    let (starts_at, ends_at) = (Some(at("10:15:00.000")), Some(at("10:30:00.000")));
    let scheduled = CampaignRecord { starts_at, ends_at, ..campaign(1) };
    let mut world = World::new(catalog([scheduled], [banner(1)])).await;
    for (time, reason) in [
        ("10:14:59.999", Some(EmptyReason::NotStarted)),
        ("10:15:00.000", None),
        ("10:29:59.999", None),
        ("10:30:00.000", Some(EmptyReason::Ended)),
    ] {
        let spot = world.show(1, at(time)).await;
        assert_eq!((spot.reason, spot.banners.is_empty()), (reason, reason.is_some()), "{time}");
    }
}

#[tokio::test]
async fn who_shows_nothing_says_why() {
    let campaigns = [
        with_status(1, Status::Draft),
        with_status(2, Status::Paused),
        with_status(3, Status::Archived),
    ];
    let mut catalog = catalog(campaigns, [banner(1)]);
    catalog.campaigns.push(campaign(4));
    let mut world = World::new(catalog).await;
    for (campaign, reason) in [
        (1, EmptyReason::NotStarted),
        (2, EmptyReason::CampaignPaused),
        (3, EmptyReason::Ended),
        (4, EmptyReason::NoEligibleBanner),
    ] {
        let spot = world.show(campaign, at("10:05:00.000")).await;
        assert_eq!((spot.reason, shown(&spot)), (Some(reason), vec![]), "campaign {campaign}");
    }
    let counted: Vec<_> = world.serving.counters.empty().map(|it| it.1).collect();
    assert_eq!(counted, [1, 1, 1, 1, 0, 0]);
    assert_eq!(world.serving.counters.by_rule().map(|it| it.1).sum::<u64>(), 0);
}

#[tokio::test]
async fn a_closed_spot_takes_nothing_from_its_neighbours() {
    let campaigns = [campaign(1), with_status(2, Status::Paused), campaign(3)];
    let mut world = World::new(catalog(campaigns, (1..=10).map(banner))).await;
    let (known, now) = (visitor(1), at("10:05:00.000"));
    let decided = world.decide(Visitor::Known(known), &[2, 1, 2, 3], now).await.unwrap();

    let spots: Vec<_> =
        decided.spots.iter().map(|spot| (spot.campaign.id.0, spot.reason)).collect();
    let paused = Some(EmptyReason::CampaignPaused);
    assert_eq!(spots, [(2, paused), (1, None), (2, paused), (3, None)]);
    let mut all = [shown(&decided.spots[1]), shown(&decided.spots[3])].concat();
    all.sort_unstable();
    assert_eq!(all, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);

    let kept = kept(&world.serving, known, now).await.unwrap();
    let mut campaigns: Vec<_> = kept.history.iter().map(|it| it.campaign.0).collect();
    campaigns.sort_unstable();
    assert_eq!(campaigns, [1, 3]);
}

#[tokio::test]
async fn an_unknown_campaign_refuses_the_request_before_anything_counts_as_shown() {
    let mut world = World::new(catalog([campaign(1)], [banner(1)])).await;
    let (known, now) = (visitor(1), at("10:05:00.000"));
    let refused = world.decide(Visitor::Known(known), &[1, 77], now).await;
    assert_eq!(refused.unwrap_err(), ServingError::UnknownCampaign(CampaignId(77)));
    assert_eq!(kept(&world.serving, known, now).await.unwrap().history, []);
    assert_eq!(world.serving.counters.by_rule().map(|it| it.1).sum::<u64>(), 0);
}

#[tokio::test]
async fn an_unknown_campaign_that_may_stay_empty_takes_nothing_from_its_neighbours() {
    let mut world = World::new(catalog([campaign(1)], [banner(1), banner(2)])).await;
    let (known, now) = (visitor(1), at("10:05:00.000"));
    let asks = [77, 1, 78].map(|id| Ask { may_be_unknown: true, ..Ask::of(CampaignId(id)) });
    let decided = world.decide_for(Visitor::Known(known), &asks, now).await.unwrap();
    let [unknown, neighbour, other] = &decided.spots[..] else { panic!("{decided:?}") };
    assert_eq!(shown(neighbour), [1, 2]);
    for (spot, id) in [(unknown, 77), (other, 78)] {
        let said = (spot.campaign.id.0, spot.campaign.policy, spot.rule, spot.converting_banners);
        assert_eq!(said, (id, Policy::RevenueLadder, Rule::ClicksThenRandom, 0));
        assert_eq!((spot.reason, shown(spot)), (Some(EmptyReason::UnknownCampaign), vec![]));
    }
    let decided = world.decide_for(Visitor::Known(known), &asks[..1], now).await.unwrap();
    assert_eq!(decided.spots[0].reason, Some(EmptyReason::UnknownCampaign));
    let kept = kept(&world.serving, known, now).await.unwrap();
    assert_eq!(kept.history.iter().map(|it| it.campaign.0).collect::<Vec<_>>(), [1]);
    let counted: Vec<_> = world.serving.counters.empty().map(|it| it.1).collect();
    assert_eq!(counted, [0, 0, 0, 0, 3, 0]);
}

#[tokio::test]
async fn without_credentials_only_what_shows_nothing_is_answered() {
    let catalog = catalog([campaign(1), with_status(2, Status::Paused)], [banner(1)]);
    let mut world = World::new(catalog).await.without_credentials();
    let (known, now) = (visitor(1), at("10:05:00.000"));
    let refused = world.decide(Visitor::Known(known), &[2, 1], now).await;
    assert_eq!(refused.unwrap_err(), ServingError::MissingCredentials);
    assert_eq!(kept(&world.serving, known, now).await.unwrap().history, []);
    assert_eq!(world.show(2, now).await.reason, Some(EmptyReason::CampaignPaused));
}
