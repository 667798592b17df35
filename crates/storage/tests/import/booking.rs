//! What a good file changes.

use std::collections::BTreeMap;

use bams_domain::{CampaignId, Policy, Quarter, Status};
use bams_storage::{Actor, CampaignSettings, Change, ImportKind, ImportState};

use crate::world::{NOW, SLOTS, World, clicks, conversions, counts, impressions, place};

#[tokio::test]
async fn rows_add_up_to_performance_and_create_what_nobody_knew() {
    for world in World::each().await {
        let first = world.import("impressions_1.csv", &impressions(0..3000)).await;
        let second = world.import("clicks_2.csv", &clicks(0..1700)).await;
        let third = world.import("conversions_2.csv", &conversions(0..600)).await;
        let again = world.import("impressions_2.csv", &impressions(0..50)).await;

        for (report, kind, quarter, rows) in [
            (&first, ImportKind::Impressions, Quarter::First, 3000),
            (&second, ImportKind::Clicks, Quarter::Second, 1700),
            (&third, ImportKind::Conversions, Quarter::Second, 600),
            (&again, ImportKind::Impressions, Quarter::Second, 50),
        ] {
            assert_eq!(
                (report.state, report.kind),
                (ImportState::Completed, kind),
                "{}",
                world.name
            );
            assert_eq!(report.quarter, Some(quarter));
            assert_eq!(counts(report), [rows, rows, 0, 0]);
            assert_eq!((report.created_at_ms, report.duplicate_of), (NOW, None));
            let kept = world.imports.find(report.id.expect("an id")).await.expect("a record");
            assert_eq!(kept.as_ref(), Some(report));
        }
        let mut expected: BTreeMap<(i64, i64, i64), [i64; 4]> = BTreeMap::new();
        let mut add = |n: u64, slot: i64, more: [i64; 4]| {
            let (campaign, banner) = place(n);
            let key = (campaign.cast_signed(), banner.cast_signed(), slot);
            let sums = expected.entry(key).or_default();
            sums.iter_mut().zip(more).for_each(|(sum, more)| *sum += more);
        };
        (0..3000).for_each(|n| add(n, SLOTS[0], [1, 0, 0, 0]));
        (0..1700).for_each(|n| add(n, SLOTS[1], [0, 1, 0, 0]));
        (0..600).for_each(|n| add(n, SLOTS[1], [0, 0, 1, 1_500_000]));
        (0..50).for_each(|n| add(n, SLOTS[1], [1, 0, 0, 0]));
        assert_eq!(world.performance().await, expected, "{}", world.name);
        world.assert_reconciled().await;

        let columns = "name, status, policy, tags, notes, starts_at";
        let campaign = world.rows(&format!("SELECT {columns} FROM campaigns WHERE id = 7")).await;
        assert_eq!(campaign, ["Campaign 7 active revenue_ladder []  -"]);
        let columns = "name, status, alt, tags, image_key, landing_url";
        let banner = world.rows(&format!("SELECT {columns} FROM banners WHERE id = 139")).await;
        assert_eq!(banner, ["Banner 139 active  [] image_139.png -"]);
        let attached = "SELECT DISTINCT status FROM campaign_banners";
        assert_eq!(world.rows(attached).await, ["active"]);
        assert_eq!(world.count("campaigns").await, 7);
        assert_eq!(world.count("campaign_banners").await, 7 * 40);
    }
}

#[tokio::test]
async fn campaigns_that_changed_get_a_new_revision() {
    for world in World::each().await {
        let revisions = "SELECT campaign_id, revision FROM campaign_revisions ORDER BY 1";
        world.import("impressions_1.csv", "banner_id,campaign_id\n1,5\n1,6\n").await;
        assert_eq!(world.rows(revisions).await, ["5 1", "6 1"], "{}", world.name);
        world.import("clicks_1.csv", "banner_id,campaign_id,click_id\n1,6,1\n1,7,2\n").await;
        assert_eq!(world.rows(revisions).await, ["5 1", "6 2", "7 2"]);
        world.import("clicks_2.csv", "banner_id,campaign_id,click_id\n1,6,1\n").await;
        assert_eq!(world.rows(revisions).await, ["5 1", "6 2", "7 2"]);
        world.import("conversions_1.csv", "conversion_id,click_id,revenue\n1,2,0\n").await;
        assert_eq!(world.rows(revisions).await, ["5 1", "6 2", "7 3"]);
    }
}

#[tokio::test]
async fn what_exists_stays_as_it_is() {
    for world in World::each().await {
        world.import("impressions_1.csv", "banner_id,campaign_id\n1,5\n").await;
        world.execute("UPDATE campaigns SET name = 'Spring', status = 'paused'").await;
        world.execute("UPDATE banners SET name = 'Tulips', image_key = 'tulips.png'").await;
        world.execute("UPDATE campaign_banners SET status = 'paused'").await;
        world.import("impressions_2.csv", "banner_id,campaign_id\n1,5\n2,5\n").await;
        let campaigns = world.rows("SELECT id, name, status FROM campaigns").await;
        assert_eq!(campaigns, ["5 Spring paused"], "{}", world.name);
        let banners = world.rows("SELECT id, name, image_key FROM banners ORDER BY id").await;
        assert_eq!(banners, ["1 Tulips tulips.png", "2 Banner 2 image_2.png"]);
        let pairs = world.rows("SELECT banner_id, status FROM campaign_banners ORDER BY 1").await;
        assert_eq!(pairs, ["1 paused", "2 active"]);
    }
}

#[tokio::test]
async fn what_somebody_detached_stays_detached_and_counts() {
    for world in World::each().await {
        world.import("clicks_1.csv", "click_id,banner_id,campaign_id\n1,1,5\n2,2,5\n").await;
        world.execute("DELETE FROM campaign_banners WHERE banner_id = 1").await;
        world.import("impressions_1.csv", "banner_id,campaign_id\n1,5\n2,5\n3,5\n1,6\n").await;
        let clicks = "click_id,banner_id,campaign_id\n1,1,5\n3,1,5\n4,3,5\n";
        world.import("clicks_2.csv", clicks).await;
        let pairs = "SELECT campaign_id, banner_id FROM campaign_banners ORDER BY 1, 2";
        assert_eq!(world.rows(pairs).await, ["5 2", "5 3", "6 1"], "{}", world.name);
        let performance = world.performance().await;
        assert_eq!(performance[&(5, 1, SLOTS[0])], [1, 1, 0, 0]);
        assert_eq!(performance[&(5, 1, SLOTS[1])], [0, 1, 0, 0]);
        world.assert_reconciled().await;
    }
}

#[tokio::test]
async fn the_largest_numbers_of_a_file_leave_room_for_more() {
    for world in World::each().await {
        for text in ["2147483648,1\n", "1,4294967295\n"] {
            let text = format!("banner_id,campaign_id\n{text}");
            let refused = world.import("impressions_1.csv", &text).await;
            assert_eq!(
                (refused.state, refused.rejected),
                (ImportState::Failed, 1),
                "{}",
                world.name
            );
            assert!(refused.errors[0].message.contains("2147483647"), "{:?}", refused.errors);
        }
        let refused = world.import("images.csv", "id,url\n4294967295,a.png\n").await;
        assert_eq!(refused.state, ImportState::Failed);
        world.import("images.csv", "url\nimage_4294967295.png\n").await;
        let largest = "banner_id,campaign_id\n2147483647,2147483647\n";
        assert_eq!(world.import("impressions_1.csv", largest).await.accepted, 1);
        let logo = world.import("images.csv", "url\nlogo.png\n").await;
        assert_eq!(logo.state, ImportState::Completed);
        let ids = world.rows("SELECT id FROM banners ORDER BY id").await;
        assert_eq!(ids, ["1", "2147483647", "2147483648"]);
        let change = Change::begin(&world.database, Actor::command_line(), NOW).await;
        let mut change = change.expect("a change");
        let settings = CampaignSettings {
            name: "Shoes".to_owned(),
            status: Status::Active,
            starts_at: None,
            ends_at: None,
            policy: Policy::RevenueLadder,
            page_size: None,
            tags: Vec::new(),
            notes: String::new(),
        };
        let created = change.create_campaign(settings).await.expect("a campaign");
        assert_eq!(created.id, CampaignId(2_147_483_648));
    }
}

#[tokio::test]
async fn a_column_names_the_quarter_of_each_row() {
    for world in World::each().await {
        let text = "quarter_hour,banner_id,campaign_id\n4,1,5\n1,1,5\n4,1,5\n";
        let report = world.import("impressions.csv", text).await;
        assert_eq!(
            (report.state, report.quarter),
            (ImportState::Completed, None),
            "{}",
            world.name
        );
        let expected = [((5, 1, SLOTS[0]), [1, 0, 0, 0]), ((5, 1, SLOTS[3]), [2, 0, 0, 0])];
        assert_eq!(world.performance().await, expected.into());
    }
}

#[tokio::test]
async fn a_file_with_very_many_pairs_is_booked_in_parts() {
    let world = World::sqlite().await;
    let pairs = (1..=401).flat_map(|campaign| (1..=300).map(move |banner| (campaign, banner)));
    let rows = || pairs.clone().map(|(campaign, banner)| format!("{banner},{campaign}\n"));
    let text: String = rows().chain(rows()).collect();
    let report = world.import("impressions_1.csv", &format!("banner_id,campaign_id\n{text}")).await;
    assert_eq!(counts(&report), [240_600, 240_600, 0, 0]);
    let sums = "SELECT COUNT(*) AS rows_, MIN(impressions) AS least, MAX(impressions) AS most";
    for table in ["performance", "imported_impressions"] {
        assert_eq!(world.rows(&format!("{sums} FROM {table}")).await, ["120300 2 2"]);
    }
}

#[tokio::test]
async fn sums_stop_at_the_largest_integer() {
    for world in World::each().await {
        world.import("clicks_1.csv", "click_id,banner_id,campaign_id\n1,1,1\n").await;
        world.execute("UPDATE performance SET revenue_micros = 9223372036854775806").await;
        world.import("conversions_1.csv", "conversion_id,click_id,revenue\n1,1,1\n2,1,1\n").await;
        let expected = [((1, 1, SLOTS[0]), [0, 1, 2, i64::MAX])];
        assert_eq!(world.performance().await, expected.into(), "{}", world.name);
    }
}
