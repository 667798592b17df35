//! What is kept of a visitor.

use bams_app::Visitor;
use bams_app::visitors::{KeptVisitor, PreferenceFields, VisitorsError, forget, kept, prefer};
use bams_domain::{BannerId, Preferences};
use bams_storage::BannerRecord;

use crate::world::{World, at, banner, campaign, catalog, shown, visitor};

const NOW: &str = "10:05:00.000";

fn tags(words: &[&str]) -> Vec<String> {
    words.iter().map(ToString::to_string).collect()
}

#[tokio::test]
async fn what_a_visitor_refuses_is_shown_to_all_others() {
    let gambling = BannerRecord { tags: tags(&["gambling"]), ..banner(3) };
    let banners = [banner(1), banner(2), gambling, banner(4)];
    let mut world = World::new(catalog([campaign(1)], banners)).await;
    let (one, other, now) = (visitor(1), visitor(2), at(NOW));
    let wishes = Preferences::new(vec![], tags(&["gambling"]), vec![BannerId(4)]);
    let said = PreferenceFields {
        blocked_tags: Some(tags(&["gambling"])),
        hidden_banners: Some(vec![4]),
        ..PreferenceFields::default()
    };
    let kept = prefer(&world.serving, one, said, now).await.unwrap().unwrap();
    assert_eq!((&*kept.preferences, kept.expires_at), (&wishes, now + 24 * 3600 * 1000));

    let decided = world.decide(Visitor::Known(one), &[1], now).await.unwrap();
    assert_eq!(shown(&decided.spots[0]), [1, 2]);
    let (_, banner) = decided.spots[0].shown().next().unwrap();
    assert_eq!(decided.prefers(banner), Some(false));
    for visitor in [Visitor::Known(other), Visitor::Untracked] {
        let decided = world.decide(visitor, &[1], now).await.unwrap();
        assert_eq!(shown(&decided.spots[0]), [1, 2, 3, 4]);
        let (_, banner) = decided.spots[0].shown().next().unwrap();
        assert_eq!(decided.prefers(banner), None);
    }
}

#[tokio::test]
async fn who_is_forgotten_is_as_one_who_was_never_here() {
    let mut world = World::new(catalog([campaign(1)], (1..=10).map(banner))).await;
    let (one, now) = (visitor(1), at(NOW));
    let said = PreferenceFields { hidden_banners: Some(vec![4]), ..PreferenceFields::default() };
    prefer(&world.serving, one, said, now).await.unwrap();
    world.decide(Visitor::Known(one), &[1], now).await.unwrap();
    let before = kept(&world.serving, one, now).await.unwrap();
    assert_eq!((before.preferences.is_some(), before.history.len()), (true, 1));

    forget(&world.serving, one, now).await.unwrap();
    assert_eq!(kept(&world.serving, one, now).await.unwrap(), KeptVisitor::default());
}

#[tokio::test]
async fn asking_for_nothing_keeps_nothing() {
    let world = World::new(catalog([campaign(1)], [banner(1)])).await;
    let (one, now) = (visitor(1), at(NOW));
    assert_eq!(prefer(&world.serving, one, PreferenceFields::default(), now).await.unwrap(), None);
    assert_eq!(kept(&world.serving, one, now).await.unwrap(), KeptVisitor::default());
}

#[tokio::test]
async fn everything_wrong_with_preferences_is_said_at_once() {
    let world = World::new(catalog([campaign(1)], [banner(1)])).await;
    let said = PreferenceFields {
        preferred_tags: Some(tags(&["fine", "a,b"])),
        blocked_tags: Some(tags(&[""])),
        hidden_banners: Some(vec![1; 201]),
    };
    let refused = prefer(&world.serving, visitor(1), said, at(NOW)).await;
    let Err(VisitorsError::Invalid(violations)) = refused else { panic!("{refused:?}") };
    let broken: Vec<_> = violations.iter().map(|it| (it.pointer.as_str(), it.code)).collect();
    let expected = [
        ("/preferred_tags/1", "comma"),
        ("/blocked_tags/0", "out_of_range"),
        ("/hidden_banners", "out_of_range"),
    ];
    assert_eq!(broken, expected);
    assert_eq!(kept(&world.serving, visitor(1), at(NOW)).await.unwrap(), KeptVisitor::default());
}
