//! Every page as it is sent: what it says, how large it is, and under which policy.

use bams_tests::{Ask, Bams, Generated};
use serde_json::json;

use super::{Visit, sign_in};
use crate::given::{both_databases, ranking, site, with_a_banner};

/// Every page of a store with campaign 1 and banner 1.
pub(crate) fn pages(campaign: u32, banner: u32) -> Vec<String> {
    let fixed = [
        "/dashboard/",
        "/dashboard/?metric=ctr&period=7d",
        "/dashboard/?period=today",
        "/dashboard/campaigns",
        "/dashboard/campaigns?sort=name&status=active",
        "/dashboard/campaigns/new",
        "/dashboard/banners",
        "/dashboard/banners?lacks=landing_url",
        "/dashboard/banners/new",
        "/dashboard/preview",
        "/dashboard/imports",
        "/dashboard/settings",
    ];
    let of = [
        format!("/dashboard/campaigns/{campaign}"),
        format!("/dashboard/campaigns/{campaign}?quarter=3&embed=frame"),
        format!("/dashboard/campaigns/{campaign}/edit"),
        format!("/dashboard/campaigns/{campaign}/banners"),
        format!("/dashboard/banners/{banner}"),
        format!("/dashboard/banners/{banner}/edit"),
        format!("/dashboard/preview?campaign={campaign}"),
    ];
    fixed.iter().map(|it| (*it).to_owned()).chain(of).collect()
}

#[tokio::test]
async fn every_page_is_whole_small_and_under_the_policy() {
    for builder in both_databases() {
        let data = Generated::new(4, 60, 3_000);
        let bams = site(builder, &data).await;
        let visit = Visit::of(&bams, "admin").await;
        let first = visit.page("/dashboard/campaigns").await;
        let campaign = number_after(&first, "/dashboard/campaigns/");
        let first = visit.page("/dashboard/banners").await;
        let banner = number_after(&first, "/dashboard/banners/");
        for path in pages(campaign, banner) {
            let answer = visit.get(&path).await;
            let text = answer.text();
            assert_eq!(answer.status, 200, "{path}: {text}");
            assert!(text.ends_with("</html>\n") || text.ends_with("</html>"), "{path}");
            assert!(text.len() <= 60_000, "{path} has {} bytes", text.len());
            assert!(!text.contains(" style=\"") && !text.contains("<script>"), "{path}");
            let policy = answer.header("content-security-policy");
            for part in [
                "default-src 'none'",
                "script-src 'self';",
                "style-src 'self';",
                "frame-ancestors 'none'",
            ] {
                assert!(policy.contains(part), "{path}: {policy}");
            }
            assert_eq!(answer.header("referrer-policy"), "same-origin", "{path}");
        }
    }
}

#[tokio::test]
async fn behind_a_path_every_link_leads_to_it() {
    let builder = Bams::builder().set("server.public_url", "https://example.com/pictures");
    let bams = site(builder, &Generated::new(4, 20, 500)).await;
    let visit = Visit::of(&bams, "admin").await;
    let campaign = number_after(&visit.page("/dashboard/campaigns").await, "/dashboard/campaigns/");
    let banner = number_after(&visit.page("/dashboard/banners").await, "/dashboard/banners/");
    let others = ["/dashboard/sign-in", "/dashboard/banners/999999"].map(str::to_owned);
    for path in pages(campaign, banner).into_iter().chain(others) {
        let text = visit.get(&path).await.text();
        assert!(text.contains("src=\"/pictures/dashboard/assets/app."), "{path}: {text}");
        for own in ["href=\"/", "action=\"/", "src=\"/"] {
            for rest in text.split(own).skip(1) {
                assert!(rest.starts_with("pictures/"), "{path}: {own}{}", &rest[..20]);
            }
        }
    }
    // So does what leads on.
    let key = bams.key("editor");
    let back = [("back", "/dashboard/campaigns"), ("theme", "dark")];
    for (answer, expected) in [
        (bams.get("/").answer().await, "/dashboard/"),
        (bams.get("/dashboard").answer().await, "/dashboard/"),
        (
            bams.get("/dashboard/imports").answer().await,
            "/dashboard/sign-in?next=%2Fdashboard%2Fimports",
        ),
        (
            sign_in(&bams, &[("key", &key), ("next", "/dashboard/imports")]).await,
            "/dashboard/imports",
        ),
        (visit.submit("/dashboard/look", &back).await, "/dashboard/campaigns"),
        (visit.submit("/dashboard/sign-out", &[]).await, "/dashboard/sign-in"),
    ] {
        assert_eq!(answer.header("location"), format!("/pictures{expected}"));
    }
}

/// The first number that follows a text.
pub(crate) fn number_after(page: &str, text: &str) -> u32 {
    let found = page.split(text).skip(1).find_map(|rest| {
        let digits: String = rest.chars().take_while(char::is_ascii_digit).collect();
        digits.parse().ok()
    });
    found.unwrap_or_else(|| panic!("no number after {text}"))
}

#[tokio::test]
async fn the_ladder_is_the_one_of_the_api() {
    let data = Generated::new(4, 60, 3_000);
    let bams = site(Bams::builder(), &data).await;
    let key = bams.key("viewer");
    let visit = Visit::with(&bams, &key).await;
    let campaign = number_after(&visit.page("/dashboard/campaigns").await, "/dashboard/campaigns/");
    for quarter in 1..=4 {
        let ladder = ranking(&bams, &key, campaign, quarter).await;
        let page = visit.page(&format!("/dashboard/campaigns/{campaign}?quarter={quarter}")).await;
        let table = page.split("aria-label=\"Ladder, scrolls sideways\"").nth(1).unwrap();
        let table = table.split("</table>").next().unwrap();
        let mut rest = table;
        for rung in ladder["ladder"].as_array().unwrap().iter().take(25) {
            let link = format!("/dashboard/banners/{}?campaign={campaign}\"", rung["banner_id"]);
            let place =
                rest.find(&link).unwrap_or_else(|| panic!("quarter {quarter}: {rung} is not next"));
            rest = &rest[place + 1..];
        }
        assert!(page.contains(&format!("X = {}", ladder["converting_banners"])));
        assert!(page.contains(&format!("<code>{}</code>", ladder["rule"].as_str().unwrap())));
    }
}

#[tokio::test]
async fn assets_are_kept_for_ever_under_the_names_of_their_contents() {
    let bams = Bams::builder().start().await;
    let visit = Visit::of(&bams, "viewer").await;
    let page = visit.page("/dashboard/").await;
    for (begin, kind) in
        [("style.", "text/css"), ("app.", "text/javascript"), ("icon.", "image/svg+xml")]
    {
        let start = page.find(&format!("/dashboard/assets/{begin}")).unwrap();
        let path = page[start..].split('"').next().unwrap();
        let plain = bams.get(path).answer().await;
        assert_eq!(plain.status, 200, "{path}");
        assert!(plain.header("content-type").starts_with(kind), "{path}");
        assert!(plain.header("cache-control").contains("immutable"), "{path}");
        let packed = bams.get(path).header("accept-encoding", "gzip").answer().await;
        assert_eq!(packed.header("content-encoding"), "gzip");
        assert!(packed.body.len() < plain.body.len() || plain.body.len() < 300);
    }
    assert_eq!(bams.get("/dashboard/assets/style.0000000000000000.css").answer().await.status, 404);
}

#[tokio::test]
async fn no_page_is_kept_because_each_says_the_time() {
    let bams = with_a_banner(Bams::builder()).await;
    let visit = Visit::of(&bams, "admin").await;
    for path in pages(9, 5) {
        let any = visit.ask(bams_tests::reqwest::Method::GET, &path).header("if-none-match", "*");
        let answer = any.answer().await;
        assert_eq!((answer.status, answer.header("cache-control")), (200, "no-store"), "{path}");
        assert!(answer.text().contains("</time> min left"), "{path}");
    }
}

#[tokio::test]
async fn a_page_whose_figures_did_not_change_is_not_sent_again() {
    let bams = with_a_banner(Bams::builder()).await;
    let visit = Visit::of(&bams, "editor").await;
    let path = "/dashboard/campaigns";
    let tag = visit.get(path).await.header("etag").to_owned();
    let ask =
        || visit.ask(bams_tests::reqwest::Method::GET, path).header("if-none-match", &tag).answer();
    assert_eq!(ask().await.status, 304);
    bams.post("/api/v1/campaigns")
        .bearer_auth(bams.key("editor"))
        .json(&json!({ "name": "Autumn coats" }))
        .answer()
        .await
        .expect(201);
    let changed = ask().await;
    assert_eq!(changed.status, 200);
    assert!(changed.text().contains("Autumn coats"));
}

#[tokio::test]
async fn refusals_are_pages_for_people_and_problems_for_programs() {
    let bams = Bams::builder().start().await;
    let visit = Visit::of(&bams, "viewer").await;
    let missing = visit.get("/dashboard/campaigns/4711").await;
    assert_eq!(missing.status, 404);
    assert!(missing.text().contains("Campaign 4711 does not exist."), "{}", missing.text());
    let program =
        bams.get("/dashboard/campaigns/4711").header("cookie", &visit.cookie).answer().await;
    assert_eq!(program.problem(404)["code"], "unknown_campaign");
    let wrong = bams.request(bams_tests::reqwest::Method::PUT, "/dashboard/campaigns");
    let wrong = wrong.header("cookie", &visit.cookie).header("sec-fetch-site", "same-origin");
    let wrong = wrong.answer().await;
    assert_eq!((wrong.status, wrong.header("allow")), (405, "GET, HEAD"));
}

#[tokio::test]
async fn what_people_type_is_text() {
    let bams = Bams::builder().start().await;
    let visit = Visit::of(&bams, "admin").await;
    let canary = "<script>alert(1)</script>\"'&<b>";
    let fields =
        [("name", canary), ("tags", "<i>tag</i>"), ("notes", canary), ("status", "active")];
    let led = visit.led("/dashboard/campaigns/new", &fields).await;
    let campaign = number_after(&led, "/dashboard/campaigns/");
    for path in [
        "/dashboard/".to_owned(),
        "/dashboard/campaigns".to_owned(),
        format!("/dashboard/campaigns?name={canary}&tag={canary}"),
        format!("/dashboard/campaigns/{campaign}"),
        format!("/dashboard/campaigns/{campaign}/edit"),
        format!("/dashboard/campaigns/{campaign}/banners"),
        format!("/dashboard/preview?campaign={campaign}"),
        format!("/dashboard/preview?campaign={canary}"),
        "/dashboard/settings".to_owned(),
        format!("/dashboard/sign-in?next={canary}"),
    ] {
        let page = visit.page(&path).await;
        assert!(!page.contains("<script>alert") && !page.contains("<i>tag"), "{path}");
        assert!(!page.contains("\"'&<b>"), "{path}");
    }
}
