//! What can be done with banners.

use std::sync::Arc;

use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse, delete, get, patch, post};
use bams_app::managing::Managing;
use bams_domain::{BannerId, CampaignId};
use bams_media::Images;
use bams_storage::{Banner as Kept, BannerFilter, Database, banner, banners};

use super::banner::{Banner, BannerChange, NewBanner, tag};
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
use crate::routes::campaigns::{SortName, catalog_filters};

filter! {
    /// Which banners.
    BannersQuery: BannerFilter = catalog_filters::<BannerFilter>(
        "banners",
        |it, statuses| it.statuses = statuses,
        |it, tag| it.tag = Some(tag),
        |it, name| it.name = Some(name),
    )
    .number(
        "campaign_id",
        1..=u32::MAX,
        "Only banners that are attached to this campaign.",
        12,
        |it, campaign| it.campaign = Some(CampaignId(campaign)),
    )
    .flag(
        "has_image",
        "Only banners with an image, or only those without.",
        true,
        |it, has_image| it.has_image = Some(has_image),
    )
}

/// A page, by its component's name.
type BannerList = List<Banner>;

impl Listed for Banner {
    type Order = SortName;

    const PAGES: Pages = Pages {
        name: "BannerList",
        about: "A page of banners.",
        items: "The banners, in the order asked for.",
        sort: "What to sort by; with `-` the largest first.",
        sort_example: "-updated_at",
        cursor_example: "WyItdXBkYXRlZF9hdCIsMTc3MTY5MjAwMDAwMCwxNDFd",
    };
}

/// List banners
///
/// Page by page, by number unless `sort` says otherwise. `Link` leads to the next page.
#[utoipa::path(
    tag = "banners",
    operation_id = "list_banners",
    params(BannersQuery, PageQuery<Banner>),
    responses((status = OK, description = "A page of banners", body = BannerList), KeyRefusals),
    security(("key" = ["viewer"])),
)]
#[get("/banners")]
pub(crate) async fn list_banners(
    _principal: Principal,
    request: HttpRequest,
    mut params: Params,
    database: Data<Database>,
    images: Data<Arc<Images>>,
) -> Result<HttpResponse, ApiError> {
    let (filter, page) = (params.filter::<BannersQuery>(), params.page::<Banner>());
    params.finish()?;
    let found = banners(&database, &filter, &page).await?;
    let now = clock::unix_millis();
    Ok(page::answer(&request, found, &page, |it| Banner::of(it, &images, now)))
}

/// Create a banner
///
/// Answers the banner with its number. It is active unless `status` says otherwise, and is shown
/// once it has an image and is attached to a campaign.
#[utoipa::path(
    tag = "banners",
    operation_id = "create_banner",
    params(IdempotencyKey),
    request_body = NewBanner,
    responses((status = CREATED, description = "The new banner", body = Banner), ChangeRefusals),
    security(("key" = ["editor"])),
)]
#[post("/banners")]
pub(crate) async fn create_banner(
    changing: Changing,
    body: JsonBody,
    (managing, images): (Data<Managing>, Data<Arc<Images>>),
) -> Result<HttpResponse, ApiError> {
    let body = body.object()?;
    let now = clock::unix_millis();
    let created = move |banner: &Kept| created(banner, &images, now);
    let (draft, once) = (body.draft::<NewBanner>(), changing.once(&body, created.clone()));
    let made = managing.create_banner(changing.by(), draft, once, now).await?;
    Ok(answered(made, created))
}

fn created(banner: &Kept, images: &Images, now: i64) -> ChangeAnswer {
    let location = paths::of(paths::BANNER, banner.id);
    let body = Banner::of(banner.clone(), images, now);
    ChangeAnswer::created(location, Some(tag(banner, images, now)), &body)
}

fn changed(banner: Kept, images: &Images, now: i64) -> HttpResponse {
    respond(ChangeAnswer::ok(Some(tag(&banner, images, now)), &Banner::of(banner, images, now)))
}

/// Read a banner
#[utoipa::path(
    tag = "banners",
    operation_id = "read_banner",
    params(("banner_id" = u32, Path, description = "The banner's number", minimum = 1, example = 141)),
    responses((status = OK, description = "The banner", body = Banner), KeyRefusals),
    security(("key" = ["viewer"])),
)]
#[get("/banners/{banner_id}")]
pub(crate) async fn read_banner(
    _principal: Principal,
    id: Path<u32>,
    conditions: Conditions,
    database: Data<Database>,
    images: Data<Arc<Images>>,
) -> Result<HttpResponse, ApiError> {
    let id = BannerId(*id);
    let found = banner(&database, id).await?.ok_or(ApiError::UnknownBanner(id))?;
    let now = clock::unix_millis();
    Ok(conditions.answer(&tag(&found, &images, now), Banner::of(found, &images, now)))
}

/// Change a banner
///
/// Fields that are missing stay as they are (RFC 7396). With `If-Match` only the version that
/// the client knows is changed. Every node serves the change within two seconds.
#[utoipa::path(
    tag = "banners",
    operation_id = "change_banner",
    params(
        ("banner_id" = u32, Path, description = "The banner's number", minimum = 1, example = 141),
        IfMatch::<ToChange>,
    ),
    request_body = BannerChange,
    responses((status = OK, description = "The banner as it is now", body = Banner), ChangeRefusals),
    security(("key" = ["editor"])),
)]
#[patch("/banners/{banner_id}")]
pub(crate) async fn change_banner(
    changing: Changing,
    id: Path<u32>,
    conditions: Conditions,
    body: JsonBody,
    (managing, images): (Data<Managing>, Data<Arc<Images>>),
) -> Result<HttpResponse, ApiError> {
    let (id, draft) = (BannerId(*id), body.object()?.draft::<BannerChange>());
    let (by, now) = (changing.by(), clock::unix_millis());
    let banner = managing.change_banner(by, id, conditions.precondition(), draft, now).await?;
    Ok(changed(banner, &images, now))
}

/// Archive a banner
///
/// No campaign shows it any more; it keeps what it achieved. Changing its status brings it back.
#[utoipa::path(
    tag = "banners",
    operation_id = "archive_banner",
    params(
        ("banner_id" = u32, Path, description = "The banner's number", minimum = 1, example = 141),
        IfMatch::<ToArchive>,
    ),
    responses((status = OK, description = "The archived banner", body = Banner), ChangeRefusals),
    security(("key" = ["editor"])),
)]
#[delete("/banners/{banner_id}")]
pub(crate) async fn archive_banner(
    changing: Changing,
    id: Path<u32>,
    conditions: Conditions,
    (managing, images): (Data<Managing>, Data<Arc<Images>>),
) -> Result<HttpResponse, ApiError> {
    let (id, by, now) = (BannerId(*id), changing.by(), clock::unix_millis());
    let banner = managing.archive_banner(by, id, conditions.precondition(), now).await?;
    Ok(changed(banner, &images, now))
}
