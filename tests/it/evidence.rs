//! A ranking says how far to trust it.

use std::fmt::Write as _;

use crate::given::{both_databases, imported, ranking};

/// A file of clicks or impressions: so many rows for each banner of a campaign.
fn file(header: &str, campaign: u32, counts: &[u32], with_id: bool) -> String {
    let mut text = format!("{header}\n");
    for (banner, count) in (1..).zip(counts) {
        for _ in 0..*count {
            let id = campaign * 1_000_000 + u32::try_from(text.len()).expect("a short file");
            let id = if with_id { format!("{id},") } else { String::new() };
            writeln!(text, "{id}{banner},{campaign}").expect("memory");
        }
    }
    text
}

#[tokio::test]
async fn a_winner_is_clear_and_noise_is_not() {
    for database in both_databases() {
        let bams = database.start().await;
        let (editor, viewer) = (bams.key("editor"), bams.key("viewer"));
        for (campaign, clicks) in [(1, [31, 29, 25, 24]), (2, [90, 29, 25, 24])] {
            let shown = file("banner_id,campaign_id", campaign, &[1000; 4], false);
            let clicked = file("click_id,banner_id,campaign_id", campaign, &clicks, true);
            for (name, text) in [("impressions_3.csv", shown), ("clicks_3.csv", clicked)] {
                imported(&bams, &editor, (name, text.as_bytes()), &[]).await;
            }
        }
        let noise = ranking(&bams, &viewer, 1, 3).await;
        assert_eq!(noise["evidence"]["label"], "not_distinguishable", "{noise}");
        assert_eq!(noise["evidence"]["banners"], 4);
        let winner = ranking(&bams, &viewer, 2, 3).await;
        assert_eq!(winner["evidence"]["label"], "clear", "{winner}");
        assert_eq!(winner["evidence"]["compared"], "clicks_per_impression");
        assert!(winner["evidence"]["false_discovery"].as_f64().is_some_and(|it| it <= 0.05));

        // Wilson's interval of 90 in 1000.
        let rung = &winner["ladder"][0];
        let close = |name: &str, to: f64| (rung[name].as_f64().unwrap() - to).abs() < 1e-4;
        assert!(
            close("ctr", 0.09) && close("ctr_low", 0.0738) && close("ctr_high", 0.1094),
            "{rung}"
        );

        let nothing = ranking(&bams, &viewer, 1, 4).await;
        assert_eq!(nothing["evidence"]["label"], "not_distinguishable");
        assert!(nothing["evidence"]["compared"].is_null(), "{nothing}");
        assert!(nothing["ladder"][0]["ctr_low"].is_null(), "{nothing}");
    }
}
