//! What becomes of the placements of a page.

use std::time::Duration;

use bams_tests::{Ask, Bams, eventually};
use serde_json::{Value, json};

use super::{HOST, Street};
use crate::given::ranking;

/// Notes the events of placements.
const LISTEN: &str = "<script>window.heard = [];
    for (const what of ['bams:filled', 'bams:empty']) addEventListener(what, (it) =>
        heard.push([what, it.target.id, it.detail.reason]));</script>";

#[tokio::test(flavor = "multi_thread")]
async fn house_content_stays_until_a_picture_is_there_and_comes_back_when_none_is() {
    let street = Street::of(Bams::builder()).await;
    let campaign = street.campaign(&[(300, 250)]).await;
    let house = "<p id=\"house\">Our own</p>";
    let place = format!(
        "{LISTEN}<div id=place data-bams-campaign={campaign} data-bams-count=1>{house}</div>"
    );
    let browser = &street.browser;
    // The picture is gone: the house content has never left.
    street.hide_pictures(true);
    street.open(&place).await;
    browser.until("return heard.length").await;
    assert_eq!(browser.run("return heard").await, json!([["bams:empty", "place", "image_failed"]]));
    assert_eq!(browser.run("return place.innerHTML").await, json!(house));
    // By now the server knows, and shows it no more until the picture is back.
    let viewer = street.bams.key("viewer");
    let path = format!("/api/v1/serve/{campaign}?notrack=true");
    let says = async |expected: Value| {
        eventually(Duration::from_mins(1), &format!("it says {expected}"), async || {
            street.bams.get(&path).answer().await.expect(200)["reason"] == expected
        })
        .await;
        ranking(&street.bams, &viewer, campaign, 1).await
    };
    let ranked = says(json!("no_eligible_banner")).await;
    assert_eq!(ranked["ladder"], json!([]));
    assert_eq!(ranked["left_out"][0]["reason"], "image_missing", "{ranked}");
    street.hide_pictures(false);
    let ranked = says(json!(null)).await;
    assert_eq!((ranked["ladder"].as_array().unwrap().len(), &ranked["left_out"]), (1, &json!([])));

    street.open(&place).await;
    street.shown(1).await;
    assert_eq!(browser.run("return document.querySelector('#house')").await, json!(null));
    assert_eq!(browser.run("return heard").await, json!([["bams:filled", "place", ""]]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_placement_empties_only_itself_and_is_named() {
    let street = Street::of(Bams::builder()).await;
    let campaign = street.campaign(&[(300, 250), (728, 90)]).await;
    let listen = "<script>window.told = {};
        addEventListener('bams:empty', (it) => { told[it.target.id] = it.detail.campaign; });</script>";
    street
        .open(&format!(
            "{listen}<div id=shoes data-bams-campaign=shoes></div>
             <div id=none data-bams-campaign={campaign} data-bams-count=0></div>
             <div id=good data-bams-campaign={campaign} data-bams-count=1></div>
             <div id=other data-bams-campaign=999></div>"
        ))
        .await;
    assert_eq!(street.shown(1).await.len(), 1);
    let reasons = "return [shoes, none, good, other].map(it => it.dataset.bamsReason)";
    let expected = json!(["invalid_placement", "invalid_placement", "", "unknown_campaign"]);
    assert_eq!(street.browser.run(reasons).await, expected);
    let told = street.browser.run("return told").await;
    assert_eq!(told, json!({"shoes": "shoes", "none": campaign, "other": 999}));
    let said = street.browser.console().await.join("\n");
    for part in
        ["`campaign_id` is a whole number", "`count` is a whole number", "999 does not exist"]
    {
        assert!(said.contains(part), "{part} in {said}");
    }
    assert!(said.contains("HTMLDivElement") || said.contains("div"), "the element: {said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_placement_without_an_answer_says_so_and_may_be_asked_for_again() {
    let street = Street::of(Bams::builder()).await;
    let campaign = street.campaign(&[(300, 250)]).await;
    let gone = "<script>window.real = fetch; window.fetch = () => new Promise((_, fail) => {
        window.cut = () => fail(new TypeError('gone')); });</script>";
    let browser = &street.browser;
    let page = format!("{LISTEN}{gone}<div id=place data-bams-campaign={campaign}></div>");
    street.open(&page).await;
    browser.until("return window.cut").await;
    let state = "return [place.dataset.bamsReason ?? 'pending', heard]";
    assert_eq!(browser.run(state).await, json!(["pending", []]));
    browser.run("cut()").await;
    browser.until("return heard.length").await;
    let unanswered = ["bams:empty", "place", "unanswered"];
    assert_eq!(browser.run(state).await, json!(["unanswered", [unanswered]]));

    browser.run("window.fetch = real; return bams.fill()").await;
    street.shown(1).await;
    let filled = ["bams:filled", "place", ""];
    assert_eq!(browser.run(state).await, json!(["", [unanswered, filled]]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_view_is_filled_anew_with_what_is_filled_in_it() {
    let street = Street::of(Bams::builder()).await;
    let campaign = street.campaign(&[(300, 250), (300, 251)]).await;
    let place = |id: &str, house: &str| {
        format!("<div id={id} data-bams-campaign={campaign} data-bams-count=1>{house}</div>")
    };
    let view = format!("<div id=view>{}{}</div>", place("bare", ""), place("house", "<p>Own</p>"));
    street.open(&format!("{LISTEN}{view}")).await;
    street.shown(2).await;
    let browser = &street.browser;
    // What is filled waits for nothing.
    browser.run("return bams.fill()").await;
    browser.run("window.first = bare.querySelector('img'); return bams.fill(view)").await;
    browser.until("return heard.length === 4").await;
    assert_eq!(browser.run("return first === bare.querySelector('img')").await, json!(false));

    // A placement that becomes empty has again what was in it.
    browser.run("for (const it of view.children) it.dataset.bamsCampaign = 999").await;
    browser.run("return bams.fill(view)").await;
    let left = "return [bare, house].map(it => [it.innerHTML, it.dataset.bamsReason])";
    let unknown = "unknown_campaign";
    assert_eq!(browser.run(left).await, json!([["", unknown], ["<p>Own</p>", unknown]]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_does_not_move_and_nothing_hangs_over() {
    let street = Street::of(Bams::builder()).await;
    let campaign = street.campaign(&[(300, 250), (728, 90)]).await;
    let place = |size: &str, height: u32| {
        format!(
            "<div data-bams-campaign={campaign} data-bams-count=1 data-bams-size={size} \
             style='min-height:{height}px'></div><p>Text</p>"
        )
    };
    let watch = "<script>window.moved = 0;
        new PerformanceObserver((all) => all.getEntries().forEach((it) => moved += it.value))
            .observe({ type: 'layout-shift', buffered: true });</script>";
    street.open(&format!("{watch}{}{}", place("300x250", 250), place("728x90", 90))).await;
    street.shown(2).await;
    let heights =
        "return [...document.querySelectorAll('[data-bams-campaign]')].map(it => it.offsetHeight)";
    assert_eq!(street.browser.run(heights).await, json!([250, 90]));
    assert_eq!(street.browser.run("return moved").await, json!(0));

    // On a phone.
    let phone = format!(
        "<div id=phone style='width:320px;overflow:auto'><div data-bams-campaign={campaign} \
         data-bams-count=1 data-bams-size=728x90></div></div>"
    );
    street.open(&phone).await;
    street.shown(1).await;
    let measured = "const image = phone.querySelector('img').getBoundingClientRect();
        return [phone.scrollWidth, Math.round(image.width), Math.round(image.height)]";
    assert_eq!(street.browser.run(measured).await, json!([320, 320, 40]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_click_says_which_site_it_comes_from() {
    let street = Street::of(Bams::builder()).await;
    let campaign = street.campaign(&[(300, 250)]).await;
    street.open(&format!("<div data-bams-campaign={campaign}></div>")).await;
    street.shown(1).await;
    street.browser.run("document.querySelector('[data-bams-campaign] a').click()").await;
    eventually(Duration::from_mins(1), "the shop is opened", async || {
        !street.site.requests("/landed?c=").is_empty()
    })
    .await;
    let referer = format!("referer: {}/\r\n", street.site.origin(HOST));
    let head = street.site.requests("/landed?c=").concat().to_lowercase();
    assert!(head.contains(&referer), "{head}");
}
