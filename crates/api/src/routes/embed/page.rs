//! The page that frames of other pages show.

use actix_web::http::StatusCode;
use actix_web::http::header::{
    ACCEPT, CONTENT_SECURITY_POLICY, ContentType, HeaderMap, SET_COOKIE,
};
use actix_web::web::{Data, Path};
use actix_web::{HttpResponse, get};
use askama::Template;
use bams_domain::{CampaignId, EmptyReason};
use bams_media::MediaError;
use bams_storage::Showing;
use uuid::Uuid;

use super::Embedding;
use crate::chance;
use crate::clock;
use crate::openapi::Refusals;
use crate::params::Given;
use crate::problem::{ApiError, Problem};
use crate::routes::serve::ServeQuery;
use crate::serving::{Decided, Serving};
use crate::visitor::Visitor;

/// The page's style; its policy names the hash.
pub(super) const STYLE: &str = include_str!("../../../assets/embed.css");

/// The policy of a page without banners.
const EMPTY_POLICY: &str =
    "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors *";

/// What a frame shows. Everything in it is escaped but the style, which is ours.
#[derive(Template)]
#[template(path = "embed.html")]
struct Page<'a> {
    style: &'static str,
    notrack: bool,
    /// Why there are no banners.
    reason: Option<&'a str>,
    banners: Vec<Banner<'a>>,
}

struct Banner<'a> {
    image_url: String,
    /// Also names the link around the image, so that it must not be empty.
    alt: &'a str,
    size: Option<(u32, u32)>,
    click_url: Option<String>,
    impression_url: String,
}

/// Show banners in a frame
///
/// A page for `<iframe src="https://ads.example.com/embed/12?count=1">` with the banners of one
/// decision; any site may frame it. It works without JavaScript. A campaign with nothing to show
/// answers an empty page whose body says why in `data-bams-reason`. Browsers get such a page for
/// refusals, too: who accepts `text/html` gets no problem.
#[utoipa::path(
    tag = "embedding",
    operation_id = "serve_campaign_page",
    params(
        ("campaign_id" = u32, Path, description = "The campaign's number", minimum = 1, example = 12),
        ServeQuery,
    ),
    responses(
        (
            status = OK,
            description = "The page",
            content_type = "text/html",
            body = String,
            example = json!("<!doctype html>…"),
        ),
        Refusals,
    ),
)]
#[get("/embed/{campaign_id}")]
pub(crate) async fn serve_campaign_page(
    campaign: Path<u32>,
    Given(query): Given<ServeQuery>,
    visitor: Visitor,
    serving: Data<Serving>,
    embedding: Data<Embedding>,
) -> Result<HttpResponse, ApiError> {
    let (visitor, decided) = query.decide(CampaignId(*campaign), visitor, &serving).await?;
    let decision_id = chance::uuid_at(clock::unix_millis());
    let banners = decided.iter().flat_map(|it| banners(decision_id, it, &serving));
    let page = Page {
        style: STYLE,
        notrack: visitor.id().is_none(),
        reason: decided.iter().find_map(|it| it.reason).map(EmptyReason::name),
        banners: banners.collect::<Result<_, _>>()?,
    };
    let html = page.render().map_err(|_| ApiError::Panicked)?;
    let mut response = HttpResponse::Ok();
    if let Some(cookie) = visitor.cookie() {
        response.insert_header((SET_COOKIE, cookie));
    }
    response.insert_header((CONTENT_SECURITY_POLICY, embedding.page_policy.clone()));
    Ok(response.content_type(ContentType::html()).body(html))
}

/// The banners of a decision as the page draws them.
fn banners<'a>(
    decision: Uuid,
    decided: &'a Decided,
    serving: &'a Serving,
) -> impl Iterator<Item = Result<Banner<'a>, MediaError>> {
    let (campaign, policy) = (decided.campaign.id, decided.campaign.policy);
    decided.shown().map(move |(_, banner)| {
        let showing = Showing { decision, banner: banner.id, campaign };
        let [click_url, impression_url] = serving.faces.links.urls(&showing, policy);
        Ok(Banner {
            image_url: serving.faces.image(banner, decided.now)?.url.clone(),
            alt: if banner.alt.is_empty() { &banner.name } else { &banner.alt },
            size: banner.width.zip(banner.height),
            click_url: banner.landing_url.is_some().then_some(click_url),
            impression_url,
        })
    })
}

/// Whether a request comes from a browser's frame: its visitor should not have to read a problem.
pub(crate) fn is_for_frame(path: &str, headers: &HeaderMap) -> bool {
    let accepts = || headers.get(ACCEPT).and_then(|it| it.to_str().ok()).unwrap_or_default();
    path.starts_with("/embed/") && accepts().contains("text/html")
}

/// The page that a frame shows instead of a problem: empty, with the problem's code as the reason.
pub(crate) fn refused(status: StatusCode, problem: &Problem) -> HttpResponse {
    let page =
        Page { style: STYLE, notrack: false, reason: Some(&problem.code), banners: Vec::new() };
    HttpResponse::build(status)
        .insert_header((CONTENT_SECURITY_POLICY, EMPTY_POLICY))
        .content_type(ContentType::html())
        .body(page.render().unwrap_or_default())
}
