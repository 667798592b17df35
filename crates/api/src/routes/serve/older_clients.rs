//! What clients of the older system ask for.

use std::collections::{BTreeMap, BTreeSet};

use actix_web::web::{Data, Path};
use actix_web::{HttpResponse, get};
use bams_app::serving::{Ask, DecidedSpot, Serving};
use bams_domain::CampaignId;

use super::{answer, decide};
use crate::answer::prepared_banner::PreparedBanners;
use crate::extract::visitor::Identity;
use crate::problem::ApiError;
use crate::problem::responses::Refusals;

/// Choose banners for a visitor (older clients)
///
/// The same choice as `/api/v1/serve/{campaign_id}`, as a plain map from banner id to signed
/// image URL. Empty when the campaign has nothing to show.
#[utoipa::path(
    tag = "older clients",
    operation_id = "serve_campaign_images",
    params(("campaign_id" = u32, Path, description = "The campaign's number", minimum = 1, example = 12)),
    responses(
        (
            status = OK,
            description = "Signed image URLs by banner id",
            body = BTreeMap<String, String>,
            example = json!({"141": "https://pictures.example.com/media/image_141.png?expires=1767263400&signature=k.YWJj"}),
        ),
        Refusals,
    ),
)]
#[get("/campaigns/{campaign_id}/")]
pub(crate) async fn serve_campaign_images(
    campaign: Path<u32>,
    identity: Identity,
    serving: Data<Serving>,
    prepared: Data<PreparedBanners>,
) -> Result<HttpResponse, ApiError> {
    let ask = Ask::of(CampaignId(*campaign));
    let decided = decide(&serving, &identity, &[ask], &BTreeSet::new()).await?;
    let mut images = BTreeMap::new();
    for (selected, banner) in decided.spots.iter().flat_map(DecidedSpot::shown) {
        let image = prepared.image(banner, decided.unix_seconds)?;
        images.insert(selected.banner.0, image.url.clone());
    }
    let json = serde_json::to_vec(&images).map_err(ApiError::unexpected("write image URLs"))?;
    Ok(answer(identity, json))
}
