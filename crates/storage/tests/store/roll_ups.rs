//! Roll-ups and what is beyond their mark are always all that counts.

use bams_domain::{BannerId, CampaignId, Quarter, Slot};
use bams_storage::{
    Actor, Booked, Database, Dimension, LocalTime, Period, Place, Repair, Report, ReportQuery,
    RollUp, SortKey, condense, count_differences, report, roll_up, verify,
};
use rand::{RngExt, SeedableRng, rngs::SmallRng};

use crate::condensing::filter_events;
use crate::events::{assert_reconciled, node, showing, slot, stores};
use crate::naive::{DAY, groupings, query, with_performance};
use crate::stores::{NOW, Store};
use crate::verifying::with_events;

/// UTC, a local time that is an hour ahead and changes twice, and one whose hours begin elsewhere.
fn times() -> [LocalTime; 3] {
    let changes = [(Slot::from_number(DAY - 60), 8), (Slot::from_number(DAY + 100), 4)];
    [LocalTime::utc(), LocalTime::new(4, changes), LocalTime::new(23, [])]
}

/// A report of any kind.
fn any_query(rng: &mut SmallRng) -> ReportQuery {
    let group_by = groupings().nth(rng.random_range(0..32)).unwrap();
    let sorts: Vec<_> = SortKey::ALL
        .into_iter()
        .filter(|it| !matches!(it, SortKey::Dimension(it) if !group_by.contains(it)))
        .collect();
    let mut some =
        |most: u32| -> Vec<u32> { (1..=most).filter(|_| rng.random_range(0..3) == 0).collect() };
    let campaigns = some(3).into_iter().map(CampaignId).collect();
    let banners = some(4).into_iter().map(BannerId).collect();
    let quarters = some(4).into_iter().map(|it| Quarter::ALL[it as usize - 1]).collect();
    let step = [1, 4, 96][rng.random_range(0..3)];
    let from = DAY + rng.random_range(-3 * 96 / step..2 * 96 / step) * step;
    let to = from + rng.random_range(1..=3 * 96 / step) * step;
    let end = |slot, is_open: bool| (!is_open).then(|| Slot::from_number(slot));
    let period = Period {
        from: end(from, rng.random_range(0..4) == 0),
        to: end(to, rng.random_range(0..4) == 0),
    };
    ReportQuery {
        campaigns,
        banners,
        quarters,
        period,
        local: times()[rng.random_range(0..3)].clone(),
        compared: period.from.and(period.to).is_some() && rng.random(),
        sort: sorts[rng.random_range(0..sorts.len())],
        descending: rng.random(),
        ..query(&group_by)
    }
}

async fn answers(database: &Database, queries: &[ReportQuery]) -> Vec<Report> {
    let mut answers = Vec::new();
    for query in queries {
        let mut after = None;
        loop {
            let page = report(database, query, after.as_ref(), 97).await.unwrap();
            after.clone_from(&page.next);
            answers.push(page);
            if after.is_none() {
                break;
            }
        }
    }
    answers
}

#[tokio::test]
async fn a_report_is_the_same_wherever_the_mark_is() {
    let mut rng = SmallRng::seed_from_u64(15);
    let queries: Vec<_> = (0..40).map(|_| any_query(&mut rng)).collect();
    for store in Store::both().await {
        with_performance(&store, 8).await;
        filter_events(&store).await;
        let expected = answers(&store.database, &queries).await;
        for until in [DAY - 300, DAY - 77, DAY + 17, DAY + 96 * 20] {
            assert!(roll_up(&store.database, Slot::from_number(until)).await.unwrap() > 0);
            let found = answers(&store.database, &queries).await;
            for (found, expected) in found.iter().zip(&expected) {
                assert_eq!(found, expected, "{until} {}", store.url);
            }
            assert_eq!(found.len(), expected.len());
        }
        assert_eq!(roll_up(&store.database, Slot::from_number(DAY)).await.unwrap(), 0);
    }
}

#[tokio::test]
async fn what_comes_for_closed_slots_is_added_to_their_sums() {
    for store in Store::both().await {
        roll_up(&store.database, Slot::from_number(slot().number() + 2)).await.unwrap();
        with_events(&store).await;
        assert_reconciled(&store).await;
        let rows = store.rows("SELECT level, COUNT(*) FROM performance_roll_ups GROUP BY level");
        // Quarters 1 and 2 are closed, in two campaigns with three banners together.
        assert_eq!(rows.await, ["1 2", "2 3", "3 3", "4 3", "5 4"], "{}", store.url);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_acknowledged_is_in_a_report_while_slots_are_closed() {
    for store in stores().await {
        let (node, other) = (node(&store.database), store.other_process().await);
        let first = slot().number();
        let closing = tokio::spawn(async move {
            for until in first - 2..first + 40 {
                roll_up(&other, Slot::from_number(until)).await.unwrap();
            }
        });
        let (mut acknowledged, totals) = (0, query(&[]));
        while acknowledged < 60 || !closing.is_finished() {
            let number = u32::try_from(acknowledged).unwrap();
            let at = Slot::from_number(first + i64::from(number % 60));
            assert_eq!(node.click(showing(number), at).await, Ok(Booked::Counted));
            acknowledged += 1;
            for group_by in [vec![], vec![Dimension::Campaign], vec![Dimension::Banner]] {
                let query = ReportQuery { group_by, ..totals.clone() };
                let found = report(&store.database, &query, None, 10).await.unwrap();
                let clicks: u64 =
                    found.rows.iter().map(|it| it.sums.current.performance.clicks).sum();
                let all = found.totals.current.performance.clicks;
                assert_eq!(all, acknowledged, "{}", store.url);
                assert!(query.group_by.is_empty() || clicks == all, "{query:?}");
            }
        }
        closing.await.unwrap();
        assert_reconciled(&store).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_slot_that_is_summed_up_in_parts_is_whole_at_every_moment() {
    for store in Store::both().await {
        let values = |campaign: u32, banners: u32| {
            let row = |banner| format!("({campaign}, {banner}, {DAY}, 1, 0, 0, 0)");
            (1..=banners).map(row).collect::<Vec<_>>().join(", ")
        };
        for (campaign, banners) in [(1, 3_000), (2, 5_000), (3, 100)] {
            let insert = format!("INSERT INTO performance VALUES {}", values(campaign, banners));
            store.execute(&[&insert]).await;
        }
        let (other, end) = (store.other_process().await, Slot::from_number(DAY + 1));
        let closing = tokio::spawn(async move { roll_up(&other, end).await.unwrap() });
        let sort = SortKey::Impressions;
        let by_campaign = ReportQuery { sort, ..query(&[Dimension::Campaign]) };
        loop {
            let is_closed = closing.is_finished();
            let found = report(&store.database, &by_campaign, None, 10).await.unwrap();
            let shown = |it: &bams_storage::ReportRow| it.sums.current.performance.impressions;
            let shown: Vec<_> = found.rows.iter().map(shown).collect();
            assert_eq!(shown, [5_000, 3_000, 100], "{}", store.url);
            assert_eq!(found.totals.current.performance.impressions, 8_100, "{}", store.url);
            if is_closed {
                break;
            }
        }
        assert!(closing.await.unwrap() >= 3, "{}", store.url);
    }
}

#[tokio::test]
async fn a_roll_up_that_somebody_changed_is_named_and_mended() {
    for store in Store::both().await {
        with_events(&store).await;
        filter_events(&store).await;
        condense(&store.database, Slot::from_number(DAY + 2 * 96)).await.unwrap();
        assert_eq!(count_differences(&store.database).await.unwrap(), 0, "{}", store.url);
        for level in 1..=5 {
            let spoilt = [
                format!(
                    "UPDATE performance_roll_ups SET clicks = clicks + 3 WHERE level = {level} AND campaign_id IN (0, 7)"
                ),
                format!("DELETE FROM filtered_roll_ups WHERE level = {level} AND reason = 'bot'"),
            ];
            store.execute(&[&spoilt[0], &spoilt[1]]).await;
            let mut found = Vec::new();
            verify(&store.database, |it| found.push(it)).await.unwrap();
            let first = found.first().expect("a difference");
            let Place::RollUp { roll_up, .. } = first.place else { panic!("{first:?}") };
            assert_eq!(roll_up, RollUp::ALL[level - 1], "{found:?}");
            assert_eq!(first.stored.clicks, first.recomputed.clicks + 3);
            let mut mended = 1;
            while mended > 0 {
                let by = Actor::command_line();
                let mut repair = Repair::begin(&store.database, by).await.unwrap();
                let mut found = Vec::new();
                verify(&store.database, |it| found.push(it)).await.unwrap();
                mended = repair.mend(&found, NOW).await.unwrap();
            }
            assert_reconciled(&store).await;
        }
    }
}
