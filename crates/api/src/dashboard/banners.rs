//! The list of banners.

use askama::Template;
use bams_app::reporting::banner_sums;
use bams_domain::{BannerId, Performance};
use bams_storage::{
    After, Banner, BannerFilter, CatalogSort, PageRequest, SortValue, banners, campaign_counts,
    count_banners,
};

use super::charts::interval_of_few;
use super::desk::{Answer, Desk};
use super::fields::{Asked, Fields};
use super::figures_file;
use super::frame::{Frame, Section};
use super::html::Html;
use super::numbers::{NONE, count, counted, money, rate};
use super::period::{ChosenPeriod, PeriodView};
use super::statuses;

/// How many banners a page lists.
const ON_A_PAGE: u64 = 40;

/// How many characters of a landing URL are shown.
const LONGEST_URL: usize = 80;

#[derive(Template)]
#[template(path = "dashboard/banners.html")]
struct BannersPage {
    frame: Frame,
    period: PeriodView,
    text: String,
    filters: Vec<FilterLink>,
    rows: Vec<BannerEntry>,
    found: String,
    is_filtered: bool,
    file: String,
    first: Option<String>,
    next: Option<String>,
}

/// What a banner may lack.
struct FilterLink {
    word: &'static str,
    address: String,
    is_current: bool,
}

/// A banner.
struct BannerEntry {
    id: u32,
    name: String,
    about: String,
    image: Option<String>,
    status: Html,
    campaigns: String,
    landing_url: String,
    revenue: String,
    clicks: String,
    impressions: String,
    ctr: String,
    interval: String,
}

/// Shows the list of banners.
pub(super) async fn show(desk: Desk, Asked(asked): Asked) -> Answer {
    let database = &desk.parts.database;
    let filter = filter(&asked);
    let found = banners(database, &filter, &page(&asked)).await?;
    let all = count_banners(database, &filter).await?;
    let ids: Vec<BannerId> = found.items.iter().map(|it| it.id).collect();
    let campaigns = campaign_counts(database, &ids).await?;
    let period = ChosenPeriod::asked(&asked, &desk.browser.zone, desk.now);
    let is_filtered = !asked.text("name").is_empty() || !asked.text("lacks").is_empty();
    let file = file(&period, if is_filtered { &ids } else { &[] });
    let sums = banner_sums(database, ids, period.span.whole()).await?;
    let last = found.items.last().map(|it| it.id.to_string()).unwrap_or_default();
    let rows = found.items.iter().map(|it| {
        let total = sums.get(&it.id).copied().unwrap_or_default();
        row(&desk, it, campaigns.get(&it.id).copied().unwrap_or(0), &total)
    });
    desk.answer(&BannersPage {
        frame: desk.frame(Section::Banners, "Banners"),
        period: period.view(&asked),
        text: asked.text("name").to_owned(),
        filters: filters(&asked),
        rows: rows.collect(),
        found: counted(all, "banner", "banners"),
        is_filtered,
        file,
        first: asked.read::<i64>("after").map(|_| asked.with(&[("after", "")])),
        next: found.next.map(|_| asked.with(&[("after", &last)])),
    })
}

/// Returns the address of the figures of some banners, or of all.
fn file(period: &ChosenPeriod, banners: &[BannerId]) -> String {
    let ids: Vec<String> = banners.iter().map(ToString::to_string).collect();
    let ids = ids.join(",");
    figures_file::of_period("banner", period, &[("sort", "-revenue"), ("banner_id", &ids)])
}

fn page(asked: &Fields) -> PageRequest<CatalogSort> {
    let number = |id: i64| After { value: SortValue::Number(id), id: SortValue::Number(id) };
    let after = asked.read::<i64>("after").map(number);
    PageRequest { sort: CatalogSort::Id, descending: true, after, limit: ON_A_PAGE }
}

fn filter(asked: &Fields) -> BannerFilter {
    let text = asked.text("name");
    let number = text.parse::<u32>().ok().map(BannerId);
    let lacks = asked.text("lacks");
    BannerFilter {
        name: (!text.is_empty() && number.is_none()).then(|| text.to_owned()),
        ids: number.into_iter().collect(),
        has_landing_url: (lacks == "landing_url").then_some(false),
        has_image: (lacks == "image").then_some(false),
        is_attached: (lacks == "campaign").then_some(false),
        ..BannerFilter::default()
    }
}

fn filters(asked: &Fields) -> Vec<FilterLink> {
    let current = asked.text("lacks");
    let all = [
        ("", "All"),
        ("landing_url", "Without landing URL"),
        ("image", "Without image"),
        ("campaign", "In no campaign"),
    ];
    let link = |(lacks, word): (&str, &'static str)| FilterLink {
        word,
        address: asked.with(&[("lacks", lacks), ("after", "")]),
        is_current: lacks == current,
    };
    all.map(link).into()
}

fn row(desk: &Desk, banner: &Banner, campaigns: u64, total: &Performance) -> BannerEntry {
    let settings = &banner.settings;
    let size = settings.width.zip(settings.height);
    let size = size
        .map_or_else(|| "unknown size".to_owned(), |(width, height)| format!("{width} × {height}"));
    BannerEntry {
        id: banner.id.0,
        name: settings.name.clone(),
        about: format!("{} · {size}", banner.id),
        image: banner.image.as_ref().and_then(|it| desk.image_url(&it.key)),
        status: statuses::status(settings.status),
        campaigns: if campaigns == 0 { NONE.to_owned() } else { count(campaigns) },
        landing_url: settings
            .landing_url
            .iter()
            .flat_map(|it| it.chars())
            .take(LONGEST_URL)
            .collect(),
        revenue: money(total.revenue),
        clicks: count(total.clicks),
        impressions: count(total.impressions),
        ctr: rate(total.click_through_rate()),
        interval: interval_of_few(total),
    }
}
