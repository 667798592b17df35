//! A day has come when more than a clock says so.

use bams_domain::Slot;
use bams_storage::certain_day;

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
