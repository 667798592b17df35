//! New banners from images that are dropped, one banner each.

use actix_multipart::form::MultipartForm;
use actix_multipart::form::tempfile::TempFile;
use actix_multipart::form::text::Text;
use actix_web::http::StatusCode;
use actix_web::web::Path;
use askama::Template;
use bams_app::managing::{AttachmentFields, BannerFields, ManagingError};
use bams_domain::{BannerId, CampaignId};
use bams_storage::{Role, campaign as stored_campaign};

use super::attach::{ImageValues, show_refused};
use super::banner::landing_url_of;
use super::campaign::tags_of;
use super::problems::RefusedImages;
use crate::dashboard::desk::{Answer, Desk};
use crate::dashboard::files::{bytes_of, is_chosen, stem};
use crate::dashboard::frame::{Frame, Section};
use crate::dashboard::numbers::{bytes, counted};
use crate::extract::multipart::Upload;
use crate::problem::ApiError;

/// The most images of one form.
const MOST_IMAGES: usize = 100;

#[derive(Template)]
#[template(path = "dashboard/banners_form.html")]
struct BannersForm {
    frame: Frame,
    largest: String,
    values: ImageValues,
    refused: RefusedImages,
}

/// The form with images.
#[derive(MultipartForm)]
#[multipart(deny_unknown_fields)]
pub(in crate::dashboard) struct ImagesForm {
    images: Vec<TempFile>,
    name: Option<Text<String>>,
    landing_url: Option<Text<String>>,
    alt: Option<Text<String>>,
    tags: Option<Text<String>>,
}

/// What became of the images of a form.
#[derive(Default)]
struct UploadOutcome {
    created: Vec<BannerId>,
    refused: Vec<String>,
}

impl UploadOutcome {
    fn refused(self) -> RefusedImages {
        let taken = match self.created.len() as u64 {
            0 => String::new(),
            taken => format!("{} created.", counted(taken, "banner was", "banners were")),
        };
        RefusedImages { reasons: self.refused, taken }
    }
}

/// Shows the form for new banners.
pub(in crate::dashboard) async fn new(desk: Desk) -> Answer {
    desk.needs(Role::Editor)?;
    draw(&desk, StatusCode::OK, ImageValues::default(), UploadOutcome::default())
}

/// Creates a banner of each image.
pub(in crate::dashboard) async fn create(desk: Desk, Upload(form): Upload<ImagesForm>) -> Answer {
    desk.needs(Role::Editor)?;
    let values = values(&form);
    let outcome = make(&desk, form.images, &values).await?;
    match (&outcome.created[..], outcome.refused.is_empty()) {
        ([only], true) => Ok(desk.lead_to(&format!("/dashboard/banners/{only}"))),
        (_, true) => Ok(desk.lead_to("/dashboard/banners")),
        _ => draw(&desk, StatusCode::UNPROCESSABLE_ENTITY, values, outcome),
    }
}

/// Creates a banner of each image, and attaches them to a campaign.
pub(in crate::dashboard) async fn upload(
    desk: Desk,
    campaign: Path<u32>,
    Upload(form): Upload<ImagesForm>,
) -> Answer {
    desk.needs(Role::Editor)?;
    let (id, values) = (CampaignId(*campaign), values(&form));
    stored_campaign(&desk.parts.database, id).await?.ok_or(ApiError::UnknownCampaign(id))?;
    let outcome = make(&desk, form.images, &values).await?;
    if !outcome.created.is_empty() {
        let banner_ids = Some(outcome.created.iter().map(|it| it.0).collect());
        let fields = AttachmentFields { banner_ids, status: None };
        desk.parts.managing.attach_banners(desk.actor(), id, fields, None, desk.now).await?;
    }
    if outcome.refused.is_empty() {
        return Ok(desk.lead_to(&format!("/dashboard/campaigns/{id}/banners")));
    }
    show_refused(&desk, id, values, outcome.refused()).await
}

fn draw(desk: &Desk, status: StatusCode, values: ImageValues, outcome: UploadOutcome) -> Answer {
    desk.answer_with(
        status,
        &BannersForm {
            frame: desk.frame(Section::Banners, "New banners"),
            largest: bytes(desk.parts.dashboard.node.max_image_bytes as u64),
            values,
            refused: outcome.refused(),
        },
    )
}

fn values(form: &ImagesForm) -> ImageValues {
    let text = |field: &Option<Text<String>>| {
        field.as_ref().map(|it| it.trim().to_owned()).unwrap_or_default()
    };
    ImageValues {
        name: text(&form.name),
        landing_url: text(&form.landing_url),
        alt: text(&form.alt),
        tags: text(&form.tags),
    }
}

/// Creates a banner of each image. One that is refused does not keep the others away.
async fn make(
    desk: &Desk,
    files: Vec<TempFile>,
    values: &ImageValues,
) -> Result<UploadOutcome, ApiError> {
    let chosen: Vec<TempFile> = files.into_iter().filter(is_chosen).collect();
    let mut outcome = UploadOutcome::default();
    if chosen.is_empty() {
        outcome.refused.push("Choose at least one image".to_owned());
    }
    if chosen.len() > MOST_IMAGES {
        outcome.refused.push(format!("At most {MOST_IMAGES} images are taken at once"));
        return Ok(outcome);
    }
    let is_only = chosen.len() == 1;
    for file in chosen {
        let name =
            if is_only && !values.name.is_empty() { values.name.clone() } else { stem(&file) };
        match one(desk, file, name.clone(), values).await {
            Ok(banner) => outcome.created.push(banner),
            Err(error) if error.is_of_sender() => outcome.refused.push(format!("{name}: {error}")),
            Err(error) => return Err(error),
        }
    }
    Ok(outcome)
}

async fn one(
    desk: &Desk,
    file: TempFile,
    name: String,
    values: &ImageValues,
) -> Result<BannerId, ApiError> {
    let images = &desk.parts.banner_images;
    let bytes = bytes_of(file, images.max_bytes()).await?;
    let alt = if values.alt.is_empty() { name.clone() } else { values.alt.clone() };
    let fields = BannerFields {
        name: Some(name),
        landing_url: Some(landing_url_of(&values.landing_url)),
        alt: Some(alt),
        tags: Some(tags_of(&values.tags)),
        ..BannerFields::default()
    };
    let created = images.create(desk.actor(), fields, bytes, desk.now).await;
    let sentences = |error: ManagingError| match error {
        ManagingError::Invalid(violations) => {
            let all: Vec<String> = violations.iter().map(ToString::to_string).collect();
            ApiError::Malformed(all.join("; "))
        }
        error => error.into(),
    };
    Ok(created.map_err(sentences)?.id)
}
