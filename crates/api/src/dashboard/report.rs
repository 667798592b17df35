//! A campaign's report to hand over: a page that prints well, and a link for people without a key.

use actix_web::HttpRequest;
use actix_web::http::StatusCode;
use actix_web::http::header::{HeaderName, HeaderValue};
use actix_web::web::Path;
use askama::Template;
use bams_app::managing::SharedFields;
use bams_app::reporting::{Series, Span, Whose, banners_of, series};
use bams_domain::{BannerId, CampaignId, Figure, Performance, Slot};
use bams_storage::{Role, SharedReport, TokenText, campaign, shared_report};

use super::browser::Browser;
use super::charts::{LineChart, interval_of_few, line_chart};
use super::desk::{Answer, Desk, Parts};
use super::fields::{Asked, Fields, Sent};
use super::figures::{self, Card, cards};
use super::figures_file;
use super::frame::Head;
use super::numbers::{count, money, rate};
use super::page::answer;
use super::period::{ChosenPeriod, PeriodView};
use super::sign_in::Plain;
use super::zone::{Zone, weekday};
use crate::clock;
use crate::problem::ApiError;
use crate::random;

/// For how many days a link works, unless the form says otherwise.
const DAYS: u32 = 30;

/// How many banners a report has.
const MOST_BANNERS: usize = 50;

const ROBOTS: HeaderName = HeaderName::from_static("x-robots-tag");

#[derive(Template)]
#[template(path = "dashboard/report.html")]
struct ReportPage {
    frame: Plain,
    report: ReportView,
    /// What somebody with a session can do here. `None` for a reader without a key.
    tools: Option<Tools>,
    until: String,
}

/// What a report says.
struct ReportView {
    id: CampaignId,
    name: String,
    days: String,
    zone: String,
    before: String,
    cards: Vec<Card>,
    chart: LineChart,
    revenue: String,
    banners: Vec<ReportedBanner>,
    more: usize,
}

/// A banner of a report.
struct ReportedBanner {
    name: String,
    image: Option<String>,
    figures: [String; 5],
    interval: String,
}

/// What somebody with a session can do.
struct Tools {
    period: PeriodView,
    can_share: bool,
    from: i64,
    to: i64,
    file: String,
    /// Where the form for a link is sent: this very page.
    address: String,
    link: Option<String>,
}

/// Shows the report of a campaign.
pub(super) async fn show(desk: Desk, id: Path<u32>, Asked(asked): Asked) -> Answer {
    let period = ChosenPeriod::asked(&asked, &desk.browser.zone, desk.now);
    draw(&desk, CampaignId(*id), &asked, &period, None).await
}

/// Makes a link to the report, and shows it this once.
pub(super) async fn share(
    desk: Desk,
    id: Path<u32>,
    Asked(asked): Asked,
    Sent(sent): Sent,
) -> Answer {
    desk.needs(Role::Editor)?;
    let slot = |name| sent.read(name).map(Slot::from_number);
    let wrong = || ApiError::invalid("from", "invalid_value", "this is no period");
    let (from, to) = slot("from").zip(slot("to")).ok_or_else(wrong)?;
    let zone = Zone::named(sent.text("zone")).unwrap_or_else(Zone::utc);
    let fields = SharedFields {
        campaign: CampaignId(*id),
        from,
        to,
        time_zone: zone.name().to_owned(),
        days: sent.read("days").unwrap_or(DAYS),
    };
    let token = TokenText::random(&mut random::rng());
    let managing = &desk.parts.managing;
    managing.share_report(desk.actor(), token.clone(), fields, desk.now).await?;
    let link = format!("{}/shared/{}", desk.parts.dashboard.public_url, token.reveal());
    // The page stays as it was, unless a day has begun since then.
    let seen = ChosenPeriod::asked(&asked, &zone, desk.now);
    let shared = ChosenPeriod::of(&zone, [from, to], desk.now);
    let period = if seen.span == shared.span { seen } else { shared };
    draw(&desk, CampaignId(*id), &asked, &period, Some(link)).await
}

/// Ends a link to a report.
pub(super) async fn revoke(desk: Desk, id: Path<String>, _: Sent) -> Answer {
    desk.needs(Role::Editor)?;
    let managing = &desk.parts.managing;
    managing.revoke_shared_report(desk.actor(), id.into_inner(), desk.now).await?;
    Ok(desk.lead_to("/dashboard/settings#shared"))
}

async fn draw(
    desk: &Desk,
    id: CampaignId,
    asked: &Fields,
    period: &ChosenPeriod,
    link: Option<String>,
) -> Answer {
    let report = report(&desk.parts, id, period, asked, desk.now).await?;
    let title = format!("{}, {}", report.name, report.days);
    desk.answer(&ReportPage {
        frame: Plain { head: Head::new(title, &desk.parts.dashboard, &desk.browser) },
        report,
        tools: Some(Tools {
            period: period.view(asked),
            can_share: desk.may(Role::Editor),
            from: period.span.from.number(),
            to: period.span.to.number(),
            file: figures_file::of_period(
                "banner",
                period,
                &[("campaign_id", &id.to_string()), ("sort", "-revenue")],
            ),
            address: asked.with(&[]),
            link,
        }),
        until: String::new(),
    })
}

/// Shows a report to somebody who has its link.
pub(super) async fn shared(request: HttpRequest, token: Path<String>) -> Answer {
    let parts = Parts::of(&request).ok_or(ApiError::Undeclared)?;
    let (now, browser) = (clock::unix_millis(), Browser::of(&request, Some(&parts.dashboard)));
    let address = parts.limits.address(&request);
    parts.limits.may_try(address)?;
    let found = match TokenText::parse(&token) {
        Some(token) => shared_report(&parts.database, &token, now).await?,
        None => None,
    };
    let Some(SharedReport { campaign, from, to, time_zone, expires_at, .. }) = found else {
        parts.limits.note_failure(address);
        return Err(ApiError::UnknownSharedReport);
    };
    let zone = Zone::named(&time_zone).unwrap_or_else(Zone::utc);
    let period = ChosenPeriod::of(&zone, [from, to], now);
    let report = report(&parts, campaign, &period, &Fields::default(), now).await?;
    let page = ReportPage {
        frame: Plain { head: Head::new(report.name.clone(), &parts.dashboard, &browser) },
        report,
        tools: None,
        until: browser.zone.day(expires_at, now),
    };
    let mut response = answer(&request, &parts.dashboard, StatusCode::OK, &page)?;
    response.headers_mut().insert(ROBOTS, HeaderValue::from_static("noindex"));
    Ok(response)
}

async fn report(
    parts: &Parts,
    id: CampaignId,
    period: &ChosenPeriod,
    asked: &Fields,
    now: i64,
) -> Result<ReportView, ApiError> {
    let (database, span) = (&parts.database, &period.span);
    let found = campaign(database, id).await?.ok_or(ApiError::UnknownCampaign(id))?;
    let told: Series = series(database, Whose { campaign: Some(id), banner: None }, span).await?;
    let banners = banners_of(database, id, span.whole()).await?;
    let currency = parts.dashboard.currency.as_str();
    let before = before(span);
    let more = banners.len().saturating_sub(MOST_BANNERS);
    let row = |(banner, name, it): (BannerId, String, Performance)| ReportedBanner {
        image: image(parts, id, banner, now),
        name,
        figures: [
            money(it.revenue),
            count(it.conversions),
            count(it.clicks),
            count(it.impressions),
            rate(it.click_through_rate()),
        ],
        interval: interval_of_few(&it),
    };
    Ok(ReportView {
        id,
        name: found.settings.name,
        days: period.days(weekday),
        zone: period.zone.name().to_owned(),
        cards: cards(&told, Figure::Revenue, asked, currency, false),
        chart: line_chart(&told, Figure::Revenue, span.step, [&period.end(), &before], currency),
        before,
        revenue: figures::word(Figure::Revenue, currency),
        banners: banners.into_iter().take(MOST_BANNERS).map(row).collect(),
        more,
    })
}

fn before(span: &Span) -> String {
    match span.days() {
        1 => "day before".to_owned(),
        days => format!("{days} days before"),
    }
}

/// Returns the URL of a banner's image, as long as the campaign shows it.
fn image(parts: &Parts, campaign: CampaignId, banner: BannerId, now: i64) -> Option<String> {
    let snapshot = parts.serving.snapshots.current();
    let key = snapshot.campaign(campaign)?.banner(banner)?.image_key().to_owned();
    Some(parts.images.url(&key, now.div_euclid(1000)).ok()?.url.clone())
}
