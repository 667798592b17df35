//! What one form changes about a banner: its status and its image.

use actix_multipart::form::MultipartForm;
use actix_multipart::form::tempfile::TempFile;
use actix_web::web::Path;
use bams_app::managing::{BannerFields, Precondition};
use bams_domain::BannerId;
use bams_storage::{Role, Subject};

use crate::dashboard::desk::{Answer, Desk};
use crate::dashboard::fields::Sent;
use crate::dashboard::files::bytes_of;
use crate::dashboard::sign_in::own_page;
use crate::dashboard::statuses::status_of;
use crate::extract::multipart::Upload;

/// The form with a new image.
#[derive(MultipartForm)]
#[multipart(deny_unknown_fields)]
pub(in crate::dashboard) struct ImageForm {
    image: TempFile,
}

/// Gives a banner another status everywhere.
pub(in crate::dashboard) async fn set_status(
    desk: Desk,
    banner: Path<u32>,
    Sent(sent): Sent,
) -> Answer {
    desk.needs(Role::Editor)?;
    let id = BannerId(*banner);
    let fields = BannerFields { status: Some(status_of(&sent)?), ..BannerFields::default() };
    let managing = &desk.parts.managing;
    managing.change_banner(desk.actor(), id, Precondition::Anything, fields, desk.now).await?;
    let own = format!("/dashboard/banners/{id}");
    let back = if sent.has("back") { own_page(sent.text("back")) } else { &own };
    desk.undoable(back, Subject::BANNER, &id.to_string()).await
}

/// Lets a banner show the image of the form.
pub(in crate::dashboard) async fn replace_image(
    desk: Desk,
    banner: Path<u32>,
    Upload(form): Upload<ImageForm>,
) -> Answer {
    desk.needs(Role::Editor)?;
    let id = BannerId(*banner);
    let images = &desk.parts.banner_images;
    let bytes = bytes_of(form.image, images.max_bytes()).await?;
    images.replace(desk.actor(), id, Precondition::Anything, bytes, desk.now).await?;
    desk.undoable(&format!("/dashboard/banners/{id}"), Subject::BANNER, &id.to_string()).await
}
