//! What is kept of the visitor who asks: shown, changed, forgotten.

use actix_web::http::header::SET_COOKIE;
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse, delete, get, put};
use bams_app::Visitor;
use bams_app::serving::Serving;
use bams_app::visitors::{HIDDEN_COUNT, PreferenceFields, forget, kept, prefer};
use bams_domain::{BannerId, CampaignId};
use bams_storage::{KeptPreferences, RecalledHistory};
use serde::Serialize;
use utoipa::{IntoParams, ToSchema};

use crate::clock;
use crate::extract::body::{BodyFields, body};
use crate::extract::json::JsonBody;
use crate::extract::limits::Limits;
use crate::extract::query::{Given, Parameters, Params};
use crate::extract::shape::Tag;
use crate::extract::visitor::{CookieStyle, Identity, cookie_of};
use crate::problem::ApiError;
use crate::problem::responses::{PreferenceRefusals, Refusals};
use crate::routes::serve::answer;
use crate::timestamp;

/// How the visitor asks.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct VisitorQuery {
    /// Look at no cookie and remember nothing.
    #[param(example = false)]
    notrack: Option<bool>,
}

impl Parameters for VisitorQuery {
    fn read(params: &mut Params) -> Self {
        Self { notrack: params.flag("notrack") }
    }
}

/// Everything that is kept of the visitor who asks.
#[derive(Serialize, ToSchema)]
pub(crate) struct KeptVisitor {
    /// The visitor's number, from the cookie `unique_id`; null without one.
    #[schema(example = "01234567-89ab-4cde-8f01-23456789abcd")]
    visitor_id: Option<String>,
    /// Whether anything may be kept: not with `notrack`, `DNT: 1` or `Sec-GPC: 1`.
    #[schema(example = true)]
    tracked: bool,
    /// What the visitor asked for.
    preferences: VisitorPreferences,
    /// What the visitor was shown, by campaign.
    history: Vec<ShownInCampaign>,
}

/// What a visitor asked for.
#[derive(Default, Serialize, ToSchema)]
pub(crate) struct VisitorPreferences {
    /// Tags whose banners come first among equals.
    #[schema(value_type = Vec<Tag>, example = json!(["travel"]))]
    preferred_tags: Vec<String>,
    /// Tags whose banners are not shown, also where another tag is preferred.
    #[schema(value_type = Vec<Tag>, example = json!(["gambling"]))]
    blocked_tags: Vec<String>,
    /// Banners that are not shown.
    #[schema(value_type = Vec<u32>, example = json!([141]))]
    hidden_banners: Vec<BannerId>,
    /// When this is forgotten, unless the visitor comes back; null if there is nothing to forget.
    #[schema(format = DateTime, example = "2026-01-31T10:05:00Z")]
    expires_at: Option<String>,
}

/// What a visitor was shown in one campaign.
#[derive(Serialize, ToSchema)]
pub(crate) struct ShownInCampaign {
    /// The campaign.
    #[schema(value_type = u32, example = 12)]
    campaign_id: CampaignId,
    /// The banners of the current cycle; none of them is shown again before all others were.
    #[schema(value_type = Vec<u32>, example = json!([141, 207]))]
    banners: Vec<BannerId>,
    /// When this is forgotten, unless the visitor comes back.
    #[schema(format = DateTime, example = "2026-01-31T10:05:00Z")]
    expires_at: String,
}

body! {
    /// What to mind from now on; replaces all that was asked for before.
    NewPreferences: PreferenceFields = BodyFields::<PreferenceFields>::default()
        .tags(
            "preferred_tags",
            "Tags whose banners come first among equals. None if missing.",
            |it| &mut it.preferred_tags,
        )
        .tags(
            "blocked_tags",
            "Tags whose banners must not be shown. None if missing.",
            |it| &mut it.blocked_tags,
        )
        .numbers(
            "hidden_banners",
            HIDDEN_COUNT,
            1,
            "Banners that must not be shown. None if missing.",
            |it| &mut it.hidden_banners,
        ),
    example: {
        "preferred_tags": ["travel"], "blocked_tags": ["gambling"], "hidden_banners": [141]
    }
}

impl From<KeptPreferences> for VisitorPreferences {
    fn from(kept: KeptPreferences) -> Self {
        let KeptPreferences { preferences, expires_at } = kept;
        Self {
            preferred_tags: preferences.preferred_tags().to_vec(),
            blocked_tags: preferences.blocked_tags().to_vec(),
            hidden_banners: preferences.hidden_banners().to_vec(),
            expires_at: Some(timestamp::text(expires_at)),
        }
    }
}

impl ShownInCampaign {
    fn of(recalled: &RecalledHistory, now: i64) -> Self {
        let left = i64::try_from(recalled.expires_in.as_millis()).unwrap_or(i64::MAX);
        Self {
            campaign_id: recalled.campaign,
            banners: recalled.history.seen().to_vec(),
            expires_at: timestamp::text(now.saturating_add(left)),
        }
    }
}

/// Show what is kept of me
///
/// Everything there is: what the visitor asked for, and what they were shown in each campaign.
/// Reading it is no visit: it prolongs nothing and sets no cookie. Events (impressions, clicks,
/// conversions) are kept without any trace of the visitor.
#[utoipa::path(
    tag = "visitors",
    operation_id = "read_visitor",
    params(VisitorQuery),
    responses((status = OK, description = "What is kept", body = KeptVisitor), Refusals),
)]
#[get("/visitors/me")]
pub(crate) async fn read_visitor(
    Given(query): Given<VisitorQuery>,
    identity: Identity,
    serving: Data<Serving>,
) -> Result<HttpResponse, ApiError> {
    let visitor = identity.unless(query.notrack.unwrap_or(false)).visitor;
    let mut answer = KeptVisitor {
        visitor_id: None,
        tracked: visitor != Visitor::Untracked,
        preferences: VisitorPreferences::default(),
        history: Vec::new(),
    };
    if let Visitor::Known(id) = visitor {
        let now = clock::unix_millis();
        let kept = kept(&serving, id, now).await?;
        answer.visitor_id = Some(id.to_string());
        answer.preferences = kept.preferences.map(Into::into).unwrap_or_default();
        answer.history = kept.history.iter().map(|it| ShownInCampaign::of(it, now)).collect();
    }
    Ok(HttpResponse::Ok().json(answer))
}

/// Say what to mind
///
/// Replaces the visitor's preferences. Hidden banners, and those with a blocked tag, are not
/// eligible for this visitor from now on; banners with a preferred tag come first among those that
/// are equal in the ranking. Sets the cookie `unique_id` if there is none; refused with `notrack`,
/// `DNT: 1` or `Sec-GPC: 1`, because then nothing may be kept.
#[utoipa::path(
    tag = "visitors",
    operation_id = "replace_preferences",
    params(VisitorQuery),
    request_body = NewPreferences,
    responses(
        (status = OK, description = "What will be minded", body = VisitorPreferences),
        PreferenceRefusals,
    ),
)]
#[put("/visitors/me")]
pub(crate) async fn replace_preferences(
    Given(query): Given<VisitorQuery>,
    body: JsonBody,
    identity: Identity,
    request: HttpRequest,
    (serving, limits): (Data<Serving>, Data<Limits>),
) -> Result<HttpResponse, ApiError> {
    limits.admit_visitor_change(&request)?;
    let identity = identity.unless(query.notrack.unwrap_or(false));
    let id = identity.visitor.id().ok_or(ApiError::Untracked)?;
    let draft = body.object()?.draft::<NewPreferences>();
    let kept = prefer(&serving, id, draft, clock::unix_millis()).await?;
    let kept = kept.map(VisitorPreferences::from).unwrap_or_default();
    Ok(answer(identity, serde_json::to_vec(&kept).unwrap_or_default()))
}

/// Forget me
///
/// Removes what the visitor asked for and was shown, on all nodes within two seconds, and ends the
/// cookie. What was counted stays: counts have no trace of the visitor.
#[utoipa::path(
    tag = "visitors",
    operation_id = "forget_visitor",
    params(VisitorQuery),
    responses((status = NO_CONTENT, description = "Nothing is kept any more"), Refusals),
)]
#[delete("/visitors/me")]
pub(crate) async fn forget_visitor(
    _query: Given<VisitorQuery>,
    request: HttpRequest,
    serving: Data<Serving>,
    limits: Data<Limits>,
    style: Data<CookieStyle>,
) -> Result<HttpResponse, ApiError> {
    limits.admit_visitor_change(&request)?;
    // Visitors who do not want to be tracked are forgotten, too: that is what they ask for here.
    if let Some(id) = cookie_of(&request) {
        forget(&serving, id, clock::unix_millis()).await?;
    }
    Ok(HttpResponse::NoContent().insert_header((SET_COOKIE, style.ended())).finish())
}
