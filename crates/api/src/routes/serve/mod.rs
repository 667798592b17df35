//! What a visitor sees: one placement, one GET.

pub(crate) mod decision;
pub(crate) mod older_clients;
pub(crate) mod placements;

use std::collections::BTreeSet;

use actix_web::http::header::{CONTENT_TYPE, HeaderValue, SET_COOKIE};
use actix_web::web::{Data, Path};
use actix_web::{HttpResponse, get};
use bams_app::PAGE_SIZES;
use bams_app::serving::{Ask, Decided, EXCLUDED_COUNT, SIZE_COUNT, Serving};
use bams_domain::{BannerId, CampaignId, Size};
use utoipa::openapi::{RefOr, Schema};
use utoipa::{IntoParams, PartialSchema, ToSchema};

use self::decision::Decision;
use crate::answer::prepared_banner::PreparedBanners;
use crate::clock;
use crate::extract::query::{Given, Parameters, Params};
use crate::extract::shape;
use crate::extract::visitor::{Identity, VISITOR};
use crate::problem::ApiError;
use crate::problem::responses::Refusals;
use crate::random;

/// What a page can say about the one spot it fills.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct ServeQuery {
    /// How many banners, instead of what the campaign's rule says.
    #[param(value_type = Option<usize>, minimum = 1, maximum = 50, example = 3)]
    count: Option<u32>,
    /// Banners to leave out, separated by commas: those the page shows already.
    #[param(
        value_type = Option<Vec<u32>>,
        style = Form,
        explode = false,
        max_items = 1000,
        minimum = 1,
        example = json!([141, 207])
    )]
    exclude: BTreeSet<BannerId>,
    /// Only banners of this size; repeated, of any of these sizes. A banner whose size is not known fits
    /// none.
    #[param(
        value_type = Option<Vec<SizeText>>,
        inline,
        style = Form,
        explode = true,
        max_items = 20,
        example = json!(["300x250"])
    )]
    size: Vec<Size>,
    /// Do not set a cookie and remember nothing.
    #[param(example = false)]
    notrack: Option<bool>,
}

/// Choose banners for a visitor
///
/// Chooses by what the campaign's banners earned in the running quarter of the hour, and leaves
/// out what this visitor was already shown. The visitor is the cookie `unique_id`, which the
/// answer sets when it is missing; with `notrack`, `DNT: 1` or `Sec-GPC: 1` there is no cookie
/// and no memory. A campaign with nothing to show answers an empty list and the reason.
#[utoipa::path(
    tag = "serving",
    operation_id = "serve_campaign",
    params(
        ("campaign_id" = u32, Path, description = "The campaign's number", minimum = 1, example = 12),
        ServeQuery,
    ),
    responses(
        (
            status = OK,
            description = "What to show, and why",
            body = Decision,
            headers(("Bams-Visitor" = String, description = "`known` by the cookie, `new`, or `untracked`")),
        ),
        Refusals,
    ),
)]
#[get("/api/v1/serve/{campaign_id}")]
pub(crate) async fn serve_campaign(
    campaign: Path<u32>,
    Given(query): Given<ServeQuery>,
    identity: Identity,
    serving: Data<Serving>,
    prepared: Data<PreparedBanners>,
) -> Result<HttpResponse, ApiError> {
    let (identity, decided) = query.decide(CampaignId(*campaign), identity, &serving).await?;
    let mut body = Vec::new();
    for spot in &decided.spots {
        decision::write(&mut body, &decided, spot, &prepared)?;
    }
    Ok(answer(identity, body))
}

/// A size in a query, as the document describes it.
enum SizeText {}

impl PartialSchema for SizeText {
    fn schema() -> RefOr<Schema> {
        shape::size().into()
    }
}

impl ToSchema for SizeText {}

impl Parameters for ServeQuery {
    fn read(params: &mut Params) -> Self {
        let count = params.number("count", PAGE_SIZES);
        let exclude = params.numbers("exclude", EXCLUDED_COUNT, 1..=u32::MAX);
        Self {
            count,
            exclude: exclude.into_iter().map(BannerId).collect(),
            size: params.sizes("size", &SIZE_COUNT),
            notrack: params.flag("notrack"),
        }
    }
}

impl ServeQuery {
    /// Decides what one spot shows: the visitor as far as the query lets us know one, and a decision
    /// with one spot.
    pub(crate) async fn decide(
        &self,
        campaign: CampaignId,
        identity: Identity,
        serving: &Serving,
    ) -> Result<(Identity, Decided), ApiError> {
        let identity = identity.unless(self.notrack.unwrap_or(false));
        let ask = Ask { count: self.count, sizes: self.size.clone(), ..Ask::of(campaign) };
        let decided = decide(serving, &identity, &[ask], &self.exclude).await?;
        Ok((identity, decided))
    }
}

/// Decides now, by chance.
async fn decide(
    serving: &Serving,
    identity: &Identity,
    asks: &[Ask],
    excluded: &BTreeSet<BannerId>,
) -> Result<Decided, ApiError> {
    let (now, mut rng) = (clock::unix_millis(), random::quick_rng());
    Ok(serving.decide(identity.visitor, asks, excluded, now, &mut rng).await?)
}

/// Returns an answer that must not be stored, with the visitor's cookie if it is new.
pub(crate) fn answer(identity: Identity, json: Vec<u8>) -> HttpResponse {
    let mut response = HttpResponse::Ok();
    response.insert_header((VISITOR, identity.standing()));
    if let Some(cookie) = identity.cookie() {
        response.insert_header((SET_COOKIE, cookie));
    }
    response.insert_header((CONTENT_TYPE, HeaderValue::from_static("application/json"))).body(json)
}
