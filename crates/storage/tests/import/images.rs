//! Images create and change banners.

use bams_storage::ImportState;

use crate::world::{World, counts};

const BANNERS: &str = "SELECT id, name, image_key, image_bytes FROM banners ORDER BY id";

#[tokio::test]
async fn images_create_and_change_banners() {
    for world in World::each().await {
        world.import("impressions_1.csv", "banner_id,campaign_id\n7,1\n8,2\n9,3\n").await;
        world.execute("UPDATE banners SET image_bytes = 5").await;
        let text = "name,url,id\n,spring/seven.png,7\nEight,image_8.png,\n,image_9.png,\n,image_141.png,\n";
        let report = world.import("images.csv", text).await;
        assert_eq!((report.state, counts(&report)), (ImportState::Completed, [4, 4, 0, 0]));
        assert_eq!(report.quarter, None);
        let expected = [
            "7 Banner 7 spring/seven.png -",
            "8 Eight image_8.png 5",
            "9 Banner 9 image_9.png 5",
            "141 Banner 141 image_141.png -",
        ];
        assert_eq!(world.rows(BANNERS).await, expected, "{}", world.name);
        let revisions = "SELECT campaign_id, revision FROM campaign_revisions ORDER BY 1";
        assert_eq!(world.rows(revisions).await, ["1 1", "2 1", "3 1"]);
        let revisions = "SELECT banner_id, revision FROM banner_revisions ORDER BY 1";
        assert_eq!(world.rows(revisions).await, ["7 2", "8 2"]);
    }
}

#[tokio::test]
async fn a_key_without_a_number_gets_a_banner_and_keeps_it() {
    for world in World::each().await {
        world.import("images.csv", "url\nimage_40.png\nlogo.png\nfooter.png\nlogo.png\n").await;
        world.import("images.csv", "url,name\nlogo.png,Logo\n").await;
        let expected =
            ["40 Banner 40 image_40.png -", "41 Logo logo.png -", "42 Banner 42 footer.png -"];
        let expected_early =
            ["1 Logo logo.png -", "2 Banner 2 footer.png -", "40 Banner 40 image_40.png -"];
        let found = world.rows(BANNERS).await;
        assert!(found == expected || found == expected_early, "{} {found:?}", world.name);
    }
}

#[tokio::test]
async fn of_several_rows_for_a_banner_the_last_counts() {
    for world in World::each().await {
        world.import("images.csv", "id,url\n5,a.png\n5,b.png\n5,c.png\n").await;
        assert_eq!(world.rows(BANNERS).await, ["5 Banner 5 c.png -"], "{}", world.name);
        let many: Vec<_> = (1..=1200).map(|id| format!("{id},new_{id}.png\n")).collect();
        let report = world.import("images.csv", &format!("id,url\n{}", many.concat())).await;
        assert_eq!(counts(&report), [1200, 1200, 0, 0]);
        assert_eq!(world.count("banners").await, 1200);
        let fifth = world.rows("SELECT image_key FROM banners WHERE id = 5").await;
        assert_eq!(fifth, ["new_5.png"]);
    }
}
