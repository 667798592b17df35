//! What events change is mended row by row, and is what reading everything anew would be.

use std::sync::Arc;
use std::time::Duration;

use bams_domain::{CampaignId, Quarter, Slot};
use bams_storage::{Booked, Showing, Snapshots};
use bams_tests::eventually;
use rand::{RngExt, SeedableRng, rngs::SmallRng};

use crate::events::{node, showing, slot, stores};
use crate::stores::{Store, banner, campaign, catalog};

const ONE: CampaignId = CampaignId(1);

/// Refreshes until the ladders are those of the database.
async fn await_ladders(store: &Store, snapshots: &Arc<Snapshots>) {
    let fresh = Snapshots::load(store.database.clone()).await.unwrap();
    eventually(Duration::from_secs(20), "the ladders are those of the database", async || {
        snapshots.refresh().await.unwrap();
        let current = snapshots.current();
        let is_same = |id: u32, quarter| {
            let of = |it: &Snapshots| {
                it.current().campaign(CampaignId(id)).map(|it| it.prepared(quarter).clone())
            };
            of(snapshots) == of(&fresh)
        };
        current.campaigns().count() == 2
            && (1..=2).all(|id| Quarter::ALL.into_iter().all(|quarter| is_same(id, quarter)))
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ladder_after_events_is_what_reading_it_anew_would_be() {
    let mut rng = SmallRng::seed_from_u64(4);
    for store in stores().await {
        store.write(catalog(campaign(2), (2..=9).map(banner))).await;
        let (node, snapshots) =
            (node(&store.database), Snapshots::load(store.database.clone()).await.unwrap());
        let mut number = 0;
        for _ in 0..12 {
            for _ in 0..rng.random_range(1..8) {
                let at = Slot::from_number(slot().number() + rng.random_range(0..6));
                number += 1;
                let campaign = CampaignId(rng.random_range(1..=2));
                let clicked = Showing { campaign, ..showing(number) };
                assert_eq!(node.click(clicked, at).await, Ok(Booked::Counted));
            }
            await_ladders(&store, &snapshots).await;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_reads_nothing_but_its_row() {
    for store in stores().await {
        let (node, snapshots) =
            (node(&store.database), Snapshots::load(store.database.clone()).await.unwrap());
        // Who read the whole campaign could not read it.
        store.execute(&["UPDATE campaigns SET policy = 'unheard_of' WHERE id = 1"]).await;
        node.click(showing(1), slot()).await.unwrap();
        let clicked = showing(1).banner;
        eventually(Duration::from_secs(20), "the click is ranked", async || {
            snapshots.refresh().await.unwrap();
            let campaign = snapshots.current().campaign(ONE).unwrap().clone();
            campaign.prepared(slot().quarter()).banners()[0] == clicked
        })
        .await;
    }
}
