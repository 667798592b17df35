//! Bad files: all or nothing, unless bad rows are to be skipped.

use bams_storage::{ImportFilter, ImportKind, ImportOptions, ImportState, PageRequest};

use crate::world::{SKIP, World, clicks, conversions, counts, errors, impressions};

#[tokio::test]
async fn one_bad_row_refuses_the_file() {
    for world in World::each().await {
        world.import("clicks_1.csv", &clicks(0..1500)).await;
        let before = (world.performance().await, world.written().await);
        for (name, text, error) in [
            ("impressions_1.csv", impressions(0..1500) + "1,x\n", "1502 campaign_id not_a_number"),
            ("clicks_2.csv", clicks(5000..6500) + "1,2\n", "1502 campaign_id missing_field"),
            (
                "conversions_1.csv",
                conversions(0..1500) + "7,1501,1\n",
                "1502 click_id unknown_click",
            ),
            ("images.csv", "url\nimage_900.png\n/x\n".to_owned(), "3 url bad_key"),
        ] {
            let report = world.import(name, &text).await;
            assert_eq!(
                (report.state, errors(&report)),
                (ImportState::Failed, vec![error.to_owned()])
            );
            assert_eq!(counts(&report)[1..], [0, 0, 1], "{} {name}", world.name);
            assert_eq!((world.performance().await, world.written().await), before, "{name}");
            let kept = world.imports.find(report.id.expect("an id")).await.expect("a record");
            assert_eq!(kept, Some(report));
        }
        let mended = world.import("clicks_2.csv", &clicks(5000..6500)).await;
        assert_eq!(mended.state, ImportState::Completed);
        let mut page = PageRequest { sort: (), descending: true, after: None, limit: 3 };
        let recent = world.imports.list(&ImportFilter::default(), &page).await.expect("records");
        let (next, recent) = (recent.next, recent.items);
        let states: Vec<_> = recent.iter().map(|it| (it.file_name.as_str(), it.state)).collect();
        assert_eq!(
            states,
            [
                ("clicks_2.csv", ImportState::Completed),
                ("images.csv", ImportState::Failed),
                ("conversions_1.csv", ImportState::Failed),
            ]
        );
        let mut filter = ImportFilter { state: Some(ImportState::Failed), kind: None };
        page.after = next;
        let failed = world.imports.list(&filter, &page).await.expect("records").items;
        let names: Vec<_> = failed.iter().map(|it| it.file_name.as_str()).collect();
        assert_eq!(names, ["clicks_2.csv", "impressions_1.csv"]);
        filter.kind = Some(ImportKind::Clicks);
        let failed = world.imports.list(&filter, &page).await.expect("records").items;
        assert_eq!(failed.len(), 1, "{}", world.name);
    }
}

#[tokio::test]
async fn a_refused_file_may_be_sent_again_and_is_refused_again() {
    for world in World::each().await {
        let first = world.import("clicks_1.csv", "click_id\n").await;
        let again = world.import("clicks_1.csv", "click_id\n").await;
        let expected = ["1 banner_id missing_column", "1 campaign_id missing_column"];
        for report in [&first, &again] {
            assert_eq!((report.state, report.duplicate_of), (ImportState::Failed, None));
            assert_eq!(errors(report), expected);
            assert_eq!(counts(report), [0, 0, 0, 2]);
        }
        assert_ne!(first.id, again.id, "{}", world.name);
    }
}

#[tokio::test]
async fn the_first_hundred_errors_are_listed_and_all_are_counted() {
    for world in World::each().await {
        world.import("clicks_1.csv", &clicks(0..1)).await;
        let rows = (0..4000).map(|n| match n % 4 {
            0 => format!("{n},0,1\n"),
            1 => format!("{n},7,1\n"),
            2 => format!("{n},0,-1\n"),
            _ => format!("{n},0\n"),
        });
        let text = "conversion_id,click_id,revenue\n".to_owned() + &rows.collect::<String>();
        let refused = world.import("conversions_1.csv", &text).await;
        assert_eq!(counts(&refused), [4000, 0, 0, 3000], "{}", world.name);
        assert_eq!(refused.errors.len(), 100);
        assert_eq!(
            errors(&refused)[..4],
            [
                "3 click_id unknown_click",
                "4 revenue negative",
                "5 revenue missing_field",
                "7 click_id unknown_click",
            ]
        );
        assert!(refused.errors.is_sorted_by_key(|it| it.line));

        let skipped = world.import_with("conversions_1.csv", &text, SKIP).await;
        assert_eq!(
            (skipped.state, counts(&skipped)),
            (ImportState::Completed, [4000, 1000, 0, 3000])
        );
        assert_eq!(skipped.errors, refused.errors);
        assert_eq!(world.count("campaign_conversions").await, 1000);
        world.assert_reconciled().await;
    }
}

#[tokio::test]
async fn a_file_that_stops_making_sense_is_refused_even_if_bad_rows_are_skipped() {
    for world in World::each().await {
        for (name, text, error) in [
            (
                "clicks_1.csv",
                clicks(0..700) + "701,\"2,3\n702,2,3\n",
                "702 banner_id unclosed_quote",
            ),
            ("clicks_1.csv", clicks(0..700) + "701,2\0,3\n", "702 banner_id nul_byte"),
            (
                "impressions_1.csv",
                impressions(0..9) + &"x".repeat(5000),
                "11 banner_id field_too_long",
            ),
            ("clicks_1.csv", String::new(), "1 1 empty_file"),
        ] {
            let report = world.import_with(name, &text, SKIP).await;
            assert_eq!(report.state, ImportState::Failed, "{} {name}", world.name);
            assert_eq!(errors(&report), [error]);
            assert_eq!(world.written().await, 0);
        }
        let cut_off = clicks(0..20_000) + "20000,1";
        assert_eq!(world.import("clicks_1.csv", &cut_off).await.state, ImportState::Failed);
        let report = world.import_with("clicks_1.csv", &cut_off, SKIP).await;
        assert_eq!(
            (report.state, counts(&report)),
            (ImportState::Completed, [20_001, 20_000, 0, 1])
        );
        assert_eq!(errors(&report), ["20002 banner_id unterminated_last_line"]);
    }
}

#[tokio::test]
async fn long_messages_and_names_still_fit_the_record() {
    for world in World::each().await {
        let strange = "\u{1F600}\"\\".repeat(300);
        let quoted = strange.replace('"', "\"\"");
        let rows = format!("{},1\n", "\u{1F600}'\\".repeat(300)).repeat(150);
        let text = format!("banner_id,campaign_id,\"{quoted}\"\n{}", rows.replace(",1", ",1,"));
        let name = format!("impressions{}_1.csv", "\u{1F600}".repeat(400));
        let options = ImportOptions { quarter: Some(bams_domain::Quarter::First), ..SKIP };
        let report = world.import_with(&name, &text, options).await;
        assert_eq!((report.rejected, report.errors.len()), (150, 100), "{}", world.name);
        let kept = world.imports.find(report.id.expect("an id")).await.expect("a record");
        assert_eq!(kept.expect("a record").errors, report.errors);
        assert_eq!(report.file_name.chars().count(), 255);
    }
}

#[tokio::test]
async fn a_dry_run_says_the_same_and_keeps_nothing() {
    let dry = ImportOptions { dry_run: true, ..ImportOptions::default() };
    for world in World::each().await {
        world.import("clicks_1.csv", &clicks(0..700)).await;
        let before = (world.performance().await, world.written().await);
        for (name, text, expected) in [
            ("clicks_2.csv", clicks(300..1000), [700, 300, 400, 0]),
            ("impressions_2.csv", impressions(0..700), [700, 700, 0, 0]),
            ("conversions_2.csv", conversions(0..700), [700, 700, 0, 0]),
            ("conversions_2.csv", conversions(400..1000), [600, 0, 0, 300]),
            ("images.csv", "url\nimage_900.png\n".to_owned(), [1, 1, 0, 0]),
        ] {
            let report = world.import_with(name, &text, dry).await;
            assert_eq!((report.id, counts(&report)), (None, expected), "{} {name}", world.name);
            assert_eq!((world.performance().await, world.written().await), before, "{name}");
            assert_eq!(world.count("imports").await, 1);
        }
        let real = world.import("clicks_2.csv", &clicks(300..1000)).await;
        assert_eq!((real.duplicate_of, counts(&real)), (None, [700, 300, 400, 0]));
    }
}
