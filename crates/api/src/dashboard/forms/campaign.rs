//! The form of a campaign.

use actix_web::http::StatusCode;
use actix_web::web::Path;
use askama::Template;
use bams_app::managing::{CampaignFields, Made, Precondition, Version};
use bams_app::{Draft, Violation};
use bams_domain::{CampaignId, Policy, Status};
use bams_storage::{Campaign, Role, Subject, campaign};

use super::problems::{FormProblems, Labels};
use crate::dashboard::desk::{Answer, Desk};
use crate::dashboard::fields::{Fields, Sent};
use crate::dashboard::frame::{Frame, Section};
use crate::dashboard::statuses;
use crate::dashboard::zone::Zone;
use crate::problem::ApiError;

const LABELS: Labels = &[
    ("name", "Name"),
    ("status", "Status"),
    ("starts_at", "Starts"),
    ("ends_at", "Ends"),
    ("page_size", "Page size"),
    ("tags", "Tags"),
    ("notes", "Notes"),
];

#[derive(Template)]
#[template(path = "dashboard/campaign_form.html")]
struct CampaignForm {
    frame: Frame,
    title: String,
    /// The campaign, or `None` for a new one.
    id: Option<CampaignId>,
    version: String,
    values: CampaignValues,
    statuses: Vec<(&'static str, &'static str)>,
    policies: Vec<&'static str>,
    zone: String,
    utc: [String; 2],
    problems: FormProblems,
}

/// What stands in the fields.
#[derive(Default)]
struct CampaignValues {
    name: String,
    status: String,
    starts_at: String,
    ends_at: String,
    page_size: String,
    tags: String,
    notes: String,
}

/// Shows the form for a new campaign.
pub(in crate::dashboard) async fn new(desk: Desk) -> Answer {
    desk.needs(Role::Editor)?;
    let values =
        CampaignValues { status: Status::Active.name().to_owned(), ..CampaignValues::default() };
    draw(&desk, None, values, StatusCode::OK, FormProblems::default())
}

/// Creates the campaign of the form, and leads to where banners are added.
pub(in crate::dashboard) async fn create(desk: Desk, Sent(sent): Sent) -> Answer {
    desk.needs(Role::Editor)?;
    let made =
        desk.parts.managing.create_campaign(desk.actor(), draft(&sent), None, desk.now).await;
    match made {
        Ok(Made::Now(campaign)) => {
            Ok(desk.lead_to(&format!("/dashboard/campaigns/{}/banners", campaign.id)))
        }
        Ok(Made::Before(_)) => Err(ApiError::IdempotencyKeyReused),
        Err(error) => {
            let problems = FormProblems::of(error, LABELS)?;
            draw(&desk, None, sent_values(&sent), StatusCode::UNPROCESSABLE_ENTITY, problems)
        }
    }
}

/// Shows the form of a campaign.
pub(in crate::dashboard) async fn edit(desk: Desk, id: Path<u32>) -> Answer {
    desk.needs(Role::Editor)?;
    let found = load(&desk, CampaignId(*id)).await?;
    let values = stored_values(&found, &desk.browser.zone);
    draw(&desk, Some(&found), values, StatusCode::OK, FormProblems::default())
}

/// Changes a campaign to what the form says.
pub(in crate::dashboard) async fn save(desk: Desk, id: Path<u32>, Sent(sent): Sent) -> Answer {
    desk.needs(Role::Editor)?;
    let id = CampaignId(*id);
    let basis = Precondition::Seen(vec![Version::named(sent.text("version"))]);
    let managing = &desk.parts.managing;
    match managing.change_campaign(desk.actor(), id, basis, draft(&sent), desk.now).await {
        Ok(_) => {
            let own = format!("/dashboard/campaigns/{id}");
            desk.undoable(&own, Subject::CAMPAIGN, &id.to_string()).await
        }
        Err(error) => {
            let problems = FormProblems::of(error, LABELS)?;
            let found = load(&desk, id).await?;
            draw(
                &desk,
                Some(&found),
                sent_values(&sent),
                StatusCode::UNPROCESSABLE_ENTITY,
                problems,
            )
        }
    }
}

async fn load(desk: &Desk, id: CampaignId) -> Result<Campaign, ApiError> {
    campaign(&desk.parts.database, id).await?.ok_or(ApiError::UnknownCampaign(id))
}

fn draw(
    desk: &Desk,
    campaign: Option<&Campaign>,
    values: CampaignValues,
    status: StatusCode,
    problems: FormProblems,
) -> Answer {
    let title = campaign
        .map_or_else(|| "New campaign".to_owned(), |it| format!("Edit {}", it.settings.name));
    let utc =
        |at: Option<i64>| at.map(|at| Zone::utc().input(at).replace('T', " ")).unwrap_or_default();
    desk.answer_with(
        status,
        &CampaignForm {
            frame: desk.frame(Section::Campaigns, title.clone()),
            title,
            id: campaign.map(|it| it.id),
            version: campaign.map(|it| it.version.to_string()).unwrap_or_default(),
            values,
            statuses: Status::ALL.map(|it| (it.name(), statuses::word(it))).into(),
            policies: Policy::ALL.map(Policy::name).into(),
            zone: desk.browser.zone.name().to_owned(),
            utc: [
                utc(campaign.and_then(|it| it.settings.starts_at)),
                utc(campaign.and_then(|it| it.settings.ends_at)),
            ],
            problems,
        },
    )
}

fn stored_values(campaign: &Campaign, zone: &Zone) -> CampaignValues {
    let settings = &campaign.settings;
    let moment = |at: Option<i64>| at.map(|at| zone.input(at)).unwrap_or_default();
    CampaignValues {
        name: settings.name.clone(),
        status: settings.status.name().to_owned(),
        starts_at: moment(settings.starts_at),
        ends_at: moment(settings.ends_at),
        page_size: settings.page_size.map(|it| it.to_string()).unwrap_or_default(),
        tags: settings.tags.join(", "),
        notes: settings.notes.clone(),
    }
}

fn sent_values(sent: &Fields) -> CampaignValues {
    let text = |name| sent.text(name).to_owned();
    CampaignValues {
        name: text("name"),
        status: text("status"),
        starts_at: text("starts_at"),
        ends_at: text("ends_at"),
        page_size: text("page_size"),
        tags: text("tags"),
        notes: text("notes"),
    }
}

/// Reads the form. Moments are in the zone in which the form was drawn.
fn draft(sent: &Fields) -> Draft<CampaignFields> {
    let zone = Zone::named(sent.text("zone")).unwrap_or_else(Zone::utc);
    let mut violations = Vec::new();
    let mut moment = |name: &str| match sent.text(name) {
        "" => Some(None),
        text => {
            let read = zone.read(text);
            if read.is_none() {
                violations.push(Violation::of(name, "invalid_value", "is no day and time"));
            }
            read.map(Some)
        }
    };
    let (starts_at, ends_at) = (moment("starts_at"), moment("ends_at"));
    let page_size = match sent.text("page_size") {
        "" => Some(None),
        text => {
            let read = text.parse().ok();
            if read.is_none() {
                violations.push(Violation::of("page_size", "invalid_value", "is no whole number"));
            }
            read.map(Some)
        }
    };
    let name = sent.text("name");
    let said = CampaignFields {
        name: (!name.is_empty()).then(|| name.to_owned()),
        status: sent.read("status"),
        starts_at,
        ends_at,
        policy: None,
        page_size,
        tags: Some(tags_of(sent.text("tags"))),
        notes: Some(sent.text("notes").replace("\r\n", "\n")),
    };
    if name.is_empty() {
        violations.push(Violation::of("name", "missing", "is empty"));
    }
    Draft { said, violations }
}

/// Returns the tags that a field lists with commas.
pub(super) fn tags_of(text: &str) -> Vec<String> {
    text.split(',').map(str::trim).filter(|it| !it.is_empty()).map(str::to_owned).collect()
}
