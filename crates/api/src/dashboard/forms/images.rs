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
use super::banner::{LABELS, landing_url_of};
use super::campaign::tags_of;
use super::problems::{FormProblems, RefusedImages};
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
    problems: FormProblems,
}

/// Why no banner was created of an image.
enum Refused {
    /// Fields of the form are wrong.
    Fields(FormProblems),
    Image(ApiError),
}

impl UploadOutcome {
    fn refused(self) -> RefusedImages {
        let taken = match self.created.len() as u64 {
            0 => String::new(),
            taken => format!("{} created.", counted(taken, "banner was", "banners were")),
        };
        RefusedImages { reasons: self.refused, problems: self.problems, taken }
    }
}

/// Shows the form for new banners.
pub(in crate::dashboard) async fn new(desk: Desk) -> Answer {
    desk.needs(Role::Editor)?;
    draw(&desk, StatusCode::OK, ImageValues::default(), RefusedImages::default())
}

/// Creates a banner of each image.
pub(in crate::dashboard) async fn create(desk: Desk, Upload(form): Upload<ImagesForm>) -> Answer {
    desk.needs(Role::Editor)?;
    let values = values(&form);
    let outcome = make(&desk, form.images, &values).await?;
    let only = match outcome.created[..] {
        [only] => format!("/{only}"),
        _ => String::new(),
    };
    let refused = outcome.refused();
    if refused.is_empty() {
        return Ok(desk.lead_to(&format!("/dashboard/banners{only}")));
    }
    draw(&desk, StatusCode::UNPROCESSABLE_ENTITY, values, refused)
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
    let refused = outcome.refused();
    if refused.is_empty() {
        return Ok(desk.lead_to(&format!("/dashboard/campaigns/{id}/banners")));
    }
    show_refused(&desk, id, values, refused).await
}

fn draw(desk: &Desk, status: StatusCode, values: ImageValues, refused: RefusedImages) -> Answer {
    desk.answer_with(
        status,
        &BannersForm {
            frame: desk.frame(Section::Banners, "New banners"),
            largest: bytes(desk.parts.dashboard.node.max_image_bytes as u64),
            values,
            refused,
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

/// Creates a banner of each image. One that is refused does not keep the others away; a field that is wrong
/// for all of them is told once.
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
            Err(Refused::Fields(problems)) if problems.all.iter().any(|it| it.field != "name") => {
                return Ok(UploadOutcome { problems, ..UploadOutcome::default() });
            }
            Err(Refused::Fields(problems)) => {
                let texts = problems.all.into_iter().map(|it| format!("{name}: {}", it.text));
                outcome.refused.extend(texts);
            }
            Err(Refused::Image(error)) if error.is_of_sender() => {
                outcome.refused.push(format!("{name}: {error}"));
            }
            Err(Refused::Image(error)) => return Err(error),
        }
    }
    Ok(outcome)
}

async fn one(
    desk: &Desk,
    file: TempFile,
    name: String,
    values: &ImageValues,
) -> Result<BannerId, Refused> {
    let images = &desk.parts.banner_images;
    let bytes = bytes_of(file, images.max_bytes()).await.map_err(Refused::Image)?;
    let alt = if values.alt.is_empty() { name.clone() } else { values.alt.clone() };
    let fields = BannerFields {
        name: Some(name),
        landing_url: Some(landing_url_of(&values.landing_url)),
        alt: Some(alt),
        tags: Some(tags_of(&values.tags)),
        ..BannerFields::default()
    };
    match images.create(desk.actor(), fields, bytes, desk.now).await {
        Ok(banner) => Ok(banner.id),
        Err(error @ ManagingError::Invalid(_)) => {
            Err(FormProblems::of(error, LABELS).map_or_else(Refused::Image, Refused::Fields))
        }
        Err(error) => Err(Refused::Image(error.into())),
    }
}
