//! Which banners a campaign has, and which of them are paused there.

mod resource;

use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse, delete, get, post, put};
use bams_app::managing::{ATTACHMENT_COUNT, Managing, attachment_version};
use bams_domain::{BannerId, CampaignId};
use bams_storage::{Attachment as Kept, Database, attachment, attachments, campaign};

pub(crate) use self::resource::AttachmentSortName;
use self::resource::{
    Attachment, AttachmentChange, AttachmentChanges, AttachmentList, AttachmentsQuery,
    NewAttachments,
};
use crate::answer::changed::{ChangeAnswer, Changing, answered, respond};
use crate::answer::list::PageQuery;
use crate::answer::page;
use crate::clock;
use crate::extract::conditions::{Conditions, IfMatch, ToChange, ToDetach, etag};
use crate::extract::idempotency::IdempotencyKey;
use crate::extract::json::JsonBody;
use crate::extract::principal::Principal;
use crate::extract::query::Params;
use crate::problem::ApiError;
use crate::problem::responses::{ChangeRefusals, KeyRefusals};

/// List a campaign's banners
#[utoipa::path(
    tag = "campaigns",
    operation_id = "list_campaign_banners",
    params(
        ("campaign_id" = u32, Path, description = "The campaign's number", minimum = 1, example = 12),
        AttachmentsQuery,
        PageQuery<Attachment>,
    ),
    responses((status = OK, description = "A page of attachments", body = AttachmentList), KeyRefusals),
    security(("key" = ["viewer"])),
)]
#[get("/campaigns/{campaign_id}/banners")]
pub(crate) async fn list_campaign_banners(
    _principal: Principal,
    request: HttpRequest,
    id: Path<u32>,
    mut params: Params,
    database: Data<Database>,
) -> Result<HttpResponse, ApiError> {
    let id = CampaignId(*id);
    let (status, page) = (params.filter::<AttachmentsQuery>(), params.page::<Attachment>());
    params.finish()?;
    campaign(&database, id).await?.ok_or(ApiError::UnknownCampaign(id))?;
    let found = attachments(&database, id, status, &page).await?;
    Ok(page::answer(&request, found, &page, |it| Attachment::of(id, &it)))
}

/// Attach banners to a campaign
///
/// All of them or, if one of them does not exist, none. Banners that are attached already get
/// the status asked for.
#[utoipa::path(
    tag = "campaigns",
    operation_id = "attach_banners",
    params(
        ("campaign_id" = u32, Path, description = "The campaign's number", minimum = 1, example = 12),
        IdempotencyKey,
    ),
    request_body = NewAttachments,
    responses((status = OK, description = "The banners are attached", body = AttachmentChanges), ChangeRefusals),
    security(("key" = ["editor"])),
)]
#[post("/campaigns/{campaign_id}/banners")]
pub(crate) async fn attach_banners(
    changing: Changing,
    id: Path<u32>,
    body: JsonBody,
    managing: Data<Managing>,
) -> Result<HttpResponse, ApiError> {
    let (id, body) = (CampaignId(*id), body.object()?);
    let changes = |changed: &Vec<BannerId>| changes(changed);
    let (draft, once) = (body.draft::<NewAttachments>(), changing.once(&body, changes));
    let now = clock::unix_millis();
    let made = managing.attach_banners(changing.by(), id, draft, once, now).await?;
    Ok(answered(made, changes))
}

/// Detach banners from a campaign
///
/// What they achieved there stays. Banners that are not attached are passed over.
#[utoipa::path(
    tag = "campaigns",
    operation_id = "detach_banners",
    params(
        ("campaign_id" = u32, Path, description = "The campaign's number", minimum = 1, example = 12),
        ("banner_ids" = Vec<u32>, Query, description = "The banners, separated by commas", style = Form, explode = false, min_items = 1, max_items = 1000, minimum = 1, example = json!([141, 142])),
    ),
    responses((status = OK, description = "The banners are not attached", body = AttachmentChanges), ChangeRefusals),
    security(("key" = ["editor"])),
)]
#[delete("/campaigns/{campaign_id}/banners")]
pub(crate) async fn detach_banners(
    changing: Changing,
    id: Path<u32>,
    mut params: Params,
    managing: Data<Managing>,
) -> Result<HttpResponse, ApiError> {
    params.require("banner_ids");
    let banners = params.numbers("banner_ids", ATTACHMENT_COUNT, 1..=u32::MAX);
    params.finish()?;
    let banners = banners.into_iter().map(BannerId).collect();
    let (id, by, now) = (CampaignId(*id), changing.by(), clock::unix_millis());
    let changed = managing.detach_banners(by, id, banners, now).await?;
    Ok(respond(changes(&changed)))
}

/// Read a banner's status in a campaign
#[utoipa::path(
    tag = "campaigns",
    operation_id = "read_campaign_banner",
    params(
        ("campaign_id" = u32, Path, description = "The campaign's number", minimum = 1, example = 12),
        ("banner_id" = u32, Path, description = "The banner's number", minimum = 1, example = 141),
    ),
    responses((status = OK, description = "The attachment", body = Attachment), KeyRefusals),
    security(("key" = ["viewer"])),
)]
#[get("/campaigns/{campaign_id}/banners/{banner_id}")]
pub(crate) async fn read_campaign_banner(
    _principal: Principal,
    conditions: Conditions,
    ids: Path<(u32, u32)>,
    database: Data<Database>,
) -> Result<HttpResponse, ApiError> {
    let (id, banner) = (CampaignId(ids.0), BannerId(ids.1));
    campaign(&database, id).await?.ok_or(ApiError::UnknownCampaign(id))?;
    let found = attachment(&database, id, banner).await?;
    let found = found.ok_or(ApiError::NotAttached(id, banner))?;
    Ok(conditions.answer(&tag(&found), Attachment::of(id, &found)))
}

/// Attach a banner to a campaign, or pause it there
///
/// Paused, it is not shown in this campaign; other campaigns go on showing it.
#[utoipa::path(
    tag = "campaigns",
    operation_id = "attach_banner",
    params(
        ("campaign_id" = u32, Path, description = "The campaign's number", minimum = 1, example = 12),
        ("banner_id" = u32, Path, description = "The banner's number", minimum = 1, example = 141),
        IfMatch::<ToChange>,
    ),
    request_body = Option<AttachmentChange>,
    responses((status = OK, description = "The banner is attached", body = AttachmentChanges), ChangeRefusals),
    security(("key" = ["editor"])),
)]
#[put("/campaigns/{campaign_id}/banners/{banner_id}")]
pub(crate) async fn attach_banner(
    changing: Changing,
    ids: Path<(u32, u32)>,
    conditions: Conditions,
    body: JsonBody,
    managing: Data<Managing>,
) -> Result<HttpResponse, ApiError> {
    let (id, banner) = (CampaignId(ids.0), BannerId(ids.1));
    let draft = body.object_if_any()?.draft::<AttachmentChange>();
    let (by, precondition, now) = (changing.by(), conditions.precondition(), clock::unix_millis());
    let attached = managing.attach_banner(by, id, banner, precondition, draft, now).await?;
    let changed = if attached.changed { vec![banner] } else { Vec::new() };
    let tag = Some(tag(&attached.attachment));
    Ok(respond(ChangeAnswer::ok(tag, &AttachmentChanges { changed })))
}

/// Detach a banner from a campaign
///
/// What it achieved there stays.
#[utoipa::path(
    tag = "campaigns",
    operation_id = "detach_banner",
    params(
        ("campaign_id" = u32, Path, description = "The campaign's number", minimum = 1, example = 12),
        ("banner_id" = u32, Path, description = "The banner's number", minimum = 1, example = 141),
        IfMatch::<ToDetach>,
    ),
    responses((status = OK, description = "The banner is not attached", body = AttachmentChanges), ChangeRefusals),
    security(("key" = ["editor"])),
)]
#[delete("/campaigns/{campaign_id}/banners/{banner_id}")]
pub(crate) async fn detach_banner(
    changing: Changing,
    ids: Path<(u32, u32)>,
    conditions: Conditions,
    managing: Data<Managing>,
) -> Result<HttpResponse, ApiError> {
    let (id, banner) = (CampaignId(ids.0), BannerId(ids.1));
    let (by, precondition, now) = (changing.by(), conditions.precondition(), clock::unix_millis());
    managing.detach_banner(by, id, banner, precondition, now).await?;
    Ok(respond(changes(&[banner])))
}

fn changes(changed: &[BannerId]) -> ChangeAnswer {
    ChangeAnswer::ok(None, &AttachmentChanges { changed: changed.to_owned() })
}

/// Returns the tag of an attachment's version.
fn tag(attachment: &Kept) -> String {
    etag(&attachment_version(attachment), None)
}
