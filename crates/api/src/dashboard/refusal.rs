//! Refusals as pages, for people who asked for one.

use actix_web::http::StatusCode;
use actix_web::http::header::{
    ACCEPT, CONTENT_SECURITY_POLICY, ContentType, HeaderMap, REFERRER_POLICY,
};
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;

use super::browser::Browser;
use super::desk::Parts;
use super::frame::Head;
use super::numbers::counted;
use super::sentences::begun;
use super::sign_in::Plain;
use crate::problem::Problem;

/// How many campaigns are told while the database is away.
const MOST_KNOWN: usize = 50;

#[derive(Template)]
#[template(path = "dashboard/refusal.html")]
struct RefusalPage {
    frame: Plain,
    title: String,
    detail: String,
    reasons: Vec<String>,
    back: String,
    back_word: &'static str,
    request_id: String,
    known: Vec<KnownCampaign>,
}

/// A campaign as this node has it in memory.
struct KnownCampaign {
    id: u32,
    name: String,
    banners: String,
}

/// Returns true for a request of a person for a page of the dashboard.
pub(crate) fn is_for_person(path: &str, headers: &HeaderMap) -> bool {
    let accepts = || headers.get(ACCEPT).and_then(|it| it.to_str().ok()).unwrap_or_default();
    (path.starts_with("/dashboard") || path.starts_with("/shared/"))
        && accepts().contains("text/html")
}

/// Returns the page that a person sees instead of a problem. `None` if the request is not known any
/// more, or the page cannot be drawn.
pub(crate) fn page(
    request: Option<&HttpRequest>,
    status: StatusCode,
    problem: &Problem,
) -> Option<HttpResponse> {
    let request = request?;
    let parts = Parts::of(request)?;
    let browser = Browser::of(request, Some(&parts.dashboard));
    let is_away = status == StatusCode::SERVICE_UNAVAILABLE;
    let page = RefusalPage {
        frame: Plain { head: Head::new(problem.title.clone(), &parts.dashboard, &browser) },
        title: problem.title.to_string(),
        detail: detail(status, problem),
        reasons: reasons(problem),
        back: if is_away { request.path().to_owned() } else { "/dashboard/".to_owned() },
        back_word: if is_away { "Try again" } else { "To the overview" },
        request_id: problem.request_id.clone(),
        known: if is_away { known(&parts) } else { Vec::new() },
    };
    let mut response = HttpResponse::build(status);
    response
        .insert_header((CONTENT_SECURITY_POLICY, parts.dashboard.policy.clone()))
        .insert_header((REFERRER_POLICY, "same-origin"))
        .content_type(ContentType::html());
    Some(response.body(parts.dashboard.draw(&page).ok()?))
}

fn detail(status: StatusCode, problem: &Problem) -> String {
    if status == StatusCode::SERVICE_UNAVAILABLE {
        return "Visitors are served from memory; changes are refused until it is back.".to_owned();
    }
    format!("{}.", begun(problem.detail.trim_end_matches('.')))
}

/// Returns what is wrong with each field.
fn reasons(problem: &Problem) -> Vec<String> {
    let errors = problem.errors.as_ref().and_then(|it| it.as_array());
    let sentence = |error: &serde_json::Value| error["detail"].as_str().map(str::to_owned);
    errors.into_iter().flatten().filter_map(sentence).take(20).collect()
}

fn known(parts: &Parts) -> Vec<KnownCampaign> {
    let snapshot = parts.serving.snapshots.current();
    let mut campaigns: Vec<_> = snapshot.campaigns().collect();
    campaigns.sort_unstable_by_key(|it| it.id);
    campaigns.truncate(MOST_KNOWN);
    let known = campaigns.into_iter().map(|it| KnownCampaign {
        id: it.id.0,
        name: it.name.clone(),
        banners: counted(
            it.prepared(bams_domain::Quarter::First).banners().len() as u64,
            "banner may be shown",
            "banners may be shown",
        ),
    });
    known.collect()
}
