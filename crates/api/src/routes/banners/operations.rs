//! What can be done with banners.

use std::sync::Arc;

use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse, delete, get, patch, post};
use bams_app::managing::Managing;
use bams_domain::{BannerId, CampaignId};
use bams_media::Images;
use bams_storage::{Banner as Kept, BannerFilter, Database, banner, banners};
use utoipa::{IntoParams, ToSchema};

use super::banner::{Banner, BannerChange, NewBanner, tag};
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
use crate::routes::campaigns::{SortName, StatusName};

/// Which banners, in which order.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "describes the query for the document")]
pub(crate) struct BannersQuery {
    /// Any of these statuses, separated by commas.
    #[param(style = Form, explode = false, example = json!(["active", "paused"]))]
    status: Option<Vec<StatusName>>,
    /// Only banners with this tag.
    #[param(
        min_length = 1,
        max_length = 50,
        pattern = r"^[^\x00-\x1f\x7f-\x9f]*$",
        example = "spring"
    )]
    tag: Option<String>,
    /// Only banners whose name contains this, in upper or lower case; on SQLite only A to Z are the same
    /// as a to z.
    #[param(
        min_length = 1,
        max_length = 200,
        pattern = r"^[^\x00-\x1f\x7f-\x9f]*$",
        example = "shoes"
    )]
    name: Option<String>,
    /// Only banners that are attached to this campaign.
    #[param(minimum = 1, example = 12)]
    campaign_id: Option<u32>,
    /// Only banners with an image, or only those without.
    #[param(example = true)]
    has_image: Option<bool>,
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
        example = "WyItdXBkYXRlZF9hdCIsMTc3MTY5MjAwMDAwMCwxNDFd"
    )]
    cursor: Option<String>,
}

/// A page of banners.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes JSON for the document")]
pub(crate) struct BannerList {
    /// The banners, in the order asked for.
    items: Vec<Banner>,
    /// Asks for the next page; null on the last one.
    #[schema(example = "WyItdXBkYXRlZF9hdCIsMTc3MTY5MjAwMDAwMCwxNDFd")]
    next_cursor: Option<String>,
}

/// List banners
///
/// Page by page, by number unless `sort` says otherwise. `Link` leads to the next page.
#[utoipa::path(
    tag = "banners",
    operation_id = "list_banners",
    params(BannersQuery),
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
    let filter = BannerFilter {
        statuses: params.words::<StatusName>("status"),
        tag: params.text("tag", 1..=50),
        name: params.text("name", 1..=200),
        campaign: params.number("campaign_id", 1..=u32::MAX).map(CampaignId),
        has_image: params.flag("has_image"),
    };
    let page = params.page::<SortName>();
    params.finish()?;
    let found = banners(&database, &filter, &page).await?;
    let now = clock::unix_millis();
    page::answer::<SortName, _, _>(&request, found, &page, |it| Ok(Banner::of(it, &images, now)))
}

/// Create a banner
///
/// Answers the banner with its number. It is active unless `status` says otherwise, and is shown
/// once it has an image and is attached to a campaign.
#[utoipa::path(
    tag = "banners",
    operation_id = "create_banner",
    params(("Idempotency-Key" = Option<String>, Header, description = "Makes sending it again harmless", min_length = 1, max_length = 200, example = "spring-shoes-1")),
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

fn created(banner: &Kept, images: &Images, now: i64) -> Answer {
    let location = paths::of(paths::BANNER, banner.id);
    let body = Banner::of(banner.clone(), images, now);
    Answer::created(location, Some(tag(banner, images, now)), &body)
}

fn changed(banner: Kept, images: &Images, now: i64) -> HttpResponse {
    respond(Answer::ok(Some(tag(&banner, images, now)), &Banner::of(banner, images, now)))
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
        ("If-Match" = Option<String>, Header, description = "The `ETag` of the version to change", example = json!("*")),
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
    let banner = managing.change_banner(by, id, conditions.basis(), draft, now).await?;
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
        ("If-Match" = Option<String>, Header, description = "The `ETag` of the version to archive", example = json!("*")),
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
    let banner = managing.archive_banner(by, id, conditions.basis(), now).await?;
    Ok(changed(banner, &images, now))
}
