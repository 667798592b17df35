//! One campaign: what it achieves, by which rule it decides, and why banners are left out.

mod actions;
mod ladder;
mod left_out;
mod snippet;
mod why;

use askama::Template;
use bams_app::managing::Closed;
use bams_app::reporting::{JudgedRanking, LocalPeriod, Series, Whose, judged_ranking, quarters};
use bams_domain::{CampaignId, EmptyReason, Figure, Performance, Quarter, Status};
use bams_storage::Campaign;

pub(super) use self::actions::{attach_status, copy, resume, set_status};
use self::ladder::{LadderView, QuarterLink};
use self::left_out::LeftOutBanners;
use self::snippet::Snippet;
use self::why::Why;
use super::charts::{LineChart, funnel, line_chart};
use super::desk::{Answer, Desk};
use super::fields::{Asked, Fields};
use super::figures::{self, Card, cards};
use super::figures_file;
use super::frame::{Frame, Section};
use super::html::Html;
use super::numbers::{NONE, count, counted, money, rate};
use super::period::{ChosenPeriod, PeriodView};
use super::preview::{Shown, shown_now};
use super::schedule::moments;
use super::statuses;
use crate::problem::ApiError;

#[derive(Template)]
#[template(path = "dashboard/campaign.html")]
struct CampaignPage {
    frame: Frame,
    id: CampaignId,
    name: String,
    status: Html,
    moments: String,
    notes: String,
    tags: Vec<String>,
    banners: String,
    actions: Vec<Action>,
    closed: Option<ClosedNote>,
    period: PeriodView,
    clock: String,
    cards: Vec<Card>,
    chart: LineChart,
    chart_file: String,
    funnel: Funnel,
    policy: &'static str,
    quarters: Vec<QuarterLink>,
    why: Why,
    ladder: LadderView,
    shown: Shown,
    left_out: LeftOutBanners,
    snippet: Snippet,
}

/// A change of the status that is one press away.
struct Action {
    word: &'static str,
    icon: &'static str,
    status: &'static str,
}

/// Why a campaign shows nothing.
struct ClosedNote {
    /// True if somebody should do something about it.
    is_wrong: bool,
    title: String,
    detail: String,
    can_resume: usize,
}

/// From impressions to conversions.
struct Funnel {
    caption: String,
    drawing: Html,
    rows: [(&'static str, String, String); 3],
}

/// Shows a campaign.
pub(super) async fn show(
    desk: Desk,
    campaign: actix_web::web::Path<u32>,
    Asked(asked): Asked,
) -> Answer {
    let id = CampaignId(*campaign);
    let database = &desk.parts.database;
    let wanted = asked.read::<u8>("quarter").and_then(|it| Quarter::try_from(it).ok());
    let judged =
        judged_ranking(database, &desk.parts.serving.missing, id, wanted, desk.now).await?;
    let judged = judged.ok_or(ApiError::UnknownCampaign(id))?;
    let whose = Whose { campaign: Some(id), banner: None };
    let (period, told) = desk.figures_of(whose, &asked).await?;
    let by_quarter = quarters(database, whose, LocalPeriod::default()).await?;
    let left_out = left_out::of(&desk, id, &judged.ranking.left_out).await?;
    let closed = closed(&desk, &judged, &left_out).await?;
    let shown = shown_now(&desk, id).await;
    let mut frame = desk.frame(Section::Campaigns, judged.ranking.campaign.settings.name.clone());
    frame.done = desk.done(&asked).await?;
    let told = CampaignFacts { period, series: told, by_quarter, judged, left_out, closed, shown };
    desk.answer(&page(&desk, frame, &asked, told))
}

/// What several use cases say about a campaign.
struct CampaignFacts {
    period: ChosenPeriod,
    series: Series,
    by_quarter: [Performance; 4],
    judged: JudgedRanking,
    left_out: LeftOutBanners,
    closed: Option<ClosedNote>,
    shown: Shown,
}

fn page(desk: &Desk, frame: Frame, asked: &Fields, told: CampaignFacts) -> CampaignPage {
    let CampaignFacts { period, series, by_quarter, judged, left_out, closed, shown } = told;
    let currency = desk.parts.dashboard.currency.as_str();
    let campaign = &judged.ranking.campaign;
    let attached = judged.ranking.banners.len() + left_out.rows.len();
    let figure = figures::asked(asked);
    CampaignPage {
        frame,
        id: campaign.id,
        name: campaign.settings.name.clone(),
        status: statuses::of_campaign(campaign, desk.now),
        moments: moments(&desk.browser.zone, campaign),
        notes: campaign.settings.notes.clone(),
        tags: campaign.settings.tags.clone(),
        banners: counted(attached as u64, "banner", "banners"),
        actions: actions(campaign.settings.status),
        closed,
        period: period.view(asked),
        clock: desk.browser.zone.clock(desk.now),
        cards: cards(&series, figure, asked, currency, false),
        chart: line_chart(
            &series,
            figure,
            period.span.step,
            [&period.end(), &period.before()],
            currency,
        ),
        chart_file: figures_file::of_period(
            period.span.step.word(),
            &period,
            &[("campaign_id", &campaign.id.to_string())],
        ),
        funnel: way(&series.total, currency),
        policy: campaign.settings.policy.name(),
        quarters: ladder::quarters(desk, asked, &judged, &by_quarter),
        why: why::of(&judged),
        ladder: ladder::of(desk, asked, &judged),
        shown,
        left_out,
        snippet: snippet::of(desk, asked, &judged.ranking),
    }
}

/// Returns the changes of the status that are one press away.
fn actions(status: Status) -> Vec<Action> {
    let action = |word, icon, status: Status| Action { word, icon, status: status.name() };
    match status {
        Status::Active => vec![action("Pause", "pause", Status::Paused)],
        Status::Paused => vec![action("Resume", "next", Status::Active)],
        Status::Draft => vec![action("Activate", "next", Status::Active)],
        Status::Archived => vec![action("Put back as a draft", "refresh", Status::Draft)],
    }
}

/// Returns why a campaign shows nothing, if it does.
async fn closed(
    desk: &Desk,
    judged: &JudgedRanking,
    left_out: &LeftOutBanners,
) -> Result<Option<ClosedNote>, ApiError> {
    let campaign = &judged.ranking.campaign;
    let Some(Closed { reason, since, until }) = Closed::at(campaign, desk.now) else {
        return Ok(None);
    };
    let zone = &desk.browser.zone;
    let since_text =
        |at: Option<i64>| at.map(|at| format!("It is so {}.", zone.since(at, desk.now)));
    let note = |title: String, detail: Option<String>| ClosedNote {
        is_wrong: false,
        title,
        detail: detail.unwrap_or_default(),
        can_resume: 0,
    };
    Ok(Some(match (campaign.settings.status, reason) {
        (Status::Active, EmptyReason::NotStarted) => note(
            "This campaign has not started".to_owned(),
            until.map(|at| format!("It begins on {} {}.", zone.day(at, desk.now), zone.time(at))),
        ),
        (Status::Active, EmptyReason::Ended) => note(
            "This campaign has ended".to_owned(),
            since.map(|at| format!("It ended on {} {}.", zone.day(at, desk.now), zone.time(at))),
        ),
        (Status::Active, _) => nothing_eligible(desk, campaign, judged, left_out).await?,
        (status, _) => note(
            format!("Visitors see nothing: this campaign is {}", word_of(status)),
            since_text(since),
        ),
    }))
}

const fn word_of(status: Status) -> &'static str {
    match status {
        Status::Draft => "a draft",
        Status::Active => "active",
        Status::Paused => "paused",
        Status::Archived => "archived",
    }
}

async fn nothing_eligible(
    desk: &Desk,
    campaign: &Campaign,
    judged: &JudgedRanking,
    left_out: &LeftOutBanners,
) -> Result<ClosedNote, ApiError> {
    let banners = &judged.ranking.left_out;
    if banners.is_empty() {
        return Ok(ClosedNote {
            is_wrong: true,
            title: "Visitors see nothing: no banner is attached".to_owned(),
            detail: "Attach banners, or upload new ones.".to_owned(),
            can_resume: 0,
        });
    }
    let since = bams_app::reporting::closed_since(&desk.parts.database, campaign, banners).await?;
    let since = since.map(|at| format!(", {}", desk.browser.zone.since(at, desk.now)));
    let reasons = statuses::reasons(&bams_app::reporting::by_reason(banners));
    let title = match banners.len() {
        1 => "Visitors do not see the only banner".to_owned(),
        many => format!("Visitors see none of these {many} banners"),
    };
    let detail = format!("Left out{}: {reasons}.", since.unwrap_or_default());
    Ok(ClosedNote { is_wrong: true, title, detail, can_resume: left_out.can_resume })
}

fn way(total: &Performance, currency: &str) -> Funnel {
    let per = |rate: Option<f64>, whole: f64| rate.map(|it| it * whole);
    let mut caption = match (
        per(total.click_through_rate(), 1_000.0),
        per(total.conversion_rate(), 100.0),
        total.earnings_per_click(),
    ) {
        (Some(clicked), Some(converted), Some(earned)) => format!(
            "Of 1,000 impressions {clicked:.0} are clicked; of 100 clicks {converted:.1} convert. A click earns {}",
            money(earned)
        ),
        (Some(clicked), _, _) => format!("Of 1,000 impressions {clicked:.0} are clicked"),
        _ => "No impressions yet".to_owned(),
    };
    if !currency.is_empty() && total.clicks > 0 {
        caption.push(' ');
        caption.push_str(currency);
    }
    caption.push('.');
    Funnel {
        caption,
        drawing: funnel(total),
        rows: [
            ("Impressions", count(total.impressions), NONE.to_owned()),
            ("Clicks", count(total.clicks), rate(total.click_through_rate())),
            ("Conversions", count(total.conversions), rate(total.conversion_rate())),
        ],
    }
}

/// Returns the word of revenue.
fn revenue_word(desk: &Desk) -> String {
    figures::word(Figure::Revenue, &desk.parts.dashboard.currency)
}
