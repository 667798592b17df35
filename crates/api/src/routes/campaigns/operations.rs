//! What can be done with campaigns.

use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse, delete, get, patch, post};
use bams_app::managing::Managing;
use bams_domain::CampaignId;
use bams_storage::{Campaign as Kept, CampaignFilter, CatalogSort, Database, campaign, campaigns};

use super::campaign::{Campaign, CampaignChange, CampaignCopy, NewCampaign, tag};
use super::catalog_filters::catalog_filters;
use crate::answer::changed::{ChangeAnswer, Changing, answered, respond};
use crate::answer::list::{List, Listed, PageQuery, Pages};
use crate::answer::page;
use crate::clock;
use crate::extract::conditions::{Conditions, IfMatch, ToArchive, ToChange};
use crate::extract::filters::filter;
use crate::extract::idempotency::IdempotencyKey;
use crate::extract::json::JsonBody;
use crate::extract::principal::Principal;
use crate::extract::query::Params;
use crate::paths;
use crate::problem::ApiError;
use crate::problem::responses::{ChangeRefusals, KeyRefusals};
use crate::words::{orders, words};

words! {
    /// What campaigns and banners are sorted by.
    SortName: (CatalogSort, bool) = orders([
        ("id", CatalogSort::Id),
        ("name", CatalogSort::Name),
        ("created_at", CatalogSort::CreatedAt),
        ("updated_at", CatalogSort::UpdatedAt),
    ])
}

filter! {
    /// Which campaigns.
    CampaignsQuery: CampaignFilter = catalog_filters::<CampaignFilter>(
        "campaigns",
        |it, statuses| it.statuses = statuses,
        |it, tag| it.tag = Some(tag),
        |it, name| it.name = Some(name),
    )
}

/// A page, by its component's name.
type CampaignList = List<Campaign>;

impl Listed for Campaign {
    type Order = SortName;

    const PAGES: Pages = Pages {
        name: "CampaignList",
        about: "A page of campaigns.",
        items: "The campaigns, in the order asked for.",
        sort: "What to sort by; with `-` the largest first.",
        sort_example: "-updated_at",
        cursor_example: "WyItdXBkYXRlZF9hdCIsMTc3MTY5MjAwMDAwMCwxMl0",
    };
}

/// List campaigns
///
/// Page by page, by number unless `sort` says otherwise. `Link` leads to the next page.
#[utoipa::path(
    tag = "campaigns",
    operation_id = "list_campaigns",
    params(CampaignsQuery, PageQuery<Campaign>),
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
    let (filter, page) = (params.filter::<CampaignsQuery>(), params.page::<Campaign>());
    params.finish()?;
    let found = campaigns(&database, &filter, &page).await?;
    let now = clock::unix_millis();
    Ok(page::answer(&request, found, &page, |it| Campaign::of(it, now)))
}

/// Create a campaign
///
/// Answers the campaign with its number. It is active unless `status` says otherwise, and shows
/// something once banners are attached.
#[utoipa::path(
    tag = "campaigns",
    operation_id = "create_campaign",
    params(IdempotencyKey),
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
    let now = clock::unix_millis();
    let created = move |campaign: &Kept| created(campaign, now);
    let (draft, once) = (body.draft::<NewCampaign>(), changing.once(&body, created));
    let made = managing.create_campaign(changing.by(), draft, once, now).await?;
    Ok(answered(made, created))
}

fn created(campaign: &Kept, now: i64) -> ChangeAnswer {
    let location = paths::of(paths::CAMPAIGN, campaign.id);
    ChangeAnswer::created(location, Some(tag(campaign, now)), &Campaign::of(campaign.clone(), now))
}

fn changed(campaign: Kept, now: i64) -> HttpResponse {
    respond(ChangeAnswer::ok(Some(tag(&campaign, now)), &Campaign::of(campaign, now)))
}

/// Copy a campaign
///
/// Makes a draft with the same settings, to which the same banners are attached with the same
/// pauses. The banners themselves are not copied: a change to one is seen in both campaigns.
#[utoipa::path(
    tag = "campaigns",
    operation_id = "copy_campaign",
    params(
        ("campaign_id" = u32, Path, description = "The number of the campaign to copy", minimum = 1, example = 12),
        IdempotencyKey,
    ),
    request_body = Option<CampaignCopy>,
    responses((status = CREATED, description = "The new campaign", body = Campaign), ChangeRefusals),
    security(("key" = ["editor"])),
)]
#[post("/campaigns/{campaign_id}/copy")]
pub(crate) async fn copy_campaign(
    changing: Changing,
    id: Path<u32>,
    body: JsonBody,
    managing: Data<Managing>,
) -> Result<HttpResponse, ApiError> {
    let (id, body) = (CampaignId(*id), body.object_if_any()?);
    let now = clock::unix_millis();
    let created = move |campaign: &Kept| created(campaign, now);
    let (draft, once) = (body.draft::<CampaignCopy>(), changing.once(&body, created));
    let made = managing.copy_campaign(changing.by(), id, draft, once, now).await?;
    Ok(answered(made, created))
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
    let now = clock::unix_millis();
    Ok(conditions.answer(&tag(&found, now), Campaign::of(found, now)))
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
        IfMatch::<ToChange>,
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
    let campaign = managing.change_campaign(by, id, conditions.precondition(), draft, now).await?;
    Ok(changed(campaign, now))
}

/// Archive a campaign
///
/// It shows nothing any more and keeps what it achieved. Changing its status brings it back.
#[utoipa::path(
    tag = "campaigns",
    operation_id = "archive_campaign",
    params(
        ("campaign_id" = u32, Path, description = "The campaign's number", minimum = 1, example = 12),
        IfMatch::<ToArchive>,
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
    let campaign = managing.archive_campaign(by, id, conditions.precondition(), now).await?;
    Ok(changed(campaign, now))
}
