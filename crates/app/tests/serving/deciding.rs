//! The decision for one request.

use std::collections::BTreeSet;

use bams_app::Visitor;
use bams_app::serving::Ask;
use bams_domain::{BannerId, Basis, CampaignId};
use rand::SeedableRng;
use rand::rngs::StdRng;

use crate::world::{World, at, banner, campaign, catalog, shown, visitor};

const NOW: &str = "10:05:00.000";

fn ask(campaign: u32, count: u32) -> Ask {
    Ask { count: Some(count), ..Ask::of(CampaignId(campaign)) }
}

#[tokio::test]
async fn the_same_request_with_the_same_seed_at_the_same_moment_is_answered_the_same() {
    let world = World::new(catalog([campaign(1)], (1..=50).map(banner))).await;
    let mut answers = Vec::new();
    for seed in [1, 1, 2] {
        let (asks, mut rng) = ([ask(1, 10)], StdRng::seed_from_u64(seed));
        let none = BTreeSet::new();
        let deciding = world.serving.decide(Visitor::Untracked, &asks, &none, at(NOW), &mut rng);
        let decided = deciding.await.unwrap();
        answers.push((decided.id, decided.spots[0].banners.clone()));
    }
    assert_eq!(answers[0], answers[1]);
    assert_ne!(answers[0].0, answers[2].0);
    assert_ne!(answers[0].1, answers[2].1);
}

#[tokio::test]
async fn several_spots_are_one_decision_that_shows_no_banner_twice() {
    let world = World::new(catalog([campaign(1), campaign(2)], (1..=8).map(banner))).await;
    let asks = [ask(1, 3), ask(2, 3), ask(1, 50)];
    let excluded = [5, 2].map(BannerId).into();
    let mut rng = StdRng::seed_from_u64(1);
    let deciding = world.serving.decide(Visitor::Untracked, &asks, &excluded, at(NOW), &mut rng);
    let decided = deciding.await.unwrap();
    let sizes: Vec<_> = decided.spots.iter().map(|it| it.banners.len()).collect();
    assert_eq!(sizes, [3, 3, 0]);
    let mut all: Vec<_> = decided.spots.iter().flat_map(shown).collect();
    all.sort_unstable();
    assert_eq!(all, [1, 3, 4, 6, 7, 8]);
}

#[tokio::test]
async fn who_comes_back_sees_what_is_new_to_them_before_anything_comes_again() {
    let mut world = World::new(catalog([campaign(1)], (1..=8).map(banner))).await;
    let known = visitor(1);
    let first = world.decide(Visitor::New(known), &[1], at(NOW)).await.unwrap();
    let second = world.decide(Visitor::Known(known), &[1], at("10:14:59.999")).await.unwrap();
    let (first, second) = (&first.spots[0], &second.spots[0]);
    assert_eq!((first.banners.len(), second.banners.len()), (5, 5));
    let unseen = second.banners.iter().filter(|selected| selected.basis != Basis::NewCycle);
    let new: Vec<_> = unseen.map(|it| it.banner.0).collect();
    assert_eq!(new.len(), 3);
    assert!(new.iter().all(|banner| !shown(first).contains(banner)));
}

#[tokio::test]
async fn who_is_not_to_be_tracked_leaves_no_history() {
    let mut world = World::new(catalog([campaign(1)], (1..=5).map(banner))).await;
    let before = world.serving.history.memory_in_use();
    for _ in 0..3 {
        let spot = world.show(1, at(NOW)).await;
        assert_eq!(shown(&spot), [1, 2, 3, 4, 5]);
        assert!(
            spot.banners.iter().all(|selected| selected.basis == Basis::Random),
            "nothing was seen before"
        );
    }
    assert_eq!(world.serving.history.memory_in_use(), before);
    world.decide(Visitor::New(visitor(1)), &[1], at(NOW)).await.unwrap();
    assert!(world.serving.history.memory_in_use() > before, "of others it does");
}
