//! The page that frames of other pages show.

use actix_web::http::header::SET_COOKIE;
use actix_web::web::{Data, Path};
use actix_web::{HttpResponse, get};
use askama::Template;
use bams_app::serving::{Decided, DecidedSpot, Serving};
use bams_domain::{CampaignId, EmptyReason};
use bams_media::MediaError;
use bams_storage::Showing;

use super::Embedding;
use crate::answer::prepared_banner::PreparedBanners;
use crate::extract::query::Given;
use crate::extract::visitor::Identity;
use crate::problem::ApiError;
use crate::problem::responses::Refusals;
use crate::routes::serve::ServeQuery;
use crate::views::embed::{FrameBanner, FramePage, STYLE, framed};

/// Show banners in a frame
///
/// A page for `<iframe src="https://pictures.example.com/embed/12?count=1&size=300x250">` with the banners of one
/// decision; any site may frame it. It works without JavaScript. A campaign with nothing to show
/// answers an empty page whose body says why in `data-bams-reason`. Browsers get such a page for
/// refusals, too: who accepts `text/html` gets no problem. The page tells the one around it what
/// became of it: a message `{"bams": "filled"}` or `{"bams": "empty", "reason": "…"}`.
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
    identity: Identity,
    serving: Data<Serving>,
    prepared: Data<PreparedBanners>,
    embedding: Data<Embedding>,
) -> Result<HttpResponse, ApiError> {
    let (identity, decided) = query.decide(CampaignId(*campaign), identity, &serving).await?;
    let banners = decided.spots.iter().flat_map(|it| banners(&decided, it, &prepared));
    let page = FramePage {
        style: STYLE,
        notrack: identity.visitor.id().is_none(),
        campaign: &campaign.to_string(),
        reason: decided.spots.iter().find_map(|it| it.reason).map(EmptyReason::name),
        banners: banners.collect::<Result<_, _>>()?,
    };
    let html = page.render().map_err(ApiError::unexpected("draw a page"))?;
    let mut response = HttpResponse::Ok();
    if let Some(cookie) = identity.cookie() {
        response.insert_header((SET_COOKIE, cookie));
    }
    Ok(framed(response, embedding.page_policy.clone(), html))
}

/// Returns the banners of a spot as the page draws them.
fn banners<'a>(
    decided: &'a Decided,
    spot: &'a DecidedSpot,
    prepared: &'a PreparedBanners,
) -> impl Iterator<Item = Result<FrameBanner<'a>, MediaError>> {
    let (campaign, policy) = (spot.campaign.id, spot.campaign.policy);
    spot.shown().map(move |(_, banner)| {
        let showing = Showing { decision: decided.id, banner: banner.id(), campaign };
        let [click_url, impression_url] = prepared.links.urls(&showing, policy);
        Ok(FrameBanner {
            image_url: prepared.image(banner, decided.unix_seconds)?.url.clone(),
            alt: if banner.alt().is_empty() { banner.name() } else { banner.alt() },
            size: banner.width().zip(banner.height()),
            click_url: banner.landing_url().is_some().then_some(click_url),
            impression_url,
        })
    })
}
