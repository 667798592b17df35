//! The form of a banner.

use actix_web::http::StatusCode;
use actix_web::web::Path;
use askama::Template;
use bams_app::managing::{BannerFields, Precondition, Version};
use bams_app::{Draft, Violation};
use bams_domain::{BannerId, Status};
use bams_storage::{Banner, Role, Subject, banner};

use super::campaign::tags_of;
use super::problems::{FormProblems, Labels};
use crate::dashboard::desk::{Answer, Desk};
use crate::dashboard::fields::{Fields, Sent};
use crate::dashboard::frame::{Frame, Section};
use crate::dashboard::statuses;
use crate::problem::ApiError;

/// The words above the fields of a banner.
pub(super) const LABELS: Labels = &[
    ("name", "Name"),
    ("status", "Status"),
    ("landing_url", "Landing URL"),
    ("alt", "Alt text"),
    ("width", "Width"),
    ("height", "Height"),
    ("tags", "Tags"),
];

#[derive(Template)]
#[template(path = "dashboard/banner_form.html")]
struct BannerForm {
    frame: Frame,
    title: String,
    id: BannerId,
    version: String,
    values: BannerValues,
    statuses: Vec<(&'static str, &'static str)>,
    problems: FormProblems,
}

/// What stands in the fields.
struct BannerValues {
    name: String,
    status: String,
    landing_url: String,
    alt: String,
    width: String,
    height: String,
    tags: String,
}

/// Shows the form of a banner.
pub(in crate::dashboard) async fn edit(desk: Desk, id: Path<u32>) -> Answer {
    desk.needs(Role::Editor)?;
    let found = load(&desk, BannerId(*id)).await?;
    let values = stored_values(&found);
    draw(&desk, &found, values, StatusCode::OK, FormProblems::default())
}

/// Changes a banner to what the form says.
pub(in crate::dashboard) async fn save(desk: Desk, id: Path<u32>, Sent(sent): Sent) -> Answer {
    desk.needs(Role::Editor)?;
    let id = BannerId(*id);
    let basis = Precondition::Seen(vec![Version::named(sent.text("version"))]);
    let managing = &desk.parts.managing;
    match managing.change_banner(desk.actor(), id, basis, draft(&sent), desk.now).await {
        Ok(_) => {
            let own = format!("/dashboard/banners/{id}");
            desk.undoable(&own, Subject::BANNER, &id.to_string()).await
        }
        Err(error) => {
            let problems = FormProblems::of(error, LABELS)?;
            let found = load(&desk, id).await?;
            draw(&desk, &found, sent_values(&sent), StatusCode::UNPROCESSABLE_ENTITY, problems)
        }
    }
}

async fn load(desk: &Desk, id: BannerId) -> Result<Banner, ApiError> {
    banner(&desk.parts.database, id).await?.ok_or(ApiError::UnknownBanner(id))
}

fn draw(
    desk: &Desk,
    banner: &Banner,
    values: BannerValues,
    status: StatusCode,
    problems: FormProblems,
) -> Answer {
    let title = format!("Edit {}", banner.settings.name);
    desk.answer_with(
        status,
        &BannerForm {
            frame: desk.frame(Section::Banners, title.clone()),
            title,
            id: banner.id,
            version: banner.version.to_string(),
            values,
            statuses: Status::ALL.map(|it| (it.name(), statuses::word(it))).into(),
            problems,
        },
    )
}

fn stored_values(banner: &Banner) -> BannerValues {
    let settings = &banner.settings;
    let side = |side: Option<u32>| side.map(|it| it.to_string()).unwrap_or_default();
    BannerValues {
        name: settings.name.clone(),
        status: settings.status.name().to_owned(),
        landing_url: settings.landing_url.clone().unwrap_or_default(),
        alt: settings.alt.clone(),
        width: side(settings.width),
        height: side(settings.height),
        tags: settings.tags.join(", "),
    }
}

fn sent_values(sent: &Fields) -> BannerValues {
    let text = |name| sent.text(name).to_owned();
    BannerValues {
        name: text("name"),
        status: text("status"),
        landing_url: text("landing_url"),
        alt: text("alt"),
        width: text("width"),
        height: text("height"),
        tags: text("tags"),
    }
}

fn draft(sent: &Fields) -> Draft<BannerFields> {
    let mut violations = Vec::new();
    let mut side = |name: &str| match sent.text(name) {
        "" => Some(None),
        text => {
            let read = text.parse().ok();
            if read.is_none() {
                violations.push(Violation::of(name, "invalid_value", "is no whole number"));
            }
            read.map(Some)
        }
    };
    let (width, height) = (side("width"), side("height"));
    let name = sent.text("name");
    if name.is_empty() {
        violations.push(Violation::of("name", "missing", "is empty"));
    }
    let said = BannerFields {
        name: (!name.is_empty()).then(|| name.to_owned()),
        status: sent.read("status"),
        landing_url: Some(landing_url_of(sent.text("landing_url"))),
        alt: Some(sent.text("alt").to_owned()),
        width,
        height,
        tags: Some(tags_of(sent.text("tags"))),
    };
    Draft { said, violations }
}

/// Returns a landing URL, or `None` for an empty field.
pub(super) fn landing_url_of(text: &str) -> Option<String> {
    (!text.is_empty()).then(|| text.to_owned())
}
