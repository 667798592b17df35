//! Files that look unusual and are fine, on both databases.

use std::path::Path;

use bams_tests::Bams;

use crate::given::{both_databases, totals};

/// What makes the file special, its name, its text, options, the quarter it is for.
type Good = (&'static str, &'static str, &'static str, &'static [&'static str], u8);

/// Each has two clicks on banner 5; `C` stands for a campaign and `I` for the
/// beginning of ids that are the file's own.
const GOOD: [Good; 10] = [
    ("BOM", "clicks_1.csv", "\u{feff}click_id,banner_id,campaign_id\nI1,5,C\nI2,5,C\n", &[], 1),
    ("CRLF", "clicks_1.csv", "click_id,banner_id,campaign_id\r\nI1,5,C\r\nI2,5,C\r\n", &[], 1),
    (
        "quotes",
        "clicks_2.csv",
        "\"click_id\",\"banner_id\",\"campaign_id\"\n\"I1\",\"5\",C\nI2,5,\"C\"\n",
        &[],
        2,
    ),
    ("order", "clicks_2.csv", "campaign_id,click_id,banner_id\nC,I1,5\nC,I2,5\n", &[], 2),
    (
        "no last line ending",
        "clicks_3.csv",
        "click_id,banner_id,campaign_id\nI1,5,C\nI2,5,C",
        &[],
        3,
    ),
    (
        "quarter column",
        "clicks.csv",
        "click_id,banner_id,campaign_id,quarter\nI1,5,C,4\nI2,5,C,4\n",
        &[],
        4,
    ),
    (
        "quarter_hour column that agrees with the name",
        "clicks_4.csv",
        "quarter_hour,click_id,banner_id,campaign_id\n4,I1,5,C\n,I2,5,C\n",
        &[],
        4,
    ),
    (
        "--quarter",
        "clicks.csv",
        "click_id,banner_id,campaign_id\nI1,5,C\nI2,5,C\n",
        &["--quarter", "3"],
        3,
    ),
    (
        "--kind",
        "export_2.csv",
        "click_id,banner_id,campaign_id\nI1,5,C\nI2,5,C\n",
        &["--kind", "clicks"],
        2,
    ),
    ("empty table", "clicks_1.csv", "click_id,banner_id,campaign_id\n", &[], 1),
];

#[tokio::test]
async fn unusual_files_are_fine() {
    for database in both_databases() {
        let bams = database.prepare();
        for (number, (what, name, text, options, _)) in GOOD.into_iter().enumerate() {
            let (campaign, ids) = ((10 + number).to_string(), (100 + number).to_string());
            import(&bams, what, name, &text.replace('C', &campaign).replace('I', &ids), options);
        }
        bams.start().await;
        let key = bams.key("viewer");
        for (number, (what, _, text, _, quarter)) in GOOD.into_iter().enumerate() {
            let campaign = 10 + u32::try_from(number).unwrap();
            let clicks = text.matches('I').count();
            let totals = totals(&bams, &key, campaign, quarter).await;
            assert!(
                totals.starts_with(&format!("impressions 0 clicks {clicks} ")),
                "{what}: {totals}"
            );
        }
    }
}

#[tokio::test]
async fn conversions_of_older_clients_are_fine() {
    for database in both_databases() {
        let bams = database.prepare();
        let clicks = "click_id,banner_id,campaign_id\n1,5,9\n2,5,9\n3,6,9\n";
        import(&bams, "clicks", "clicks_1.csv", clicks, &[]);
        let old = "conversation_id,click_id,revenue\n1,1,0.000001\n2,2,12\n";
        import(&bams, "conversation_id", "conversions_1.csv", old, &[]);
        let new = "revenue,conversion_id,click_id\n1.5,3,3\n";
        import(&bams, "order", "conversions_1.csv", new, &[]);
        bams.start().await;
        let key = bams.key("viewer");
        let totals = totals(&bams, &key, 9, 1).await;
        assert_eq!(totals.trim(), "impressions 0 clicks 3 conversions 3 revenue_micros 13500001");
    }
}

fn import(bams: &Bams, what: &str, name: &str, text: &str, options: &[&str]) {
    let file = bams.folder().join(name);
    std::fs::write(&file, text).unwrap();
    let arguments = [Path::new("import").as_os_str(), file.as_os_str()];
    let options = options.iter().map(|it| Path::new(it).as_os_str());
    let outcome = bams.run(arguments.into_iter().chain(options));
    assert_eq!(outcome.code, 0, "{what}: {}{}", outcome.output, outcome.errors);
}
