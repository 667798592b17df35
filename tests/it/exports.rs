//! A store that is exported and imported into an empty one.

use bams_tests::{Answer, Bams, Generated};
use serde_json::{Value, json};

use crate::given::both_databases;

const REPORTS: [&str; 3] = [
    "/api/v1/reports/performance?group_by=campaign,banner&sort=-revenue&limit=200",
    "/api/v1/reports/performance?group_by=campaign,banner,quarter&sort=-clicks&limit=200",
    "/api/v1/reports/performance?group_by=day,quarter&sort=-clicks&to=2026-07-01T00:00:00Z",
];

async fn reports(bams: &Bams) -> Vec<Value> {
    let key = bams.key("viewer");
    let mut reports = Vec::new();
    for path in REPORTS {
        let report = Answer::to(bams.get(path).bearer_auth(&key)).await.unwrap().expect(200);
        reports.push(json!([report["rows"], report["totals"]]));
    }
    reports
}

fn run<A: AsRef<std::ffi::OsStr>>(bams: &Bams, arguments: impl IntoIterator<Item = A>) -> String {
    let outcome = bams.run(arguments);
    assert_eq!(outcome.code, 0, "{}{}", outcome.output, outcome.errors);
    outcome.output
}

fn write(bams: &Bams, name: &str, text: &str) {
    std::fs::write(bams.folder().join(name), text).unwrap();
}

#[tokio::test]
async fn a_store_that_was_exported_has_the_same_reports_elsewhere() {
    let data = Generated::new(3, 24, 3_000);
    for (from, to) in both_databases().into_iter().zip(both_databases().into_iter().rev()) {
        let bams = from.prepare();
        let folder = bams.folder().join("data");
        data.write(&folder);
        run(&bams, ["import".as_ref(), folder.as_os_str()]);
        let timed = "click_id,banner_id,campaign_id,occurred_at\n9000001,5,1,2026-06-01T10:07:00Z\n\
                     9000002,5,1,2026-06-02T23:59:59Z\n";
        write(&bams, "clicks.csv", timed);
        let sales =
            "conversion_id,click_id,revenue,occurred_at\n-order-1,9000001,1.25,2026-06-03\n";
        write(&bams, "conversions_2.csv", sales);
        let images =
            "url,id,name,landing_url,tags\nspring.png,5,=Spring,https://shop.example/,\"a,b\"\n";
        write(&bams, "images.csv", images);
        run(&bams, ["import", "clicks.csv", "conversions_2.csv", "images.csv"]);
        bams.start().await;

        let copy = bams.folder().join("copy");
        let told = run(&bams, ["export".as_ref(), copy.as_os_str()]);
        assert!(told.contains("3 campaigns"), "{told}");
        let refused = bams.run(["export".as_ref(), copy.as_os_str()]);
        assert!(refused.code == 1 && refused.errors.contains("not empty"), "{}", refused.errors);
        let banners = std::fs::read_to_string(copy.join("banners.csv")).unwrap();
        assert!(banners.contains("'=Spring"), "{banners}");

        let other = to.prepare();
        let told = run(&other, ["import".as_ref(), copy.as_os_str()]);
        assert!(told.contains("0 rejected") && !told.contains("conflict"), "{told}");
        other.start().await;
        assert_eq!(reports(&other).await, reports(&bams).await);
        let key = other.key("viewer");
        let banner = Answer::to(other.get("/api/v1/banners/5").bearer_auth(&key)).await.unwrap();
        let banner = banner.expect(200);
        assert_eq!((&banner["name"], &banner["tags"]), (&"=Spring".into(), &json!(["a", "b"])));
        assert_eq!(other.run(["verify"]).code, 0);

        // The same rows again change nothing, not even in the store that they came from.
        let again =
            run(&bams, ["import".as_ref(), copy.join("1").join("clicks_1.csv").as_os_str()]);
        assert!(again.contains("0 accepted"), "{again}");
    }
}
