//! The list of campaigns.

use askama::Template;
use bams_app::managing::Closed;
use bams_app::reporting::{
    CampaignOrder, CampaignState, ListedCampaign, RankedCampaigns, WantedCampaigns, campaign_list,
    revenue_by_step,
};
use bams_domain::{CampaignId, EmptyReason, Figure, Performance, Status};
use bams_storage::Campaign;

use super::charts::{bar, interval_of_few};
use super::desk::{Answer, Desk};
use super::fields::{Asked, Fields};
use super::figures;
use super::figures_file;
use super::frame::{Frame, Section};
use super::html::{Html, icon};
use super::numbers::{count, counted, money, money_or_none, rate, share};
use super::overview::sparkline;
use super::period::{ChosenPeriod, PeriodView};
use super::schedule::days;
use super::statuses;

/// How many campaigns a page lists.
const ON_A_PAGE: usize = 35;

/// The columns of figures, money first and the cause after it.
const COLUMNS: [Figure; 6] = [
    Figure::Revenue,
    Figure::Rpm,
    Figure::Conversions,
    Figure::Clicks,
    Figure::Impressions,
    Figure::Ctr,
];

/// The states to filter by, in the order of [`CampaignState::ALL`], with their names in the address and their
/// words, which are those of the column.
const STATES: [(CampaignState, &str, &str); 6] = [
    (CampaignState::Running, "active", "Active"),
    (CampaignState::NotStarted, "not_started", "Not started"),
    (CampaignState::Ended, "ended", "Ended"),
    (CampaignState::Paused, "paused", "Paused"),
    (CampaignState::Draft, "draft", "Draft"),
    (CampaignState::Archived, "archived", "Archived"),
];

#[derive(Template)]
#[template(path = "dashboard/campaigns.html")]
struct CampaignsPage {
    frame: Frame,
    period: PeriodView,
    clock: String,
    text: String,
    statuses: Vec<StatusLink>,
    tags: Vec<String>,
    tag: String,
    hidden: Vec<(&'static str, String)>,
    name_column: ColumnHead,
    columns: Vec<ColumnHead>,
    rows: Vec<CampaignEntry>,
    found: String,
    sum: [String; 6],
    within: String,
    step: &'static str,
    all: u64,
    /// Which of them these are, such as `1–15 of 15`.
    place: String,
    file: String,
    first: Option<String>,
    next: Option<String>,
}

/// A status to filter by.
struct StatusLink {
    word: &'static str,
    count: u64,
    address: String,
    is_current: bool,
}

/// The head of a column, which sorts.
struct ColumnHead {
    word: String,
    icon: Html,
    address: String,
    sorted: Option<&'static str>,
}

/// A campaign.
struct CampaignEntry {
    id: CampaignId,
    name: String,
    about: String,
    status: Html,
    detail: String,
    figures: [String; 6],
    interval: String,
    bar: Html,
    is_idle: bool,
    spark: Html,
}

/// Shows the list of campaigns.
pub(super) async fn show(desk: Desk, Asked(asked): Asked) -> Answer {
    let mut period = ChosenPeriod::asked(&asked, &desk.browser.zone, desk.now);
    let wanted = wanted(&asked, desk.now);
    let database = &desk.parts.database;
    let mut list = campaign_list(database, &wanted, &period.span).await?;
    if list.sum == Performance::default() && !period.is_asked {
        let today = ChosenPeriod::today(&desk.browser.zone, desk.now);
        let of_today = campaign_list(database, &wanted, &today.span).await?;
        if of_today.sum != Performance::default() {
            (period, list) = (today, of_today);
        }
    }
    let ids = list.rows.iter().map(|it| it.campaign.id).collect();
    let series = revenue_by_step(database, ids, &period.span).await?;
    let rows = list.rows.iter().enumerate().map(|(index, it)| {
        row(
            &desk,
            it,
            list.most,
            index == 0 && wanted.after.is_none(),
            sparkline(&series, it.campaign.id),
        )
    });
    let rows = rows.collect();
    desk.answer(&page(&desk, &asked, &wanted, &period, &list, rows))
}

fn wanted(asked: &Fields, now: i64) -> WantedCampaigns {
    let order = match asked.text("sort") {
        "name" => CampaignOrder::Name,
        sort => {
            let name = sort.trim_start_matches('-');
            let figure = Figure::ALL.into_iter().find(|it| it.name() == name);
            CampaignOrder::Figure(figure.unwrap_or(Figure::Revenue))
        }
    };
    WantedCampaigns {
        status: STATES.into_iter().find(|it| it.1 == asked.text("status")).map(|it| it.0),
        now,
        tag: asked.text("tag").to_owned(),
        text: asked.text("name").to_owned(),
        order,
        after: asked.read("after").map(CampaignId),
        limit: ON_A_PAGE,
    }
}

fn page(
    desk: &Desk,
    asked: &Fields,
    wanted: &WantedCampaigns,
    period: &ChosenPeriod,
    list: &RankedCampaigns,
    rows: Vec<CampaignEntry>,
) -> CampaignsPage {
    let bottom = list.rows.last().map(|it| it.campaign.id.to_string()).unwrap_or_default();
    let hidden = ["period", "from", "to", "status", "sort"];
    let [.., archived] = list.statuses;
    CampaignsPage {
        frame: desk.frame(Section::Campaigns, "Campaigns"),
        period: period.view(asked),
        clock: desk.browser.zone.clock(desk.now),
        text: wanted.text.clone(),
        statuses: status_links(asked, wanted.status, &list.statuses),
        tags: list.tags.clone(),
        tag: wanted.tag.clone(),
        hidden: hidden
            .map(|name| (name, asked.text(name).to_owned()))
            .into_iter()
            .filter(|it| !it.1.is_empty())
            .collect(),
        name_column: ColumnHead {
            word: "Campaign".to_owned(),
            icon: icon(if wanted.order == CampaignOrder::Name { "up" } else { "sort" }),
            address: asked.with(&[("sort", "name"), ("after", "")]),
            sorted: (wanted.order == CampaignOrder::Name).then_some("ascending"),
        },
        columns: COLUMNS.map(|it| column(desk, asked, wanted.order, it)).into(),
        rows,
        found: counted(list.found as u64, "campaign", "campaigns"),
        sum: COLUMNS.map(|it| figures::value(it, &list.sum)),
        within: period.within(),
        step: period.span.step.word(),
        all: list.statuses.iter().sum::<u64>() - archived,
        place: format!("{}–{} of {}", list.before + 1, list.before + list.rows.len(), list.found),
        file: file(wanted, period, list),
        first: wanted.after.map(|_| asked.with(&[("after", "")])),
        next: list.has_more.then(|| asked.with(&[("after", &bottom)])),
    }
}

/// Returns the address of the figures of these campaigns, or of all of them if nothing is filtered.
fn file(wanted: &WantedCampaigns, period: &ChosenPeriod, list: &RankedCampaigns) -> String {
    let is_filtered = [&wanted.tag, &wanted.text].into_iter().any(|it| !it.is_empty());
    let ids: Vec<String> = list.rows.iter().map(|it| it.campaign.id.to_string()).collect();
    let ids = if is_filtered || wanted.status.is_some() { ids.join(",") } else { String::new() };
    figures_file::of_period("campaign", period, &[("sort", "-revenue"), ("campaign_id", &ids)])
}

fn column(desk: &Desk, asked: &Fields, order: CampaignOrder, figure: Figure) -> ColumnHead {
    let is_sorted = order == CampaignOrder::Figure(figure);
    ColumnHead {
        word: figures::word(figure, &desk.parts.dashboard.currency),
        icon: icon(if is_sorted { "down" } else { "sort" }),
        address: asked.with(&[("sort", &format!("-{}", figure.name())), ("after", "")]),
        sorted: is_sorted.then_some("descending"),
    }
}

fn status_links(
    asked: &Fields,
    current: Option<CampaignState>,
    counts: &[u64; 6],
) -> Vec<StatusLink> {
    let link =
        |((state, name, word), count): ((CampaignState, &str, &'static str), &u64)| StatusLink {
            word,
            count: *count,
            address: asked.with(&[("status", name), ("after", "")]),
            is_current: current == Some(state),
        };
    let [.., archived] = counts;
    let every = StatusLink {
        word: "All",
        count: counts.iter().sum::<u64>() - archived,
        address: asked.with(&[("status", ""), ("after", "")]),
        is_current: current.is_none(),
    };
    std::iter::once(every).chain(STATES.into_iter().zip(counts).map(link)).collect()
}

fn row(
    desk: &Desk,
    listed: &ListedCampaign,
    most: i64,
    is_first: bool,
    spark: Html,
) -> CampaignEntry {
    let ListedCampaign { campaign, banners, total } = listed;
    let is_idle = *total == Performance::default();
    CampaignEntry {
        id: campaign.id,
        name: campaign.settings.name.clone(),
        about: [
            campaign.id.to_string(),
            counted(*banners, "banner", "banners"),
            days(desk, campaign),
        ]
        .into_iter()
        .filter(|it| !it.is_empty())
        .collect::<Vec<_>>()
        .join(" · "),
        status: statuses::of_listed(campaign, *banners, desk.now),
        detail: detail(desk, campaign, *banners),
        figures: [
            money(total.revenue),
            money_or_none(total.revenue_per_mille()),
            count(total.conversions),
            count(total.clicks),
            count(total.impressions),
            rate(total.click_through_rate()),
        ],
        interval: interval_of_few(total),
        bar: bar(share(total.revenue.micros(), most), is_first, ""),
        is_idle,
        spark: if is_idle { Html::default() } else { spark },
    }
}

/// Returns what a status does not say.
fn detail(desk: &Desk, campaign: &Campaign, banners: u64) -> String {
    let reason = Closed::at(campaign, desk.now).map(|it| it.reason);
    match (campaign.settings.status, reason) {
        (Status::Active, Some(EmptyReason::NoEligibleBanner)) if banners == 0 => {
            "active · no banner is attached".to_owned()
        }
        (Status::Active, Some(EmptyReason::NoEligibleBanner)) => {
            format!("active · {} left out", counted(banners, "banner", "banners"))
        }
        _ => String::new(),
    }
}
