//! A campaign in JSON, and what people may decide about it.

use bams_app::Draft;
use bams_app::managing::{CampaignFields, PAGE_SIZES};
use bams_domain::{Policy, Status};
use bams_storage::{Campaign as Kept, CampaignSettings};
use serde::Serialize;
use utoipa::ToSchema;

use crate::extract::conditions::etag;
use crate::extract::fields::Form;
use crate::routes::serve::decision::PolicyName;
use crate::timestamp;
use crate::words::words;

words! {
    /// Whether something may be shown.
    StatusName: Status = Status::ALL.map(|it| (it.name(), it))
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
    etag(&campaign.version.into(), None)
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

/// What a form says about a campaign.
pub(super) fn read(mut form: Form) -> Draft<CampaignFields> {
    let said = CampaignFields {
        name: form.text("name"),
        status: form.word::<StatusName>("status"),
        starts_at: form.moment_or_null("starts_at"),
        ends_at: form.moment_or_null("ends_at"),
        policy: form.word::<PolicyName>("policy"),
        page_size: form.number_or_null("page_size", &PAGE_SIZES),
        tags: form.texts("tags"),
        notes: form.text("notes"),
    };
    form.draft(said)
}
