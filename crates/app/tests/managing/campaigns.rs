//! The rules of campaigns.

use bams_app::managing::{CampaignFields, ManagingError, Precondition};
use bams_domain::{CampaignId, Policy, Status};
use bams_storage::{CampaignSettings, campaign};

use crate::world::{NOW, World, ada, broken, half_read, made, named};

#[tokio::test]
async fn a_campaign_is_what_is_said_about_it_and_the_rest_is_as_usual() {
    let world = World::new().await;
    let said = CampaignFields {
        name: Some("  Spring shoes ".to_owned()),
        page_size: Some(Some(50)),
        tags: Some(["shoes", " spring", "shoes "].map(str::to_owned).into()),
        ..CampaignFields::default()
    };
    let created = made(world.managing.create_campaign(ada(), said, None, NOW).await.unwrap());
    let expected = CampaignSettings {
        name: "Spring shoes".to_owned(),
        status: Status::Active,
        starts_at: None,
        ends_at: None,
        policy: Policy::RevenueLadder,
        page_size: Some(50),
        tags: ["shoes", "spring"].map(str::to_owned).into(),
        notes: String::new(),
    };
    assert_eq!((&created.settings, created.version, created.created_at), (&expected, 1, NOW));
    let kept = campaign(&world.database, created.id).await.unwrap();
    assert_eq!(kept.as_ref(), Some(&created));
    let log = world.log().await;
    let entry = (log[0].actor_name.as_str(), log[0].action.as_str(), log[0].at, log.len());
    assert_eq!(entry, ("Ada", "create", NOW, 1));
}

#[tokio::test]
async fn everything_that_is_wrong_is_said_at_once_in_the_order_of_the_fields() {
    let world = World::new().await;
    let said = CampaignFields {
        name: Some("a\nb".to_owned()),
        ends_at: Some(Some(NOW)),
        page_size: Some(Some(51)),
        tags: Some(["a,b", &"x".repeat(51), "fine"].map(str::to_owned).into()),
        notes: Some("\u{0}".to_owned()),
        ..CampaignFields::default()
    };
    let unread = [
        ("/colour", "unknown_field"),
        ("/tags/1", "not_a_text"),
        ("/starts_at", "not_a_moment"),
        ("/status", "unknown_value"),
    ];
    let draft = half_read(said, &unread);
    let refused = world.managing.create_campaign(ada(), draft, None, NOW).await;
    let expected = [
        ("/name", "control_character"),
        ("/status", "unknown_value"),
        ("/starts_at", "not_a_moment"),
        ("/page_size", "out_of_range"),
        ("/tags/0", "comma"),
        ("/tags/1", "not_a_text"),
        ("/tags/2", "out_of_range"),
        ("/notes", "control_character"),
        ("/colour", "unknown_field"),
    ];
    assert_eq!(broken(refused), expected.map(|(pointer, code)| (pointer.to_owned(), code)));
    let hidden = CampaignFields {
        tags: Some(["sale\u{200b}", "میخواهم", "می\u{200c}خواهم"].map(str::to_owned).into()),
        notes: Some("first\n\u{2067}second".to_owned()),
        ..named("gpj.\u{202e}evil")
    };
    let refused = world.managing.create_campaign(ada(), hidden, None, NOW).await;
    let expected = ["/name", "/tags/0", "/notes"].map(|it| (it.to_owned(), "hidden_character"));
    assert_eq!(broken(refused), expected);
    let nothing = world.managing.create_campaign(ada(), CampaignFields::default(), None, NOW);
    assert_eq!(broken(nothing.await), [("/name".to_owned(), "missing")]);
    let unread = half_read(CampaignFields::default(), &[("/name", "not_a_text")]);
    let refused = world.managing.create_campaign(ada(), unread, None, NOW).await;
    assert_eq!(broken(refused), [("/name".to_owned(), "not_a_text")], "it is not missing, too");
    let many = CampaignFields { tags: Some(vec!["x".to_owned(); 21]), ..named("Many") };
    let refused = world.managing.create_campaign(ada(), many, None, NOW).await;
    assert_eq!(broken(refused), [("/tags".to_owned(), "out_of_range")]);
    assert_eq!(world.campaigns().await, [""; 0]);
}

#[tokio::test]
async fn a_campaign_ends_after_it_begins_whatever_was_said_first() {
    let world = World::new().await;
    let both = |starts_at: i64, ends_at: i64| CampaignFields {
        starts_at: Some(Some(starts_at)),
        ends_at: Some(Some(ends_at)),
        ..named("Summer")
    };
    let before_start = [("/ends_at".to_owned(), "before_start")];
    let refused = world.managing.create_campaign(ada(), both(NOW, NOW), None, NOW).await;
    assert_eq!(broken(refused), before_start);
    let created = world.managing.create_campaign(ada(), both(NOW, NOW + 1), None, NOW).await;
    let id = made(created.unwrap()).id;
    let change = async |said: CampaignFields| {
        world.managing.change_campaign(ada(), id, Precondition::Anything, said, NOW).await
    };
    let late = CampaignFields { starts_at: Some(Some(NOW + 1)), ..CampaignFields::default() };
    assert_eq!(broken(change(late.clone()).await), before_start);
    let endless = CampaignFields { ends_at: Some(None), ..late };
    let settings = change(endless).await.unwrap().settings;
    assert_eq!((settings.starts_at, settings.ends_at), (Some(NOW + 1), None));
}

#[tokio::test]
async fn a_change_builds_on_the_version_that_was_seen() {
    let world = World::new().await;
    let id = world.campaign("Shoes").await.id;
    let seen = |version: i64| Precondition::Seen(vec![version.into()]);
    let change = async |precondition: Precondition, name: &str| {
        world.managing.change_campaign(ada(), id, precondition, named(name), NOW + 1).await
    };
    let changed = change(seen(1), "Boots").await.unwrap();
    assert_eq!((changed.version, changed.updated_at), (2, NOW + 1));
    // An outdated version is reported before a violation.
    let outdated = change(seen(1), "").await;
    let Err(ManagingError::Outdated { current }) = outdated else { panic!("{outdated:?}") };
    assert_eq!(current, Some(2.into()));
    let archive = world.managing.archive_campaign(ada(), id, seen(1), NOW + 2).await;
    assert!(matches!(archive, Err(ManagingError::Outdated { .. })), "{archive:?}");
    assert_eq!(
        change(Precondition::Something, "Boots").await.unwrap().version,
        2,
        "nothing changed"
    );
    let archived = world.managing.archive_campaign(ada(), id, seen(2), NOW + 2).await.unwrap();
    assert_eq!((archived.version, archived.settings.status), (3, Status::Archived));
    let unknown = CampaignId(id.0 + 1);
    let missing = world
        .managing
        .change_campaign(ada(), unknown, Precondition::Anything, named(""), NOW)
        .await;
    assert!(matches!(missing, Err(ManagingError::UnknownCampaign(it)) if it == unknown));
    let actions = world.log().await.into_iter().map(|it| it.action).collect::<Vec<_>>();
    assert_eq!(actions, ["create", "change", "change"]);
}
