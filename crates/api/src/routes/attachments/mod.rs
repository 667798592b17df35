//! Which banners a campaign has, and which of them are paused there.

mod resource;

use std::collections::BTreeSet;

use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse, delete, get, post, put};
use bams_domain::{BannerId, CampaignId, Status};
use bams_storage::{
    AttachmentSort, Change, Database, attachment, attachments, campaign, unknown_banners,
};

pub(crate) use self::resource::AttachmentSortName;
use self::resource::{
    Attachment, AttachmentChange, AttachmentChanges, AttachmentList, AttachmentsQuery,
    NewAttachments,
};
use crate::answer::changed::{Answer, Changing};
use crate::answer::page;
use crate::extract::conditions::{Conditions, content_tag};
use crate::extract::fields::Form;
use crate::extract::json::JsonBody;
use crate::extract::principal::Principal;
use crate::extract::query::Params;
use crate::problem::responses::{ChangeRefusals, KeyRefusals};
use crate::problem::{ApiError, FieldError};

/// The most banners that one request attaches or detaches.
const MOST: usize = 1000;

const SORTS: [(&str, AttachmentSort); 2] =
    [("banner_id", AttachmentSort::BannerId), ("created_at", AttachmentSort::CreatedAt)];

/// Within a campaign a banner runs or does not.
const STATUSES: [(&str, Status); 2] =
    [(Status::Active.name(), Status::Active), (Status::Paused.name(), Status::Paused)];

/// List a campaign's banners
#[utoipa::path(
    tag = "campaigns",
    operation_id = "list_campaign_banners",
    params(
        ("campaign_id" = u32, Path, description = "The campaign's number", minimum = 1, example = 12),
        AttachmentsQuery,
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
    let status = params.word("status", &STATUSES);
    let page = params.page(&SORTS);
    params.finish()?;
    campaign(&database, id).await?.ok_or(ApiError::UnknownCampaign(id))?;
    let found = attachments(&database, id, status, &page).await?;
    page::answer(&request, found, &page, &SORTS, |it| Ok(Attachment::of(id, &it)))
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
        ("Idempotency-Key" = Option<String>, Header, description = "Makes sending it again harmless", min_length = 1, max_length = 200, example = "spring-shoes-1"),
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
    database: Data<Database>,
) -> Result<HttpResponse, ApiError> {
    let (id, body) = (CampaignId(*id), body.object()?);
    let mut form = body.form();
    form.require("banner_ids");
    let banners = form.numbers("banner_ids", 1..=MOST).into_iter().map(BannerId).collect();
    let status = status(form)?;
    let attach = async move |change: &mut Change| {
        change.campaign(id).await?.ok_or(ApiError::UnknownCampaign(id))?;
        check_banners(&database, &banners).await?;
        let changed = change.attach(id, &banners, status).await?;
        Ok(Answer::ok(None, &AttachmentChanges { changed }))
    };
    changing.once(&body, attach).await
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
) -> Result<HttpResponse, ApiError> {
    let id = CampaignId(*id);
    params.require("banner_ids");
    let banners: BTreeSet<_> =
        params.numbers("banner_ids", 1..=MOST, 1..=u32::MAX).into_iter().map(BannerId).collect();
    params.finish()?;
    let detach = async move |change: &mut Change| {
        change.campaign(id).await?.ok_or(ApiError::UnknownCampaign(id))?;
        let changed = change.detach(id, &banners).await?;
        Ok(Answer::ok(None, &AttachmentChanges { changed }))
    };
    changing.make_it(detach).await
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
    let attachment = Attachment::of(id, &found);
    Ok(conditions.answer(&content_tag(&attachment), attachment))
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
        ("If-Match" = Option<String>, Header, description = "The `ETag` of the version to change", example = json!("*")),
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
) -> Result<HttpResponse, ApiError> {
    let (id, banner) = (CampaignId(ids.0), BannerId(ids.1));
    let status = status(body.object_if_any()?.form())?;
    let attach = async move |change: &mut Change| {
        change.campaign(id).await?.ok_or(ApiError::UnknownCampaign(id))?;
        change.banner(banner).await?.ok_or(ApiError::UnknownBanner(banner))?;
        let before = change.attachment(id, banner).await?;
        conditions.check_content(before.map(|it| Attachment::of(id, &it)).as_ref())?;
        let changed = change.attach(id, &BTreeSet::from([banner]), status).await?;
        let after = change.attachment(id, banner).await?;
        let tag = after.map(|it| content_tag(&Attachment::of(id, &it)));
        Ok(Answer::ok(tag, &AttachmentChanges { changed }))
    };
    changing.make_it(attach).await
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
        ("If-Match" = Option<String>, Header, description = "The `ETag` of the version to detach", example = json!("*")),
    ),
    responses((status = OK, description = "The banner is not attached", body = AttachmentChanges), ChangeRefusals),
    security(("key" = ["editor"])),
)]
#[delete("/campaigns/{campaign_id}/banners/{banner_id}")]
pub(crate) async fn detach_banner(
    changing: Changing,
    ids: Path<(u32, u32)>,
    conditions: Conditions,
) -> Result<HttpResponse, ApiError> {
    let (id, banner) = (CampaignId(ids.0), BannerId(ids.1));
    let detach = async move |change: &mut Change| {
        change.campaign(id).await?.ok_or(ApiError::UnknownCampaign(id))?;
        let before = change.attachment(id, banner).await?;
        let before = before.ok_or(ApiError::NotAttached(id, banner))?;
        conditions.check_content(Some(&Attachment::of(id, &before)))?;
        let changed = change.detach(id, &BTreeSet::from([banner])).await?;
        Ok(Answer::ok(None, &AttachmentChanges { changed }))
    };
    changing.make_it(detach).await
}

fn status(mut form: Form) -> Result<Status, ApiError> {
    let mut status = Status::Active;
    form.word("status", &STATUSES, &mut status);
    form.finish()?;
    Ok(status)
}

/// Refuses banners that do not exist, all of them at once.
async fn check_banners(database: &Database, banners: &BTreeSet<BannerId>) -> Result<(), ApiError> {
    let unknown = unknown_banners(database, banners).await?;
    let errors = unknown.into_iter().map(|it| FieldError {
        pointer: "/banner_ids".to_owned(),
        code: "unknown_banner",
        detail: format!("banner {it} does not exist"),
    });
    let errors: Vec<_> = errors.collect();
    if errors.is_empty() { Ok(()) } else { Err(ApiError::Invalid(errors)) }
}
