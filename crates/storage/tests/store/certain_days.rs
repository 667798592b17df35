//! A time has come when more than a clock says so.

use bams_domain::Slot;
use bams_storage::{certain_day, certain_time};

use crate::events::slot;
use crate::stores::Store;

#[tokio::test]
async fn days_come_when_three_days_with_counts_vouch_for_them() {
    const DAY: i64 = 24 * 60 * 60;
    for store in Store::both().await {
        let day = slot().number() - slot().number() % 96;
        let count = async |days: i64| {
            let slot = day + 96 * days + 5;
            let row = format!("INSERT INTO performance VALUES (1, 1, {slot}, 0, 1, 0, 0)");
            store.execute(&[&row]).await;
        };
        let certain = async |ago: i64, now: i64| {
            let now = Slot::from_number(day).starts_at() + now * DAY + 40_000;
            let found = certain_day(&store.database, ago * DAY, now * 1000).await.unwrap();
            found.map(|slot| (slot.number() - day) / 96)
        };
        count(-30).await;
        assert_eq!(certain(10, 3).await, None);
        count(0).await;
        count(1).await;
        assert_eq!(certain(10, 1).await, Some(-37), "the third newest is 30 days old");
        count(2).await;
        assert_eq!(certain(10, 2).await, Some(-8));
        // A start with a clock that is 100 days ahead.
        count(102).await;
        assert_eq!(certain(10, 102).await, Some(-6));
        assert_eq!(certain(10, 2).await, Some(-8));
    }
}

#[tokio::test]
async fn a_time_that_the_clock_of_the_database_does_not_know_has_not_come() {
    // The clock of no database of a test is before or after these.
    const IN_2024: i64 = 1_704_067_200;
    const IN_2100: i64 = 4_102_444_800;
    for store in Store::both().await {
        // The clock of a node is wrong, and so is what it counted.
        let slot = Slot::at(IN_2100).number();
        store
            .execute(&[&format!("INSERT INTO performance VALUES (1, 1, {slot}, 0, 1, 0, 0)")])
            .await;
        let certain = certain_time(&store.database, IN_2100 * 1000).await.unwrap().unwrap();
        assert!((IN_2024 * 1000..IN_2100 * 1000).contains(&certain), "{}: {certain}", store.url);
        assert_eq!(certain_time(&store.database, 7).await.unwrap(), Some(7));

        let closed = store.other_process().await;
        closed.clone().close().await.unwrap();
        let asked = certain_time(&closed, IN_2100 * 1000).await;
        assert!(asked.is_err(), "{}: nobody was asked", store.url);
    }
}
