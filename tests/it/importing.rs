//! Importing a client's hour, on both databases.

use std::time::Duration;

use bams_tests::{Ask, Generated, eventually};
use serde_json::Value;

use crate::given::{both_databases, import, imported, number, ranking, site, totals};

const KINDS: [&str; 3] = ["impressions", "clicks", "conversions"];

#[tokio::test]
async fn a_folder_is_ranked_as_a_naive_count_would() {
    let data = Generated::new(8, 40, 6000);
    for database in both_databases() {
        let bams = site(database, &data).await;
        let key = bams.key("viewer");
        for campaign in 1..=8 {
            for quarter in 1..=4 {
                let ranking = ranking(&bams, &key, campaign, quarter).await;
                is_ranked_as_expected(&data, campaign, quarter, &ranking);
            }
        }
    }
}

fn is_ranked_as_expected(data: &Generated, campaign: u32, quarter: u8, ranking: &Value) {
    let ladder = ranking["ladder"].as_array().unwrap_or_else(|| panic!("{ranking}"));
    let ids = ladder.iter().map(|it| number(&it["banner_id"]));
    let ranks = ladder.iter().map(|it| number(&it["rank"]));
    let expected = data.ranking(campaign, quarter);
    let converting = data.converting(campaign, quarter);
    assert_eq!(ladder.len(), 40);
    assert!(ranks.eq(1..=40), "{ranking}");
    assert_eq!(
        ids.take(expected.len()).collect::<Vec<_>>(),
        expected.iter().map(|it| u64::from(*it)).collect::<Vec<_>>(),
        "campaign {campaign} in quarter {quarter}"
    );
    assert_eq!(ranking["converting_banners"], converting);
    for (place, rung) in ladder.iter().enumerate() {
        let basis = match place {
            it if it < converting => "revenue",
            it if it < expected.len() => "clicks",
            _ => "random",
        };
        assert_eq!(rung["basis"], basis, "{rung}");
    }
}

#[tokio::test]
async fn a_second_import_of_the_same_folder_changes_nothing() {
    let data = Generated::new(2, 24, 1500);
    for database in both_databases() {
        let bams = site(database, &data).await;
        let key = bams.key("viewer");
        let before = totals(&bams, &key, 1, 1).await;
        let rows = data.csv("impressions", 1).lines().filter(|it| it.ends_with(",1")).count();
        assert!(before.starts_with(&format!("impressions {rows} ")), "{before}");

        import(&bams, &data);
        bams.kill();
        bams.start().await;
        assert_eq!(totals(&bams, &key, 1, 1).await, before);
    }
}

#[tokio::test]
async fn files_can_be_uploaded_one_by_one() {
    let data = Generated::new(2, 24, 1500);
    for database in both_databases() {
        let bams = database.start().await;
        let (editor, viewer) = (bams.key("editor"), bams.key("viewer"));
        for kind in KINDS {
            let name = format!("{kind}_2.csv");
            let text = data.csv(kind, 2);
            let file = (name.as_str(), text.as_bytes());
            let stored = imported(&bams, &editor, file, &[]).await;
            let rows = data.rows(kind, 2);
            assert_eq!((&stored["kind"], &stored["quarter"]), (&kind.into(), &2.into()));
            assert_eq!((&stored["rows"], &stored["accepted"]), (&rows.into(), &rows.into()));
            assert_eq!((&stored["rejected"], &stored["state"]), (&0.into(), &"completed".into()));
            assert_eq!(stored["sha256"].as_str().map(str::len), Some(64));

            let again = imported(&bams, &editor, file, &[]).await;
            assert_eq!(again["duplicate_of"], stored["id"], "{again}");
            assert_ne!(again["id"], stored["id"], "{again}");
            let path = format!("/api/v1/imports/{}", again["duplicate_of"]);
            let read = bams.get(&path).bearer_auth(&viewer).answer().await.expect(200);
            assert_eq!(read["id"], stored["id"]);
        }
        eventually(Duration::from_secs(30), "the ranking follows", async || {
            ranking(&bams, &viewer, 1, 2).await["converting_banners"] == data.converting(1, 2)
        })
        .await;
        let ranking = ranking(&bams, &viewer, 1, 2).await;
        assert_eq!(ranking["ladder"][0]["banner_id"], data.ranking(1, 2)[0], "{ranking}");
    }
}

#[tokio::test]
async fn the_same_file_twice_at_once_is_one_import() {
    let data = Generated::new(1, 24, 30_000);
    let text = data.csv("clicks", 3);
    for database in both_databases() {
        let bams = database.start().await;
        let key = bams.key("editor");
        let file = ("clicks_3.csv", text.as_bytes());
        let (one, other) =
            tokio::join!(imported(&bams, &key, file, &[]), imported(&bams, &key, file, &[]));
        let (stored, again) =
            if one["duplicate_of"].is_null() { (one, other) } else { (other, one) };
        assert_eq!(
            (&again["duplicate_of"], &stored["duplicate_of"]),
            (&stored["id"], &Value::Null)
        );

        let expected = format!("impressions 0 clicks {} conversions 0", data.rows("clicks", 3));
        eventually(Duration::from_secs(30), &expected, async || {
            totals(&bams, &key, 1, 3).await.starts_with(&expected)
        })
        .await;
    }
}

#[tokio::test]
async fn rows_that_came_in_another_file_are_duplicates() {
    for database in both_databases() {
        let bams = database.start().await;
        let key = bams.key("editor");
        let header = "click_id,banner_id,campaign_id\n";
        let first = format!("{header}1,5,9\n2,5,9\n");
        let second = format!("{header}2,5,9\n3,5,9\n1,5,9\n");
        imported(&bams, &key, ("clicks_1.csv", first.as_bytes()), &[]).await;
        let stored = imported(&bams, &key, ("clicks_1.csv", second.as_bytes()), &[]).await;
        assert_eq!((&stored["rows"], &stored["duplicates"]), (&3.into(), &2.into()), "{stored}");
        assert_eq!(stored["accepted"], 1, "{stored}");
        eventually(Duration::from_secs(30), "three clicks are counted", async || {
            totals(&bams, &key, 9, 1).await.starts_with("impressions 0 clicks 3 ")
        })
        .await;
    }
}

#[tokio::test]
async fn a_dry_run_of_a_folder_says_what_the_import_would() {
    for database in both_databases() {
        let bams = database.prepare();
        let data = bams.folder().join("data");
        Generated::new(2, 12, 900).write(&data);
        let import = |more: &[&str]| {
            let words = ["import".as_ref(), data.as_os_str()];
            let more = more.iter().map(std::ffi::OsStr::new);
            bams.run(words.into_iter().chain(more))
        };
        let tried = import(&["--dry-run"]);
        assert_eq!(tried.code, 0, "{}{}", tried.output, tried.errors);
        let real = import(&[]);
        assert_eq!(real.code, 0, "{}{}", real.output, real.errors);
        assert_eq!(tried.output.replace("would store ", ""), real.output);
    }
}
