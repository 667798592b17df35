//! What a visitor sees: one placement, one GET.

pub(crate) mod decision;
pub(crate) mod older_clients;
pub(crate) mod placements;

use actix_web::http::header::{CONTENT_TYPE, HeaderValue, SET_COOKIE};
use actix_web::web::{Data, Path};
use actix_web::{HttpResponse, get};
use bams_domain::{BannerId, CampaignId};
use utoipa::IntoParams;

use self::decision::Decision;
use crate::clock;
use crate::extract::query::{Given, Parameters, Params};
use crate::extract::visitor::Visitor;
use crate::problem::ApiError;
use crate::problem::responses::Refusals;
use crate::random;
use crate::serving::{Ask, Decided, Serving};

/// The most banners that one placement can ask for.
pub(crate) const LARGEST_PAGE: u32 = 50;

/// The most banners that one request can leave out.
pub(crate) const MOST_EXCLUDED: usize = 1000;

/// What a page can say about the one spot it fills.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct ServeQuery {
    /// How many banners, instead of what the campaign's rule says.
    #[param(minimum = 1, maximum = 50, example = 3)]
    count: Option<usize>,
    /// Banners to leave out, separated by commas: those the page shows already.
    #[param(
        value_type = Option<Vec<u32>>,
        style = Form,
        explode = false,
        max_items = 1000,
        minimum = 1,
        example = json!([141, 207])
    )]
    exclude: Vec<BannerId>,
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
        (status = OK, description = "What to show, and why", body = Decision),
        Refusals,
    ),
)]
#[get("/serve/{campaign_id}")]
pub(crate) async fn serve_campaign(
    campaign: Path<u32>,
    Given(query): Given<ServeQuery>,
    visitor: Visitor,
    serving: Data<Serving>,
) -> Result<HttpResponse, ApiError> {
    let (visitor, decided) = query.decide(CampaignId(*campaign), visitor, &serving).await?;
    let decision_id = random::uuid_at(clock::unix_millis());
    let mut body = String::new();
    for decided in &decided {
        decision::write(&mut body, decision_id, decided, &serving.prepared)?;
    }
    Ok(answer(visitor, body))
}

impl Parameters for ServeQuery {
    fn read(params: &mut Params) -> Self {
        let count = params.number("count", 1..=LARGEST_PAGE);
        let mut exclude = params.numbers("exclude", 0..=MOST_EXCLUDED, 1..=u32::MAX);
        exclude.sort_unstable();
        Self {
            count: count.and_then(|it| usize::try_from(it).ok()),
            exclude: exclude.into_iter().map(BannerId).collect(),
            notrack: params.flag("notrack"),
        }
    }
}

impl ServeQuery {
    /// Decides what one spot shows: the visitor as far as the query lets us know one, and a list of
    /// one decision.
    pub(crate) async fn decide(
        &self,
        campaign: CampaignId,
        visitor: Visitor,
        serving: &Serving,
    ) -> Result<(Visitor, Vec<Decided>), ApiError> {
        let visitor = visitor.unless(self.notrack.unwrap_or(false));
        let ask = Ask { campaign, count: self.count };
        let decided = serving.decide(&visitor, &[ask], &self.exclude).await?;
        Ok((visitor, decided))
    }
}

/// An answer that must not be stored, with the visitor's cookie if it is new.
pub(crate) fn answer(visitor: Visitor, json: String) -> HttpResponse {
    let mut response = HttpResponse::Ok();
    if let Some(cookie) = visitor.cookie() {
        response.insert_header((SET_COOKIE, cookie));
    }
    response.insert_header((CONTENT_TYPE, HeaderValue::from_static("application/json"))).body(json)
}
