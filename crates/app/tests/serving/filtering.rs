//! Events that do not count, and why.

use bams_app::tracking::{Caller, TrackingError, TrafficSettings};
use bams_domain::Quarter;
use bams_storage::{BannerRecord, EventKind, FilterReason};

use crate::world::{LINK_TTL, World, at, banner, campaign, catalog, visitor};

const NOW: &str = "10:05:00.000";

async fn world(traffic: TrafficSettings) -> World {
    World::with(catalog([campaign(1)], [banner(1)]), traffic).await
}

impl World {
    /// Loads the pixel of one showing, which was made and seen at a moment.
    async fn see(&self, number: u8, caller: &Caller, now: i64) {
        self.tracking.impression(&self.token(1, 1, number, now), caller, now).await.unwrap();
    }

    fn impressions(&self) -> u64 {
        self.tracking.events.counters().accepted(EventKind::Impression)
    }

    fn filtered(&self, reason: FilterReason) -> u64 {
        self.tracking.events.counters().filtered(reason)
    }
}

#[tokio::test]
async fn a_link_counts_up_to_the_millisecond_in_which_it_expires() {
    let world = world(TrafficSettings::default()).await;
    let (made, caller) = (at(NOW), Caller::default());
    let ends = made + i64::try_from(LINK_TTL.as_millis()).unwrap();
    for (number, now, expired) in [(1, ends - 1, 0), (2, ends, 1), (3, i64::MAX / 2, 2)] {
        let token = world.token(1, 1, number, made);
        world.tracking.impression(&token, &caller, now).await.unwrap();
        assert_eq!((world.impressions(), world.filtered(FilterReason::Expired)), (1, expired));
    }
    let token = world.token(1, 1, 4, made);
    let leads = world.tracking.click(&token, &caller, ends).await.unwrap();
    assert!(leads.starts_with("https://shop.example/?click="), "an expired click leads on");
    assert_eq!(world.filtered(FilterReason::Expired), 3);
    assert_eq!(world.clicks_in(1, Quarter::First).await, 0);
}

#[tokio::test]
async fn neither_heads_nor_prefetching_browsers_nor_bots_are_people() {
    let bots = vec!["gptbot".to_owned()];
    let world = world(TrafficSettings { bots, ..TrafficSettings::default() }).await;
    let person =
        Caller { agent: Some("Mozilla/5.0 Firefox/115.0".to_owned()), ..Caller::default() };
    let bot = Caller { agent: Some("GPTBot/1.2".to_owned()), ..person.clone() };
    let ahead = Caller { is_ahead: true, ..person.clone() };
    let head = Caller { wants_head_only: true, is_ahead: true, ..bot.clone() };
    let cases =
        [(head, FilterReason::Head), (ahead, FilterReason::Prefetch), (bot, FilterReason::Bot)];
    for (caller, reason) in cases {
        world.see(1, &caller, at(NOW)).await;
        assert_eq!((world.impressions(), world.filtered(reason)), (0, 1), "{reason:?}");
        let token = world.token(1, 1, 1, at(NOW));
        world.tracking.click(&token, &caller, at(NOW)).await.unwrap();
        assert_eq!(world.filtered(reason), 2, "{reason:?}");
    }
    world.see(1, &person, at(NOW)).await;
    world.see(1, &person, at(NOW)).await;
    assert_eq!((world.impressions(), world.filtered(FilterReason::Duplicate)), (1, 1));
    assert_eq!(world.clicks_in(1, Quarter::First).await, 0);
}

#[tokio::test]
async fn a_visitor_who_sends_more_than_a_person_would_counts_again_as_time_goes_by() {
    let limits = TrafficSettings { visitor_limit: 3, ..TrafficSettings::default() };
    let world = world(limits).await;
    let one = Caller { visitor: Some(visitor(1)), ..Caller::default() };
    for number in 0..5 {
        world.see(number, &one, at("10:05:00.000")).await;
    }
    assert_eq!((world.impressions(), world.filtered(FilterReason::Burst)), (3, 2));
    world.see(5, &one, at("10:05:19.999")).await;
    assert_eq!((world.impressions(), world.filtered(FilterReason::Burst)), (3, 3));
    world.see(6, &one, at("10:05:20.000")).await;
    assert_eq!((world.impressions(), world.filtered(FilterReason::Burst)), (4, 3));
    let unknown = Caller::default();
    for number in 10..20 {
        world.see(number, &unknown, at("10:05:20.000")).await;
    }
    assert_eq!(world.impressions(), 14, "nobody limits who is nobody");
}

#[tokio::test]
async fn one_address_does_not_count_more_often_by_being_many_visitors() {
    let limits = TrafficSettings { address_limit: 4, ..TrafficSettings::default() };
    let world = world(limits).await;
    for number in 0..10 {
        let address = Some("203.0.113.7".parse().unwrap());
        let caller = Caller { visitor: Some(visitor(number)), address, ..Caller::default() };
        world.see(number, &caller, at(NOW)).await;
    }
    assert_eq!((world.impressions(), world.filtered(FilterReason::Burst)), (4, 6));
}

#[tokio::test]
async fn a_link_that_is_not_ours_counts_nowhere_but_among_the_forged() {
    let world = world(TrafficSettings::default()).await;
    let mut forged = world.token(1, 1, 1, at(NOW));
    let changed = if forged.starts_with('A') { "B" } else { "A" };
    forged.replace_range(..1, changed);
    for token in [forged.as_str(), "AAAA", ""] {
        let seen = world.tracking.impression(token, &Caller::default(), at(NOW)).await;
        assert!(matches!(seen, Err(TrackingError::UnknownLink)), "{token}");
        let clicked = world.tracking.click(token, &Caller::default(), at(NOW)).await;
        assert!(matches!(clicked, Err(TrackingError::UnknownLink)), "{token}");
    }
    assert_eq!(world.tracking.counters.forged(), 6);
    assert_eq!(world.impressions(), 0);
}

#[tokio::test]
async fn a_click_names_itself_where_it_leads_and_one_that_leads_nowhere_does_not_count() {
    let nowhere = BannerRecord { landing_url: None, ..banner(2) };
    let world = World::new(catalog([campaign(1)], [banner(1), nowhere])).await;
    let (now, caller) = (at(NOW), Caller::default());
    let leads = world.tracking.click(&world.token(1, 1, 7, now), &caller, now).await.unwrap();
    let id = crate::world::showing(1, 1, 7, now).click_id();
    assert_eq!(leads, format!("https://shop.example/?click={id}"));
    let clicked = world.tracking.click(&world.token(1, 2, 7, now), &caller, now).await;
    assert!(matches!(clicked, Err(TrackingError::UnknownLink)));
    assert_eq!(world.filtered(FilterReason::NoLandingUrl), 1);
    assert_eq!(world.clicks_in(1, Quarter::First).await, 1);
}
