//! What clients of the older system ask for.

use std::collections::BTreeMap;

use actix_web::web::{Data, Path};
use actix_web::{HttpResponse, get};
use bams_domain::CampaignId;

use super::answer;
use crate::extract::visitor::Visitor;
use crate::problem::ApiError;
use crate::problem::responses::Refusals;
use crate::serving::{Ask, Serving};

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
            example = json!({"141": "https://ads.example.com/media/image_141.png?expires=1767263400&signature=k.YWJj"}),
        ),
        Refusals,
    ),
)]
#[get("/campaigns/{campaign_id}/")]
pub(crate) async fn serve_campaign_images(
    campaign: Path<u32>,
    visitor: Visitor,
    serving: Data<Serving>,
) -> Result<HttpResponse, ApiError> {
    let ask = Ask { campaign: CampaignId(*campaign), count: None };
    let decided = serving.decide(&visitor, &[ask], &[]).await?;
    let mut images = BTreeMap::new();
    for decided in &decided {
        for (selected, banner) in decided.shown() {
            let image = serving.prepared.image(banner, decided.now)?;
            images.insert(selected.banner.0, image.url.clone());
        }
    }
    let json = serde_json::to_string(&images).map_err(ApiError::unexpected("write image URLs"))?;
    Ok(answer(visitor, json))
}
