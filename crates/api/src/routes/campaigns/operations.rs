//! What can be done with campaigns.

use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse, delete, get, patch, post};
use bams_app::managing::Managing;
use bams_domain::CampaignId;
use bams_storage::{Campaign as Kept, CampaignFilter, CatalogSort, Database, campaign, campaigns};
use utoipa::{IntoParams, ToSchema};

use super::campaign::{Campaign, CampaignChange, NewCampaign, StatusName, tag};
use crate::answer::changed::{Answer, Changing, answered, respond};
use crate::answer::page;
use crate::clock;
use crate::extract::conditions::Conditions;
use crate::extract::json::JsonBody;
use crate::extract::principal::Principal;
use crate::extract::query::Params;
use crate::paths;
use crate::problem::ApiError;
use crate::problem::responses::{ChangeRefusals, KeyRefusals};
use crate::words::{orders, words};

/// Which campaigns, in which order.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "describes the query for the document")]
pub(crate) struct CampaignsQuery {
    /// Any of these statuses, separated by commas.
    #[param(style = Form, explode = false, example = json!(["active", "paused"]))]
    status: Option<Vec<StatusName>>,
    /// Only campaigns with this tag.
    #[param(
        min_length = 1,
        max_length = 50,
        pattern = r"^[^\x00-\x1f\x7f-\x9f]*$",
        example = "spring"
    )]
    tag: Option<String>,
    /// Only campaigns whose name contains this, in upper or lower case; on SQLite only A to Z are the same
    /// as a to z.
    #[param(
        min_length = 1,
        max_length = 200,
        pattern = r"^[^\x00-\x1f\x7f-\x9f]*$",
        example = "shoes"
    )]
    name: Option<String>,
    /// What to sort by; with `-` the largest first.
    #[param(example = "-updated_at")]
    sort: Option<SortName>,
    /// The most items of a page.
    #[param(minimum = 1, maximum = 200, default = 50, example = 50)]
    limit: Option<u32>,
    /// The `next_cursor` of the page before.
    #[param(
        min_length = 1,
        max_length = 2000,
        example = "WyItdXBkYXRlZF9hdCIsMTc3MTY5MjAwMDAwMCwxMl0"
    )]
    cursor: Option<String>,
}

words! {
    /// What campaigns and banners are sorted by.
    SortName: (CatalogSort, bool) = orders([
        ("id", CatalogSort::Id),
        ("name", CatalogSort::Name),
        ("created_at", CatalogSort::CreatedAt),
        ("updated_at", CatalogSort::UpdatedAt),
    ])
}

/// A page of campaigns.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes JSON for the document")]
pub(crate) struct CampaignList {
    /// The campaigns, in the order asked for.
    items: Vec<Campaign>,
    /// Asks for the next page; null on the last one.
    #[schema(example = "WyItdXBkYXRlZF9hdCIsMTc3MTY5MjAwMDAwMCwxMl0")]
    next_cursor: Option<String>,
}

/// List campaigns
///
/// Page by page, by number unless `sort` says otherwise. `Link` leads to the next page.
#[utoipa::path(
    tag = "campaigns",
    operation_id = "list_campaigns",
    params(CampaignsQuery),
    responses((status = OK, description = "A page of campaigns", body = CampaignList), KeyRefusals),
    security(("key" = ["viewer"])),
)]
#[get("/campaigns")]
pub(crate) async fn list_campaigns(
    _principal: Principal,
    request: HttpRequest,
    mut params: Params,
    database: Data<Database>,
) -> Result<HttpResponse, ApiError> {
    let filter = CampaignFilter {
        statuses: params.words::<StatusName>("status"),
        tag: params.text("tag", 1..=50),
        name: params.text("name", 1..=200),
    };
    let page = params.page::<SortName>();
    params.finish()?;
    let found = campaigns(&database, &filter, &page).await?;
    page::answer::<SortName, _, _>(&request, found, &page, |it| Ok(Campaign::from(it)))
}

/// Create a campaign
///
/// Answers the campaign with its number. It is active unless `status` says otherwise, and shows
/// something once banners are attached.
#[utoipa::path(
    tag = "campaigns",
    operation_id = "create_campaign",
    params(("Idempotency-Key" = Option<String>, Header, description = "Makes sending it again harmless", min_length = 1, max_length = 200, example = "spring-shoes-1")),
    request_body = NewCampaign,
    responses((status = CREATED, description = "The new campaign", body = Campaign), ChangeRefusals),
    security(("key" = ["editor"])),
)]
#[post("/campaigns")]
pub(crate) async fn create_campaign(
    changing: Changing,
    body: JsonBody,
    managing: Data<Managing>,
) -> Result<HttpResponse, ApiError> {
    let body = body.object()?;
    let (draft, once) = (body.draft::<NewCampaign>(), changing.once(&body, created));
    let now = clock::unix_millis();
    let made = managing.create_campaign(changing.by(), draft, once, now).await?;
    Ok(answered(made, created))
}

fn created(campaign: &Kept) -> Answer {
    let location = paths::of(paths::CAMPAIGN, campaign.id);
    Answer::created(location, Some(tag(campaign)), &Campaign::from(campaign.clone()))
}

fn changed(campaign: Kept) -> HttpResponse {
    respond(Answer::ok(Some(tag(&campaign)), &Campaign::from(campaign)))
}

/// Read a campaign
#[utoipa::path(
    tag = "campaigns",
    operation_id = "read_campaign",
    params(("campaign_id" = u32, Path, description = "The campaign's number", minimum = 1, example = 12)),
    responses((status = OK, description = "The campaign", body = Campaign), KeyRefusals),
    security(("key" = ["viewer"])),
)]
#[get("/campaigns/{campaign_id}")]
pub(crate) async fn read_campaign(
    _principal: Principal,
    id: Path<u32>,
    conditions: Conditions,
    database: Data<Database>,
) -> Result<HttpResponse, ApiError> {
    let id = CampaignId(*id);
    let found = campaign(&database, id).await?.ok_or(ApiError::UnknownCampaign(id))?;
    Ok(conditions.answer(&tag(&found), Campaign::from(found)))
}

/// Change a campaign
///
/// Fields that are missing stay as they are (RFC 7396). With `If-Match` only the version that
/// the client knows is changed. Every node serves the change within two seconds.
#[utoipa::path(
    tag = "campaigns",
    operation_id = "change_campaign",
    params(
        ("campaign_id" = u32, Path, description = "The campaign's number", minimum = 1, example = 12),
        ("If-Match" = Option<String>, Header, description = "The `ETag` of the version to change", example = json!("*")),
    ),
    request_body = CampaignChange,
    responses((status = OK, description = "The campaign as it is now", body = Campaign), ChangeRefusals),
    security(("key" = ["editor"])),
)]
#[patch("/campaigns/{campaign_id}")]
pub(crate) async fn change_campaign(
    changing: Changing,
    id: Path<u32>,
    conditions: Conditions,
    body: JsonBody,
    managing: Data<Managing>,
) -> Result<HttpResponse, ApiError> {
    let (id, draft) = (CampaignId(*id), body.object()?.draft::<CampaignChange>());
    let (by, now) = (changing.by(), clock::unix_millis());
    let campaign = managing.change_campaign(by, id, conditions.basis(), draft, now).await?;
    Ok(changed(campaign))
}

/// Archive a campaign
///
/// It shows nothing any more and keeps what it achieved. Changing its status brings it back.
#[utoipa::path(
    tag = "campaigns",
    operation_id = "archive_campaign",
    params(
        ("campaign_id" = u32, Path, description = "The campaign's number", minimum = 1, example = 12),
        ("If-Match" = Option<String>, Header, description = "The `ETag` of the version to archive", example = json!("*")),
    ),
    responses((status = OK, description = "The archived campaign", body = Campaign), ChangeRefusals),
    security(("key" = ["editor"])),
)]
#[delete("/campaigns/{campaign_id}")]
pub(crate) async fn archive_campaign(
    changing: Changing,
    id: Path<u32>,
    conditions: Conditions,
    managing: Data<Managing>,
) -> Result<HttpResponse, ApiError> {
    let (id, by, now) = (CampaignId(*id), changing.by(), clock::unix_millis());
    let campaign = managing.archive_campaign(by, id, conditions.basis(), now).await?;
    Ok(changed(campaign))
}
