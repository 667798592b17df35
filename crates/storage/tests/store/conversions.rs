//! Conversions count once under the advertiser's own id, in their own slot.

use std::time::Duration;

use bams_domain::{CampaignId, Revenue, Slot};
use bams_storage::{
    Booked, Conversion, ConversionFault, ConversionFlaw, ConversionsError, ImportKind, Snapshots,
};
use bams_tests::eventually;
use tokio::task::JoinSet;

use crate::events::{assert_reconciled, node, showing, slot, stores, totals};

const SOON: Duration = Duration::from_mins(1);

pub(crate) fn conversion(id: &str, click: &str, micros: i64) -> Conversion {
    let revenue = Revenue::from_micros(micros);
    Conversion {
        id: id.to_owned(),
        click: click.to_owned(),
        revenue,
        slot: slot(),
        told_time: false,
        only: None,
    }
}

pub(crate) fn refused(faults: &[(usize, ConversionFlaw)]) -> Result<Vec<Booked>, ConversionsError> {
    let fault = |&(index, flaw)| ConversionFault { index, flaw };
    Err(ConversionsError::Refused(faults.iter().map(fault).collect()))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_conversion_counts_for_its_click_and_once() {
    for store in stores().await {
        let snapshots = Snapshots::load(store.database.clone()).await.unwrap();
        let node = node(&store.database);
        let click = showing(1).click_id();
        node.click(showing(1), slot()).await.unwrap();
        let sale = || vec![conversion("order-1", &click, 2_500_000)];
        assert_eq!(node.conversions(sale()).await, Ok(vec![Booked::Counted]));
        let later = Conversion { slot: Slot::from_number(slot().number() + 9), ..sale().remove(0) };
        assert_eq!(node.conversions(vec![later]).await, Ok(vec![Booked::Duplicate]));
        assert_eq!(totals(&store.database).await, [0, 1, 1, 2_500_000], "{}", store.url);
        assert_reconciled(&store).await;

        // The node announces what its events changed a moment after their commit.
        eventually(SOON, "the ladder has the sale", async || {
            snapshots.refresh().await.unwrap();
            let campaign = snapshots.current().campaign(CampaignId(1)).unwrap().clone();
            let prepared = campaign.prepared(slot().quarter());
            prepared.converting_banners() == 1 && prepared.banners()[0] == showing(1).banner
        })
        .await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_is_stored_as_a_whole_or_not_at_all() {
    for store in stores().await {
        let node = node(&store.database);
        store
            .import(ImportKind::Clicks, slot().quarter(), "click_id,banner_id,campaign_id\n7,2,1\n")
            .await;
        let list = vec![
            conversion("a", "7", 1),
            conversion("b", "8", 1),
            conversion("a", "7", 2),
            conversion("a", "7", 1),
        ];
        let faults = [(1, ConversionFlaw::UnknownClick), (2, ConversionFlaw::Conflict)];
        assert_eq!(node.conversions(list).await, refused(&faults), "{}", store.url);
        assert_eq!(totals(&store.database).await, [0, 1, 0, 0]);

        let list = vec![conversion("a", "7", 1), conversion("b", "7", 5), conversion("a", "7", 1)];
        let booked = node.conversions(list).await;
        assert_eq!(booked, Ok(vec![Booked::Counted, Booked::Counted, Booked::Duplicate]));
        assert_eq!(totals(&store.database).await, [0, 1, 2, 6]);
        assert_reconciled(&store).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_id_that_was_used_for_something_else_is_a_conflict() {
    for store in stores().await {
        let node = node(&store.database);
        for number in 1..=2 {
            node.click(showing(number), slot()).await.unwrap();
        }
        let (one, two) = (showing(1).click_id(), showing(2).click_id());
        node.conversions(vec![conversion("a", &one, 1)]).await.unwrap();
        let told =
            Conversion { slot: Slot::from_number(1), told_time: true, ..conversion("a", &one, 1) };
        for other in [conversion("a", &two, 1), conversion("a", &one, 2), told] {
            let conflict = refused(&[(0, ConversionFlaw::Conflict)]);
            assert_eq!(node.conversions(vec![other]).await, conflict, "{}", store.url);
        }
        assert_eq!(totals(&store.database).await, [0, 2, 1, 1]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_conversion_at_once_on_two_nodes_counts_once() {
    for store in stores().await {
        let nodes = [node(&store.database), node(&store.other_process().await)];
        nodes[0].click(showing(1), slot()).await.unwrap();
        let click = showing(1).click_id();
        let mut sending = JoinSet::new();
        for number in 0..120 {
            let node = nodes[number % 2].clone();
            let sale = vec![conversion(&format!("order-{}", number / 4), &click, 10)];
            sending.spawn(async move { node.conversions(sale).await.unwrap() });
        }
        let booked = sending.join_all().await.concat();
        let counted = booked.iter().filter(|it| **it == Booked::Counted).count();
        assert_eq!(counted, 30, "{}", store.url);
        assert_eq!(totals(&store.database).await, [0, 1, 30, 300]);
        assert_reconciled(&store).await;
    }
}
