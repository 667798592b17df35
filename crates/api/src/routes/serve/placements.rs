//! Several placements of one page in one request.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::fmt::Write;

use actix_web::web::Data;
use actix_web::{HttpResponse, post};
use bams_app::PAGE_SIZES;
use bams_app::serving::{
    Ask, LONGEST_PLACEMENT_ID, MOST_EXCLUDED, MOST_PLACEMENTS, MOST_SIZES, Serving,
};
use bams_domain::{BannerId, CampaignId, Size};
use utoipa::ToSchema;
use uuid::Uuid;

use super::decision::{self, Decision};
use super::{answer, decide};
use crate::answer::prepared_banner::PreparedBanners;
use crate::extract::fields::Form;
use crate::extract::json::JsonBody;
use crate::extract::query::NoParams;
use crate::extract::visitor::Identity;
use crate::problem::ApiError;
use crate::problem::responses::BodyRefusals;

/// The spots of a page, filled together so that no banner appears twice on it.
#[derive(ToSchema)]
#[schema(example = json!({
    "placements": [
        {"id": "top", "campaign_id": 1, "count": 1, "size": ["728x90", "970x250"]},
        {"id": "side", "campaign_id": 2}
    ],
    "exclude": [141]
}))]
pub(crate) struct DecisionsRequest {
    /// Filled in this order: the first one chooses first.
    #[schema(min_items = 1, max_items = 50)]
    placements: Vec<PlacementRequest>,
    /// Banners that no placement may show.
    #[schema(value_type = Vec<u32>, required = false, max_items = 1000)]
    exclude: BTreeSet<BannerId>,
    /// Do not set a cookie and remember nothing.
    #[schema(required = false)]
    notrack: bool,
}

/// One spot on a page.
#[derive(ToSchema)]
pub(crate) struct PlacementRequest {
    /// Your name for the spot; unique within the request.
    #[schema(min_length = 1, max_length = 64)]
    id: String,
    /// The campaign that fills it.
    #[schema(minimum = 1)]
    campaign_id: u32,
    /// How many banners, instead of what the campaign's rule says.
    #[schema(minimum = 1, maximum = 50)]
    count: Option<u32>,
    /// Only banners of one of these sizes. A banner whose size is not known fits none.
    #[schema(
        value_type = Vec<String>,
        required = false,
        max_items = 20,
        pattern = "^[1-9][0-9]{0,4}x[1-9][0-9]{0,4}$"
    )]
    size: Vec<Size>,
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
    let request = DecisionsRequest::read(body.object()?.form())?;
    let DecisionsRequest { placements, exclude, notrack } = request;
    let identity = identity.unless(notrack);
    let asks: Vec<Ask> = placements
        .iter()
        .map(|it| Ask {
            campaign: CampaignId(it.campaign_id),
            count: it.count.and_then(|it| usize::try_from(it).ok()),
            sizes: it.size.clone(),
            may_be_unknown: true,
        })
        .collect();

    let decided = decide(&serving, &identity, &asks, &exclude).await?;
    let mut body = format!(r#"{{"decision_id":"{}","placements":{{"#, decided.id);
    for (index, (placement, spot)) in placements.iter().zip(&decided.spots).enumerate() {
        let comma = if index == 0 { "" } else { "," };
        let id = serde_json::Value::from(placement.id.as_str());
        let _ = write!(body, "{comma}{id}:");
        decision::write(&mut body, &decided, spot, &prepared)?;
    }
    body.push_str("}}");
    Ok(answer(identity, body))
}

impl DecisionsRequest {
    fn read(mut form: Form) -> Result<Self, ApiError> {
        form.require("placements");
        let mut ids = HashSet::new();
        let placements = form.objects("placements", 1..=MOST_PLACEMENTS, |form| {
            PlacementRequest::read(form, &mut ids)
        });
        let exclude = form.numbers("exclude", 0..=MOST_EXCLUDED).unwrap_or_default();
        let notrack = form.flag("notrack").unwrap_or(false);
        form.finish()?;
        Ok(Self { placements, exclude: exclude.into_iter().map(BannerId).collect(), notrack })
    }
}

impl PlacementRequest {
    /// Returns the placement of a form, or `None` if something is wrong with it. `ids` are those of
    /// earlier placements.
    fn read(form: &mut Form, ids: &mut HashSet<String>) -> Option<Self> {
        form.require("id");
        let id = form.text_of("id", 1..=LONGEST_PLACEMENT_ID);
        form.require("campaign_id");
        let campaign_id = form.number("campaign_id", &(1..=u32::MAX));
        let count = form.number_or_null("count", &PAGE_SIZES).flatten();
        let size = form.sizes("size", 0..=MOST_SIZES).unwrap_or_default();
        if id.as_ref().is_some_and(|it| !ids.insert(it.clone())) {
            form.refuse("id", "duplicate", "an earlier placement has this id");
        }
        Some(Self { id: id?, campaign_id: campaign_id?, count, size })
    }
}
