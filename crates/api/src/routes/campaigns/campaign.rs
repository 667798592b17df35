//! A campaign in JSON, and what people may decide about it.

use bams_domain::{Policy, Status};
use bams_storage::{Campaign as Kept, CampaignSettings};
use serde::Serialize;
use utoipa::ToSchema;

use crate::extract::conditions::etag;
use crate::extract::fields::Form;
use crate::problem::ApiError;
use crate::routes::serve::LARGEST_PAGE;
use crate::routes::serve::decision::PolicyName;
use crate::timestamp;

/// The words for a status, in JSON and in queries.
pub(crate) const STATUSES: [(&str, Status); 4] = [
    (Status::Draft.name(), Status::Draft),
    (Status::Active.name(), Status::Active),
    (Status::Paused.name(), Status::Paused),
    (Status::Archived.name(), Status::Archived),
];

/// Whether something may be shown.
#[derive(ToSchema)]
#[schema(rename_all = "snake_case")]
#[expect(dead_code, reason = "describes JSON for the document")]
pub(crate) enum StatusName {
    /// Being prepared; never shown.
    Draft,
    /// Shown.
    Active,
    /// Held back for now.
    Paused,
    /// Put away for good; kept because its performance counts.
    Archived,
}

/// Banners sold together; what a page asks for.
#[derive(Serialize, ToSchema)]
pub(crate) struct Campaign {
    /// Its number.
    #[schema(minimum = 1, example = 12)]
    id: u32,
    /// Its name.
    #[schema(example = "Spring shoes")]
    name: String,
    /// Whether it runs, within its schedule.
    #[schema(value_type = StatusName, example = "active")]
    status: Status,
    /// When it begins; null is always.
    #[schema(format = DateTime, example = "2026-03-01T00:00:00Z")]
    starts_at: Option<String>,
    /// When it is over; null is never.
    #[schema(format = DateTime, example = "2026-06-01T00:00:00Z")]
    ends_at: Option<String>,
    /// Who ranks its banners.
    #[schema(value_type = PolicyName, example = "revenue_ladder")]
    policy: Policy,
    /// How many banners a page shows; null leaves that to the rule.
    #[schema(minimum = 1, maximum = 50, example = 5)]
    page_size: Option<u32>,
    /// For people and filters.
    #[schema(example = json!(["shoes", "spring"]))]
    tags: Vec<String>,
    /// For people.
    #[schema(example = "Agreed with the shop until May.")]
    notes: String,
    /// When it was made.
    #[schema(format = DateTime, example = "2026-02-20T09:15:00Z")]
    created_at: String,
    /// When it was last changed.
    #[schema(format = DateTime, example = "2026-02-21T16:40:00Z")]
    updated_at: String,
}

impl From<Kept> for Campaign {
    fn from(campaign: Kept) -> Self {
        let CampaignSettings { name, status, starts_at, ends_at, policy, page_size, tags, notes } =
            campaign.settings;
        Self {
            id: campaign.id.0,
            name,
            status,
            starts_at: starts_at.map(timestamp::text),
            ends_at: ends_at.map(timestamp::text),
            policy,
            page_size,
            tags,
            notes,
            created_at: timestamp::text(campaign.created_at),
            updated_at: timestamp::text(campaign.updated_at),
        }
    }
}

/// The tag of a campaign's version.
pub(super) fn tag(campaign: &Kept) -> String {
    etag(campaign.version, None)
}

/// A campaign to create.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes JSON for the document")]
#[schema(example = json!({
    "name": "Spring shoes",
    "starts_at": "2026-03-01T00:00:00Z",
    "ends_at": "2026-06-01T00:00:00Z",
    "tags": ["shoes", "spring"]
}))]
pub(crate) struct NewCampaign {
    /// Its name.
    #[schema(
        min_length = 1,
        max_length = 200,
        pattern = r"^[^\x00-\x1f\x7f-\x9f]*[^\s\x00-\x1f\x7f-\x9f][^\x00-\x1f\x7f-\x9f]*$"
    )]
    name: String,
    /// Whether it runs, within its schedule; active if missing.
    #[schema(nullable = false)]
    status: Option<StatusName>,
    /// When it begins; always if missing.
    #[schema(format = DateTime)]
    starts_at: Option<String>,
    /// When it is over, after `starts_at`; never if missing.
    #[schema(format = DateTime)]
    ends_at: Option<String>,
    /// Who ranks its banners; `revenue_ladder` if missing.
    #[schema(nullable = false)]
    policy: Option<PolicyName>,
    /// How many banners a page shows; left to the rule if missing.
    #[schema(minimum = 1, maximum = 50)]
    page_size: Option<u32>,
    /// For people and filters, at most 20.
    #[schema(max_items = 20, nullable = false)]
    tags: Option<Vec<Tag>>,
    /// For people.
    #[schema(
        max_length = 10000,
        nullable = false,
        pattern = r"^[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]*$"
    )]
    notes: Option<String>,
}

/// What changes about a campaign; what is missing stays as it is.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes JSON for the document")]
#[schema(example = json!({ "status": "paused" }))]
pub(crate) struct CampaignChange {
    /// Its name.
    #[schema(
        min_length = 1,
        max_length = 200,
        nullable = false,
        pattern = r"^[^\x00-\x1f\x7f-\x9f]*[^\s\x00-\x1f\x7f-\x9f][^\x00-\x1f\x7f-\x9f]*$"
    )]
    name: Option<String>,
    /// Whether it runs, within its schedule.
    #[schema(nullable = false)]
    status: Option<StatusName>,
    /// When it begins; null is always.
    #[schema(format = DateTime)]
    starts_at: Option<String>,
    /// When it is over, after `starts_at`; null is never.
    #[schema(format = DateTime)]
    ends_at: Option<String>,
    /// Who ranks its banners.
    #[schema(nullable = false)]
    policy: Option<PolicyName>,
    /// How many banners a page shows; null leaves that to the rule.
    #[schema(minimum = 1, maximum = 50)]
    page_size: Option<u32>,
    /// For people and filters, at most 20.
    #[schema(max_items = 20, nullable = false)]
    tags: Option<Vec<Tag>>,
    /// For people.
    #[schema(
        max_length = 10000,
        nullable = false,
        pattern = r"^[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]*$"
    )]
    notes: Option<String>,
}

/// A word for people and filters, without commas.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes JSON for the document")]
#[schema(
    min_length = 1,
    max_length = 50,
    example = "spring",
    pattern = r"^[^,\x00-\x1f\x7f-\x9f]*[^,\s\x00-\x1f\x7f-\x9f][^,\x00-\x1f\x7f-\x9f]*$"
)]
pub(crate) struct Tag(String);

/// The most tags of one thing.
pub(crate) const MOST_TAGS: usize = 20;

/// The longest tag, in characters.
pub(crate) const LONGEST_TAG: usize = 50;

/// What is not said about a new campaign.
pub(super) fn unsaid() -> CampaignSettings {
    CampaignSettings {
        name: String::new(),
        status: Status::Active,
        starts_at: None,
        ends_at: None,
        policy: Policy::default(),
        page_size: None,
        tags: Vec::new(),
        notes: String::new(),
    }
}

/// Sets what a form says, and finds everything that is wrong with it.
pub(super) fn read(mut form: Form, settings: &mut CampaignSettings) -> Result<(), ApiError> {
    let policies = Policy::ALL.map(|it| (it.name(), it));
    form.line("name", 1..=200, &mut settings.name);
    form.word("status", &STATUSES, &mut settings.status);
    form.optional_moment("starts_at", &mut settings.starts_at);
    form.optional_moment("ends_at", &mut settings.ends_at);
    form.word("policy", &policies, &mut settings.policy);
    form.optional_number("page_size", 1..=LARGEST_PAGE, &mut settings.page_size);
    form.tags("tags", MOST_TAGS, 1..=LONGEST_TAG, &mut settings.tags);
    form.text("notes", 10_000, &mut settings.notes);
    if let (Some(start), Some(end)) = (settings.starts_at, settings.ends_at)
        && end <= start
    {
        form.refuse("ends_at", "before_start", "`ends_at` is after `starts_at`");
    }
    form.finish()
}
