//! Giving a banner its image.

use std::sync::Arc;

use actix_web::web::{Data, Path};
use actix_web::{HttpResponse, post, put};
use bams_app::images::Invitation;
use bams_app::managing::{AnnouncedFields, BannerImages, UPLOAD_KEY_LENGTH, UploadedFields};
use bams_domain::BannerId;
use bams_media::{Images, MediaType};
use bams_storage::Banner as Kept;
use serde::Serialize;
use utoipa::ToSchema;

use super::banner::{Banner, tag};
use crate::answer::changed::{ChangeAnswer, Changing, answered};
use crate::clock;
use crate::extract::body::{BodyFields, body};
use crate::extract::conditions::{Conditions, IfMatch, ToChange};
use crate::extract::idempotency::IdempotencyKey;
use crate::extract::image_body::ImageBody;
use crate::extract::json::JsonBody;
use crate::extract::shape;
use crate::paths;
use crate::problem::ApiError;
use crate::problem::responses::{DirectUploadRefusals, ImageRefusals};
use crate::random;
use crate::timestamp;
use crate::words::words;

words! {
    /// What images can be.
    MediaTypeName: MediaType = MediaType::ALL.map(|it| (it.content_type(), it))
}

body! {
    /// An image that will be uploaded.
    NewImageUpload: AnnouncedFields = BodyFields::<AnnouncedFields>::default()
        .word::<MediaTypeName>(
            "media_type",
            "What it is, as far as its name tells. In the end its bytes count.",
            |it| &mut it.media_type,
        )
        .needed(true)
        .number(
            "bytes",
            1..=u32::MAX,
            "Its size, which must not exceed `media.max_image_bytes` of the configuration.",
            |it| &mut it.bytes,
        )
        .needed(true)
        .example(18_322.into())
        .text_or_null(
            "sha256",
            shape::fitting("^[0-9a-f]{64}$"),
            "Of its bytes, as lower-case hex digits; then other bytes are not accepted.",
            |it| &mut it.sha256,
        ),
    example: { "media_type": "image/png", "bytes": 18_322 }
}

/// Where to send an image.
#[derive(Serialize, ToSchema)]
pub(crate) struct ImageUpload {
    /// Send the bytes here. Needs no key.
    #[schema(
        example = "https://banners.s3.eu-west-1.amazonaws.com/uploads/141/1767263400.18322.…?X-Amz-Signature=…"
    )]
    upload_url: String,
    /// With this method.
    #[schema(example = "PUT")]
    method: &'static str,
    /// Before this moment.
    #[schema(format = DateTime, example = "2026-01-01T10:30:00Z")]
    expires_at: String,
    /// What to say when it is done.
    #[schema(example = "uploads/141/1767263400.18322.…")]
    key: String,
    /// Where to say it, with POST.
    #[schema(example = "/api/v1/banners/141/image-upload/complete")]
    complete_url: String,
}

body! {
    /// An image that was uploaded.
    CompletedUpload: UploadedFields = BodyFields::<UploadedFields>::default()
        .text(
            "key",
            shape::word(&UPLOAD_KEY_LENGTH),
            "The `key` of the answer that invited the upload.",
            |it| &mut it.key,
        )
        .needed(true),
    example: { "key": "uploads/141/1767263400.18322.…" }
}

/// Replace a banner's image
///
/// The body is the image: PNG, JPEG, GIF, WebP or AVIF, recognised by its bytes and by nothing
/// else. The banner's width and height become the image's own; change them afterwards for an image
/// that is shown in another size. The same image again changes nothing. Every node serves the new
/// image within two seconds; the old one stays where it is, because pages still show it.
#[utoipa::path(
    tag = "banners",
    operation_id = "replace_banner_image",
    params(
        ("banner_id" = u32, Path, description = "The banner's number", minimum = 1, example = 141),
        IfMatch::<ToChange>,
    ),
    request_body(content = [u8], content_type = "application/octet-stream", description = "The image's bytes"),
    responses((status = OK, description = "The banner as it is now", body = Banner), ImageRefusals),
    security(("key" = ["editor"])),
)]
#[put("/banners/{banner_id}/image")]
pub(crate) async fn replace_banner_image(
    changing: Changing,
    id: Path<u32>,
    conditions: Conditions,
    body: ImageBody,
    (banner_images, images): (Data<BannerImages>, Data<Arc<Images>>),
) -> Result<HttpResponse, ApiError> {
    let bytes = body.read(banner_images.max_bytes()).await?;
    let (by, precondition, now) = (changing.by(), conditions.precondition(), clock::unix_millis());
    let made = banner_images.replace(by, BannerId(*id), precondition, bytes, now).await?;
    Ok(answered(made, |banner| shown(banner, &images, now)))
}

/// Upload an image straight to S3
///
/// Answers a URL to which a browser sends the image with PUT. The banner shows it once that is said
/// at `complete_url`. A server that keeps images in a folder answers 409.
#[utoipa::path(
    tag = "banners",
    operation_id = "create_image_upload",
    params(
        ("banner_id" = u32, Path, description = "The banner's number", minimum = 1, example = 141),
        IdempotencyKey,
    ),
    request_body = NewImageUpload,
    responses((status = OK, description = "Where to send the image", body = ImageUpload), DirectUploadRefusals),
    security(("key" = ["editor"])),
)]
#[post("/banners/{banner_id}/image-upload")]
pub(crate) async fn create_image_upload(
    changing: Changing,
    id: Path<u32>,
    body: JsonBody,
    banner_images: Data<BannerImages>,
) -> Result<HttpResponse, ApiError> {
    let (id, body) = (BannerId(*id), body.object()?);
    let invited = move |it: &Invitation| ChangeAnswer::ok(None, &ImageUpload::of(id, it));
    let (draft, once) = (body.draft::<NewImageUpload>(), changing.once(&body, invited));
    let (by, now, random) = (changing.by(), clock::unix_millis(), &mut random::rng());
    let made = banner_images.invite(by, id, draft, once, now, random).await?;
    Ok(answered(made, invited))
}

impl ImageUpload {
    fn of(banner: BannerId, invitation: &Invitation) -> Self {
        Self {
            upload_url: invitation.upload_url.clone(),
            method: "PUT",
            expires_at: timestamp::text(invitation.expires_at.saturating_mul(1000)),
            key: invitation.key.to_string(),
            complete_url: paths::of(paths::COMPLETED_UPLOAD, banner),
        }
    }
}

/// Show an uploaded image
///
/// Looks at what was uploaded, as if it were sent to `/image`, and lets the banner show it. What is
/// not acceptable changes nothing.
#[utoipa::path(
    tag = "banners",
    operation_id = "complete_image_upload",
    params(
        ("banner_id" = u32, Path, description = "The banner's number", minimum = 1, example = 141),
        IfMatch::<ToChange>,
        IdempotencyKey,
    ),
    request_body = CompletedUpload,
    responses((status = OK, description = "The banner as it is now", body = Banner), DirectUploadRefusals),
    security(("key" = ["editor"])),
)]
#[post("/banners/{banner_id}/image-upload/complete")]
pub(crate) async fn complete_image_upload(
    changing: Changing,
    id: Path<u32>,
    conditions: Conditions,
    body: JsonBody,
    (banner_images, images): (Data<BannerImages>, Data<Arc<Images>>),
) -> Result<HttpResponse, ApiError> {
    let (body, now) = (body.object()?, clock::unix_millis());
    let shown = move |banner: &Kept| shown(banner, &images, now);
    let (draft, once) = (body.draft::<CompletedUpload>(), changing.once(&body, shown.clone()));
    let (by, precondition) = (changing.by(), conditions.precondition());
    let made = banner_images.complete(by, BannerId(*id), precondition, draft, once, now).await?;
    Ok(answered(made, shown))
}

fn shown(banner: &Kept, images: &Images, now: i64) -> ChangeAnswer {
    ChangeAnswer::ok(Some(tag(banner, images, now)), &Banner::of(banner.clone(), images, now))
}
