//! Several placements of one page in one request.

use std::collections::BTreeMap;

use actix_web::web::Data;
use actix_web::{HttpResponse, post};
use bams_app::PAGE_SIZES;
use bams_app::serving::{
    AskedPlacements, Decided, EXCLUDED_COUNT, PLACEMENT_COUNT, PLACEMENT_ID_LENGTH,
    PlacementFields, PlacementsFields, SIZE_COUNT, Serving,
};
use utoipa::ToSchema;
use uuid::Uuid;

use super::decision::{self, Decision};
use super::{answer, decide};
use crate::answer::prepared_banner::PreparedBanners;
use crate::extract::body::{BodyFields, body};
use crate::extract::json::JsonBody;
use crate::extract::query::NoParams;
use crate::extract::shape;
use crate::extract::visitor::Identity;
use crate::problem::ApiError;
use crate::problem::responses::BodyRefusals;

body! {
    /// The spots of a page, filled together so that no banner appears twice on it.
    DecisionsRequest: PlacementsFields = BodyFields::<PlacementsFields>::default()
        .objects::<PlacementRequest>(
            "placements",
            PLACEMENT_COUNT,
            "Filled in this order: the first one chooses first.",
            |it| &mut it.placements,
        )
        .needed(true)
        .numbers(
            "exclude",
            EXCLUDED_COUNT,
            0,
            "Banners that no placement may show.",
            |it| &mut it.exclude,
        )
        .flag(
            "notrack",
            "Do not set a cookie and remember nothing.",
            |it| &mut it.notrack,
        ),
    example: {
        "placements": [
            {"id": "top", "campaign_id": 1, "count": 1, "size": ["728x90", "970x250"]},
            {"id": "side", "campaign_id": 2}
        ],
        "exclude": [141]
    }
}

body! {
    /// One spot on a page.
    PlacementRequest: PlacementFields = BodyFields::<PlacementFields>::default()
        .text(
            "id",
            shape::characters(&PLACEMENT_ID_LENGTH),
            "Your name for the spot; unique within the request.",
            |it| &mut it.id,
        )
        .needed(true)
        .number(
            "campaign_id",
            1..=u32::MAX,
            "The campaign that fills it.",
            |it| &mut it.campaign_id,
        )
        .needed(true)
        .number_or_null(
            "count",
            PAGE_SIZES,
            "How many banners, instead of what the campaign's rule says.",
            |it| &mut it.count,
        )
        .sizes(
            "size",
            SIZE_COUNT,
            "Only banners of one of these sizes. A banner whose size is not known fits none.",
            |it| &mut it.size,
        ),
    example: null
}

/// What each spot shows.
#[derive(ToSchema)]
#[schema(example = json!({
    "decision_id": "01980000-0000-7000-8000-000000000000",
    "placements": {
        "side": {
            "decision_id": "01980000-0000-7000-8000-000000000000",
            "campaign_id": 2,
            "quarter": 2,
            "policy": "revenue_ladder",
            "rule": "clicks_then_random",
            "converting_banners": 0,
            "banners": [],
            "reason": "campaign_paused"
        }
    }
}))]
#[expect(dead_code, reason = "describes JSON for the document")]
pub(crate) struct Decisions {
    /// Names this request; the decision of each placement has the same.
    decision_id: Uuid,
    /// One decision for each placement, under its id.
    placements: BTreeMap<String, Decision>,
}

/// Choose banners for several placements
///
/// Fills all spots of a page at once. No banner appears twice across them. A campaign that does not
/// exist empties its own spots only, with the reason `unknown_campaign`.
#[utoipa::path(
    tag = "serving",
    operation_id = "create_decisions",
    request_body = DecisionsRequest,
    responses(
        (
            status = OK,
            description = "What each spot shows, and why",
            body = Decisions,
            headers(("Bams-Visitor" = String, description = "`known` by the cookie, `new`, or `untracked`")),
        ),
        BodyRefusals,
    ),
)]
#[post("/decisions")]
pub(crate) async fn create_decisions(
    _: NoParams,
    body: JsonBody,
    identity: Identity,
    serving: Data<Serving>,
    prepared: Data<PreparedBanners>,
) -> Result<HttpResponse, ApiError> {
    let asked = AskedPlacements::of(body.object()?.draft::<DecisionsRequest>())?;
    let AskedPlacements { ids, asks, excluded, is_untracked } = asked;
    let identity = identity.unless(is_untracked);
    let decided = decide(&serving, &identity, &asks, &excluded).await?;
    let json = written(&ids, &decided, &prepared)?;
    Ok(answer(identity, json))
}

fn written(
    ids: &[String],
    decided: &Decided,
    prepared: &PreparedBanners,
) -> Result<Vec<u8>, ApiError> {
    let mut json = format!(r#"{{"decision_id":"{}","placements":{{"#, decided.id).into_bytes();
    for (index, (id, spot)) in ids.iter().zip(&decided.spots).enumerate() {
        let comma = if index == 0 { "" } else { "," };
        let id = serde_json::Value::from(id.as_str()).to_string();
        decision::append(&mut json, [comma, &id, ":"]);
        decision::write(&mut json, decided, spot, prepared)?;
    }
    decision::append(&mut json, ["}}"]);
    Ok(json)
}
