//! A request that is sent again does nothing twice, also when both arrive at once.

use bams_domain::{Policy, Status};
use bams_storage::{
    Actor, Begun, CampaignFilter, CampaignSettings, CatalogSort, Change, Claim, Database,
    EarlierUse, PageRequest, StoredAnswer, campaigns, earlier_use,
};

use crate::stores::{NOW, Store};

const DAY: i64 = 24 * 60 * 60 * 1000;

fn claim(fingerprint: &str) -> Claim {
    Claim {
        key_id: "4f1d0a7be2c35968".into(),
        idempotency_key: "order 7".into(),
        fingerprint: fingerprint.into(),
    }
}

async fn begin(database: &Database, fingerprint: &str, now: i64) -> Begun {
    let actor = Actor::command_line();
    Change::begin_once(database, actor, now, claim(fingerprint)).await.unwrap()
}

/// Creates a campaign unless the request was answered before.
async fn create(database: &Database) -> StoredAnswer {
    match begin(database, "one", NOW).await {
        Begun::Fresh(mut change) => {
            let settings = CampaignSettings {
                name: "Once".into(),
                status: Status::Active,
                starts_at: None,
                ends_at: None,
                policy: Policy::RevenueLadder,
                page_size: None,
                tags: Vec::new(),
                notes: String::new(),
            };
            let campaign = change.create_campaign(settings).await.unwrap();
            let answer = StoredAnswer {
                code: 201,
                place: Some(format!("/campaigns/{}", campaign.id)),
                version: Some("\"1\"".into()),
                body: "{}".into(),
            };
            change.commit_answered(answer.clone()).await.unwrap();
            answer
        }
        Begun::Answered(answer) => answer,
        Begun::Reused => panic!("it is the same request"),
    }
}

async fn count(database: &Database) -> usize {
    let page = PageRequest { sort: CatalogSort::Id, descending: false, after: None, limit: 99 };
    campaigns(database, &CampaignFilter::default(), &page).await.unwrap().items.len()
}

#[tokio::test]
async fn many_at_once_create_one() {
    for store in Store::both().await {
        let other = store.other_process().await;
        let creating: Vec<_> = [&store.database, &other]
            .into_iter()
            .cycle()
            .take(8)
            .cloned()
            .map(|database| tokio::spawn(async move { create(&database).await }))
            .collect();
        let mut answers = Vec::new();
        for answer in creating {
            answers.push(answer.await.unwrap());
        }
        assert!(answers.iter().all(|it| *it == answers[0]), "{answers:?}");
        assert_eq!(count(&store.database).await, 1);
    }
}

#[tokio::test]
async fn a_key_belongs_to_one_request_for_a_day() {
    for store in Store::both().await {
        let database = &store.database;
        let before =
            async |fingerprint, now| earlier_use(database, &claim(fingerprint), now).await.unwrap();
        assert_eq!(before("one", NOW).await, EarlierUse::None);
        let first = create(database).await;
        assert_eq!(before("one", NOW + DAY).await, EarlierUse::Same(first.clone()));
        assert_eq!(before("one", NOW + DAY + 1).await, EarlierUse::None);
        assert_eq!(before("another", NOW).await, EarlierUse::Other);
        assert!(matches!(begin(database, "another", NOW).await, Begun::Reused));
        let soon = begin(database, "one", NOW + DAY).await;
        assert!(matches!(soon, Begun::Answered(answer) if answer == first));
        assert!(matches!(begin(database, "another", NOW + DAY + 1).await, Begun::Fresh(_)));
    }
}

#[tokio::test]
async fn a_clock_that_is_ahead_forgets_no_answer() {
    for store in Store::both().await {
        let first = create(&store.database).await;
        let other = Claim { idempotency_key: "order 8".into(), ..claim("other") };
        let ahead =
            Change::begin_once(&store.database, Actor::command_line(), NOW + 40 * DAY, other);
        let Begun::Fresh(change) = ahead.await.unwrap() else { panic!("a new key is fresh") };
        change.commit_answered(first.clone()).await.unwrap();
        let again = begin(&store.database, "one", NOW + 1).await;
        assert!(matches!(&again, Begun::Answered(answer) if *answer == first), "{again:?}");
    }
}

#[tokio::test]
async fn what_failed_may_be_sent_again() {
    for store in Store::both().await {
        let database = &store.database;
        drop(begin(database, "one", NOW).await);
        create(database).await;
        assert_eq!(count(database).await, 1);
    }
}
